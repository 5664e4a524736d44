import json

import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.allocation.wave import run_wave
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    shop = make_shop("s1", name="旗舰店", platform="taobao")
    guangzhou = make_warehouse("gz", name="广州仓", capacity=100, **GUANGZHOU)
    beijing = make_warehouse("bj", name="北京仓", **BEIJING)
    make_team("bj-1", beijing, shops=[shop], skills=["vip"])
    make_stock(guangzhou, "A", 3)
    make_stock(beijing, "A", 10, safety=4)
    publish_rules({"policy": {}}, now=NOW)
    make_order({"A": 2}, shop=shop, number="O-1", **SHANGHAI)
    make_order({"A": 50}, shop=shop, number="O-2", **SHANGHAI)
    run_wave(now=NOW)
    make_order({"A": 1}, shop=shop, number="O-3", **SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("shop", {"code", "name", "platform", "teams"}),
        ("warehouse", {"code", "name", "open", "capacity", "load", "ratio", "work_day"}),
        ("team", {"code", "warehouse", "skills", "ratio", "capacity", "load"}),
        ("sku", {"code", "name", "on_hand", "reserved", "available"}),
        ("stock", {"sku", "warehouse", "on_hand", "reserved", "safety", "available"}),
        ("order", {"shop", "order", "state", "reason", "warehouses", "teams", "pieces"}),
        ("allocation", {"allocation", "order", "warehouse", "team", "state"}),
    ],
)
@pytest.mark.usefixtures("world")
def test_every_list_is_an_array_of_objects_in_the_designs_words(paidan, kind, keys):
    answer = paidan(kind, "list", "--json")
    assert answer.code == 0
    assert answer.json
    assert keys <= set(answer.json[0])
    assert paidan(kind, "list", "--json", "--all").json == answer.json


@pytest.mark.usefixtures("world")
def test_available_is_what_is_on_hand_without_reserved_and_safety(paidan):
    [row] = paidan("stock", "list", "--warehouse", "bj", "--json").json
    assert (row["on_hand"], row["reserved"], row["safety"], row["available"]) == (10, 2, 4, 4)


@pytest.mark.usefixtures("world")
def test_the_load_of_a_warehouse_counts_its_allocations(paidan):
    loads = {row["code"]: row["load"] for row in paidan("warehouse", "list", "--json").json}
    assert set(loads) == {"gz", "bj"}


@pytest.mark.usefixtures("world")
def test_an_allocation_tells_what_is_in_its_parcel(paidan):
    [row] = paidan("allocation", "list", "--json").json
    assert row["lines"] == [{"line": "1", "sku": "A", "qty": 2}]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], ["O-3", "O-2", "O-1"]),
        (["--state", "pending"], ["O-3"]),
        (["--state", "unallocated"], ["O-2"]),
        (["--state", "allocated"], ["O-1"]),
        (["--state", "held"], []),
        (["--reason", "stock_short"], ["O-2"]),
        (["--warehouse", "bj"], ["O-1"]),
        (["--warehouse", "北京仓"], ["O-1"]),
        (["--warehouse", "gz"], []),
        (["--team", "bj-1"], ["O-1"]),
        (["--shop", "s1", "--sku", "A"], ["O-3", "O-2", "O-1"]),
    ],
)
@pytest.mark.usefixtures("world")
def test_orders_are_narrowed_down_by_state_reason_and_place(paidan, options, numbers):
    assert [row["order"] for row in paidan("order", "list", "--json", *options).json] == numbers


@pytest.mark.usefixtures("world")
def test_a_limit_cuts_the_list_and_says_how_much_is_left(paidan):
    answer = paidan("order", "list", "--limit", "1", "--json")
    assert len(answer.json) == 1
    assert "1 shown, 2 more" in answer.err


@pytest.mark.usefixtures("world")
def test_people_read_words_not_codes(paidan):
    english, chinese = paidan("order", "list"), paidan("order", "list", lang="zh-Hans")
    assert "unallocated" in english.out
    assert "stock short" in english.out
    assert "未分配" in chinese.out
    assert "库存不足" in chinese.out
    assert "stock_short" not in english.out + chinese.out


@pytest.mark.usefixtures("world")
def test_a_warehouse_that_is_not_there_is_refused(paidan):
    answer = paidan("order", "list", "--warehouse", "nowhere")
    assert answer.code == 2
    assert "There is no warehouse nowhere." in answer.err


def test_an_empty_list_says_what_to_do_and_is_an_empty_array(paidan):
    assert "paidan import shop" in paidan("shop", "list").err
    assert json.loads(paidan("shop", "list", "--json").out) == []

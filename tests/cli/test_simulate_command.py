import json

import pytest
from tests.builders import NOW, make_order, make_shop, make_stock, make_warehouse

from paidan.allocation.wave import run_wave
from paidan.orders.models import Order
from paidan.rules.models import RuleSetVersion
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
DAY = f"{NOW:%Y-%m-%d}"
PERIOD = ("--from", "2000-01-01", "--to", "2100-01-01")


@pytest.fixture
def lived():
    near, far = make_warehouse("bj"), make_warehouse("gz")
    for place in (near, far):
        make_stock(place, "A", 50)
    publish_rules([{"id": "r", "then": {"strategies": ["ranked"], "warehouses": ["bj", "gz"]}}], now=NOW)
    for _number in range(5):
        make_order(lines={"A": 1})
    run_wave(now=NOW)


def test_what_was_is_shown_beside_what_would_have_been(paidan, lived):  # noqa: ARG001
    answer = paidan("rules", "simulate", *PERIOD, "--pause", "bj", "--json").json
    assert (answer["before"]["served"], answer["after"]["served"]) == (5, 5)
    assert answer["flows"] == [{"from": "bj", "to": "gz", "orders": 5}]
    assert [one["warehouse"] for one in answer["after"]["load"]] == ["gz"]


def test_a_file_is_tried_and_not_kept(paidan, lived, tmp_path):  # noqa: ARG001
    file = tmp_path / "rules.json"
    file.write_text(json.dumps([{"id": "other", "then": {"warehouses": ["gz"]}}]), encoding="utf-8")
    answer = paidan("rules", "simulate", file, *PERIOD, "--json").json
    assert answer["moved"] == 5
    assert RuleSetVersion.objects.count() == 1
    assert not Order.objects.exclude(allocations__warehouse__code="bj").exists()


def test_a_capacity_leaves_orders_open_and_says_why(paidan, lived):  # noqa: ARG001
    options = ("--capacity", "bj=2", "--capacity", "gz=1")
    answer = paidan("rules", "simulate", *PERIOD, *options, "--json").json
    assert answer["after"]["served"] == 3
    assert answer["after"]["unserved"] == {"warehouse_full": 2}
    said = paidan("rules", "simulate", *PERIOD, *options).out
    assert "2 orders change" not in said
    assert "3 orders change their warehouse." in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--add", "sh"), "write it like sh="),
        (("--add", "sh=上海市,price:3"), "write it like sh="),
        (("--add", "sh=nowhere"), "is no place we know"),
        (("--freight", "bj=dear"), "write it like gz=+15"),
        (("--freight", "bj=-99"), "takes -90 to 900 percent"),
        (("--pause", "xx"), "There is no warehouse xx; there are bj, gz."),
        (("--ratio", "bj"), "write it as WAREHOUSE=N"),
        (("--ratio", "bj=much"), "write it as WAREHOUSE=N"),
        (("--from", "yesterday"), "yesterday is not a day like 2026-11-11"),
        (("--from", "2026-11-12", "--to", "2026-11-11"), "--from is after --to."),
        (("--from", "2000-01-01", "--to", "2000-01-02"), "No order was decided in this period."),
        (("--version", "9"), "There is no rule set version 9."),
    ],
)
def test_what_cannot_be_tried_is_told(paidan, lived, options, words):  # noqa: ARG001
    make_shop()
    answer = paidan("rules", "simulate", *options)
    assert answer.code != 0
    assert words in answer.err


def test_one_more_warehouse_takes_its_share_of_stock_and_orders(paidan, lived, tmp_path):  # noqa: ARG001
    file = tmp_path / "rules.json"
    file.write_text(json.dumps([{"id": "most", "then": {"strategies": ["most_stock"]}}]), encoding="utf-8")
    options = ("--add", "sh=31.23/121.47,stock:50,like:bj,capacity:3", "--freight", "all=+10")
    answer = paidan("rules", "simulate", file, *PERIOD, *options, "--json").json
    assert answer["flows"][0] == {"from": "bj", "to": "sh", "orders": 3}
    assert [one["parcels"] for one in answer["after"]["load"] if one["warehouse"] == "sh"] == [3]

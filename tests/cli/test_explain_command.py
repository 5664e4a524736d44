"""`paidan explain` answers in whole sentences, in either language, with the numbers that decided."""

import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_freight,
    make_order,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.allocation.holds import hold_orders
from paidan.allocation.retry import queue_retries
from paidan.allocation.wave import run_wave
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    """Guangzhou and Beijing, each with a team and ten pieces of A."""
    shop = make_shop("s1", name="旗舰店")
    guangzhou = make_warehouse("gz", name="广州仓", **GUANGZHOU)
    beijing = make_warehouse("bj", name="北京仓", **BEIJING)
    make_team("gz-1", guangzhou, shops=[shop], name="广州一组")
    make_team("bj-1", beijing, name="北京一组")
    for warehouse in (guangzhou, beijing):
        make_stock(warehouse, "A", 10)
    return {"gz": guangzhou, "bj": beijing, "s1": shop}


def rules(**action) -> None:
    publish_rules([{"id": "r1", "name": "就近", "then": {"strategies": ["nearest"], **action}}], now=NOW)


def order(network, **fields):
    return make_order({"A": 2}, shop=network["s1"], number="O-1", **{**SHANGHAI, **fields})


def test_a_shanghai_buyer_gets_beijing_and_the_answer_says_by_how_much(network, paidan):
    rules()
    order(network)
    run_wave(now=NOW)
    english, chinese = paidan("explain", "O-1"), paidan("explain", "O-1", lang="zh-Hans")
    expected = "Goes to 北京仓, because rule “就近” takes the nearest warehouse: 1,067 km, against 1,212 km for 广州仓."
    assert expected in english.out
    assert "发北京仓，因为规则「就近」选最近的仓：1,067 km，广州仓要 1,212 km。" in chinese.out


def test_with_the_shop_rule_the_shops_own_team_gets_it_and_the_answer_says_why(network, paidan):
    rules(team="shop")
    order(network)
    run_wave(now=NOW)
    english, chinese = paidan("explain", "O-1"), paidan("explain", "O-1", lang="zh-Hans")
    assert "Team 广州一组 takes it: the rule gives orders of 旗舰店 to the shop's own team." in english.out
    assert "由广州一组处理：规则把旗舰店的订单交给店铺自己的团队。" in chinese.out
    [allocation] = paidan("explain", "O-1", "--json").json["allocations"]
    assert (allocation["warehouse"], allocation["team"]) == ("gz", "gz-1")


def test_programs_get_the_same_facts_as_codes(network, paidan):
    rules()
    order(network)
    run_wave(now=NOW)
    answer = paidan("explain", "s1/O-1", "--json").json
    assert (answer["state"], answer["rule"]["id"], answer["rule"]["version"]) == ("allocated", "r1", 1)
    first, second = answer["candidates"]
    assert (first["warehouse"], first["chosen"], first["rank"]) == ("bj", True, 1)
    assert (second["warehouse"], second["chosen"], second["rank"]) == ("gz", False, 2)
    assert first["distance_m"] == pytest.approx(1_067_000, abs=10_000)
    assert second["distance_m"] == pytest.approx(1_212_000, abs=10_000)


STUCK = {
    "stock_short": ({"lines": {"A": 12}}, {}, "2 of 12 pieces are missing", "差 2 件（共 12 件）"),
    "too_far": ({}, {"max_km": 500}, "is 1,067 km away and the limit is 500 km", "距离上限 500 km"),
    "excluded": ({}, {"warehouses": ["gz"], "team": "bj-1"}, "leaves out every warehouse", "规则「就近」都不用"),
    "no_team": ({}, {"team": "skill:vip"}, "a team with the skill vip", "「vip」技能的团队"),
    "address_unresolved": ({"address_state": 2, "lat": None, "lng": None}, {}, "several places", "好几个地方"),
    "unknown_sku": ({"unmapped": ["A"]}, {}, "The code A of shop 旗舰店 is not mapped", "旗舰店的编码 A"),
}


@pytest.mark.parametrize("reason", STUCK)
def test_a_stuck_order_says_why_in_one_sentence_with_the_nearest_miss(network, paidan, reason):
    fields, action, english, chinese = STUCK[reason]
    rules(**action)
    lines = fields.get("lines", {"A": 2})
    rest = {key: value for key, value in fields.items() if key != "lines"}
    make_order(lines, shop=network["s1"], number="O-1", **{**SHANGHAI, **rest})
    run_wave(now=NOW)
    document = paidan("explain", "O-1", "--json").json
    assert (document["state"], document["reason"]) == ("unallocated", reason)
    assert english in paidan("explain", "O-1").out
    assert chinese in paidan("explain", "O-1", lang="zh-Hans").out
    assert document["remedies"]


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("paused", {"is_open": False}),
        ("not_covered", {"covers": ["440000"]}),
        ("warehouse_full", {"capacity": 0}),
    ],
)
def test_what_the_warehouses_themselves_refuse_is_said_too(network, paidan, reason, change):
    rules()
    for code in ("gz", "bj"):
        for name, value in change.items():
            setattr(network[code], name, value)
        network[code].save()
    make_order({"A": 2}, shop=network["s1"], number="O-1", region="310115")
    run_wave(now=NOW)
    document = paidan("explain", "O-1", "--json").json
    assert document["reason"] == reason
    assert "北京仓" in document["explanation"][0]
    assert document["remedies"][0]["sentence"]


def test_a_nearer_warehouse_that_lost_is_named_with_what_it_lacked(network, paidan):
    rules()
    make_sku("B")
    make_stock(network["gz"], "B", 5)
    make_stock(network["bj"], "B", 1)
    make_order({"B": 3}, shop=network["s1"], number="O-2", **SHANGHAI)
    run_wave(now=NOW)
    answer = paidan("explain", "O-2").out
    assert "Goes to 广州仓" in answer
    assert "北京仓 (1,067 km) would come before it, but is short of 2 pieces." in answer


def test_an_order_nobody_has_tried_says_so(network, paidan):
    order(network)
    assert "has not been tried yet" in paidan("explain", "O-1").out


def test_a_held_order_says_who_holds_it_and_why_and_how_to_go_on(network, paidan):
    held = order(network)
    hold_orders([held.id], reason="等买家确认", now=NOW)
    answer = paidan("explain", "O-1")
    assert "s1/O-1 is held since 2026-11-11 08:00: 等买家确认." in answer.out
    assert "paidan release s1/O-1" in answer.out


def test_a_cancelled_order_says_when(network, paidan):
    order(network)
    assert paidan("cancel", "O-1").code == 0
    assert "s1/O-1 was cancelled at" in paidan("explain", "O-1").out


def test_a_number_two_shops_use_must_name_the_shop(network, paidan):
    order(network)
    make_order({"A": 1}, shop=make_shop("s2"), number="O-1")
    answer = paidan("explain", "O-1")
    assert answer.code == 2
    assert "s1/O-1, s2/O-1" in answer.err
    assert paidan("explain", "s2/O-1").code == 0


def test_an_order_that_is_not_there_is_refused(paidan):
    answer = paidan("explain", "nowhere", "--json")
    assert answer.code == 2
    assert answer.json["error"]["code"] == "unknown_order"


def test_an_order_a_rule_holds_is_not_told_to_be_released_into_the_same_hold(network, paidan):
    rules(warehouses=["gz"], team="bj-1", otherwise="hold")
    order(network)
    run_wave(now=NOW)
    document = paidan("explain", "O-1", "--json").json
    assert document["held"]
    assert "rule “就近” could not serve it" in document["explanation"][0]
    assert document["remedies"][0]["command"] == "paidan release s1/O-1 && paidan reassign s1/O-1 --to bj"


def test_a_part_is_explained_by_the_wave_that_placed_it_also_after_later_tries(network, paidan):
    rules(split="by_piece", shortage="partial")
    make_order({"A": 25}, shop=network["s1"], number="O-2", **SHANGHAI)
    run_wave(now=NOW)
    rules(warehouses=["gz"])
    queue_retries(now=NOW)
    run_wave(now=NOW)
    sentences = paidan("explain", "O-2", "--json").json["explanation"]
    assert sum("splits the order" in sentence for sentence in sentences) == 2
    assert "No warehouse" in sentences[-1]


def test_goods_that_lie_where_they_do_not_help_are_named(network, paidan):
    rules(max_km=1_100)
    make_stock(network["gz"], "B", 5)
    make_order({"B": 1}, shop=network["s1"], number="O-2", **SHANGHAI)
    run_wave(now=NOW)
    document = paidan("explain", "O-2", "--json").json
    assert document["reason"] == "stock_short"
    assert "广州仓 (1,212 km) has all of it, but is too far for the rule." in document["explanation"]
    assert "assign_by_hand" in [remedy["code"] for remedy in document["remedies"]]


def test_the_freight_shown_is_the_freight_that_was_charged(network, paidan):
    rules()
    make_sku("A", weight_g=0)
    for warehouse in ("gz", "bj"):
        make_freight(network[warehouse], first_minor=900)
        make_freight(network[warehouse], region="310000", carrier="yto", first_minor=700, first_g=500, next_minor=300)
    heavy = make_sku("H", weight_g=800)
    make_stock(network["bj"], heavy, 5)
    make_order({"H": 2}, shop=network["s1"], number="O-2", region="310115")
    run_wave(now=NOW)
    document = paidan("explain", "O-2", "--json").json
    [allocation] = document["allocations"]
    assert allocation["carrier"] == "yto"
    assert allocation["freight_minor"] == document["candidates"][0]["freight_minor"] == 700 + 2 * 300

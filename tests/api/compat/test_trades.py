"""Trades pushed and asked for by wangdiantong-py, unmodified."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.allocation.test_race import in_threads

from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.trying import try_now
from paidan.orders.models import Hold, Order
from paidan.orders.states import OrderState

from .conftest import KEYS, around_now, china, line, trade


def allocate() -> None:
    try_now(list(Order.objects.values_list("id", flat=True)), now=timezone.now())


def asked(wdt, **more):
    return wdt.orders.trade_query(*around_now(), **more)["trades"]


def the_order(number="T1"):
    return Order.objects.get(number=number)


def ship_everything():
    ids = list(Allocation.objects.filter(state=AllocationState.ASSIGNED).values_list("id", flat=True))
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step(ids, now=timezone.now())
    ship_allocations([Shipment(key, "sf", f"SF{key}") for key in ids], now=timezone.now())


def test_a_trade_is_pushed_allocated_and_found_with_its_warehouse(wdt):
    answer = wdt.orders.trade_push("shop01", [trade("T1")])
    assert (answer["code"], answer["new_count"], answer["chg_count"]) == (0, 1, 0)
    [waiting] = asked(wdt)
    assert (waiting["trade_status"], waiting["warehouse_no"]) == (13, "")
    allocate()
    answer = wdt.orders.trade_query(*around_now())
    assert answer["total_count"] == 1
    [found] = answer["trades"]
    assert (found["src_tids"], found["warehouse_no"], found["trade_status"]) == ("T1", "gz", 53)
    assert found["receiver_mobile"] == "138****0000"
    [goods] = found["goods_list"]
    assert (goods["src_oid"], goods["spec_no"], goods["num"]) == ("T1-1", "A", "1.0000")


def test_the_same_push_again_changes_nothing(wdt):
    pushed = trade("T1")
    wdt.orders.trade_push("shop01", [pushed])
    allocate()
    before = list(Allocation.objects.values_list("id", "state"))
    again = wdt.orders.trade_push("shop01", [pushed])
    assert (again["code"], again["new_count"], again["chg_count"]) == (0, 0, 0)
    assert list(Allocation.objects.values_list("id", "state")) == before


def test_a_changed_trade_changes_the_order_and_is_decided_again(wdt):
    pushed = trade("T1")
    wdt.orders.trade_push("shop01", [pushed])
    allocate()
    place = {"receiver_province": "北京", "receiver_city": "北京市", "receiver_district": "朝阳区"}
    assert wdt.orders.trade_push("shop01", [{**pushed, **place}])["chg_count"] == 1
    allocate()
    [found] = asked(wdt)
    assert found["warehouse_no"] == "bj"


def test_what_a_team_has_in_its_hands_is_asked_for_when_the_trade_changes(wdt):
    pushed = trade("T1")
    wdt.orders.trade_push("shop01", [pushed])
    allocate()
    accept_allocations(list(Allocation.objects.values_list("id", flat=True)), now=timezone.now())
    wdt.orders.trade_push("shop01", [{**pushed, "receiver_address": "天河路2号"}])
    [found] = asked(wdt)
    assert (found["trade_status"], found["freeze_reason"], found["bad_reason"]) == (55, 1, 2)


def test_a_closed_trade_is_cancelled(wdt):
    wdt.orders.trade_push("shop01", [trade("T1")])
    allocate()
    for status in (90, 80):
        assert wdt.orders.trade_push("shop01", [trade("T1", trade_status=status)])["code"] == 0
    assert the_order().state == OrderState.CANCELLED
    [found] = asked(wdt)
    assert (found["trade_no"], found["trade_status"]) == (f"O{the_order().id}", 5)


def test_a_trade_closed_before_it_ever_came_is_not_taken_in(wdt):
    answer = wdt.orders.trade_push("shop01", [trade("T1", trade_status=90), trade("T2", trade_status=60)])
    assert (answer["code"], answer["new_count"]) == (0, 0)
    assert not Order.objects.exists()


def test_an_unpaid_trade_waits_until_it_is_paid(wdt):
    wdt.orders.trade_push("shop01", [trade("T1", trade_status=10, pay_status=0)])
    allocate()
    [found] = asked(wdt)
    assert (found["trade_status"], found["warehouse_no"]) == (10, "")
    wdt.orders.trade_push("shop01", [trade("T1")])
    allocate()
    [found] = asked(wdt)
    assert (found["trade_status"], found["warehouse_no"]) == (53, "gz")


@pytest.mark.parametrize("known", [True, False])
def test_a_refund_asked_keeps_the_order_back_until_it_is_withdrawn(wdt, known):
    if known:
        wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", refund_status=0)])])
        allocate()
    for _again in range(2):
        wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", refund_status=2)])])
    allocate()
    [found] = asked(wdt)
    assert (found["warehouse_no"], found["refund_status"], found["freeze_reason"]) == ("", 1, 1)
    assert Hold.objects.count() == 1
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[line("1", refund_status=1)])])
    allocate()
    [found] = asked(wdt)
    assert (found["warehouse_no"], found["refund_status"]) == ("gz", 0)


def test_a_refunded_line_is_cancelled_and_the_rest_goes_on(wdt):
    lines = [line("1"), line("2", num=2)]
    wdt.orders.trade_push("shop01", [trade("T1", order_list=lines)])
    allocate()
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[{**lines[0], "refund_status": 5}, lines[1]])])
    allocate()
    [found] = asked(wdt)
    assert [one["src_oid"] for one in found["goods_list"]] == ["2"]
    wdt.orders.trade_push("shop01", [trade("T1", order_list=[{**one, "refund_status": 5} for one in lines])])
    assert the_order().state == OrderState.CANCELLED


def test_what_the_platform_calls_shipped_is_held_if_we_did_not_ship_it(wdt):
    wdt.orders.trade_push("shop01", [trade("T1"), trade("T2")])
    wdt.orders.trade_push("shop01", [trade("T1", trade_status=50)])
    allocate()
    assert {one["src_tids"]: one["trade_status"] for one in asked(wdt)} == {"T1": 16, "T2": 53}
    ship_everything()
    assert wdt.orders.trade_push("shop01", [trade("T2", trade_status=70)])["code"] == 0
    assert the_order("T2").state == OrderState.FULFILLED


def test_a_wrong_trade_is_refused_with_its_field_and_the_others_come_in(wdt):
    wrong = [
        trade("N1", order_list=[line("1", num="1.5")]),
        trade("N2", order_list=[{"oid": "1", "num": 1, "price": 1}]),
        trade("N3", trade_status=31),
        trade("N4", paid=99),
        trade("N5", receiver_mobile="1" * 50),
        trade("N6", pay_time="yesterday"),
        trade("N7", order_list=[line("1"), line("1")]),
        {"trade_status": 30},
    ]
    answer = wdt.orders.trade_push("shop01", [trade("T1"), *wrong])
    assert answer["code"] != 0
    assert answer["new_count"] == 1
    said = {one["tid"]: one["error"] for one in answer["error_list"]}
    assert set(said) == {"N1", "N2", "N3", "N4", "N5", "N6", "N7", "trade_list[8]"}
    for tid, field in (("N1", "num"), ("N2", "spec_no"), ("N3", "trade_status"), ("N4", "paid"), ("N6", "pay_time")):
        assert field in said[tid]
    assert "receiver_mobile" in said["N5"]
    assert set(Order.objects.values_list("number", flat=True)) == {"T1"}
    assert wdt.orders.trade_push("shop01", [trade("N4", paid=99)], switch=0)["code"] == 0


def test_trades_are_narrowed_by_every_parameter(wdt):
    wdt.orders.trade_push(
        "shop01", [trade("T1"), trade("T2", receiver_province="北京", receiver_city="", receiver_district="朝阳区")]
    )
    wdt.orders.trade_push("other", [trade("T3")])
    allocate()
    ship_everything()
    everything = asked(wdt)
    assert len(everything) == 3
    one = next(found for found in everything if found["src_tids"] == "T2")
    assert (one["logistics_type"], one["logistics_name"], one["trade_status"]) == (8, "顺丰速运", 95)
    for more, number in (
        ({"warehouse_no": "bj"}, 1),
        ({"shop_no": "other"}, 1),
        ({"logistics_no": one["logistics_no"]}, 1),
        ({"trade_no": one["trade_no"]}, 1),
        ({"trade_no": "X1"}, 0),
        ({"src_tid": "T2"}, 1),
        ({"status": 95}, 3),
        ({"status": 53}, 0),
        ({"has_logistics_no": 1}, 3),
        ({"has_logistics_no": 2}, 0),
    ):
        assert len(asked(wdt, **more)) == number, more


@pytest.mark.parametrize("pages", [[1, 2, 3, 0], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_a_period_that_is_over_neither_skips_nor_repeats_while_its_trades_are_decided(wdt, pages):
    wdt.orders.trade_push("shop01", [trade(f"T{at}") for at in range(20)])
    period = around_now()[0], china()
    assert wdt.orders.trade_query(*period, page_size=5)["total_count"] == 20
    later, waiting = timezone.now() + timedelta(hours=1), list(Order.objects.values_list("id", flat=True))
    found = []
    for page in pages:
        try_now(waiting[:6], now=later)
        waiting = waiting[6:]
        found += wdt.orders.trade_query(*period, page_no=page, page_size=5)["trades"]
    assert sorted(one["src_tids"] for one in found) == sorted(f"T{at}" for at in range(20))


def test_two_programs_pushing_the_same_trades_at_once_bring_each_in_once(client_of, credential):  # noqa: ARG001
    trades = [trade(f"T{at}", trade_status=10 if at % 5 == 0 else 30) for at in range(50)]

    def push() -> None:
        answer = client_of(KEYS.account, KEYS.app_key, KEYS.secret).orders.trade_push("shop01", trades)
        assert answer["code"] == 0, answer

    in_threads([push] * 4)
    assert Order.objects.count() == 50
    assert Hold.objects.filter(released_at=None).count() == 10

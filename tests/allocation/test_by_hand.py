"""Assigning by hand: a person may overrule the rules, but not the stock."""

import pytest
from tests.builders import NOW, make_order, make_stock

from paidan.allocation.by_hand import HandShare, assign_by_hand, assign_shares
from paidan.allocation.holds import hold_orders
from paidan.allocation.states import Origin
from paidan.kit.errors import Refusal
from paidan.orders.models import OrderLine
from paidan.orders.states import OrderState


def refusal_of(order, **arguments):
    with pytest.raises(Refusal) as refused:
        assign_by_hand(order.id, now=NOW, **arguments)
    return refused.value.code


def test_an_order_goes_where_a_person_says(desk):
    order = make_order({"A": 4})
    allocation = desk.allocation(assign_by_hand(order.id, warehouse=desk.bj, team=desk.t2, now=NOW))
    assert (allocation.warehouse, allocation.team, allocation.origin) == (desk.bj, desk.t2, Origin.BY_HAND)
    assert desk.order(order).state == OrderState.ALLOCATED
    assert not desk.queued(order)
    assert desk.stock(desk.bj).reserved_qty == 4


def test_without_enough_stock_it_is_refused_and_nothing_is_reserved(desk):
    order = make_order({"A": 101})
    assert refusal_of(order, warehouse=desk.gz) == "stock_short"
    assert desk.stock(desk.gz).reserved_qty == 0


def test_partly_means_what_is_there_and_the_rest_stays_open(desk):
    order = make_order([("A", 60), ("A", 60)])
    assign_by_hand(order.id, warehouse=desk.gz, partial=True, now=NOW)
    assert desk.order(order).state == OrderState.PARTIAL
    assert desk.queued(order)
    parts = OrderLine.objects.filter(order=order).order_by("position").values_list("parts__qty", flat=True)
    assert list(parts) == [60, 40]


def test_named_pieces_alone_are_assigned(desk):
    order = make_order([("A", 5), ("A", 7)])
    second = OrderLine.objects.get(order=order, position=2)
    assign_by_hand(order.id, warehouse=desk.gz, pieces={second.id: 3}, now=NOW)
    assert desk.stock(desk.gz).reserved_qty == 3
    assert desk.order(order).state == OrderState.PARTIAL


def test_a_held_order_is_refused(desk):
    order = make_order({"A": 1})
    hold_orders([order.id], reason="call", now=NOW)
    assert refusal_of(order, warehouse=desk.gz) == "on_hold"


def test_an_order_with_nothing_open_is_refused(desk):
    order, _allocation = desk.assigned()
    assert refusal_of(order, warehouse=desk.gz) == "nothing_open"


def test_a_line_without_a_sku_is_refused_unless_the_rest_will_do(desk):
    order = make_order({"A": 1, "X9": 1}, unmapped=["X9"])
    assert refusal_of(order, warehouse=desk.gz) == "unknown_sku"
    assign_by_hand(order.id, warehouse=desk.gz, partial=True, now=NOW)
    assert desk.order(order).state == OrderState.PARTIAL


def test_an_unknown_order_is_refused(desk):
    order = make_order({"A": 1})
    order.id += 1000
    assert refusal_of(order, warehouse=desk.gz) == "not_found"


def test_safety_stock_is_not_for_people_either(desk):
    make_stock(desk.gz, "B", on_hand=5, safety=5)
    assert refusal_of(make_order({"B": 1}), warehouse=desk.gz) == "stock_short"


def test_several_places_share_an_order_and_each_line_is_given_once(desk):
    order = make_order({"A": 10})
    line = desk.line(order).id
    shares = [HandShare(desk.gz, pieces={line: 4}), HandShare(desk.bj)]
    first, second = assign_shares(order.id, shares, now=NOW)
    assert (desk.stock(desk.gz).reserved_qty, desk.stock(desk.bj).reserved_qty) == (4, 6)
    assert (desk.allocation(first).warehouse, desk.allocation(second).warehouse) == (desk.gz, desk.bj)
    assert desk.order(order).state == OrderState.ALLOCATED


def test_when_one_of_several_places_is_short_nothing_is_assigned(desk):
    order = make_order({"A": 210})
    line = desk.line(order).id
    with pytest.raises(Refusal) as refused:
        assign_shares(order.id, [HandShare(desk.gz, pieces={line: 100}), HandShare(desk.bj)], now=NOW)
    assert refused.value.code == "stock_short"
    assert desk.stock(desk.gz).reserved_qty == 0


def test_a_share_of_nothing_is_refused(desk):
    order = make_order({"A": 1})
    with pytest.raises(Refusal) as refused:
        assign_shares(order.id, [HandShare(desk.gz), HandShare(desk.bj)], now=NOW)
    assert refused.value.code == "nothing_open"

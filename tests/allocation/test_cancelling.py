"""Cancelling: what is open or assigned at once, what a team has begun when it confirms, what is shipped never."""

import pytest
from tests.builders import NOW, make_order, make_stock

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import REFUND_ASKED, cancel_orders, cancel_pieces, record_refund_requests
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import Shipment, accept_allocations, pick_allocations, ship_allocations
from paidan.orders.models import Event, Hold, OrderException
from paidan.orders.states import EventKind, ExceptionKind, OrderState


def intercept():
    return OrderException.objects.get(kind=ExceptionKind.INTERCEPT, resolved_at=None)


def test_a_pending_order_is_cancelled_and_leaves_the_queue(desk):
    order = make_order({"A": 3})
    assert cancel_orders([order.id], reason="buyer", now=NOW).done == (order.id,)
    assert desk.order(order).state == OrderState.CANCELLED
    assert desk.line(order).cancelled_qty == 3
    assert not desk.queued(order)
    detail = Event.objects.get(kind=EventKind.CANCELLED).detail
    assert detail == {"cancelled": {str(desk.line(order).id): 3}, "reason": "buyer"}


def test_an_assigned_allocation_is_cancelled_with_its_order(desk):
    order, allocation = desk.assigned(qty=5)
    cancel_orders([order.id], now=NOW)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert desk.order(order).state == OrderState.CANCELLED
    assert desk.stock(desk.gz).reserved_qty == 0


def test_a_team_that_has_begun_is_asked_and_frozen_meanwhile(desk):
    order, allocation = desk.accepted(qty=5)
    cancel_orders([order.id], now=NOW)
    assert desk.allocation(allocation).frozen
    assert desk.order(order).state == OrderState.ALLOCATED
    assert intercept().allocation_id == allocation
    assert pick_allocations([allocation], now=NOW).refused == {allocation: "frozen"}
    assert desk.stock(desk.gz).reserved_qty == 5


def test_when_the_team_confirms_the_order_is_cancelled_and_the_stock_free(desk):
    order, allocation = desk.accepted(qty=5)
    cancel_orders([order.id], now=NOW)
    assert confirm_intercepts([allocation], now=NOW).done == (allocation,)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert desk.order(order).state == OrderState.CANCELLED
    assert desk.line(order).cancelled_qty == 5
    assert desk.stock(desk.gz).reserved_qty == 0
    assert OrderException.objects.get().resolution == "confirmed"


def test_when_the_team_refuses_the_allocation_goes_on(desk):
    order, allocation = desk.accepted(qty=5)
    cancel_orders([order.id], now=NOW)
    assert refuse_intercepts([allocation], now=NOW).done == (allocation,)
    assert not desk.allocation(allocation).frozen
    assert desk.order(order).state == OrderState.ALLOCATED
    assert pick_allocations([allocation], now=NOW).done == (allocation,)
    assert OrderException.objects.get().resolution == "refused"


def test_refusing_does_not_thaw_an_order_that_is_held(desk):
    order, allocation = desk.accepted()
    cancel_orders([order.id], now=NOW)
    hold_orders([order.id], reason="fraud", now=NOW)
    refuse_intercepts([allocation], now=NOW)
    assert desk.allocation(allocation).frozen
    release_orders([order.id], now=NOW)
    assert not desk.allocation(allocation).frozen


def test_releasing_does_not_thaw_what_waits_for_an_intercept(desk):
    order, allocation = desk.accepted()
    hold_orders([order.id], reason="fraud", now=NOW)
    cancel_orders([order.id], now=NOW)
    release_orders([order.id], now=NOW)
    assert desk.allocation(allocation).frozen


def test_a_shipped_order_is_refused_and_recorded_as_an_exception(desk):
    order, allocation = desk.packed()
    ship_allocations([Shipment(allocation)], now=NOW)
    for _twice in range(2):
        assert cancel_orders([order.id], now=NOW).refused == {order.id: "shipped"}
    recorded = OrderException.objects.get()
    assert (recorded.kind, recorded.allocation_id) == (ExceptionKind.CHANGED_AFTER_SHIPPING, allocation)
    assert desk.order(order).state == OrderState.FULFILLED


def test_cancelling_twice_asks_the_team_once(desk):
    order, _allocation = desk.accepted(qty=5)
    cancel_orders([order.id], now=NOW)
    cancel_orders([order.id], now=NOW)
    assert OrderException.objects.count() == 1
    assert cancel_orders([make_order({"A": 1}).id], now=NOW).refused == {}


@pytest.mark.usefixtures("desk")
def test_a_cancelled_order_is_held_no_more_and_cannot_be_cancelled_again():
    order = make_order({"A": 1})
    hold_orders([order.id], reason="fraud", now=NOW)
    cancel_orders([order.id], now=NOW)
    assert not Hold.objects.filter(released_at=None).exists()
    assert cancel_orders([order.id], now=NOW).refused == {order.id: "already"}


def test_pieces_that_are_open_are_cancelled_at_once_and_the_rest_is_tried_again(desk):
    order = make_order({"A": 5})
    assert cancel_pieces(order.id, {desk.line(order).id: 2}, now=NOW) == 2
    assert desk.line(order).cancelled_qty == 2
    assert desk.order(order).state == OrderState.PENDING
    assert desk.queued(order)


def test_pieces_a_team_holds_are_cancelled_when_it_confirms_and_the_others_open_again(desk):
    order, allocation = desk.accepted(qty=5)
    assert cancel_pieces(order.id, {desk.line(order).id: 2}, now=NOW) == 0
    assert desk.line(order).cancelled_qty == 0
    confirm_intercepts([allocation], now=NOW)
    assert desk.line(order).cancelled_qty == 2
    assert desk.order(order).state == OrderState.PENDING
    assert desk.queued(order)


def test_cancelling_more_pieces_of_the_same_adds_to_the_plan(desk):
    order, allocation = desk.accepted(qty=5)
    cancel_pieces(order.id, {desk.line(order).id: 2}, now=NOW)
    cancel_pieces(order.id, {desk.line(order).id: 2}, now=NOW)
    confirm_intercepts([allocation], now=NOW)
    assert desk.line(order).cancelled_qty == 4


def test_the_plan_spreads_over_what_several_teams_hold(desk):
    make_stock(desk.gz, "B", 3)
    make_stock(desk.bj, "B", 9)
    order = make_order({"B": 10})
    ids = [assign_by_hand(order.id, warehouse=place, partial=True, now=NOW) for place in (desk.gz, desk.bj)]
    accept_allocations(ids, now=NOW)
    cancel_pieces(order.id, {desk.line(order).id: 5}, now=NOW)
    plans = dict(OrderException.objects.values_list("allocation_id", "detail__cancel"))
    line = str(desk.line(order).id)
    assert plans == {ids[0]: {line: 3}, ids[1]: {line: 2}}
    confirm_intercepts(ids, now=NOW)
    assert desk.line(order).cancelled_qty == 5


def test_a_refund_asked_for_cancels_what_is_assigned_and_holds_the_order(desk):
    order, allocation = desk.assigned()
    record_refund_requests([order.id], now=NOW)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert desk.order(order).state == OrderState.PENDING
    assert not desk.queued(order)
    assert Hold.objects.get().reason == REFUND_ASKED


def test_a_refund_withdrawn_lets_the_order_be_tried_again(desk):
    order, allocation = desk.accepted()
    record_refund_requests([order.id], now=NOW)
    assert intercept().detail == {"causes": [REFUND_ASKED], "cancel": {}}
    refuse_intercepts([allocation], now=NOW)
    assert desk.allocation(allocation).frozen
    release_orders([order.id], now=NOW)
    assert not desk.allocation(allocation).frozen


@pytest.mark.parametrize("answer", [confirm_intercepts, refuse_intercepts])
def test_there_is_nothing_to_answer_without_an_intercept(desk, answer):
    _order, allocation = desk.accepted()
    assert answer([allocation], now=NOW).refused == {allocation: "no_intercept"}

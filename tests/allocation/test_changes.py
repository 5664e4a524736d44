"""Changing an order: what was decided on the older facts is taken back as far as it can be."""

import pytest
from tests.builders import NOW, make_order, make_sku

from paidan.allocation.changes import Destination, OrderChange, change_order
from paidan.allocation.intercepts import confirm_intercepts
from paidan.allocation.line_changes import WantedLine
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import Shipment, ship_allocations
from paidan.kit.errors import Refusal
from paidan.orders.models import Event, OrderException, OrderLine, Recipient
from paidan.orders.states import AddressState, EventKind, ExceptionKind, OrderState

SHANGHAI = Destination(310115, AddressState.RESOLVED, recipient={"name": "王芳", "address": "世纪大道100号"})


def change(order, **what):
    return change_order(OrderChange(order.id, **what), now=NOW)


def lines_of(*wanted):
    """The whole list of lines as the platform says it: (code, pieces), numbered from 1."""
    ids = {code: make_sku(code).id for code, _qty in wanted}
    return [WantedLine(code, qty, str(number), ids[code]) for number, (code, qty) in enumerate(wanted, 1)]


def test_a_new_address_cancels_what_is_assigned_and_queues_the_order(desk):
    order, allocation = desk.assigned()
    before = desk.order(order).version
    assert change(order, destination=SHANGHAI).changed == ("address",)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert (desk.order(order).state, desk.order(order).region) == (OrderState.PENDING, 310115)
    assert desk.order(order).version > before
    assert desk.queued(order)
    assert Recipient.objects.get(order=order).name == "王芳"


def test_the_same_said_again_changes_nothing(desk):
    order, allocation = desk.assigned()
    change(order, destination=SHANGHAI)
    before = desk.order(order).version
    assert change(order, destination=SHANGHAI, values={"amount_minor": 0}).changed == ()
    assert desk.order(order).version == before
    assert desk.allocation(allocation).state == AllocationState.CANCELLED


def test_a_new_amount_is_a_change_of_the_order(desk):
    order, allocation = desk.assigned()
    assert change(order, values={"amount_minor": 990}).changed == ("amount_minor",)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED


def test_a_new_address_asks_the_team_that_has_begun(desk):
    order, allocation = desk.accepted()
    change(order, destination=SHANGHAI)
    asked = OrderException.objects.get()
    assert (asked.kind, asked.detail["causes"]) == (ExceptionKind.INTERCEPT, ["address"])
    assert desk.allocation(allocation).frozen
    confirm_intercepts([allocation], now=NOW)
    assert desk.order(order).state == OrderState.PENDING
    assert desk.line(order).cancelled_qty == 0


def test_two_changes_are_two_causes_of_one_intercept(desk):
    order, _allocation = desk.accepted()
    change(order, destination=SHANGHAI)
    change(order, values={"amount_minor": 990})
    assert OrderException.objects.get().detail["causes"] == ["address", "amount"]


def test_a_change_after_shipping_is_recorded(desk):
    order, allocation = desk.packed()
    ship_allocations([Shipment(allocation)], now=NOW)
    change(order, destination=SHANGHAI)
    assert OrderException.objects.get().kind == ExceptionKind.CHANGED_AFTER_SHIPPING
    assert desk.order(order).state == OrderState.FULFILLED


def test_a_remark_only_flags(desk):
    order, allocation = desk.assigned()
    for remark in ("轻拿轻放", "轻拿轻放!"):
        change(order, values={"buyer_remark": remark})
    assert desk.allocation(allocation).state == AllocationState.ASSIGNED
    assert not desk.allocation(allocation).frozen
    flag = OrderException.objects.get()
    assert (flag.kind, flag.allocation_id) == (ExceptionKind.REMARK_CHANGED, allocation)
    assert desk.order(order).buyer_remark == "轻拿轻放!"


def test_fewer_pieces_are_cancelled_and_more_are_added(desk):
    order = make_order([("A", 5), ("B", 2)])
    report = change(order, lines=lines_of(("A", 3), ("B", 4)))
    assert (report.changed, report.cancelled_qty) == (("lines",), 2)
    lines = OrderLine.objects.filter(order=order).order_by("position").values_list("qty", "cancelled_qty")
    assert list(lines) == [(5, 2), (4, 0)]
    assert Event.objects.get(kind=EventKind.CHANGED).detail["fields"] == ["lines"]
    assert desk.queued(order)


def test_a_line_nobody_wants_any_more_is_cancelled_and_a_new_one_appended(desk):
    order = make_order([("A", 5), ("B", 2)])
    change(order, lines=lines_of(("A", 5), ("C", 1)))
    lines = OrderLine.objects.filter(order=order).order_by("position")
    assert [(line.shop_code, line.qty - line.cancelled_qty) for line in lines] == [("A", 5), ("B", 0), ("C", 1)]
    assert desk.order(order).state == OrderState.PENDING


def test_no_lines_at_all_cancel_the_order(desk):
    order, allocation = desk.assigned()
    change(order, lines=[])
    assert desk.order(order).state == OrderState.CANCELLED
    assert desk.allocation(allocation).state == AllocationState.CANCELLED


def test_fewer_pieces_of_what_a_team_holds_wait_for_the_team_and_are_not_counted_twice(desk):
    order, allocation = desk.accepted(qty=5)
    wanted = lines_of(("A", 2))
    assert change(order, lines=wanted).changed == ("lines",)
    assert change(order, lines=wanted).changed == ()
    confirm_intercepts([allocation], now=NOW)
    assert (desk.line(order).qty, desk.line(order).cancelled_qty) == (5, 3)
    assert change(order, lines=wanted).changed == ()


def test_what_rules_look_at_is_tried_again_without_touching_allocations(desk):
    order, allocation = desk.assigned()
    before = desk.order(order).version
    assert change(order, values={"tags": ["vip"], "priority": 5}).changed == ("priority", "tags")
    assert desk.allocation(allocation).state == AllocationState.ASSIGNED
    assert desk.order(order).version > before


def test_a_queued_orders_urgency_follows_its_order(desk):
    order = make_order({"A": 1})
    change(order, values={"priority": 7})
    order.queued.refresh_from_db()
    assert order.queued.priority == desk.order(order).priority == 7


@pytest.mark.usefixtures("desk")
def test_what_cannot_be_changed_is_refused_by_name():
    order = make_order({"A": 1})
    with pytest.raises(Refusal) as refused:
        change(order, values={"state": 6})
    assert refused.value.code == "unknown_field"


@pytest.mark.usefixtures("desk")
def test_a_merged_or_unknown_order_is_refused():
    with pytest.raises(Refusal) as refused:
        change_order(OrderChange(987), now=NOW)
    assert refused.value.code == "not_found"
    sources = [make_order({"A": 1}), make_order({"A": 1})]
    merge_orders([order.id for order in sources], now=NOW)
    with pytest.raises(Refusal) as refused:
        change(sources[0], destination=SHANGHAI)
    assert refused.value.code == "finished"


def merged_then_changed_to(pieces):
    """Two orders of 3 A each made one, its lines changed to these pieces, and taken apart; what the sources want."""
    sources = [make_order({"A": 3}), make_order({"A": 3})]
    [merged] = merge_orders([order.id for order in sources], now=NOW).created
    ids = list(OrderLine.objects.filter(order_id=merged).order_by("position").values_list("sku_id", flat=True))
    wanted = [WantedLine("A", qty, "1", sku) for qty, sku in zip(pieces, ids, strict=True)]
    change_order(OrderChange(merged, lines=wanted), now=NOW)
    unmerge_orders([merged], now=NOW)
    lines = OrderLine.objects.filter(order__in=sources).order_by("order_id")
    return [line.qty - line.cancelled_qty for line in lines]


@pytest.mark.usefixtures("desk")
def test_pieces_added_to_a_merged_order_are_not_its_sources():
    assert merged_then_changed_to([7, 3]) == [3, 3]


@pytest.mark.usefixtures("desk")
def test_pieces_cancelled_of_a_merged_order_are_cancelled_of_its_sources():
    assert merged_then_changed_to([1, 0]) == [1, 0]

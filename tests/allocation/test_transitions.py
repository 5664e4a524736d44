"""Accept, pick, pack, ship, hand back, cancel: each allocation is judged for itself."""

import pytest
from tests.builders import NOW, make_order, make_stock, make_team, make_user, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.models import Allocation, TeamDay, WarehouseDay
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    cancel_allocations,
    hand_back_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.orders.models import Event, Order, QueuedOrder
from paidan.orders.states import EventKind, OrderState
from paidan.stock.models import Stock, StockMovement

pytestmark = pytest.mark.django_db


@pytest.fixture
def gz():
    gz = make_warehouse()
    make_team("t1", gz)
    make_stock(gz, "A", 100)
    return gz


def assigned(gz, qty=2):
    order = make_order({"A": qty})
    return order, assign_by_hand(order.id, warehouse=gz, now=NOW)


def packed(gz, qty=2):
    order, allocation = assigned(gz, qty)
    for step in (accept_allocations, pick_allocations, pack_allocations):
        assert step([allocation], now=NOW).done == (allocation,)
    return order, allocation


def state(allocation):
    return Allocation.objects.get(id=allocation).state


def order_state(order):
    return Order.objects.get(id=order.id).state


def test_an_allocation_goes_from_assigned_to_shipped_and_every_step_is_an_event(gz):
    lin = make_user()
    order, allocation = packed(gz)
    ship_allocations([Shipment(allocation, "sf", "SF123")], now=NOW, by=lin)
    row = Allocation.objects.get(id=allocation)
    assert (row.state, row.carrier, row.tracking_number) == (AllocationState.SHIPPED, "sf", "SF123")
    assert order_state(order) == OrderState.FULFILLED
    kinds = list(Event.objects.filter(allocation_id=allocation).order_by("id").values_list("kind", "state"))
    assert kinds == [
        (EventKind.ASSIGNED, AllocationState.ASSIGNED),
        (EventKind.ACCEPTED, AllocationState.ACCEPTED),
        (EventKind.PICKED, AllocationState.PICKED),
        (EventKind.PACKED, AllocationState.PACKED),
        (EventKind.SHIPPED, AllocationState.SHIPPED),
    ]
    assert Event.objects.get(kind=EventKind.SHIPPED).by == lin


def test_shipping_takes_from_on_hand_and_reserved_and_leaves_a_movement(gz):
    _order, allocation = packed(gz, qty=7)
    ship_allocations([Shipment(allocation)], now=NOW)
    stock = Stock.objects.get()
    assert (stock.on_hand_qty, stock.reserved_qty) == (93, 0)
    movement = StockMovement.objects.get()
    assert (movement.delta_qty, movement.on_hand_qty, movement.allocation_id) == (-7, 93, allocation)


def test_movements_of_one_action_tell_the_quantity_after_each(gz):
    first, second = packed(gz, qty=7)[1], packed(gz, qty=3)[1]
    ship_allocations([Shipment(second), Shipment(first)], now=NOW)
    moved = StockMovement.objects.order_by("id").values_list("allocation_id", "delta_qty", "on_hand_qty")
    assert list(moved) == [(first, -7, 93), (second, -3, 90)]


def test_shipping_without_naming_a_carrier_keeps_the_planned_one(gz):
    _order, allocation = packed(gz)
    Allocation.objects.filter(id=allocation).update(carrier="yto")
    ship_allocations([Shipment(allocation, tracking_number="YT1")], now=NOW)
    assert Allocation.objects.get(id=allocation).carrier == "yto"


def test_what_is_shipped_still_counts_as_load(gz):
    _order, allocation = packed(gz)
    ship_allocations([Shipment(allocation)], now=NOW)
    assert WarehouseDay.objects.get().load_n == 1
    assert TeamDay.objects.get().load_n == 1


def test_one_refusal_does_not_fail_the_rest(gz):
    _order, first = assigned(gz)
    _order, second = packed(gz)
    batch = accept_allocations([first, second, 999], now=NOW)
    assert batch.done == (first,)
    assert batch.refused == {second: "wrong_state", 999: "not_found"}


def test_doing_it_twice_says_already(gz):
    _order, allocation = assigned(gz)
    accept_allocations([allocation], now=NOW)
    assert accept_allocations([allocation], now=NOW).refused == {allocation: "already"}
    assert Event.objects.filter(kind=EventKind.ACCEPTED).count() == 1


@pytest.mark.parametrize("step", [accept_allocations, cancel_allocations])
def test_a_frozen_allocation_is_refused(gz, step):
    _order, allocation = assigned(gz)
    Allocation.objects.filter(id=allocation).update(frozen=True)
    assert step([allocation], now=NOW).refused == {allocation: "frozen"}
    assert state(allocation) == AllocationState.ASSIGNED


def test_steps_cannot_be_skipped(gz):
    _order, allocation = assigned(gz)
    assert pack_allocations([allocation], now=NOW).refused == {allocation: "wrong_state"}
    assert ship_allocations([Shipment(allocation)], now=NOW).refused == {allocation: "wrong_state"}


def test_shipping_more_than_is_on_hand_is_refused_until_somebody_counts(gz):
    first, second = packed(gz, qty=60)[1], packed(gz, qty=40)[1]
    Stock.objects.update(on_hand_qty=70)
    batch = ship_allocations([Shipment(first), Shipment(second)], now=NOW)
    assert (batch.done, batch.refused) == ((first,), {second: "stock_short"})
    assert Stock.objects.get().on_hand_qty == 10
    assert state(second) == AllocationState.PACKED


def test_an_order_of_two_allocations_is_fulfilled_with_the_second(gz):
    bj = make_warehouse("bj")
    make_stock(bj, "B", 5)
    order = make_order({"A": 1, "B": 1})
    parts = [assign_by_hand(order.id, warehouse=place, now=NOW, partial=True) for place in (gz, bj)]
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step(parts, now=NOW)
    ship_allocations([Shipment(parts[0])], now=NOW)
    assert order_state(order) == OrderState.ALLOCATED
    ship_allocations([Shipment(parts[1])], now=NOW)
    assert order_state(order) == OrderState.FULFILLED


def test_handing_back_makes_it_assigned_and_free_again(gz):
    _order, allocation = assigned(gz)
    accept_allocations([allocation], now=NOW)
    assert hand_back_allocations([allocation], now=NOW, reason="no_people").done == (allocation,)
    assert state(allocation) == AllocationState.ASSIGNED
    assert Event.objects.get(kind=EventKind.HANDED_BACK).detail == {"reason": "no_people"}


def test_what_is_packed_cannot_be_handed_back(gz):
    _order, allocation = packed(gz)
    assert hand_back_allocations([allocation], now=NOW).refused == {allocation: "wrong_state"}


def test_cancelling_gives_back_stock_and_load_and_queues_the_order_again(gz):
    order, allocation = assigned(gz)
    assert not QueuedOrder.objects.exists()
    assert cancel_allocations([allocation], now=NOW).done == (allocation,)
    assert state(allocation) == AllocationState.CANCELLED
    assert Stock.objects.get().reserved_qty == 0
    assert WarehouseDay.objects.get().load_n == TeamDay.objects.get().load_n == 0
    assert order_state(order) == OrderState.PENDING
    assert QueuedOrder.objects.get().order_id == order.id


def test_cancelling_what_a_team_accepted_needs_force(gz):
    _order, allocation = assigned(gz)
    accept_allocations([allocation], now=NOW)
    assert cancel_allocations([allocation], now=NOW).refused == {allocation: "accepted"}
    assert cancel_allocations([allocation], now=NOW, force=True).done == (allocation,)


def test_what_is_packed_or_shipped_cannot_be_cancelled_even_with_force(gz):
    _order, allocation = packed(gz)
    assert cancel_allocations([allocation], now=NOW, force=True).refused == {allocation: "packed"}
    ship_allocations([Shipment(allocation)], now=NOW)
    assert cancel_allocations([allocation], now=NOW, force=True).refused == {allocation: "shipped"}

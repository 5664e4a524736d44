"""Counting stock: stored whatever it says, and what follows for promises made."""

import pytest
from tests.builders import NOW, make_order, make_sku, make_stock, make_user

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.counts import LEAVE, CountReport, adjust_stock, count_stock, set_safety
from paidan.allocation.relief import open_shortage_pairs
from paidan.allocation.retry import queue_retries
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import Shipment, cancel_allocations, ship_allocations
from paidan.kit.errors import Refusal
from paidan.orders.models import OrderException, QueuedOrder
from paidan.orders.states import ExceptionKind, OrderState
from paidan.stock.models import MovementKind, Stock, StockMovement


def count(warehouse, on_hand, code="A", **arguments):
    return count_stock([make_sku(code).id], [warehouse.id], [on_hand], now=NOW, **arguments)


def test_a_count_sets_what_is_on_hand_and_says_what_changed(desk):
    assert count(desk.gz, 120) == CountReport(changed=1)
    assert count(desk.gz, 120) == CountReport(unchanged=1)
    assert count(desk.gz, 3, code="B") == CountReport(created=1)
    assert desk.stock(desk.gz).on_hand_qty == 120


def test_a_count_leaves_a_movement_with_who_and_why(desk):
    lin = make_user()
    count(desk.gz, 120, by=lin, reason="monthly")
    movement = StockMovement.objects.get()
    assert (movement.kind, movement.delta_qty, movement.on_hand_qty, movement.by, movement.reason) == (
        MovementKind.COUNT,
        20,
        120,
        lin,
        "monthly",
    )


def test_many_rows_are_one_action(desk):
    skus = [make_sku(f"S{n}").id for n in range(300)]
    report = count_stock(skus * 2, [desk.gz.id] * 300 + [desk.bj.id] * 300, list(range(600)), now=NOW)
    assert report.created == 600
    assert Stock.objects.get(sku_id=skus[7], warehouse=desk.bj).on_hand_qty == 307


def test_safety_is_counted_along_or_left_as_it_is(desk):
    count(desk.gz, 50, safety=[5])
    count(desk.gz, 60)
    assert desk.stock(desk.gz).available_qty == 55
    set_safety([make_sku("A").id], [desk.gz.id], [0], now=NOW)
    assert desk.stock(desk.gz).available_qty == 60


@pytest.mark.parametrize("rows", [([1], [1], [-3]), ([1, 1], [1, 1], [2, 2])])
def test_nonsense_is_refused_before_anything_is_written(desk, rows):
    with pytest.raises(Refusal):
        count_stock(*rows, now=NOW)
    assert desk.stock(desk.gz).on_hand_qty == 100


def test_a_count_below_what_is_reserved_is_stored_and_sends_back_the_lowest_priority_first(desk):
    low, gone = desk.assigned(qty=40, priority=0)
    high, kept = desk.assigned(qty=40, priority=5)
    report = count(desk.gz, 50)
    assert (report.short, report.sent_back) == (1, 1)
    assert desk.stock(desk.gz).on_hand_qty == 50
    assert desk.allocation(gone).state == AllocationState.CANCELLED
    assert desk.allocation(kept).state == AllocationState.ASSIGNED
    assert (desk.order(low).state, desk.order(high).state) == (OrderState.PENDING, OrderState.ALLOCATED)
    assert desk.queued(low)


def test_of_equal_priority_the_newest_goes_back(desk):
    _order, older = desk.assigned(qty=40)
    _order, newer = desk.assigned(qty=40)
    count(desk.gz, 50)
    assert desk.allocation(older).state == AllocationState.ASSIGNED
    assert desk.allocation(newer).state == AllocationState.CANCELLED


def test_no_more_go_back_than_the_shortage_asks(desk):
    ids = [desk.assigned(qty=10)[1] for _ in range(5)]
    assert count(desk.gz, 25).sent_back == 3
    assert [desk.allocation(key).state for key in ids] == [AllocationState.ASSIGNED] * 2 + [
        AllocationState.CANCELLED
    ] * 3


def test_an_allocation_short_of_two_skus_goes_back_once(desk):
    make_stock(desk.gz, "B", 10)
    order = make_order({"A": 10, "B": 10})
    assign_by_hand(order.id, warehouse=desk.gz, now=NOW)
    a, b = make_sku("A").id, make_sku("B").id
    report = count_stock([a, b], [desk.gz.id] * 2, [5, 5], now=NOW)
    assert (report.short, report.sent_back) == (2, 1)
    assert not OrderException.objects.filter(resolved_at=None).exists()


def test_what_a_team_accepted_stays_and_the_shortage_is_an_exception(desk):
    _order, allocation = desk.accepted(qty=40)
    report = count(desk.gz, 30)
    assert (report.short, report.sent_back) == (1, 0)
    assert desk.allocation(allocation).state == AllocationState.ACCEPTED
    shortage = OrderException.objects.get()
    assert (shortage.kind, shortage.sku.code, shortage.warehouse, shortage.resolved_at) == (
        ExceptionKind.SHORTAGE,
        "A",
        desk.gz,
        None,
    )


def test_a_shortage_is_opened_once_and_ends_when_enough_is_there(desk):
    desk.accepted(qty=40)
    count(desk.gz, 30)
    count(desk.gz, 20)
    assert OrderException.objects.count() == 1
    count(desk.gz, 40)
    assert OrderException.objects.get().resolved_at == NOW


def test_a_shortage_ends_when_its_allocation_is_cancelled(desk):
    _order, allocation = desk.accepted(qty=40)
    count(desk.gz, 30)
    cancel_allocations([allocation], force=True, now=NOW)
    assert OrderException.objects.get().resolved_at == NOW


def test_a_shortage_ends_when_what_is_there_has_left(desk):
    _order, first = desk.packed(qty=40)
    _order, second = desk.packed(qty=40)
    count(desk.gz, 60)
    assert ship_allocations([Shipment(first), Shipment(second)], now=NOW).refused == {second: "stock_short"}
    assert OrderException.objects.get().resolved_at is None
    count(desk.gz, 40)
    ship_allocations([Shipment(second)], now=NOW)
    assert OrderException.objects.get().resolved_at == NOW


def test_relief_that_was_interrupted_goes_on_with_the_next_retry(desk):
    _order, allocation = desk.assigned(qty=40)
    # As a worker killed between its two transactions would leave it.
    Stock.objects.filter(warehouse=desk.gz).update(on_hand_qty=10)
    OrderException.objects.create(
        kind=ExceptionKind.SHORTAGE, sku=make_sku("A"), warehouse=desk.gz, opened_at=NOW, detail=None
    )
    assert len(open_shortage_pairs()) == 1
    queue_retries(now=NOW)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED


@pytest.mark.parametrize("how", ["count", "adjust", "safety"])
def test_stock_that_grew_wakes_the_orders_that_wait_for_it(desk, how):
    count(desk.gz, 10, safety=[5])
    waiting, other = make_order({"A": 50}), make_order({"B": 1})
    for order in (waiting, other):
        order.state, order.reason = OrderState.UNALLOCATED, 1
        order.save()
        order.queued.delete()
        order.events.create(at=NOW, kind=4, state=OrderState.UNALLOCATED)
    ids = {"sku_id": make_sku("A").id, "warehouse_id": desk.gz.id}
    if how == "count":
        count(desk.gz, 11)
    elif how == "adjust":
        adjust_stock(**ids, delta=1, now=NOW)
    else:
        set_safety([ids["sku_id"]], [ids["warehouse_id"]], [4], now=NOW)
    assert list(QueuedOrder.objects.values_list("order_id", flat=True)) == [waiting.id]


def test_stock_that_shrank_wakes_nobody(desk):
    waiting = make_order({"A": 500})
    waiting.state, waiting.reason = OrderState.UNALLOCATED, 1
    waiting.save()
    waiting.queued.delete()
    waiting.events.create(at=NOW, kind=4, state=OrderState.UNALLOCATED)
    assert count(desk.gz, 99).queued == 0


def test_an_adjustment_adds_and_takes_but_never_below_nothing(desk):
    ids = {"sku_id": make_sku("A").id, "warehouse_id": desk.gz.id}
    adjust_stock(**ids, delta=-30, reason="damaged", now=NOW)
    assert desk.stock(desk.gz).on_hand_qty == 70
    assert StockMovement.objects.get().kind == MovementKind.ADJUSTMENT
    with pytest.raises(Refusal) as refused:
        adjust_stock(**ids, delta=-71, now=NOW)
    assert (refused.value.code, refused.value.values) == ("less_than_nothing", {"on_hand": 70, "pieces": 71})


def test_goods_may_come_in_that_were_never_there(desk):
    adjust_stock(sku_id=make_sku("NEW").id, warehouse_id=desk.gz.id, delta=7, now=NOW)
    assert Stock.objects.get(sku__code="NEW").on_hand_qty == 7
    assert LEAVE == -1

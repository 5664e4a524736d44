"""Merging orders of one person and taking that back."""

import pytest
from tests.builders import NOW, make_order, make_shop, make_user

from paidan.allocation.cancelling import cancel_pieces
from paidan.allocation.holds import hold_orders
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.trying import try_now
from paidan.orders.models import Order, OrderLine, QueuedOrder
from paidan.orders.states import OrderState

pytestmark = pytest.mark.django_db

CHEN = {"name": "陈一", "phone": "13800001111", "province": "广东省", "city": "广州市", "address": "天河路 1 号"}
LIU = {**CHEN, "name": "刘二"}


def test_orders_of_one_person_become_one(desk):
    one = make_order({"A": 2}, recipient=CHEN, number="X1", amount_minor=100, tags=["VIP"])
    other = make_order({"A": 1, "B": 1}, recipient=CHEN, number="X2", amount_minor=250, buyer_remark="快")
    merged = merge_orders([one.id, other.id], now=NOW, by=make_user())
    [target] = Order.objects.filter(id__in=merged.created)
    assert set(merged.done) == {one.id, other.id}
    assert (target.number, target.amount_minor, target.tags, target.buyer_remark) == ("X1+1", 350, ["VIP"], "快")
    assert target.recipient.name == "陈一"
    assert sorted(target.lines.values_list("sku__code", "qty")) == [("A", 1), ("A", 2), ("B", 1)]
    assert set(target.lines.values_list("source_line_id", flat=True)) == set(
        OrderLine.objects.filter(order__in=[one, other]).values_list("id", flat=True)
    )
    assert desk.order(one).state == desk.order(other).state == OrderState.MERGED
    assert desk.order(one).merged_into == target
    assert desk.queued(target)
    assert not desk.queued(one)


def test_what_is_assigned_is_taken_back_first(desk):
    one, allocation = desk.assigned(recipient=CHEN)
    other = make_order({"A": 1}, recipient=CHEN)
    assert len(merge_orders([one.id, other.id], now=NOW).created) == 1
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert desk.stock(desk.gz).reserved_qty == 0


def test_who_cannot_be_merged_is_told_why(desk):
    begun, _allocation = desk.accepted(recipient=CHEN)
    held = make_order({"A": 1}, recipient=CHEN)
    hold_orders([held.id], reason="wait", now=NOW)
    unmapped = make_order({"Z": 1}, recipient=CHEN, unmapped=["Z"])
    elsewhere = make_order({"A": 1}, recipient=CHEN, shop=make_shop("other"))
    stranger = make_order({"A": 1}, recipient=LIU)
    ids = [begun.id, held.id, unmapped.id, elsewhere.id, stranger.id]
    assert merge_orders(ids, now=NOW).refused == {
        begun.id: "accepted",
        held.id: "on_hold",
        unmapped.id: "unknown_sku",
        elsewhere.id: "alone",
        stranger.id: "alone",
    }
    assert not Order.objects.filter(state=OrderState.MERGED).exists()


def test_unmerged_orders_are_as_they_were(desk):
    one, other = make_order({"A": 2}, recipient=CHEN), make_order({"A": 1}, recipient=CHEN)
    [target] = merge_orders([one.id, other.id], now=NOW).created
    back = unmerge_orders([target], now=NOW)
    assert back.created == (one.id, other.id)
    assert desk.order(one).state == desk.order(other).state == OrderState.PENDING
    assert desk.order(one).merged_into is None
    assert desk.queued(one)
    assert desk.queued(other)
    assert Order.objects.get(id=target).state == OrderState.CANCELLED
    assert QueuedOrder.objects.count() == 2
    again = merge_orders([one.id, other.id], now=NOW)
    assert Order.objects.get(id=again.created[0]).number.endswith("+1/2")


def test_what_was_cancelled_meanwhile_stays_cancelled(desk):
    one, other = make_order({"A": 2}, recipient=CHEN), make_order({"A": 3}, recipient=CHEN)
    [target] = merge_orders([one.id, other.id], now=NOW).created
    line = OrderLine.objects.get(order_id=target, qty=3)
    cancel_pieces(target, {line.id: 2}, now=NOW)
    unmerge_orders([target], now=NOW)
    assert desk.line(other).cancelled_qty == 2
    assert desk.line(one).cancelled_qty == 0


def test_a_merged_order_is_not_taken_apart_once_a_team_has_it(desk):
    one, other = make_order({"A": 2}, recipient=CHEN), make_order({"A": 1}, recipient=CHEN)
    [target] = merge_orders([one.id, other.id], now=NOW).created
    assert unmerge_orders([one.id], now=NOW).refused == {one.id: "not_merged"}
    from paidan.allocation.by_hand import assign_by_hand

    allocation = assign_by_hand(target, warehouse=desk.gz, now=NOW)
    accept_allocations([allocation], now=NOW)
    assert unmerge_orders([target], now=NOW).refused == {target: "accepted"}


@pytest.mark.usefixtures("desk")
def test_a_merged_order_is_allocated_like_any_other():
    one, other = make_order({"A": 2}, recipient=CHEN), make_order({"A": 1}, recipient=CHEN)
    [target] = merge_orders([one.id, other.id], now=NOW).created
    assert try_now([target, one.id], now=NOW).refused == {one.id: "nothing_open"}
    assert list(Allocation.objects.values_list("order_id", "state")) == [(target, AllocationState.ASSIGNED)]
    assert Order.objects.get(id=target).state == OrderState.ALLOCATED

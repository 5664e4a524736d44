"""Giving back what held orders keep: only theirs, only what no team has begun, and no more than needed."""

import pytest
from tests.builders import NOW, make_order, make_stock

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.returning import HeldBack, give_back_of_held, kept_by_held
from paidan.orders.models import Hold
from paidan.orders.states import OrderState

pytestmark = pytest.mark.django_db


@pytest.fixture
def keepers(desk):
    """Three held orders with 2 F each of the 6 there are; the last has a higher priority."""
    stock = make_stock(desk.gz, "F", 6)
    orders = [make_order({"F": 2}, priority=priority) for priority in (0, 0, 7)]
    allocations = [assign_by_hand(order.id, warehouse=desk.gz, now=NOW) for order in orders]
    hold_orders([order.id for order in orders], reason="wait", now=NOW)
    return stock.sku_id, orders, allocations


def test_the_fewest_and_least_urgent_promises_make_up_what_is_missing(desk, keepers):
    sku, _orders, (_first, second, _urgent) = keepers
    assert kept_by_held(desk.gz.id, {sku: 1}) == HeldBack((second,), 2)
    assert kept_by_held(desk.gz.id, {sku: 3}).qty == 4
    assert kept_by_held(desk.gz.id, {sku: 7}) == HeldBack()
    assert kept_by_held(desk.bj.id, {sku: 1}) == HeldBack()


def test_the_pieces_are_free_and_the_hold_stays(desk, keepers):
    sku, orders, allocations = keepers
    assert give_back_of_held(allocations[:1], now=NOW).done == (allocations[0],)
    assert desk.order(orders[0]).state == OrderState.PENDING
    assert not desk.queued(orders[0])
    assert Hold.objects.filter(order=orders[0], released_at=None).exists()
    assert kept_by_held(desk.gz.id, {sku: 5}) == HeldBack()


def test_what_is_released_meanwhile_is_not_taken(keepers):
    _sku, orders, allocations = keepers
    release_orders([orders[1].id], now=NOW)
    assert give_back_of_held(allocations[:2], now=NOW).refused == {allocations[1]: "not_held"}

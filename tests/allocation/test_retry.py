"""Retrying: unallocated and partial orders are tried again on a cause, and every ten minutes anyway."""

import pytest
from tests.builders import NOW, make_order

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.retry import queue_retries
from paidan.allocation.warehouses import pause_warehouse, resume_warehouse
from paidan.allocation.wave import run_wave
from paidan.network.models import Warehouse
from paidan.orders.models import QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules


@pytest.fixture(autouse=True)
def rules(db):  # noqa: ARG001 - it needs the database
    publish_rules({"rules": []}, now=NOW)


def test_what_could_not_be_allocated_is_queued_again_as_it_is(desk):
    order = make_order({"A": 500})
    run_wave(now=NOW)
    assert desk.order(order).state == OrderState.UNALLOCATED
    assert not desk.queued(order)
    assert queue_retries(now=NOW) == 1
    assert desk.queued(order)
    assert desk.order(order).state == OrderState.UNALLOCATED


def test_what_is_queued_already_is_not_queued_twice(desk):
    make_order({"A": 500})
    run_wave(now=NOW)
    queue_retries(now=NOW)
    assert queue_retries(now=NOW) == 0
    assert desk is not None


def test_a_partial_order_is_tried_again_for_its_rest(desk):
    order = make_order([("A", 60), ("A", 60)])
    assign_by_hand(order.id, warehouse=desk.gz, partial=True, now=NOW)
    assert desk.order(order).state == OrderState.PARTIAL
    run_wave(now=NOW)
    assert desk.order(order).state == OrderState.ALLOCATED
    assert desk.stock(desk.bj).reserved_qty == 20


def test_what_is_allocated_or_finished_is_left_alone(desk):
    desk.assigned()
    assert queue_retries(now=NOW) == 0


@pytest.mark.usefixtures("desk")
def test_a_pending_order_that_lost_its_place_gets_it_back():
    order = make_order({"A": 1}, queued=False)
    assert queue_retries(now=NOW) == 1
    assert QueuedOrder.objects.get().order == order


def test_a_resumed_warehouse_wakes_the_orders_that_wait(desk):
    assert pause_warehouse(desk.gz)
    assert pause_warehouse(desk.bj)
    order = make_order({"A": 1})
    run_wave(now=NOW)
    assert desk.order(order).state == OrderState.UNALLOCATED
    assert resume_warehouse(desk.bj) == 1
    run_wave(now=NOW)
    assert desk.order(order).state == OrderState.ALLOCATED
    assert desk.stock(desk.bj).reserved_qty == 1


def test_pausing_and_resuming_twice_is_told(desk):
    assert resume_warehouse(desk.gz) is None
    assert pause_warehouse(desk.gz)
    assert not pause_warehouse(desk.gz)
    assert not Warehouse.objects.get(code="gz").is_open

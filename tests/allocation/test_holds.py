"""Holds: beside the state, they keep an order out of allocation and freeze what is live of it."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_order, make_user

from paidan.allocation.holds import hold_orders, release_due, release_orders
from paidan.allocation.retry import queue_retries
from paidan.allocation.states import AllocationState
from paidan.allocation.wave import run_wave
from paidan.orders.models import Event, Hold, Order
from paidan.orders.states import EventKind, OrderState
from paidan.rules.services import publish_rules


def test_a_held_order_leaves_the_queue_and_no_wave_takes_it(desk):
    order = make_order({"A": 1})
    assert hold_orders([order.id], reason="fraud", now=NOW).done == (order.id,)
    publish_rules({"rules": []}, now=NOW)
    assert run_wave(now=NOW).wave_id is None
    assert desk.order(order).state == OrderState.PENDING


@pytest.mark.usefixtures("desk")
def test_a_hold_says_who_why_and_until_when():
    lin, until = make_user(), NOW + timedelta(hours=2)
    order = make_order({"A": 1})
    hold_orders([order.id], reason="fraud", until_at=until, now=NOW, by=lin)
    hold = Hold.objects.get()
    assert (hold.reason, hold.held_by, hold.until_at) == ("fraud", lin, until)
    assert Event.objects.get(kind=EventKind.HELD).detail == {"reason": "fraud", "until": until.isoformat()}


def test_an_allocated_order_is_frozen_and_keeps_its_stock(desk):
    order, allocation = desk.assigned(qty=5)
    hold_orders([order.id], reason="fraud", now=NOW)
    assert desk.allocation(allocation).frozen
    assert desk.order(order).state == OrderState.ALLOCATED
    assert desk.stock(desk.gz).reserved_qty == 5


def test_given_back_stock_is_free_again_but_not_what_a_team_accepted(desk):
    order, allocation = desk.assigned(qty=5)
    other, begun = desk.accepted(qty=3)
    hold_orders([order.id, other.id], reason="fraud", give_back=True, now=NOW)
    assert desk.allocation(allocation).state == AllocationState.CANCELLED
    assert desk.order(order).state == OrderState.PENDING
    assert not desk.queued(order)
    assert desk.allocation(begun).frozen
    assert desk.stock(desk.gz).reserved_qty == 3


def test_releasing_thaws_and_queues_what_is_open(desk):
    order, allocation = desk.assigned()
    waiting = make_order({"A": 1})
    hold_orders([order.id, waiting.id], reason="fraud", now=NOW)
    assert release_orders([order.id, waiting.id], now=NOW).done == (order.id, waiting.id)
    assert not desk.allocation(allocation).frozen
    assert desk.queued(waiting)
    assert not desk.queued(order)
    assert Hold.objects.filter(released_at=NOW).count() == 2


def test_two_holds_need_two_releases(desk):
    order, allocation = desk.assigned()
    hold_orders([order.id], reason="fraud", now=NOW)
    hold_orders([order.id], reason="call", now=NOW)
    release_orders([order.id], reason="fraud", now=NOW)
    assert desk.allocation(allocation).frozen
    release_orders([order.id], now=NOW)
    assert not desk.allocation(allocation).frozen


@pytest.mark.usefixtures("desk")
def test_the_same_reason_twice_and_a_release_of_nothing_are_refused():
    order = make_order({"A": 1})
    hold_orders([order.id], reason="fraud", now=NOW)
    assert hold_orders([order.id], reason="fraud", now=NOW).refused == {order.id: "held"}
    assert release_orders([order.id], reason="call", now=NOW).refused == {order.id: "not_held"}


def test_a_finished_order_cannot_be_held(desk):
    order, _allocation = desk.assigned()
    Order.objects.filter(id=order.id).update(state=OrderState.FULFILLED)
    assert hold_orders([order.id], reason="fraud", now=NOW).refused == {order.id: "finished"}
    Order.objects.filter(id=order.id).update(state=OrderState.ALLOCATED)


def test_holds_end_when_their_time_has_come(desk):
    soon, later = make_order({"A": 1}), make_order({"A": 1})
    hold_orders([soon.id], reason="fraud", until_at=NOW + timedelta(hours=1), now=NOW)
    hold_orders([later.id], reason="fraud", until_at=NOW + timedelta(hours=3), now=NOW)
    assert release_due(now=NOW + timedelta(hours=1)) == 1
    assert desk.queued(soon)
    assert not desk.queued(later)


def test_a_hold_that_ends_leaves_an_open_ended_one_alone(desk):
    order = make_order({"A": 1})
    hold_orders([order.id], reason="fraud", now=NOW)
    hold_orders([order.id], reason="call", until_at=NOW, now=NOW)
    release_due(now=NOW)
    assert list(Hold.objects.filter(released_at=None).values_list("reason", flat=True)) == ["fraud"]
    assert not desk.queued(order)


def test_retrying_does_not_queue_what_is_held(desk):
    order = make_order({"A": 1})
    hold_orders([order.id], reason="fraud", now=NOW)
    assert queue_retries(now=NOW) == 0
    assert not desk.queued(order)


@pytest.mark.usefixtures("desk")
def test_holding_takes_the_order_from_a_wave_that_decides_it():
    order = make_order({"A": 1})
    order.queued.wave_id, order.queued.leased_until = 1, NOW + timedelta(minutes=5)
    order.queued.save()
    hold_orders([order.id], reason="fraud", now=NOW)
    release_orders([order.id], now=NOW)
    order.queued.refresh_from_db()
    assert order.queued.wave_id is None

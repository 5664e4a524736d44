"""The queue and the lock on orders: no change and no wave ever has the same order at the same time."""

import threading

import numpy as np
import pytest
from django.db import connection, transaction
from tests.builders import NOW, make_order

from paidan.kit.arrays import array_cursor
from paidan.orders.models import Hold, Order, QueuedOrder
from paidan.orders.queue import dequeue, enqueue, lock_orders, queue_waiting, revoke_leases
from paidan.orders.states import OrderState

pytestmark = pytest.mark.django_db


def ids(*orders):
    return np.array([order.id for order in orders], np.int64)


def is_queued(order):
    return QueuedOrder.objects.filter(order=order).exists()


def waiting(state=OrderState.UNALLOCATED, code="A"):
    return make_order({code: 1}, state=state, queued=False)


def test_locking_answers_the_orders_there_are_by_id():
    second, first = sorted([make_order(), make_order()], key=lambda order: -order.id)
    first.state = OrderState.PARTIAL
    first.save()
    found, states = lock_orders(np.array([second.id, first.id, second.id, 99999]))
    assert found.tolist() == [first.id, second.id]
    assert states.tolist() == [OrderState.PARTIAL, OrderState.PENDING]


def test_only_what_is_open_and_not_held_is_queued():
    pending, held, done = waiting(OrderState.PENDING), waiting(), waiting(OrderState.ALLOCATED)
    Hold.objects.create(order=held, reason="fraud", held_at=NOW)
    assert enqueue(array_cursor(), ids(pending, held, done)) == 1
    assert [is_queued(order) for order in (pending, held, done)] == [True, False, False]


def test_queueing_again_ends_a_lease_and_brings_the_urgency_up_to_date():
    order = make_order()
    QueuedOrder.objects.update(wave_id=7, leased_until=NOW)
    Order.objects.update(priority=9)
    enqueue(array_cursor(), ids(order))
    queued = QueuedOrder.objects.get()
    assert (queued.wave_id, queued.leased_until, queued.priority) == (None, None, 9)


def test_what_is_held_or_done_leaves_the_queue_and_the_rest_stays():
    held, done, rest = make_order(), make_order(state=OrderState.CANCELLED), make_order()
    Hold.objects.create(order=held, reason="fraud", held_at=NOW)
    assert dequeue(array_cursor(), ids(held, done, rest)) == 2
    assert list(QueuedOrder.objects.values_list("order_id", flat=True)) == [rest.id]


def test_a_lease_can_be_ended_without_touching_the_place_in_the_queue():
    order = make_order()
    QueuedOrder.objects.update(wave_id=7, leased_until=NOW)
    revoke_leases(array_cursor(), ids(order))
    assert QueuedOrder.objects.get().wave_id is None


def test_what_waits_for_a_sku_is_queued_by_it():
    apple, pear = waiting(code="A"), waiting(code="B")
    sku = apple.lines.get().sku_id
    assert queue_waiting(sku_ids=np.array([sku])) == 1
    assert (is_queued(apple), is_queued(pear)) == (True, False)


def test_a_lost_pending_order_is_found_only_when_asked_for():
    order = waiting(OrderState.PENDING)
    assert queue_waiting() == 0
    assert queue_waiting(lost=True) == 1
    assert is_queued(order)


def in_another_connection(work):
    """Run `work` in a thread with a connection of its own; answers the thread."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_two_who_change_the_same_order_wait_for_each_other():
    order = make_order()
    said = []

    def second():
        with transaction.atomic():
            lock_orders(ids(order))
            said.append("second")

    with transaction.atomic():
        lock_orders(ids(order))
        thread = in_another_connection(second)
        thread.join(0.3)
        said.append("first")
    thread.join()
    assert said == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_an_order_somebody_is_changing_is_not_queued_by_a_retry():
    order = waiting()
    queued = []
    with transaction.atomic():
        lock_orders(ids(order))
        in_another_connection(lambda: queued.append(queue_waiting())).join()
    assert queued == [0]
    assert queue_waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_an_order_queued_and_leased_between_the_two_locks_is_waited_for_from_the_start():
    order = waiting()
    ours, theirs = threading.Event(), threading.Event()

    def wave_commits():
        # It has the queue row of an order that was queued after we looked for one, and will change the order.
        with transaction.atomic():
            cursor = array_cursor()
            cursor.execute("INSERT INTO orders_queuedorder (order_id, priority) VALUES (%s, 0)", (order.id,))
            theirs.set()
            ours.wait(0.3)
            cursor.execute("UPDATE orders_order SET state = 4 WHERE id = %s", (order.id,))
            cursor.execute("DELETE FROM orders_queuedorder WHERE order_id = %s", (order.id,))

    thread = in_another_connection(wave_commits)
    theirs.wait()
    with transaction.atomic():
        _found, states = lock_orders(ids(order))
        ours.set()
    thread.join()
    # Whoever came first: nobody hung, and the wave's change is not lost.
    assert states.tolist() in ([OrderState.UNALLOCATED], [OrderState.ALLOCATED])
    assert Order.objects.get().state == OrderState.ALLOCATED

"""Delivery: signed, in order per order, again and again until it is taken or given up. The clock is always given."""

# ruff: noqa: ARG001 - fixtures that only set the place up

import threading
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError
from tests.alerts.webhooks.ear import HANG
from tests.builders import NOW, make_order

from paidan.alerts.findings import findings
from paidan.alerts.models import Delivery, Endpoint, Kind, ReminderRule
from paidan.alerts.webhooks import delivering
from paidan.alerts.webhooks.delivering import LEASE, Rounds, claim_due, deliver_due, deliver_until, record
from paidan.alerts.webhooks.patience import DOWN_AFTER, GIVE_UP_AFTER, MOST_TRIES, rest_after, wait_after
from paidan.alerts.webhooks.relay import forget_old, relay
from paidan.alerts.webhooks.sending import Answer
from paidan.alerts.webhooks.services import exchange_secret, send_again, send_trial, switch_endpoint
from paidan.alerts.words import said, watched
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.transitions import cancel_allocations
from paidan.allocation.wave import run_wave

pytestmark = pytest.mark.django_db
STATE = Delivery.State


def allocated(place, number=1):
    """Orders with an allocation each, told."""
    orders = [make_order({"A": 1}) for _ in range(number)]
    keys = [assign_by_hand(order.pk, warehouse=place, now=NOW) for order in orders]
    relay(NOW)
    return orders, keys


def deliver(sender, after=timedelta(0), chance=None):
    return deliver_due(sender, NOW + after, chance or Random(1))


def test_a_message_is_signed_so_that_the_specifications_library_takes_it(place, ear, listener, sender):
    row = listener()
    allocated(place)
    now = timezone.now()  # the library compares it with its own clock
    assert deliver_due(sender, now, Random(1)) == 1
    [heard] = ear.heard
    heard.verify(row.secret)
    assert heard.headers["host"] == f"127.0.0.1:{ear.port}"
    assert heard.headers["webhook-timestamp"] == str(int(now.timestamp()))
    with pytest.raises(WebhookVerificationError):
        heard.verify("whsec_" + "A" * 43 + "=")
    done = Delivery.objects.get()
    assert (done.state, done.status, done.tries_n, heard.message) == (STATE.DELIVERED, 200, 1, done.message)


def test_while_a_secret_is_exchanged_both_are_good(place, ear, listener, sender):
    row = listener()
    old, new = row.secret, exchange_secret(row, now=NOW, by=None)
    newest = exchange_secret(row, now=NOW, by=None)
    allocated(place)
    deliver_due(sender, timezone.now(), Random(1))
    ear.heard[0].verify(newest)
    ear.heard[0].verify(new)
    with pytest.raises(WebhookVerificationError):
        ear.heard[0].verify(old)


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_not_taken_waits_longer_each_time_and_is_then_given_up(place, ear, listener, sender, status):
    listener()
    ear.answer = lambda _n, _body: status
    allocated(place)
    waits, at = [], NOW
    for _ in range(MOST_TRIES):
        assert deliver_due(sender, at, Random(1)) == 1
        assert deliver_due(sender, at, Random(1)) == 0
        row = Delivery.objects.get()
        waits.append(row.next_at - at)
        Endpoint.objects.update(rest_until_at=None, failing_since_at=at)
        at = max(at, row.next_at)
    assert (row.state, row.status, row.tries_n) == (STATE.DEAD, status, MOST_TRIES)
    assert str(status) in row.problem
    assert "told" in row.problem
    assert waits[:3] == sorted(waits[:3])
    assert len(ear.heard) == MOST_TRIES  # a redirect was not followed


def test_waits_grow_with_jitter_and_end_at_six_hours():
    chance = Random(3)
    waits = [wait_after(tries, chance).total_seconds() for tries in range(1, MOST_TRIES)]
    for wait, plain in zip(waits, [5 * 4**n for n in range(MOST_TRIES)], strict=False):
        assert 0.75 * min(plain, 21600) <= wait <= 1.25 * min(plain, 21600)
    assert len({round(wait_after(3, chance).total_seconds(), 6) for _ in range(20)}) == 20
    assert rest_after(DOWN_AFTER - 1, chance) is None
    assert rest_after(10_000, chance) <= timedelta(seconds=375)


def test_messages_of_one_order_leave_in_order_and_others_do_not_wait(place, ear, listener, sender):
    listener()
    [first, _second], keys = allocated(place, 2)
    cancel_allocations([keys[0]], now=NOW)
    ear.answer = lambda _n, body: 500 if body["data"]["order"]["id"] == first.pk and len(ear.heard) < 2 else 200
    assert deliver(sender) == 2  # the created of both; the cancelled of the first waits behind its created
    assert {(one.event, one.status) for one in ear.heard} == {("allocation.created", 500), ("allocation.created", 200)}
    assert deliver(sender) == 0
    assert deliver(sender, timedelta(seconds=10)) == 1
    assert deliver(sender, timedelta(seconds=10)) == 1
    mine = [one.event for one in ear.taken if one.body["data"]["order"]["id"] == first.pk]
    assert mine == ["allocation.created", "allocation.cancelled"]


def test_without_the_guard_a_later_message_would_overtake(place, listener, monkeypatch):
    """The control: claiming more than the head of a key sends both messages of an order at once."""
    listener()
    _orders, keys = allocated(place)
    cancel_allocations(keys, now=NOW)
    relay(NOW)
    guard = delivering._CLAIM[delivering._CLAIM.index("AND NOT EXISTS") : delivering._CLAIM.index("ORDER BY")]
    monkeypatch.setattr(delivering, "_CLAIM", delivering._CLAIM.replace(guard, ""))
    assert len(claim_due(NOW)) == 2
    Delivery.objects.update(leased_until_at=None)
    monkeypatch.undo()
    assert len(claim_due(NOW)) == 1


def test_a_given_up_message_lets_the_next_of_its_order_pass_and_can_be_sent_again(place, ear, listener, sender):
    listener()
    _orders, keys = allocated(place)
    cancel_allocations(keys, now=NOW)
    relay(NOW)
    dead = Delivery.objects.earliest("id")
    Delivery.objects.filter(pk=dead.pk).update(state=STATE.DEAD, tries_n=MOST_TRIES)
    assert deliver(sender) == 1
    assert [one.event for one in ear.heard] == ["allocation.cancelled"]
    assert send_again([dead.pk], now=NOW) == [dead.pk]
    assert send_again([dead.pk], now=NOW) == []
    assert deliver(sender) == 1
    assert (ear.heard[1].event, ear.heard[1].message) == ("allocation.created", dead.message)


def test_a_receiver_that_hangs_costs_its_time_and_no_more(place, ear, listener, sender):
    listener()
    ear.answer = lambda n, _body: HANG if n == 0 else 200
    allocated(place)
    sender.total_s = 0.3
    assert deliver(sender) == 1
    assert Delivery.objects.get().problem == "no answer within 0.3 s"
    assert deliver(sender, timedelta(seconds=10)) == 1
    assert Delivery.objects.get().state == STATE.DELIVERED


def test_an_endpoint_that_is_down_rests_and_is_then_asked_with_one_message(place, ear, listener, sender):
    listener()
    ear.answer = lambda _n, _body: 503
    allocated(place, 10)
    assert deliver(sender) == 10
    assert Endpoint.objects.get().failures_n == DOWN_AFTER  # those on their way when the rest began count no more
    assert deliver(sender, timedelta(seconds=1)) == 0
    later = timedelta(seconds=10)
    assert deliver(sender, later) == 1
    ear.answer = lambda _n, _body: 200
    assert deliver(sender, timedelta(seconds=60)) == 1
    row = Endpoint.objects.get()
    assert (row.failures_n, row.failing_since_at, row.heard_at) == (0, None, NOW + timedelta(seconds=60))
    assert deliver(sender, timedelta(seconds=60)) == 9


def test_after_days_of_failure_the_endpoint_is_switched_off_and_a_reminder_says_so(place, ear, listener, sender):
    row = listener()
    ear.answer = lambda _n, _body: 500
    allocated(place)
    watch = ReminderRule(kind=Kind.WEBHOOK, limit=15)
    deliver(sender)
    assert findings(watch, NOW + timedelta(minutes=14)) == []
    [found] = findings(watch, NOW + timedelta(minutes=16))
    assert (found.number, found.since_at) == (1, NOW)
    assert deliver(sender, GIVE_UP_AFTER) == 1
    row.refresh_from_db()
    assert (row.active, row.stopped_at) == (False, NOW + GIVE_UP_AFTER)
    assert deliver(sender, GIVE_UP_AFTER + timedelta(days=1)) == 0
    assert len(findings(watch, NOW + GIVE_UP_AFTER)) == 1
    ear.answer = lambda _n, _body: 200
    switch_endpoint(row, on=True, now=NOW + GIVE_UP_AFTER, by=None)
    assert findings(watch, NOW + GIVE_UP_AFTER) == []
    assert deliver(sender, GIVE_UP_AFTER) == 1
    assert Delivery.objects.get().state == STATE.DELIVERED


def test_a_reminder_of_webhooks_is_said_in_words():
    from paidan.alerts.models import Reminder

    watch = ReminderRule(kind=Kind.WEBHOOK, limit=15)
    row = Reminder(rule=watch, number=2, since_at=NOW)
    assert "2 webhooks do not get through" in said(row, NOW + timedelta(hours=1))
    assert "15 minutes" in watched(watch)


def test_a_receiver_that_says_gone_is_never_asked_again(place, ear, listener, sender):
    listener()
    ear.answer = lambda _n, _body: 410
    allocated(place)
    deliver(sender)
    assert not Endpoint.objects.get().active


def test_a_worker_that_died_leaves_a_lease_that_runs_out(place, ear, listener, sender):
    listener()
    allocated(place)
    [claimed] = claim_due(NOW)
    assert claim_due(NOW + LEASE - timedelta(seconds=1)) == []
    assert deliver(sender, LEASE) == 1
    record([(claimed, Answer(500, "late"))], NOW + LEASE, Random(1))  # the dead one's word comes too late to count
    assert (Delivery.objects.get().state, Endpoint.objects.get().failures_n) == (STATE.DELIVERED, 0)


def test_a_trial_arrives_signed_and_leaves_no_row(place, ear, listener):
    row = listener()
    assert send_trial(row, now=timezone.now()).taken
    ear.heard[0].verify(row.secret)
    assert ear.heard[0].event == "trial"
    assert not Delivery.objects.exists()


def test_old_deliveries_are_forgotten_and_what_waits_is_kept(place, ear, listener, sender):
    listener()
    allocated(place)
    deliver(sender)
    _orders, _keys = allocated(place)
    forget_old(NOW + timedelta(days=8))
    assert [row.state for row in Delivery.objects.all()] == [STATE.WAITING]
    forget_old(NOW + timedelta(days=70))
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_worker_delivers_and_ends_when_told(place, ear, listener):
    listener()
    for _ in range(40):
        make_order({"A": 1})
    run_wave(now=NOW)
    stop = threading.Event()
    ear.answer = lambda n, _body: stop.set() or 200 if n == 39 else 200
    thread = threading.Thread(target=deliver_until, args=(stop,), kwargs={"total_s": 5.0})
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert Delivery.objects.filter(state=STATE.DELIVERED).count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_message_at_once(place, ear, listener, sender):
    listener()
    allocated(place, 30)
    first, second = (Rounds(lambda: NOW, Random(seed)) for seed in (1, 2))
    busy = True
    while busy:  # until neither has anything on its way
        busy = first.go_on(sender, ending=False) | second.go_on(sender, ending=False)
    assert sorted(one.message for one in ear.heard) == sorted(Delivery.objects.values_list("message", flat=True))


def test_messages_share_a_connection(place, ear, listener, sender):
    listener()
    for at in range(3):
        allocated(place)
        assert deliver(sender, timedelta(seconds=at)) == 1
    assert (len(ear.taken), len(ear.callers)) == (3, 1)


def test_a_receiver_that_closed_its_connection_is_called_anew(place, ear, listener, sender):
    listener()
    ear.closes = True
    for at in range(3):
        allocated(place)
        assert deliver(sender, timedelta(seconds=at)) == 1
    assert (len(ear.taken), len(ear.callers)) == (3, 3)
    assert not Delivery.objects.exclude(state=STATE.DELIVERED).exists()

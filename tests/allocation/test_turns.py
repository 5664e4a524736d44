"""Whose turn it is: joint waves run at their times, once, and whatever comes meanwhile waits for the next one."""

from datetime import timedelta

import pytest
from tests.builders import GUANGZHOU, NOW, make_order, make_stock, make_user, make_warehouse

from paidan.alerts.findings import findings
from paidan.alerts.models import Kind, ReminderRule
from paidan.allocation import turns
from paidan.allocation.models import Wave, WaveClock
from paidan.allocation.states import WaveMode
from paidan.allocation.trying import try_now
from paidan.allocation.turns import ask_wave, next_wave, run_next
from paidan.orders.models import Order, QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db

HOURLY = {"mode": "joint", "every_minutes": 60, "seconds": 5}
RULES = [{"id": "near", "then": {"strategies": ["nearest"]}}]


def after(**span: float):
    return NOW + timedelta(**span)


@pytest.fixture
def hourly():
    """08:20 in Shanghai: rules that decide jointly at every full hour have just come in force."""
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=100)
    publish_rules({"rules": RULES, "waves": HOURLY}, now=after(minutes=20))


def pending() -> int:
    return Order.objects.filter(state=OrderState.PENDING).count()


def test_one_by_one_whatever_waits_is_taken_at_once() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    publish_rules(RULES, now=NOW)
    assert run_next(now=NOW) is None
    make_order()
    report = run_next(now=NOW)
    assert report is not None
    assert report.outcomes.allocated == 1
    assert Wave.objects.get().mode == WaveMode.STREAM
    assert next_wave(NOW) is None


def test_orders_wait_for_their_time_and_are_then_decided_together(hourly) -> None:  # noqa: ARG001
    make_order(), make_order()
    assert run_next(now=after(minutes=59)) is None
    assert pending() == 2
    report = run_next(now=after(minutes=60))
    assert report is not None
    assert report.outcomes.allocated == 2
    assert Wave.objects.get().mode == WaveMode.JOINT


def test_what_comes_after_the_time_waits_for_the_next_one(hourly) -> None:  # noqa: ARG001
    make_order()
    run_next(now=after(minutes=60))
    make_order()
    assert run_next(now=after(minutes=61)) is None
    assert run_next(now=after(minutes=120)) is not None


def test_a_time_at_which_nothing_waited_passes_too(hourly) -> None:  # noqa: ARG001
    assert run_next(now=after(minutes=60)) is None
    make_order()
    assert run_next(now=after(minutes=61)) is None
    assert not Wave.objects.exists()


def test_a_time_that_passed_while_no_worker_ran_is_made_up_for(hourly) -> None:  # noqa: ARG001
    make_order()
    assert run_next(now=after(minutes=95)) is not None


def test_rules_that_just_came_in_force_wait_for_a_time_of_their_own(hourly) -> None:  # noqa: ARG001
    make_order()
    coming = next_wave(after(minutes=30))
    assert coming is not None
    assert coming.at == after(minutes=60)
    assert run_next(now=after(minutes=30)) is None


def test_more_orders_than_may_wait_are_decided_before_their_time() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=1)
    publish_rules({"rules": RULES, "waves": {**HOURLY, "more_than": 2}}, now=NOW)
    make_order(), make_order()
    assert run_next(now=after(minutes=5)) is None
    make_order()
    report = run_next(now=after(minutes=5))
    assert report is not None
    assert (report.outcomes.allocated, report.outcomes.unallocated) == (1, 2)


def test_orders_tried_before_do_not_count_among_those_that_wait() -> None:
    make_warehouse("gz", **GUANGZHOU)
    publish_rules({"rules": RULES, "waves": {**HOURLY, "more_than": 1}}, now=NOW)
    make_order(), make_order()
    run_next(now=after(minutes=5))
    for order in Order.objects.filter(state=OrderState.UNALLOCATED):
        QueuedOrder.objects.create(order=order)  # as every ten minutes
    assert run_next(now=after(minutes=15)) is None


def test_somebody_asks_for_a_wave_now(hourly) -> None:  # noqa: ARG001
    make_order()
    ask_wave(now=after(minutes=30), by=make_user())
    coming = next_wave(after(minutes=30))
    assert coming is not None
    assert coming.asked
    assert run_next(now=after(minutes=30)) is not None
    make_order()
    assert run_next(now=after(minutes=31)) is None  # once


def test_an_order_allocated_by_hand_does_not_wait_and_is_decided_one_by_one(hourly) -> None:  # noqa: ARG001
    order, other = make_order(), make_order()
    assert try_now([order.id], now=after(minutes=30)).served == (order.id,)
    assert Wave.objects.get().mode == WaveMode.STREAM
    other.refresh_from_db()
    assert other.state == OrderState.PENDING


def test_two_workers_run_one_wave(hourly, monkeypatch) -> None:  # noqa: ARG001
    make_order()
    run_wave, reports = turns.run_wave, []

    def late(**how):
        if not reports:  # the other worker comes between the look and the claim
            reports.append(None)
            reports.append(run_next(now=after(minutes=60)))
            make_order()
        return run_wave(**how)

    monkeypatch.setattr(turns, "run_wave", late)
    beaten = run_next(now=after(minutes=60))
    assert reports[1].outcomes.allocated == 1
    assert beaten is not None
    assert beaten.wave_id is None
    assert pending() == 1


def test_a_joint_wave_that_failed_is_due_again(hourly, monkeypatch) -> None:  # noqa: ARG001
    make_order()
    with monkeypatch.context() as patched:
        patched.setattr("paidan.allocation.wave.decide_jointly", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_next(now=after(minutes=60))
    assert run_next(now=after(minutes=60, seconds=5)) is not None


def test_orders_of_a_wave_that_died_are_taken_before_the_next_time(hourly) -> None:  # noqa: ARG001
    order = make_order()
    WaveClock.objects.create(passed_at=after(minutes=60))
    QueuedOrder.objects.filter(order=order).update(wave_id=999, leased_until=NOW - timedelta(days=400))
    report = run_next(now=after(minutes=70))
    assert report is not None
    assert report.outcomes.allocated == 1


def test_no_reminder_cries_for_orders_that_wait_for_their_wave_but_one_for_those_it_left(hourly) -> None:  # noqa: ARG001
    rule = ReminderRule(kind=Kind.UNALLOCATED, limit=15)
    make_order(now=after(minutes=22))
    assert findings(rule, after(minutes=59)) == []
    assert findings(rule, after(minutes=70)) == []  # its wave may be under way
    [found] = findings(rule, after(minutes=76))  # it should have come at 60
    assert found.number == 1

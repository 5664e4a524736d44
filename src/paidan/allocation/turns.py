"""Whose turn it is: what a worker does next where rules decide one by one, and when a joint wave is due.

A time of the joint waves that passes is marked in one row, by whoever claims the wave's orders in the same transaction:
any number of workers run one wave. A time at which nothing waited passes too, so that an order that comes a minute
later waits for the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from paidan.accounts.models import User
from paidan.orders.models import QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.models import RuleSetVersion
from paidan.rules.queries import published_version
from paidan.rules.waves import ONE_BY_ONE, WaveTiming, timing_of
from paidan.web.live import note_change

from .joint import TOPIC, Jointly
from .models import Wave, WaveClock
from .states import WaveMode, WaveState
from .wave import ROUNDS, WaveReport, run_wave

WAITING = "SELECT EXISTS (SELECT FROM orders_queuedorder WHERE wave_id IS NULL OR leased_until < now())"
DROPPED = "SELECT EXISTS (SELECT FROM orders_queuedorder WHERE leased_until < now())"
MORE_THAN = """
SELECT count(*) FROM (
    SELECT FROM orders_queuedorder q JOIN orders_order o ON o.id = q.order_id
    WHERE q.wave_id IS NULL AND o.state = %s LIMIT %s) pending
"""
QUEUED = "SELECT count(*) FROM (SELECT FROM orders_queuedorder WHERE wave_id IS NULL LIMIT %s) queued"


@dataclass(frozen=True, slots=True)
class NextWave:
    """When orders that wait are decided jointly. `running` is the joint wave under way, if one is."""

    timing: WaveTiming
    at: datetime | None
    asked: bool
    running: Wave | None


def timing_in_force(version: RuleSetVersion | None = None) -> WaveTiming:
    """How the rules in force decide."""
    version = version or published_version()
    return timing_of(version.waves) if version else ONE_BY_ONE


def as_rules_say() -> Jointly | None:
    """How a wave that somebody runs now decides, where nothing else is said; None = one by one."""
    timing = timing_in_force()
    return Jointly.by(timing) if timing.joint else None


def run_next(*, now: datetime, limit: int | None = None, ending: Callable[[], bool] | None = None) -> WaveReport | None:
    """Run the wave whose turn it is: of whatever waits, or, where rules decide jointly, the one that is due.

    None where there is nothing to do now. A joint wave that failed is due again; orders of one that lost a race are
    taken by another at once. `ending` says that the process is about to end: the search then ends with its best plan.
    """
    version = published_version()
    timing = timing_in_force(version)
    if not timing.joint or version is None:
        return run_wave(now=now, limit=limit) if waiting() else None
    if not is_due(version, timing, now):
        return None
    if not waiting():
        with transaction.atomic():
            _take_turn(version, timing, now)
        return None
    before, how = _clock(), replace(Jointly.by(timing), ending=ending)
    try:
        report = run_wave(now=now, joint=how, turn=lambda: _take_turn(version, timing, now))
    except BaseException:
        WaveClock.objects.update(passed_at=before.passed_at, asked_at=before.asked_at, asked_by=before.asked_by)
        raise
    for _round in range(ROUNDS):
        if report.wave_id is None or not report.outcomes.lost:
            break
        report = run_wave(now=now, joint=how)
    return report


def waiting() -> bool:
    """Whether any order waits for a wave."""
    return bool(_asked(WAITING))


def is_due(version: RuleSetVersion, timing: WaveTiming, now: datetime) -> bool:
    """Whether a joint wave should run: its time came, somebody asked, too many wait, or a wave died with its orders."""
    clock = _clock()
    if clock.asked_at is not None:
        return True
    last = timing.last_time(now)
    since = _since(version, clock)
    if last is not None and (since is None or last > since):
        return True
    return bool(_asked(DROPPED)) or (timing.more_than is not None and _more_wait(timing.more_than))


def _more_wait(number: int) -> bool:
    """Whether more than so many orders wait that were not tried yet; the queue alone is looked at first."""
    if _asked(QUEUED, [number + 1]) <= number:
        return False
    return _asked(MORE_THAN, [int(OrderState.PENDING), number + 1]) > number


def _take_turn(version: RuleSetVersion, timing: WaveTiming, now: datetime) -> bool:
    """Mark that this moment has its wave; whether it had none yet. In the transaction that claims the orders."""
    WaveClock.objects.get_or_create(pk=1)
    clock = WaveClock.objects.select_for_update().get(pk=1)
    if not is_due(version, timing, now):
        return False
    clock.passed_at, clock.asked_at, clock.asked_by = max(now, clock.passed_at or now), None, None
    clock.save()
    return True


def ask_wave(*, now: datetime, by: User | None) -> None:
    """Ask for a joint wave now; a worker runs it within a second or two."""
    WaveClock.objects.get_or_create(pk=1)
    WaveClock.objects.filter(asked_at=None).update(asked_at=now, asked_by=by)
    note_change(TOPIC)


def last_wave_time(before: datetime) -> datetime | None:
    """The latest set time of the joint waves up to a moment: what came after it rightly waits. None: one by one.

    Before the rules came in force nothing waited for a wave, so their publication is a time too.
    """
    version = published_version()
    timing = timing_in_force(version)
    if not timing.joint or version is None or version.published_at is None:
        return None
    return max(timing.last_time(before) or version.published_at, version.published_at)


def next_wave(now: datetime) -> NextWave | None:
    """What orders that wait, wait for; None where they are decided one by one as they come."""
    version = published_version()
    timing = timing_in_force(version)
    if not timing.joint or version is None:
        return None
    running = alive(Wave.objects.filter(mode=WaveMode.JOINT)).order_by("-id").first()
    clock = _clock()
    last, since = timing.last_time(now), _since(version, clock)
    at = last if last is not None and (since is None or last > since) else timing.next_time(now)
    return NextWave(timing, at, clock.asked_at is not None, running)


def alive(waves: QuerySet[Wave]) -> QuerySet[Wave]:
    """Those that run and still hold a lease on their orders; one whose worker was killed does not for long."""
    held = QueuedOrder.objects.filter(wave_id=OuterRef("pk"), leased_until__gt=Now())
    return waves.filter(Exists(held), state=WaveState.RUNNING)


def _since(version: RuleSetVersion, clock: WaveClock) -> datetime | None:
    """Up to when every set time has had its wave: those before the rules came in force count for nothing."""
    return max((at for at in (clock.passed_at, version.published_at) if at), default=None)


def _clock() -> WaveClock:
    return WaveClock.objects.first() or WaveClock()


def _asked(statement: str, values: list[int] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])

"""Keeps the roll-ups true: what changed since the last look is marked stale, and what is stale is counted anew.

A day is always counted from its rows, never corrected by differences; so late events, changed payments and moves of any
kind come out right, and running twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from paidan.kit.copy import POSTGRES_EPOCH_DAY, copy_in_nullable
from paidan.network.models import Warehouse

from .cells import MEASURES, SPANS, Table, cells_of
from .facts import read_facts
from .models import RefreshState, StaleDay, StaleHour
from .spans import WIDTH, packed
from .work import count_hour

LOCK = 7_205_001
"""Advisory lock: one refresh at a time; whoever comes second leaves it to the first."""
NEW_RULES = """
INSERT INTO reports_reportedrule (code) SELECT DISTINCT code FROM rules_rule ORDER BY code ON CONFLICT DO NOTHING
"""
# What one statement wrote is one range; others' events within it come with ranges of their own.
TAKE = """
WITH taken AS (DELETE FROM reports_pendingevents RETURNING first, last),
news AS (
    SELECT DISTINCT e.order_id, e.at, e.kind, e.detail FROM taken JOIN orders_event e ON e.id BETWEEN first AND last
),
hours AS (
    INSERT INTO reports_stalehour (hour) SELECT DISTINCT date_trunc('hour', at, 'UTC') FROM news ON CONFLICT DO NOTHING
)
INSERT INTO reports_staleday (day)
SELECT DISTINCT (coalesce(o.paid_at, o.received_at) AT TIME ZONE %(zone)s)::date
FROM news JOIN orders_order o ON o.id = news.order_id
UNION
SELECT (coalesce(to_timestamp((detail -> 'was' ->> 'paid_at')::bigint), o.received_at) AT TIME ZONE %(zone)s)::date
FROM news JOIN orders_order o ON o.id = news.order_id WHERE detail -> 'was' ? 'paid_at'
ON CONFLICT DO NOTHING
"""
# What has become overdue since the last look, from the index of what is still to ship.
OVERDUE = """
INSERT INTO reports_staleday (day)
SELECT DISTINCT (coalesce(o.paid_at, o.received_at) AT TIME ZONE %(zone)s)::date FROM orders_order o
WHERE o.state IN (1, 2, 3, 4) AND o.ship_by_at >= %(since)s AND o.ship_by_at < %(now)s ON CONFLICT DO NOTHING
"""
EVERY_DAY = """
INSERT INTO reports_staleday (day)
SELECT DISTINCT (coalesce(paid_at, received_at) AT TIME ZONE %(zone)s)::date FROM orders_order
UNION SELECT DISTINCT source FROM reports_cell ON CONFLICT DO NOTHING
"""
EVERY_HOUR = """
INSERT INTO reports_stalehour (hour) SELECT DISTINCT date_trunc('hour', at, 'UTC') FROM orders_event
UNION SELECT DISTINCT hour FROM reports_workhour ON CONFLICT DO NOTHING
"""
POSTGRES_EPOCH = date(2000, 1, 1)
# How many events wait, how many days are stale, and how many orders those have (or had when last counted).
BACKLOG = """
SELECT (SELECT coalesce(sum(last - first + 1), 0) FROM (SELECT first, last FROM reports_pendingevents LIMIT 500) p),
       count(s.day), coalesce(sum(c.received_n), 0)
FROM reports_staleday s LEFT JOIN reports_cell c ON c.source = s.day AND c.view = 0
"""
FEW, MANY, BUDGET_S = 500, 5_000, 0.1
Progress = Callable[[int, int], None]


def refresh(*, now: datetime, budget_s: float | None = None, progress: Progress | None = None) -> bool:
    """Count anew what is stale; false when another does or the budget ran out before everything was counted.

    Each day and hour is a transaction of its own: stopped at any moment, the rest is still marked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
    try:
        return _refresh(now, budget_s, progress)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def catch_up(*, now: datetime) -> None:
    """Before a report is shown: count what is new where that is quickly done; else the report is of a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG)
        events, days, orders = cursor.fetchone()
    if (events or days) and events <= FEW and orders <= MANY:
        refresh(now=now, budget_s=BUDGET_S)
    elif not events and not days:
        # Nothing happened; what became overdue since is looked for again after a minute.
        last = as_of()
        if last is None or now - last > timedelta(minutes=1):
            refresh(now=now, budget_s=BUDGET_S)


def _refresh(now: datetime, budget_s: float | None, progress: Progress | None) -> bool:
    began = perf_counter()
    mark_stale(now=now)
    days = list(StaleDay.objects.order_by("-day").values_list("day", flat=True))
    hours = list(StaleHour.objects.order_by("-hour").values_list("hour", flat=True))
    total = len(days) + len(hours)
    steps: list[Callable[[], None]] = [lambda hour=hour: _count_hour(hour) for hour in hours]  # type: ignore[misc]
    steps += [lambda day=day: count_day(day, now=now) for day in days]  # type: ignore[misc]
    for done, step in enumerate(steps, 1):
        step()
        if progress:
            progress(done, total)
        if budget_s is not None and perf_counter() - began > budget_s and done < total:
            break
    else:
        done = total
    took = perf_counter() - began
    RefreshState.objects.filter(id=1).update(began_at=now, took_s=took, **({"as_of": now} if done == total else {}))
    return done == total


def mark_stale(*, now: datetime) -> None:
    """Turn what was written since the last look into days and hours to be counted anew.

    Everything is stale when nothing was counted yet or a warehouse's clock changed.
    """
    zone, clocks = settings.DISPLAY_TIME_ZONE, current_clocks()
    with transaction.atomic(), connection.cursor() as cursor:
        state, _created = RefreshState.objects.get_or_create(id=1)
        cursor.execute(NEW_RULES)
        cursor.execute(TAKE, {"zone": zone})
        if not state.clocks or any(clocks.get(key) != value for key, value in state.clocks.items()):
            cursor.execute(EVERY_DAY, {"zone": zone})
            cursor.execute(EVERY_HOUR)
        elif state.as_of is not None:
            cursor.execute(OVERDUE, {"zone": zone, "since": state.as_of, "now": now})
        RefreshState.objects.filter(id=1).update(clocks=clocks)


def current_clocks() -> dict[str, str]:
    """The time zones days are cut by: the business's, and each warehouse's."""
    found = Warehouse.objects.order_by("id").values_list("id", "timezone")
    return {"": settings.DISPLAY_TIME_ZONE} | {str(key): zone for key, zone in found}


def as_of() -> datetime | None:
    """Until when everything is counted; None before the first time."""
    return RefreshState.objects.filter(id=1).values_list("as_of", flat=True).first()


def mark_everything() -> None:
    """Have everything counted anew by the next refresh."""
    with connection.cursor() as cursor:
        cursor.execute(EVERY_DAY, {"zone": settings.DISPLAY_TIME_ZONE})
        cursor.execute(EVERY_HOUR)


@transaction.atomic
def count_day(day: date, *, now: datetime) -> None:
    """Count a day's orders anew and put the cells in the place of those there were."""
    StaleDay.objects.filter(day=day).delete()
    zone = settings.DISPLAY_TIME_ZONE
    start, end = (datetime.combine(one, time(), ZoneInfo(zone)) for one in (day, day + timedelta(days=1)))
    write_cells(day, cells_of(read_facts(start, end, zone), now))


def write_cells(day: date, table: Table) -> None:
    """Put these cells in the place of those the same day's recount made before."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_cell WHERE source = %s", [day])
    rows = len(table["view"])
    if not rows:
        return
    kinds = {"view": "i2", "a": "i4", "b": "i4", "day": "i4", "source": "i4"}
    kinds |= {name: "i4" if name.endswith("_n") else "i8" for name in MEASURES}
    columns = {name: table[name] for name in ("view", "a", "b", *MEASURES)}
    columns["day"] = table["day"] - POSTGRES_EPOCH_DAY
    columns["source"] = np.full(rows, (day - POSTGRES_EPOCH).days)
    for name in SPANS:
        columns[name], columns[f"{name}_n"] = packed(table[name])
        kinds[name] = f"S{WIDTH}"
    copy_in_nullable(connection.connection, "reports_cell", kinds, columns, {})


@transaction.atomic
def _count_hour(hour: datetime) -> None:
    StaleHour.objects.filter(hour=hour).delete()
    count_hour(hour.astimezone(UTC))

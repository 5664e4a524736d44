"""How each team's day goes, all at once: what waits, what is in hand, what left, and when it will be through.

The pace is that of the last two hours, as a team's own page tells it (`desk.teams.pace`); a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from paidan.allocation.models import TeamDay
from paidan.allocation.states import LIVE, AllocationState
from paidan.engine.calendar import work_day
from paidan.network.calendars import days_off
from paidan.network.models import Team, Warehouse

LOOKED_BACK = timedelta(hours=2)
FEWEST, SHORTEST = 5, timedelta(minutes=5)
"""Less than this is no pace."""
HORIZON = timedelta(days=2)
_LIVE_STATES = ", ".join(str(int(state)) for state in LIVE)

_QUEUES = f"""
SELECT a.team_id, a.state, count(*), min(a.created_at) FROM allocation_allocation a
WHERE a.state IN ({_LIVE_STATES}) AND a.team_id = ANY(%s) GROUP BY 1, 2
"""
_SHIPPED = """
SELECT t.id, count(*) FILTER (WHERE a.state_at >= t.midnight), count(*) FILTER (WHERE a.state_at >= %(since)s),
       min(a.state_at) FILTER (WHERE a.state_at >= %(since)s)
FROM unnest(%(teams)s::int[], %(midnights)s::timestamptz[]) AS t (id, midnight)
JOIN allocation_allocation a ON a.team_id = t.id AND a.state = 5 AND a.state_at >= least(t.midnight, %(since)s)
GROUP BY 1
"""
_FORECAST = f"""
SELECT team_id, count(*) FILTER (WHERE ship_by_at < %(now)s + n * step), count(*) FILTER (WHERE ship_by_at < %(now)s)
FROM (
    SELECT a.team_id, o.ship_by_at, t.step, row_number() OVER (PARTITION BY a.team_id ORDER BY o.ship_by_at, a.id) AS n
    FROM unnest(%(teams)s::int[], %(steps)s::interval[]) AS t (id, step)
    JOIN allocation_allocation a ON a.team_id = t.id AND a.state IN ({_LIVE_STATES})
    JOIN orders_order o ON o.id = a.order_id
) live GROUP BY 1
"""
_PROBLEMS = """
SELECT a.team_id, count(*) FROM orders_orderexception e JOIN allocation_allocation a ON a.id = e.allocation_id
WHERE e.resolved_at IS NULL AND a.team_id = ANY(%s) GROUP BY 1
"""


@dataclass(slots=True)
class TeamPace:
    """One team now. `each` is the time one parcel takes of late, None = no pace to tell by."""

    team: Team
    day: date
    load: int = 0
    counts: dict[int, int] = field(default_factory=dict)
    oldest_at: datetime | None = None
    shipped: int = 0
    problems: int = 0
    late: int = 0
    may_be_late: int = 0
    each: timedelta | None = None
    done_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def waiting(self) -> int:
        return self.counts.get(AllocationState.ASSIGNED, 0)

    @property
    def in_hand(self) -> int:
        return sum(self.counts.values()) - self.waiting

    @property
    def left(self) -> int:
        return sum(self.counts.values())

    @property
    def per_hour(self) -> float | None:
        return timedelta(hours=1) / self.each if self.each else None

    @property
    def share(self) -> float | None:
        return self.load / self.team.capacity if self.team.capacity else None

    @property
    def not_today(self) -> bool:
        """At this pace it is not through before its day ends."""
        return self.done_at is not None and self.ends_at is not None and self.done_at > self.ends_at

    @property
    def is_overloaded(self) -> bool:
        return bool((self.share or 0) > 1 or self.not_today or self.may_be_late > self.late)


def paces(teams: Sequence[Team], now: datetime) -> list[TeamPace]:
    """How the day of each of these teams goes; five queries, whatever their number."""
    places = {one.pk: one for one in Warehouse.objects.prefetch_related("days")}
    rows = {team.pk: TeamPace(team, _day(places.get(team.warehouse_id or 0), now)) for team in teams}
    midnights = {key: _midnight(row.team, places, now) for key, row in rows.items()}
    for row in TeamDay.objects.filter(team__in=rows, day__in={row.day for row in rows.values()}):
        if rows[row.team_id].day == row.day:
            rows[row.team_id].load = row.load_n
    for key, state, number, oldest in _read(_QUEUES, [list(rows)]):
        rows[key].counts[state] = number
        if state == AllocationState.ASSIGNED:
            rows[key].oldest_at = oldest
    for key, number in _read(_PROBLEMS, [list(rows)]):
        rows[key].problems = number
    _shipped(rows, midnights, now)
    _foresee(rows, midnights, now)
    return list(rows.values())


def _shipped(rows: Mapping[int, TeamPace], midnights: Mapping[int, datetime], now: datetime) -> None:
    since = now - LOOKED_BACK
    asked = {"teams": list(midnights), "midnights": list(midnights.values()), "since": since}
    for key, today, recent, first in _read(_SHIPPED, asked):
        rows[key].shipped = today
        worked = now - first if first else timedelta(0)
        if recent >= FEWEST and worked >= SHORTEST:
            rows[key].each = worked / recent


def _foresee(rows: Mapping[int, TeamPace], midnights: Mapping[int, datetime], now: datetime) -> None:
    steps = [row.each or timedelta(0) for row in rows.values()]
    for key, then, late in _read(_FORECAST, {"teams": list(rows), "steps": steps, "now": now}):
        row = rows[key]
        row.late = row.may_be_late = late
        if row.each and row.left * row.each <= HORIZON:
            row.may_be_late = then
            row.done_at = now + row.left * row.each
        row.ends_at = midnights[key] + timedelta(days=1)


def _day(warehouse: Warehouse | None, now: datetime) -> date:
    """The work day new allocations count for."""
    if warehouse is None:
        return now.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE)).date()
    local = now.astimezone(ZoneInfo(warehouse.timezone)).date()
    off = frozenset(days_off(warehouse, warehouse.days.all(), local))
    return date(1970, 1, 1) + timedelta(days=work_day(now, warehouse.timezone, warehouse.cutoff, off))


def _midnight(team: Team, places: Mapping[int, Warehouse], now: datetime) -> datetime:
    place = places.get(team.warehouse_id or 0)
    zone = ZoneInfo(place.timezone if place else settings.DISPLAY_TIME_ZONE)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _read(statement: str, values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())

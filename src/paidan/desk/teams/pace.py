"""How a team's day goes: what it shipped today, how fast it ships now, when it will be done, and what may be late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from paidan.allocation.models import Allocation
from paidan.allocation.states import LIVE, AllocationState
from paidan.network.models import Team

LOOKED_BACK = timedelta(hours=2)
"""Pace is that of the last hours, as a shift's beginning and end differ."""
FEWEST, SHORTEST = 5, timedelta(minutes=5)
"""Less than this is no pace."""
HORIZON = timedelta(days=2)

_FORECAST = """
SELECT count(*), count(*) FILTER (WHERE ship_by_at < %s + n * %s), count(*) FILTER (WHERE ship_by_at < %s)
FROM (SELECT o.ship_by_at, row_number() OVER (ORDER BY o.ship_by_at, a.id) AS n
      FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id
      WHERE a.team_id = %s AND a.state = ANY(%s)) live
"""


@dataclass(frozen=True, slots=True)
class Day:
    """A team's day as its pages tell it. `done_at` None = there is no pace to tell by."""

    shipped: int
    late: int
    done_at: datetime | None = None
    may_be_late: int = 0


def day_of(team: Team, *, now: datetime) -> Day:
    """How the day goes, in the warehouse's own day; two queries."""
    shipped, each = _pace(team, now)
    step = each or timedelta(0)
    asked: list[Any] = [now, step, now, team.pk, [int(state) for state in LIVE]]
    with connection.cursor() as cursor:
        cursor.execute(_FORECAST, asked)
        live, late_then, late = cursor.fetchone()
    if each is None or not live or live * step > HORIZON:
        return Day(shipped, late)
    return Day(shipped, late, now + live * step, late_then)


def shipped_today(team: Team, *, now: datetime) -> int:
    """How many left since midnight where the warehouse is."""
    return _shipped(team, midnight(team, now)).count()


def midnight(team: Team, now: datetime) -> datetime:
    zone = ZoneInfo(team.warehouse.timezone if team.warehouse else "Asia/Shanghai")
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _pace(team: Team, now: datetime) -> tuple[int, timedelta | None]:
    """Shipped today, and the time one takes of late."""
    since = now - LOOKED_BACK
    recent = Q(state_at__gte=since)
    found = _shipped(team, min(midnight(team, now), since)).aggregate(
        today=Count("id", filter=Q(state_at__gte=midnight(team, now))),
        recent=Count("id", filter=recent),
        first=Min("state_at", filter=recent),
    )
    worked = now - found["first"] if found["first"] else timedelta(0)
    if found["recent"] < FEWEST or worked < SHORTEST:
        return found["today"], None
    return found["today"], worked / found["recent"]


def _shipped(team: Team, since: datetime) -> QuerySet[Allocation]:
    return Allocation.objects.filter(team=team, state=AllocationState.SHIPPED, state_at__gte=since)

"""The measured speed of every warehouse and team, from the hours of work of the last weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from paidan.allocation.states import LIVE
from paidan.network.models import Team, Warehouse
from paidan.network.ratios import WHOLE, as_percent

from .models import WorkHour
from .rates import Rate, rate_of

I64 = npt.NDArray[np.int64]
Table = dict[tuple[int, int], npt.NDArray[np.int64]]
WEEKS = 4
NOTICEABLE_POINTS = 2
"""A ratio that would change by less is left alone."""
NOTICEABLE_SHARE = 0.1
"""And so is a capacity."""
_LIVE = f"""
SELECT warehouse, team, sum(n)::int FROM (
    SELECT a.warehouse_id AS warehouse, coalesce(a.team_id, 0) AS team, count(*) AS n FROM allocation_allocation a
    WHERE a.state IN ({", ".join(str(int(state)) for state in LIVE)}) GROUP BY 1, 2
    UNION ALL
    SELECT warehouse, team, -sum(assigned_n - shipped_n - out_n - gone_n) FROM reports_workhour
    WHERE hour >= %(end)s GROUP BY 1, 2
) parts GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """One place: how fast it is, and what its ratio and capacity would be by that (None = leave them)."""

    place: Warehouse | Team
    rate: Rate
    ratio: int  # percent now
    ratio_then: int | None = None

    @property
    def change(self) -> int:
        return 0 if self.ratio_then is None else self.ratio_then - self.ratio

    @property
    def capacity_then(self) -> int | None:
        """What it can do in a day, where that differs from what is set by more than is known."""
        if self.rate.is_thin or not self.rate.per_day:
            return None
        now = self.place.capacity
        if now is not None and self.rate.per_day_low <= now <= self.rate.per_day_high:
            return None
        if now is not None and abs(now - self.rate.per_day) <= NOTICEABLE_SHARE * self.rate.per_day:
            return None
        return self.rate.per_day


@dataclass(frozen=True, slots=True)
class Hours:
    """Consecutive hours of work by (warehouse, team): what was added to the backlog, what left, what was done."""

    first: datetime
    size: int
    added: Mapping[tuple[int, int], I64]
    shipped: Mapping[tuple[int, int], I64]
    done: Mapping[tuple[int, int], I64]
    live: Mapping[tuple[int, int], int]

    def of_warehouse(self, warehouse_id: int) -> Rate:
        return self.rate(sorted(key for key in {*self.added, *self.live} if key[0] == warehouse_id))

    def of_team(self, team_id: int) -> Rate:
        return self.rate(sorted(key for key in {*self.added, *self.live} if key[1] == team_id))

    def rate(self, keys: Sequence[tuple[int, int]]) -> Rate:
        """The rate of some teams taken together."""
        zeros = np.zeros(self.size, np.int64)
        added, shipped, done = (
            sum((table[key] for key in keys if key in table), zeros) for table in (self.added, self.shipped, self.done)
        )
        after = sum(self.live.get(key, 0) for key in keys)
        # What is there now, less what came since: the backlog at the beginning of each hour.
        backlog = np.maximum(after - np.cumsum(added[::-1])[::-1], 0)
        return rate_of(backlog, shipped, done > 0)


def hours_of_work(now: datetime) -> Hours:
    """The last weeks up to the beginning of this hour; the hour that runs is not whole."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hours_between(end - timedelta(weeks=WEEKS), end)


def hours_between(first: datetime, end: datetime) -> Hours:
    """The work of whole hours, and what was live at their end: what is now, less what came since."""
    size = int((end - first) / timedelta(hours=1))
    tables: tuple[Table, Table, Table] = ({}, {}, {})
    live = dict[tuple[int, int], int]()
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, {"end": end})
        for warehouse, team, number in cursor.fetchall():
            live[warehouse, team] = number
    for row in WorkHour.objects.filter(hour__gte=first, hour__lt=end).iterator(chunk_size=5000):
        key, at = (row.warehouse, row.team), int((row.hour - first) / timedelta(hours=1))
        added = row.assigned_n - row.shipped_n - row.out_n - row.gone_n
        for table, number in zip(tables, (added, row.shipped_n, row.shipped_n + row.accepted_n), strict=True):
            table.setdefault(key, np.zeros(size, np.int64))[at] += number
    return Hours(first, size, tables[0], tables[1], tables[2], live)


def speeds_of_warehouses(warehouses: Sequence[Warehouse], hours: Hours) -> list[Speed]:
    """The warehouses with the ratios that follow from their speeds."""
    return _with_ratios(warehouses, {one.pk: hours.of_warehouse(one.pk) for one in warehouses})


def speeds_of_teams(teams: Sequence[Team], hours: Hours) -> list[Speed]:
    """The teams of one warehouse (or none) with the ratios that follow from their speeds."""
    return _with_ratios(teams, {one.pk: hours.of_team(one.pk) for one in teams})


def _with_ratios(places: Sequence[Any], rates: Mapping[int, Rate]) -> list[Speed]:
    now = as_percent({one.pk: one.ratio for one in places})
    then = ratios_by_speed(now, rates)
    moved = any(abs(then[key] - now[key]) >= NOTICEABLE_POINTS for key in then)
    return [Speed(one, rates[one.pk], now[one.pk], then.get(one.pk) if moved else None) for one in places]


def ratios_by_speed(now: Mapping[int, int], rates: Mapping[int, Rate]) -> dict[int, int]:
    """Ratios in proportion to what each can ship in a day; who is not known well keeps theirs; {} = no advice."""
    known = {key: rate.per_day for key, rate in rates.items() if not rate.is_thin and rate.per_day}
    if len(known) < 2:
        return {}
    room = WHOLE - sum(share for key, share in now.items() if key not in known)
    exact = {key: per_day * room / sum(known.values()) for key, per_day in known.items()}
    found = {key: int(share) for key, share in exact.items()}
    by_rest = sorted(exact, key=lambda key: (found[key] - exact[key], key))
    for key in by_rest[: room - sum(found.values())]:
        found[key] += 1
    return {key: found.get(key, share) for key, share in now.items()}

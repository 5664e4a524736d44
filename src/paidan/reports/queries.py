"""The allocation report: what became of the orders paid in a period, where they went, what is stuck and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from paidan.engine.codes import Reason

# An order without a time of payment belongs to the day it was received. Written so that both indexes serve.
COHORT = """
cohort AS (
    SELECT o.* FROM orders_order o WHERE o.paid_at >= %(start)s AND o.paid_at < %(end)s
    UNION ALL
    SELECT o.* FROM orders_order o WHERE o.paid_at IS NULL AND o.received_at >= %(start)s AND o.received_at < %(end)s
)
"""
BY_STATE = f"WITH {COHORT} SELECT state, count(*) FROM cohort GROUP BY state"
IS_HELD = "EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = c.id AND h.released_at IS NULL)"
# What is held is stuck because of the hold, whatever was the matter before.
STUCK = f"""
WITH {COHORT}, stuck AS (
    SELECT CASE WHEN {IS_HELD} THEN {Reason.HELD.value} ELSE c.reason END AS reason FROM cohort c WHERE c.state <= 3
)
SELECT reason, count(*) FROM stuck WHERE reason > 0 GROUP BY reason
"""
HELD = f"WITH {COHORT} SELECT count(*) FROM cohort c WHERE {IS_HELD}"
PLACED = f"""
WITH {COHORT}
SELECT grouping(w.code)::int, w.code, w.name, t.code, t.name,
       count(DISTINCT a.order_id), count(*),
       count(*) FILTER (WHERE a.state = 1), count(*) FILTER (WHERE a.state IN (2, 3, 4)),
       count(*) FILTER (WHERE a.state = 5), count(*) FILTER (WHERE a.late_s > 0),
       sum(a.freight_minor)::bigint, avg(a.distance_m)::float8,
       avg(extract(epoch FROM a.created_at - c.paid_at))::float8,
       (avg(extract(epoch FROM a.state_at - a.created_at)) FILTER (WHERE a.state = 5))::float8
FROM cohort c JOIN allocation_allocation a ON a.order_id = c.id AND a.state <= 5
JOIN network_warehouse w ON w.id = a.warehouse_id LEFT JOIN network_team t ON t.id = a.team_id
GROUP BY GROUPING SETS ((w.position, w.id, w.code, w.name, t.id, t.code, t.name), ())
ORDER BY grouping(w.code), w.position, w.id, t.id
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in a time zone, both ends included."""

    first: date
    last: date
    timezone: str = "Asia/Shanghai"

    def instants(self) -> tuple[datetime, datetime]:
        """From the first midnight to the one after the last day."""
        zone = ZoneInfo(self.timezone)
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What one team of one warehouse has of the period's orders; times are averages in seconds."""

    warehouse: str
    warehouse_name: str
    team: str
    team_name: str
    orders: int
    allocations: int
    waiting: int
    in_progress: int
    shipped: int
    late: int
    freight_minor: int
    distance_m: float | None
    paid_to_allocated_s: float | None
    allocated_to_shipped_s: float | None


@dataclass(frozen=True, slots=True)
class AllocationReport:
    """The report: orders received and by state, the places they went to, and the reasons of those that are stuck."""

    period: Period
    received: int
    by_state: dict[int, int]
    held: int
    places: Sequence[PlaceRow]
    total: PlaceRow
    stuck: Sequence[tuple[Reason, int]]


def allocation_report(period: Period) -> AllocationReport:
    """What became of the orders paid in the period, as things stand now."""
    start, end = period.instants()
    parameters = {"start": start, "end": end}
    placed = _rows(PLACED, parameters)
    by_state = {int(state): count for state, count in _rows(BY_STATE, parameters)}
    stuck = sorted(_rows(STUCK, parameters), key=lambda row: (-row[1], row[0]))
    return AllocationReport(
        period=period,
        received=sum(by_state.values()),
        by_state=by_state,
        held=_rows(HELD, parameters)[0][0],
        places=[_place(row) for row in placed if not row[0]],
        total=_place(next(row for row in placed if row[0])),
        stuck=[(Reason(reason), count) for reason, count in stuck],
    )


def _rows(statement: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _place(row: Sequence[Any]) -> PlaceRow:
    _total, *words = (value or "" for value in row[:5])
    values = [*words, *row[5:11], row[11] or 0, *row[12:]]
    return PlaceRow(**dict(zip(PlaceRow.__slots__, values, strict=True)))

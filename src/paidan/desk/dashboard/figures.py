"""Today in numbers: each from an index that holds only today or only what is unfinished, whatever lies behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from paidan.accounts.models import User
from paidan.desk.orders.queries import bounded_counts, of_tab, visible_orders
from paidan.engine.codes import Reason
from paidan.network.scopes import Scope, scope_of
from paidan.orders.states import OrderState

TABS = ("unallocated", "progress", "exception", "due1", "late", "pending")
TIMEZONE = "Asia/Shanghai"

# As the report counts: an order without a time of payment belongs to the hour it was received.
_HOURS = """
SELECT extract(epoch FROM date_trunc('hour', at AT TIME ZONE %(timezone)s) - %(yesterday)s::timestamp)::bigint / 3600,
       count(*), count(*) FILTER (WHERE state IN ({placed})), count(*) FILTER (WHERE at < %(now)s - interval '1 day')
FROM (
    SELECT o.paid_at AS at, o.state FROM orders_order o
    WHERE o.paid_at >= %(from)s AND o.paid_at < %(until)s {where}
    UNION ALL
    SELECT o.received_at, o.state FROM orders_order o
    WHERE o.paid_at IS NULL AND o.received_at >= %(from)s AND o.received_at < %(until)s {where}
) cohort GROUP BY 1
"""
_SHIPPED = """
SELECT extract(hour FROM a.state_at AT TIME ZONE %(timezone)s)::int, coalesce(a.team_id, 0),
       count(*), count(*) FILTER (WHERE a.state_at >= %(recent)s)
FROM allocation_allocation a {join} WHERE a.state = 5 AND a.state_at >= %(midnight)s {where} GROUP BY 1, 2
"""
_STUCK = f"""
SELECT o.reason, count(*), min(coalesce(o.paid_at, o.received_at)) FROM orders_order o
WHERE o.state IN ({OrderState.UNALLOCATED}, {OrderState.PARTIAL})
  AND NOT EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL) {{where}}
GROUP BY 1 ORDER BY 2 DESC
"""
_OLD_EXCEPTIONS = """
SELECT count(DISTINCT e.order_id) FROM orders_orderexception e {join}
WHERE e.resolved_at IS NULL AND e.opened_at < %(old)s {where}
"""
RECENT = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Today:
    """When today is, here."""

    now: datetime

    @property
    def midnight(self) -> datetime:
        return timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def hour(self) -> int:
        return timezone.localtime(self.now).hour


@dataclass(frozen=True, slots=True)
class Hours:
    """Orders received per hour of today and yesterday, and how many of today's are placed."""

    today: tuple[int, ...]
    yesterday: tuple[int, ...]
    placed: int
    yesterday_so_far: int

    @property
    def received(self) -> int:
        return sum(self.today)


@dataclass(frozen=True, slots=True)
class Shipped:
    """Allocations shipped today per hour, and per team in the last three hours."""

    today: tuple[int, ...]
    recent_of_team: dict[int, int]


@dataclass(frozen=True, slots=True)
class Stuck:
    """What could not be allocated: reasons by size, and since when the oldest waits."""

    reasons: tuple[tuple[Reason, int], ...]
    oldest_at: datetime | None

    @property
    def number(self) -> int:
        return sum(number for _reason, number in self.reasons)


def order_conditions(scope: Scope) -> tuple[str, dict[str, Any]]:
    """A scope as conditions on orders `o`, as `visible_orders` has them."""
    parts, values = [], dict[str, Any]()
    if scope.shops is not None:
        parts.append("o.shop_id = ANY(%(shops)s)")
        values["shops"] = sorted(scope.shops)
    at, of_them = allocation_conditions(scope)
    if at:
        live = f"SELECT a.order_id FROM allocation_allocation a WHERE a.state <= 5 {at}"
        parts.append(f"o.id IN ({live})")
    return "".join(f" AND {part}" for part in parts), values | of_them


def allocation_conditions(scope: Scope) -> tuple[str, dict[str, Any]]:
    """The places of a scope as conditions on allocations `a`."""
    parts, values = [], dict[str, Any]()
    for name, ids in (("warehouse", scope.warehouses), ("team", scope.teams)):
        if ids is not None:
            parts.append(f"a.{name}_id = ANY(%({name}s)s)")
            values[f"{name}s"] = sorted(ids)
    return "".join(f" AND {part}" for part in parts), values


def both_conditions(scope: Scope) -> tuple[str, str, dict[str, Any]]:
    """For allocations within a scope: the join their orders need, conditions, values."""
    where, values = allocation_conditions(scope)
    if scope.shops is None:
        return "", where, values
    return "JOIN orders_order o ON o.id = a.order_id", f"{where} AND o.shop_id = ANY(%(shops)s)", {
        **values, "shops": sorted(scope.shops),
    }  # fmt: skip


def tab_counts(user: User, now: datetime) -> dict[str, int]:
    """The numbers of the order desk's tabs that the dashboard shows, counted as the desk counts them."""
    rows = visible_orders(user)
    return bounded_counts({tab: of_tab(rows, tab, now) for tab in TABS})


def hours(user: User, today: Today) -> Hours:
    """Two days of orders by hour, from the index on the time of payment."""
    where, values = order_conditions(scope_of(user))
    start = today.midnight - timedelta(days=1)
    placed = f"{int(OrderState.ALLOCATED)}, {int(OrderState.FULFILLED)}"
    values |= {"from": start, "until": start + timedelta(days=2), "now": today.now, "timezone": TIMEZONE}
    values["yesterday"] = start.replace(tzinfo=None)
    received, so_far, done = [0] * 48, 0, 0
    for hour, count, placed_n, earlier in _rows(_HOURS.format(where=where, placed=placed), values):
        received[hour] = count
        so_far += earlier if hour < 24 else 0
        done += placed_n if hour >= 24 else 0
    return Hours(tuple(received[24:]), tuple(received[:24]), done, so_far)


def shipped(user: User, today: Today) -> Shipped:
    """From the index of what is shipped, by team and time."""
    join, where, values = both_conditions(scope_of(user))
    values |= {"midnight": today.midnight, "recent": today.now - RECENT, "timezone": TIMEZONE}
    per_hour, of_team = [0] * 24, dict[int, int]()
    for hour, team, count, recent in _rows(_SHIPPED.format(join=join, where=where), values):
        per_hour[hour] += count
        of_team[team] = of_team.get(team, 0) + recent
    return Shipped(tuple(per_hour), of_team)


def stuck(user: User) -> Stuck:
    """From the index of what is still to ship."""
    where, values = order_conditions(scope_of(user))
    found = _rows(_STUCK.format(where=where), values)
    return Stuck(
        tuple((Reason(reason), count) for reason, count, _oldest in found),
        min((oldest for _reason, _count, oldest in found if oldest), default=None),
    )


def old_exceptions(user: User, now: datetime) -> int:
    """Orders with an exception that has been open for more than two hours."""
    where, values = order_conditions(scope_of(user))
    join = "JOIN orders_order o ON o.id = e.order_id"
    return int(_rows(_OLD_EXCEPTIONS.format(join=join, where=where), {**values, "old": now - timedelta(hours=2)})[0][0])


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())

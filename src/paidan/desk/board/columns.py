"""The board's columns: load against capacity and ratio, the queue by state, how long the oldest has waited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from paidan.accounts.models import User
from paidan.allocation.models import TeamDay, WarehouseDay
from paidan.allocation.states import LIVE, AllocationState
from paidan.engine.calendar import work_day
from paidan.network.calendars import days_off
from paidan.network.models import Team, Warehouse
from paidan.network.scopes import visible_teams, visible_warehouses

from .cards import Card
from .filters import BoardFilter

EPOCH = date(1970, 1, 1)
SWAMPED = 1.0
LONG_WAIT = timedelta(hours=24)

_QUEUES = """
SELECT a.warehouse_id, coalesce(a.team_id, 0), a.state, a.work_day, count(*), min(a.created_at)
FROM allocation_allocation a {join} WHERE a.state IN ({live}) {where} GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """Live allocations of one warehouse and team in one state and of one work day."""

    warehouse_id: int
    team_id: int
    state: int
    day: date
    count: int
    oldest_at: datetime


@dataclass(slots=True)
class Column:
    """One warehouse or team as the board shows it."""

    key: str
    place: Warehouse | Team
    warehouse: Warehouse | None
    day: date
    today: date
    load: int
    capacity: int | None
    target: float | None  # share of the ratios, where ratios are set
    share: float | None = None  # of all columns' load
    counts: dict[int, int] = field(default_factory=dict)
    shipped: int | None = None
    oldest_at: datetime | None = None
    waits_long: bool = False
    cards: Sequence[Card] = ()

    @property
    def is_open(self) -> bool:
        return self.warehouse is None or self.warehouse.is_open

    @property
    def ratio(self) -> float | None:
        return self.load / self.capacity if self.capacity else None

    @property
    def is_hot(self) -> bool:
        return bool(self.ratio and self.ratio > SWAMPED)

    @property
    def over_target(self) -> bool:
        return bool(self.target and self.share and self.share > self.target * 1.15 + 0.02)

    @property
    def waiting(self) -> int:
        return self.counts.get(AllocationState.ASSIGNED, 0)

    @property
    def hidden(self) -> int:
        return self.waiting - len(self.cards)

    @property
    def states(self) -> list[tuple[AllocationState, int]]:
        return [(state, self.counts.get(state, 0)) for state in LIVE]

    @property
    def another_day(self) -> date | None:
        return None if self.day == self.today else self.day


def work_days(warehouses: Iterable[Warehouse], now: datetime) -> dict[int, tuple[date, date]]:
    """By warehouse: the day new work counts for, and its local today. Needs `days` prefetched."""
    found = {}
    for warehouse in warehouses:
        local = now.astimezone(ZoneInfo(warehouse.timezone)).date()
        off = frozenset(days_off(warehouse, warehouse.days.all(), local))
        number = work_day(now, warehouse.timezone, warehouse.cutoff, off)
        found[warehouse.id] = (EPOCH + timedelta(days=number), local)
    return found


def queues(chosen: BoardFilter) -> list[Queue]:
    """Live allocations, grouped; one index scan over what is live, whatever lies behind it."""
    join = "JOIN orders_order o ON o.id = a.order_id" if chosen.asks_orders else ""
    live = ", ".join(str(int(state)) for state in LIVE)
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES.format(join=join, live=live, where=chosen.where()), chosen.values)
        return [Queue(*row) for row in cursor.fetchall()]


def warehouse_columns(user: User, chosen: BoardFilter, found: Sequence[Queue], now: datetime) -> list[Column]:
    """A column per warehouse in the reader's scope; 3 queries."""
    warehouses = list(visible_warehouses(user).prefetch_related("days"))
    days = work_days(warehouses, now)
    rows = WarehouseDay.objects.filter(day__in={day for day, _today in days.values()})
    loads = {(row.warehouse_id, row.day): row.load_n for row in rows}
    ratios = sum(warehouse.ratio for warehouse in warehouses)
    columns = [
        Column(
            f"w{one.id}", one, one, *days[one.id], loads.get((one.id, days[one.id][0]), 0), one.capacity,
            one.ratio / ratios if ratios else None,
        )
        for one in warehouses
    ]  # fmt: skip
    return _filled(
        columns, chosen, {f"w{one.id}": [q for q in found if q.warehouse_id == one.id] for one in warehouses}, now
    )


def team_columns(user: User, chosen: BoardFilter, found: Sequence[Queue], now: datetime) -> list[Column]:
    """A column per team in the reader's scope, in the order of the warehouses; 4 queries."""
    teams = list(visible_teams(user).filter(active=True).select_related("warehouse"))
    warehouses = {one.id: one for one in Warehouse.objects.prefetch_related("days")}
    days = work_days(warehouses.values(), now)
    today = now.astimezone(ZoneInfo("Asia/Shanghai")).date()
    day_of = {team.id: days.get(team.warehouse_id or 0, (today, today)) for team in teams}
    rows = TeamDay.objects.filter(day__in={day for day, _today in day_of.values()})
    loads = {(row.team_id, row.day): row.load_n for row in rows}
    ratios: dict[int | None, int] = defaultdict(int)
    for team in teams:
        ratios[team.warehouse_id] += team.ratio
    columns = [
        Column(
            f"t{one.id}", one, warehouses.get(one.warehouse_id or 0), *day_of[one.id],
            loads.get((one.id, day_of[one.id][0]), 0), one.capacity, None,
        )
        for one in sorted(teams, key=lambda one: (_position(one, warehouses), one.code))
    ]  # fmt: skip
    return _filled(columns, chosen, {f"t{one.id}": [q for q in found if q.team_id == one.id] for one in teams}, now)


def _position(team: Team, warehouses: dict[int, Warehouse]) -> int:
    warehouse = warehouses.get(team.warehouse_id or 0)
    return warehouse.position if warehouse else 1_000_000


def _filled(columns: list[Column], chosen: BoardFilter, of: dict[str, list[Queue]], now: datetime) -> list[Column]:
    """Fill in what the queues say."""
    total = sum(column.load for column in columns)
    for column in columns:
        mine = of[column.key]
        column.share = column.load / total if total else None
        counts: dict[int, int] = defaultdict(int)
        for queue in mine:
            counts[queue.state] += queue.count
        column.counts = dict(counts)
        waiting = [queue.oldest_at for queue in mine if queue.state == AllocationState.ASSIGNED]
        column.oldest_at = min(waiting, default=None)
        column.waits_long = bool(waiting) and now - min(waiting, default=datetime.now(UTC)) > LONG_WAIT
        if not chosen.asks_orders:
            # Of a day's load, what is not live any more has been shipped: no scan of shipped rows is needed.
            column.shipped = max(0, column.load - sum(queue.count for queue in mine if queue.day == column.day))
    return columns

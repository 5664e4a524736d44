"""Relieving a warehouse: which unaccepted allocations could go where, what that changes, and moving them in chunks.

Planning reads one snapshot and asks the engine, so a target is feasible for relief exactly when it is for a new order;
nothing is written. Applying goes through `reassign_allocations`, which checks stock under lock, and respects capacity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.engine.codes import Reason
from paidan.engine.plan import Plan
from paidan.engine.sequential import allocate
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.network.columns import network_at
from paidan.network.models import Team, Warehouse

from .models import WarehouseDay
from .outcomes import Batch
from .reassign import Why, reassign_allocations
from .relieve_snapshot import ReliefProblem, relief_problem
from .states import AllocationState

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MOST = 50_000
"""The most allocations one relief considers."""
ROUNDS = 3
"""How often a chunk is cut down when a worker fills the target's capacity at the same moment."""

# What can bear a longer way goes first: lowest priority, most time left, newest.
_CANDIDATES = """
SELECT a.id FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id
WHERE a.warehouse_id = %(warehouse)s AND a.state = ANY(%(states)s) AND NOT a.frozen
  AND (%(shops)s::int[] IS NULL OR o.shop_id = ANY(%(shops)s))
  AND (%(teams)s::int[] IS NULL OR a.team_id = ANY(%(teams)s))
  AND (%(low)s = 0 OR o.region BETWEEN %(low)s AND %(high)s)
  AND (%(vip)s OR NOT (o.priority > 0 OR o.tags && ARRAY['vip', 'VIP', 'Vip']::varchar[]))
  AND (%(day)s::date IS NULL OR a.work_day = %(day)s)
ORDER BY o.priority, o.ship_by_at DESC NULLS FIRST, a.id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Relief:
    """What somebody asks for. `number` and `down_to` (a share of capacity) are alternatives; None = all there are."""

    warehouse: Warehouse
    number: int | None = None
    down_to: float | None = None
    accepted_too: bool = False
    vip_too: bool = False
    shop_ids: tuple[int, ...] | None = None
    team_ids: tuple[int, ...] | None = None
    region: int = 0
    to: tuple[int, ...] | None = None  # warehouses; None = wherever is best


@dataclass(frozen=True, slots=True)
class Destination:
    """One place relief sends allocations to, and its load on the work day they would count for."""

    warehouse: Warehouse
    number: int
    load: int

    @property
    def load_after(self) -> int:
        return self.load + self.number


@dataclass(frozen=True, slots=True)
class Sums:
    """What a set of allocations costs; `distance_m` is the mean of those that are known."""

    freight_minor: int
    distance_m: int | None
    late: int


@dataclass(frozen=True, slots=True)
class ReliefPlan:
    """Who would move (grouped by target, so that a chunk has one), what that changes, and who stays and why.

    `target_a` and `team_a` (0 = none) run along `move_a`; `stay_a` are the ids that cannot move.
    """

    source: Warehouse
    move_a: I64
    target_a: I32
    team_a: I32
    stay_a: I64
    reasons: tuple[tuple[Reason, int], ...]
    before: Sums
    after: Sums
    load: int
    load_after: int
    destinations: tuple[Destination, ...]


def plan_relief(relief: Relief, *, now: datetime) -> ReliefPlan:
    """Decide on a snapshot who could move where; writes nothing. O(allocations x warehouses)."""
    source = relief.warehouse
    others = list(Warehouse.objects.exclude(id=source.id).values_list("id", flat=True))
    reachable = others if relief.to is None else [key for key in others if key in relief.to]
    ids = _candidates(relief, now)
    read = relief_problem(np.sort(ids), open_w=reachable, now=now)
    return _explained(read, allocate(read.problem), source)


def _candidates(relief: Relief, now: datetime) -> I64:
    """The allocations to consider: as many as asked for, those that can best bear it."""
    number: int | None = relief.number
    day: date | None = None
    if relief.down_to is not None:
        number, day = surplus(relief.warehouse, relief.down_to, now)
    states = [AllocationState.ASSIGNED, *([AllocationState.ACCEPTED] if relief.accepted_too else [])]
    values = {
        "warehouse": relief.warehouse.id,
        "states": [int(state) for state in states],
        "shops": None if relief.shop_ids is None else list(relief.shop_ids),
        "teams": None if relief.team_ids is None else list(relief.team_ids),
        "low": relief.region,
        "high": relief.region + region_width(relief.region) - 1,
        "vip": relief.vip_too,
        "day": day,
        "limit": MOST if number is None else max(0, min(number, MOST)),
    }
    return np.array([row[0] for row in array_cursor().execute(_CANDIDATES, values).fetchall()], np.int64)


def region_width(region: int) -> int:
    """How many numbers a region and what lies in it take: 440000 and 440100 stand for all their districts."""
    if region < 100_000:
        return 1
    return 10_000 if region % 10_000 == 0 else 100 if region % 100 == 0 else 1


def surplus(warehouse: Warehouse, down_to: float, now: datetime) -> tuple[int, date]:
    """How many allocations lie over this share of the capacity, and on which work day."""
    if not warehouse.capacity:
        raise Refusal("no_capacity", _("%(warehouse)s has no capacity to measure by."), warehouse=str(warehouse))
    network = network_at(now)
    row = next(row for row, known in enumerate(network.warehouses) if known.id == warehouse.id)
    day: date = network.warehouse_columns.work_day_w[row].astype("datetime64[D]").item()
    load = WarehouseDay.objects.filter(warehouse=warehouse, day=day).values_list("load_n", flat=True).first() or 0
    return max(0, load - int(down_to * warehouse.capacity)), day


def _explained(read: ReliefProblem, plan: Plan, source: Warehouse) -> ReliefPlan:
    """The engine's answer in the words of relief."""
    warehouse_ids = np.array([warehouse.id for warehouse in read.network.warehouses], np.int32)
    team_ids = np.array([0, *(team.id for team in read.network.teams)], np.int32)
    at = np.flatnonzero(warehouse_ids == source.id)[0]
    placed_a, order_a = plan.warehouse_a, plan.order_a
    by_target = np.lexsort((order_a, plan.team_a, placed_a))
    moved = order_a[by_target]
    stays = np.ones(len(read.id_a), np.bool_)
    stays[moved] = False
    days = read.problem.warehouses.work_day_w
    leaving = int((read.day_a[moved] == days[at]).sum())
    return ReliefPlan(
        source=source,
        move_a=read.id_a[moved],
        target_a=warehouse_ids[placed_a[by_target]],
        team_a=team_ids[plan.team_a[by_target] + 1],
        stay_a=read.id_a[stays],
        reasons=_reasons(plan, stays, int(at)),
        before=summed(read.freight_minor_a[moved], read.distance_m_a[moved], read.late_s_a[moved]),
        after=summed(plan.freight_minor_a[by_target], plan.distance_m_a[by_target], plan.late_s_a[by_target]),
        load=int(read.problem.warehouses.load_w[at]),
        load_after=int(read.problem.warehouses.load_w[at]) - leaving,
        destinations=_destinations(read, placed_a),
    )


def summed(freight_minor: I64, distance_m: I64, late_s: I64) -> Sums:
    """The sums of these columns; a distance below 0 is unknown."""
    known = distance_m[distance_m >= 0]
    return Sums(int(freight_minor.sum()), round(float(known.mean())) if len(known) else None, int((late_s > 0).sum()))


def _reasons(plan: Plan, stays: Mask, source_at: int) -> tuple[tuple[Reason, int], ...]:
    """Why those that stay do: the order's own reason, or what the nearest to feasible of the other warehouses says."""
    found: Counter[Reason] = Counter()
    others = np.delete(np.arange(plan.reason_ow.shape[1]), source_at)
    for order in np.flatnonzero(stays).tolist():
        found[reason_of(plan, order, others)] += 1
    return tuple(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def reason_of(plan: Plan, order: int, others: npt.NDArray[np.intp]) -> Reason:
    """Why an order found no place among these warehouses: its own reason, or that of the nearest to feasible."""
    said = {int(code) for code in plan.reason_ow[order, others]} - {Reason.NONE, Reason.PAUSED}
    own = Reason(int(plan.reason_o[order]))
    near = next((reason for reason in _NEAREST_FIRST if reason in said), own)
    return own if own in _OF_THE_ORDER else near


_OF_THE_ORDER = (Reason.ADDRESS_UNRESOLVED, Reason.UNKNOWN_SKU, Reason.NO_RULE)
_NEAREST_FIRST = (
    Reason.TEAM_FULL,
    Reason.WAREHOUSE_FULL,
    Reason.STOCK_SHORT,
    Reason.TOO_LATE,
    Reason.TOO_FAR,
    Reason.NOT_COVERED,
    Reason.NO_TEAM,
    Reason.EXCLUDED,
)
"""What would take least to overcome is said first."""


def _destinations(read: ReliefProblem, placed_a: I32) -> tuple[Destination, ...]:
    numbers = np.bincount(placed_a, minlength=len(read.network.warehouses))
    loads = read.problem.warehouses.load_w
    found = [
        Destination(warehouse, int(numbers[at]), int(loads[at]))
        for at, warehouse in enumerate(read.network.warehouses)
        if numbers[at]
    ]
    return tuple(sorted(found, key=lambda row: -row.number))


def move_chunk(
    ids: Sequence[int],
    *,
    warehouse: Warehouse,
    team: Team | None,
    now: datetime,
    by: User | None,
    force: bool = False,
    reason: str = "",
    why: Why | None = None,
) -> Batch:
    """Move one chunk to one place in one transaction; what no longer fits into its capacity stays, the last first.

    Capacity is the warehouse's and the team's. The day's counters are locked by the move itself, so after it the loads
    are exact: what is over is rolled back and the chunk tried again without as many of its last.
    """
    left, full = list(ids), dict[int, str]()
    with transaction.atomic():
        for _round in range(ROUNDS):
            if not left:
                break
            point = transaction.savepoint()
            batch = reassign_allocations(
                left, warehouse=warehouse, team=team, now=now, by=by, force=force, reason=reason, why=why
            )
            over, code = over_capacity(batch.created)
            if not over:
                transaction.savepoint_commit(point)
                return Batch(batch.done, {**batch.refused, **full}, batch.created)
            transaction.savepoint_rollback(point)
            gone = list(batch.done[-over:])
            full.update(dict.fromkeys(gone, code))
            left = [key for key in left if key not in full]
    return Batch((), {**dict.fromkeys(left, "warehouse_full"), **full})


_LOADS_OF = """
SELECT n.number, w.capacity, d.load_n, t.capacity, e.load_n
FROM (SELECT warehouse_id, team_id, work_day, count(*) AS number FROM allocation_allocation WHERE id = ANY(%s)
      GROUP BY 1, 2, 3) n
JOIN network_warehouse w ON w.id = n.warehouse_id
JOIN allocation_warehouseday d ON d.warehouse_id = n.warehouse_id AND d.day = n.work_day
LEFT JOIN network_team t ON t.id = n.team_id
LEFT JOIN allocation_teamday e ON e.team_id = n.team_id AND e.day = n.work_day
"""


def over_capacity(created: Sequence[int]) -> tuple[int, str]:
    """By how many these new allocations put a warehouse or team over its capacity, no more than they are; and whose."""
    worst = (0, "")
    rows = array_cursor().execute(_LOADS_OF, (np.array(created, np.int64),)).fetchall()
    for number, capacity, load, team_capacity, team_load in rows:
        for limit, counted, code in ((capacity, load, "warehouse_full"), (team_capacity, team_load, "team_full")):
            if limit is not None and counted > limit:
                worst = max(worst, (min(number, counted - limit), code))
    return worst

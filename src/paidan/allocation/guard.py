"""The guard of a commit: what a chunk needs of stock and work days, and which orders give way when it is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from paidan.engine.plan import Plan
from paidan.engine.problem import I64, UNLIMITED
from paidan.kit.arrays import array_cursor
from paidan.stock.reservations import lock_and_reserve

from .chunks import Chunk, Mask
from .snapshot import Snapshot, postgres_days

# In the order of their keys, as everybody locks them.
ADD_LOADS = """
INSERT INTO {table} AS d ({key}, day, load_n, credit, credit_key)
SELECT id, '2000-01-01'::date + day, more, 0, 0
FROM unnest(%(ids)s::int[], %(days)s::int[], %(counts)s::int[]) n(id, day, more)
ORDER BY id, day ON CONFLICT ({key}, day) DO UPDATE SET load_n = d.load_n + excluded.load_n
RETURNING {key}, day - '2000-01-01'::date, load_n
"""
WAREHOUSES = {"table": "allocation_warehouseday", "key": "warehouse_id"}
TEAMS = {"table": "allocation_teamday", "key": "team_id"}


class GiveWay(Exception):
    """Some orders of the chunk cannot keep what was decided for them: bool along its `order_c`."""

    def __init__(self, order_c: Mask) -> None:
        super().__init__()
        self.order_c = order_c


def reserve(snapshot: Snapshot, plan: Plan, kept: Chunk, *, now: datetime, guarded: bool) -> None:
    """Reserve the chunk's stock and work days, or raise GiveWay with the last-taken orders that make up a shortfall.

    So the order decided earlier keeps what the later one loses. The caller rolls back and comes again without them.
    """
    if not len(kept.part_c):
        return
    warehouse_ids = np.array([w.id for w in snapshot.network.warehouses], np.int64)
    team_ids = np.array([t.id for t in snapshot.network.teams], np.int64)
    warehouse_a = plan.warehouse_a[kept.allocation_c]
    team_a = plan.team_a[kept.allocation_c]
    sku_p = snapshot.sku_id_s[snapshot.problem.orders.sku_l[plan.line_p[kept.part_c]]]
    qty_p = plan.qty_p[kept.part_c]
    order_at_p = kept.order_at_a[kept.allocation_at_p]
    stock = _Need.of(sku_p, warehouse_ids[warehouse_a][kept.allocation_at_p], qty_p, order_at_p)
    short_n = lock_and_reserve(array_cursor(), stock.first_n, stock.second_n, stock.qty_n, now=now, guarded=guarded)
    stock.give_way(short_n, len(kept.order_c))
    day_a = postgres_days(snapshot.problem.warehouses.work_day_w)[warehouse_a]
    ones_a = np.ones(len(warehouse_a), np.int64)
    loads = _Need.of(warehouse_ids[warehouse_a], day_a, ones_a, kept.order_at_a)
    capacity_of = dict(zip(warehouse_ids.tolist(), snapshot.problem.warehouses.capacity_w.tolist(), strict=True))
    loads.give_way(_add_loads(WAREHOUSES, loads, capacity_of, guarded), len(kept.order_c))
    teamed = team_a >= 0
    if teamed.any():
        loads = _Need.of(team_ids[team_a[teamed]], day_a[teamed], ones_a[teamed], kept.order_at_a[teamed])
        capacity_of = dict(zip(team_ids.tolist(), snapshot.problem.teams.capacity_t.tolist(), strict=True))
        loads.give_way(_add_loads(TEAMS, loads, capacity_of, guarded), len(kept.order_c))


@dataclass(frozen=True, slots=True)
class _Need:
    """Amounts summed per pair of keys (pairs ascending), and who asks for how much of which pair, in sequence order."""

    first_n: I64
    second_n: I64
    qty_n: I64
    pair_q: npt.NDArray[np.intp]
    qty_q: I64
    order_at_q: I64

    @classmethod
    def of(
        cls,
        first_q: npt.NDArray[np.integer],
        second_q: npt.NDArray[np.integer],
        qty_q: I64,
        order_at_q: I64,
    ) -> _Need:
        keys, pair_q = np.unique((first_q.astype(np.int64) << 32) | second_q.astype(np.int64), return_inverse=True)
        qty_n = np.bincount(pair_q, qty_q, len(keys)).astype(np.int64)
        return cls(keys >> 32, keys & 0xFFFF_FFFF, qty_n, pair_q, qty_q, order_at_q)

    def give_way(self, short_n: I64, orders: int) -> None:
        """Raise with the last-taken orders whose parts make up each pair's shortfall; nothing short, nothing raised."""
        if not short_n.any():
            return
        asking = np.flatnonzero(short_n[self.pair_q] > 0)[::-1]
        asking = asking[np.argsort(self.pair_q[asking], kind="stable")]
        pair, qty = self.pair_q[asking], self.qty_q[asking]
        before = np.cumsum(qty) - qty
        first = np.searchsorted(pair, pair)
        lost = np.zeros(orders, np.bool_)
        lost[self.order_at_q[asking[before - before[first] < short_n[pair]]]] = True
        raise GiveWay(lost)


def _add_loads(names: dict[str, str], need: _Need, capacity_of: dict[int, int], guarded: bool) -> I64:
    """Count the allocations on their work days; answers by how much each day is over, which nobody must leave so."""
    limits = np.array([capacity_of[int(key)] for key in need.first_n], np.int64)
    values = {
        "ids": need.first_n.astype(np.int32),
        "days": need.second_n.astype(np.int32),
        "counts": need.qty_n.astype(np.int32),
    }
    load_of = {(row[0], row[1]): row[2] for row in array_cursor().execute(ADD_LOADS.format(**names), values).fetchall()}
    load_n = np.array(
        [load_of[key] for key in zip(values["ids"].tolist(), values["days"].tolist(), strict=True)], np.int64
    )
    over_n = np.where(limits == UNLIMITED, 0, np.maximum(0, load_n - limits))
    return np.minimum(over_n, need.qty_n) if guarded else np.zeros(len(limits), np.int64)

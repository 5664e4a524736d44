"""A plan of a compact problem and what it takes to better it: graphs of movers, their flow, moves, repaired slots."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ..problem import F32, I32, I64, Bools
from .compact import MOST_LINES, Compact
from .compact_kernel import tally
from .flow_kernel import LONGEST_LOG, NONE, Floor, cheapest_exits, empty_slots, flow
from .move_kernel import SETTLED, move_orders

BAND = 0.002
"""Slots of a warehouse that may be overdrawn while orders move; repaired at the end."""


def movers_of(compact: Compact) -> Bools:
    """Orders of one line of one piece."""
    first = np.minimum(compact.ptr_o[:-1], max(0, len(compact.qty_l) - 1))
    movers: Bools = (np.diff(compact.ptr_o) == 1) & (compact.qty_l[first] == 1)
    return movers


class Bettering:
    """One plan, changed in place. `at_l` may overdraw slots until `repair`; stock it never does."""

    def __init__(self, compact: Compact, at_l: I32, slot_n: F32) -> None:
        self.compact = compact
        self.floor = _floor(compact, at_l.copy(), slot_n)
        self.others = np.flatnonzero((self.floor.mover_o < 0) & (np.diff(compact.ptr_o) > 0)).astype(np.int32)
        self._skus = np.flatnonzero(np.diff(self.floor.ptr_s))

    @property
    def at_l(self) -> I32:
        at_l: I32 = self.floor.at_l
        return at_l

    def flow(self, pool: ThreadPoolExecutor) -> None:
        """All movers at least cost, the rest and the prices of slots given; each thread has its own SKUs."""
        parts = [self._skus[::2], self._skus[1::2]]
        floors = [self.floor, self.floor._replace(room_n=self.floor.room_n.copy(), **_scratch(self.compact))]
        before = self.floor.room_n.copy()
        list(pool.map(flow, floors, parts))
        self.floor.room_n[:] += floors[1].room_n - before

    def overdraw(self, share: float) -> None:
        """Let moves take so much of a warehouse's slots more than it has."""
        allowed = np.floor(share * self.compact.slots_n[:-1])
        self.floor.floor_n[:-1] = -allowed.astype(np.int64)

    def move(self, orders: I32, heat: float, rng: np.random.Generator) -> I64:
        """Offer the orders their best moves; one that makes the plan dearer by d is made with chance exp(−d / heat)."""
        most = np.full(len(orders), SETTLED)
        if heat > 0:
            most = -heat * np.log(rng.random(len(orders)))
        counts = np.zeros(2, np.int64)
        move_orders(self.floor, orders, most, counts)
        return counts

    def repair(self) -> None:
        """Give back overdrawn slots at least cost: movers go where stock and slots are left, else orders unserved."""
        room_n = self.floor.room_n
        for _ in range(3):
            for node in np.flatnonzero(room_n < 0).tolist():
                exit_s = np.empty(len(self.compact.stock_sn), np.float32)
                cheapest_exits(self.floor, node, exit_s)
                by_cost = np.argsort(exit_s, kind="stable")
                empty_slots(self.floor, node, by_cost[exit_s[by_cost] < NONE / 10])
            if (room_n >= 0).all():
                return
        self._unserve()

    def _unserve(self) -> None:
        """Where nothing else is left: the cheapest orders there are not served."""
        compact, floor = self.compact, self.floor
        last = compact.cost_rn.shape[1] - 1
        order_l = np.repeat(np.arange(len(compact.ptr_o) - 1), np.diff(compact.ptr_o))
        for node in np.flatnonzero(floor.room_n < 0).tolist():
            orders = np.unique(order_l[floor.at_l == node])
            costs = compact.cost_rn[compact.row_o[orders + 1] - 1, last]
            for o in orders[np.argsort(costs, kind="stable")][: -int(floor.room_n[node])].tolist():
                floor.at_l[compact.ptr_o[o] : compact.ptr_o[o + 1]] = last
        at_l = floor.at_l
        self.floor = _floor(compact, at_l, floor.slot_n)


def _scratch(compact: Compact) -> dict[str, Any]:
    nodes, most = len(compact.slots_n), 1 << MOST_LINES
    return {
        "log": np.zeros((LONGEST_LOG, 2), np.int64),
        "logged": np.zeros(1, np.int64),
        "room_before_n": np.zeros(nodes, np.int64),
        "steps_n": np.zeros(nodes, np.int64),
        "far_n": np.zeros(nodes + 1, np.float32),
        "from_n": np.zeros(nodes + 1, np.int64),
        "cycle_n": np.zeros(nodes + 3, np.int64),
        "cells_ln": np.zeros((MOST_LINES, nodes), np.float32),
        "sums_rn": np.zeros((most, nodes), np.float32),
        "priced_rn": np.zeros((most, nodes), np.float32),
    }


def _floor(compact: Compact, at_l: I32, slot_n: F32) -> Floor:
    skus, nodes = compact.stock_sn.shape
    orders = len(compact.ptr_o) - 1
    use_sn, use_n = np.zeros((skus, nodes), np.int32), np.zeros(nodes, np.int64)
    tally(compact, at_l, use_sn, use_n)
    by_node = (skus, nodes, nodes)
    order_k = np.flatnonzero(movers_of(compact)).astype(np.int32)
    order_k = order_k[np.argsort(compact.sku_l[compact.ptr_o[order_k]], kind="stable")]
    sku_k = compact.sku_l[compact.ptr_o[order_k]]
    mover_o = np.full(orders, -1, np.int32)
    mover_o[order_k] = np.arange(len(order_k), dtype=np.int32)
    return Floor(
        ptr_o=compact.ptr_o,
        sku_l=compact.sku_l,
        qty_l=compact.qty_l,
        row_o=compact.row_o,
        cost_rn=compact.cost_rn,
        second_minor=compact.second_minor,
        slot_n=slot_n,
        at_l=at_l,
        left_sn=compact.stock_sn - use_sn,
        room_n=compact.slots_n - use_n,
        ptr_s=np.searchsorted(sku_k, np.arange(skus + 1)),
        order_k=order_k,
        node_k=at_l[compact.ptr_o[order_k]],
        cost_kn=compact.cost_rn[compact.row_o[order_k]] + slot_n,
        mover_o=mover_o,
        edge_snn=np.full(by_node, NONE, np.float32),
        by_snn=np.zeros(by_node, np.int32),
        chains_snn=np.full(by_node, NONE, np.float32),
        exit_sn=np.full((skus, nodes), NONE, np.float32),
        relief_sn=np.zeros((skus, nodes), np.float32),
        dirty_sn=np.ones((skus, nodes), np.bool_),
        stale_s=np.ones(skus, np.bool_),
        floor_n=np.zeros(nodes, np.int64),
        **_scratch(compact),
    )

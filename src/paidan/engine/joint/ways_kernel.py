"""Machine code that lists the ways of orders worth deciding again, by priced cost (ways: see `compact_kernel`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry
from .compact import MOST_LINES
from .compact_kernel import best_way, price_parcels


@entry
def least_costs(compact: Any, price_sn: Any, slot_n: Any, least_o: Any) -> None:
    """The least priced cost of every order."""
    nodes, most = len(slot_n), 1 << MOST_LINES
    priced_rn, lines_rn = np.empty((most, nodes), price_sn.dtype), np.empty((most, nodes), price_sn.dtype)
    for o in range(len(least_o)):
        rows = price_parcels(
            compact, o, price_sn, slot_n, compact.stock_sn, compact.slots_n, False, priced_rn, lines_rn
        )
        full = (1 << (compact.ptr_o[o + 1] - compact.ptr_o[o])) - 1
        _way, least_o[o], _after = best_way(priced_rn, rows, full, compact.second_minor)


@entry
def list_ways(
    orders: Any, compact: Any, price_sn: Any, slot_n: Any, most_k: Any, cost_rn: Any, ptr_k: Any, way_c: Any,
    cost_c: Any, fill: bool,
) -> int:  # fmt: skip
    """Count (or, with `fill`, also write) the ways of each order of priced cost up to `most_k`, all but "unserved".

    Written is what they cost by `cost_rn`, which may be less than what `compact` charges.
    """
    nodes, most = len(slot_n), 1 << MOST_LINES
    priced_rn, lines_rn = np.empty((most, nodes), price_sn.dtype), np.empty((most, nodes), price_sn.dtype)
    count = 0
    for k in range(len(orders)):
        o = orders[k]
        rows = price_parcels(
            compact, o, price_sn, slot_n, compact.stock_sn, compact.slots_n, False, priced_rn, lines_rn
        )
        full = (1 << (compact.ptr_o[o + 1] - compact.ptr_o[o])) - 1
        for n in range(nodes - 1):
            if priced_rn[rows - 1, n] <= most_k[k]:
                if fill:
                    way_c[count] = (full * nodes + n) * nodes + n
                    cost_c[count] = cost_rn[compact.row_o[o] + rows - 1, n]
                count += 1
        for m in range(1, rows, 2):
            for a in range(nodes - 1):
                there = most_k[k] - priced_rn[m - 1, a] - compact.second_minor
                if there < 0:
                    continue
                for b in range(nodes - 1):
                    if a != b and priced_rn[rows - m - 1, b] <= there:
                        if fill:
                            row = compact.row_o[o] - 1
                            way_c[count] = (m * nodes + a) * nodes + b
                            cost_c[count] = np.float64(cost_rn[row + m, a]) + cost_rn[row + rows - m, b]
                            cost_c[count] += compact.second_minor
                        count += 1
        ptr_k[k + 1] = count
    return count

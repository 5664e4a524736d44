"""Machine code that moves orders of several pieces, each with all the chains of movers that make room for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry, fast_inner, inner
from .compact_kernel import best_way
from .flow_kernel import (
    LONGEST_LOG,
    NONE,
    REAL,
    FloorRef,
    cancel_cycles,
    change,
    cost_of_way,
    find_chains,
    push_out,
    undo,
    way_of,
)

SETTLED = -0.5
"""Money is whole: what is less than half a unit cheaper is not cheaper."""
TRIES = 2


@fast_inner
def price_ways(f: Any, o: int) -> int:
    """Fill ``priced_rn`` with what the order's parcels would cost elsewhere, making room and leaving room included.

    A line that stays where it is costs nothing there. One that moves frees its pieces (relief), and where too little is
    left takes pieces away from movers: by a chain to a free piece, or to the pieces it frees.
    """
    nodes, first = len(f.room_n), f.ptr_o[o]
    lines, rows = f.ptr_o[o + 1] - first, f.row_o[o + 1] - f.row_o[o]
    for k in range(lines):
        s, q, a = f.sku_l[first + k], f.qty_l[first + k], f.at_l[first + k]
        find_chains(f, s)
        saved = np.float32(q) * f.relief_sn[s, a]
        cell, leave, chain, left = f.cells_ln[k], f.exit_sn[s], f.chains_snn[s, a], f.left_sn[s]
        for n in range(nodes):
            lacking = np.float32(q - left[n])
            by_exit = lacking * leave[n] + saved
            by_chain = lacking * chain[n]
            cell[n] = min(by_exit, by_chain) if lacking > 0 else saved
        cell[a] = np.float32(0.0)
    if rows == 1:
        row = f.row_o[o]
        for n in range(nodes):
            f.priced_rn[0, n] = f.cost_rn[row, n] + f.slot_n[n]
        for k in range(lines):
            for n in range(nodes):
                f.priced_rn[0, n] += f.cells_ln[k, n]
        return 1
    for m in range(1, rows + 1):
        rest, low = m & (m - 1), 0
        while not m >> low & 1:
            low += 1
        row = f.row_o[o] + m - 1
        for n in range(nodes):
            f.sums_rn[m - 1, n] = f.cells_ln[low, n]
        if rest:
            for n in range(nodes):
                f.sums_rn[m - 1, n] += f.sums_rn[rest - 1, n]
        for n in range(nodes):
            f.priced_rn[m - 1, n] = f.sums_rn[m - 1, n] + f.cost_rn[row, n] + f.slot_n[n]
    return rows


@inner
def make_room(f: Any, o: int) -> float:
    """Chains of movers out of the nodes where the order takes more than there is; NEVER: they cannot."""
    dearer = 0.0
    for line in range(f.ptr_o[o], f.ptr_o[o + 1]):
        s, n = f.sku_l[line], f.at_l[line]
        while f.left_sn[s, n] < 0:
            if f.logged[0] > LONGEST_LOG // 2:
                return np.float64(NONE)
            chain = push_out(f, s, n, False)
            if chain >= REAL:
                return np.float64(NONE)
            dearer += chain
    return dearer


@inner
def try_way(f: Any, o: int, way: int, most: float) -> float:
    """Serve the order that way and do all that follows; where that is not below `most` or lacks slots, undo: NEVER."""
    nodes = len(f.room_n)
    f.logged[0] = 0
    for n in range(nodes):
        f.room_before_n[n] = f.room_n[n]
    dearer = change(f, o, way)
    dearer += make_room(f, o)
    if dearer < REAL:
        for line in range(f.ptr_o[o], f.ptr_o[o + 1]):
            dearer += cancel_cycles(f, f.sku_l[line])
    fits = dearer < most
    for n in range(nodes):
        fits &= f.room_n[n] >= f.floor_n[n] or f.room_n[n] >= f.room_before_n[n]
    if not fits:
        undo(f)
        return np.float64(NONE)
    f.logged[0] = 0
    return dearer


@inner
def cross_out(f: Any, rows: int, way: int) -> None:
    """Look at this way no more (nor at others with its first parcel)."""
    nodes = len(f.room_n)
    m, a, b = way // (nodes * nodes), way // nodes % nodes, way % nodes
    f.priced_rn[rows - 1 if a == b else m - 1, a] = NONE


@entry
def move_orders(floor: Any, orders: Any, most_k: Any, counts: Any) -> float:
    """Move each order to its best other way if the plan gets less than `most_k` dearer; by how much it got, in all.

    `counts` gets how many moves were tried and how many were made. Slots count at their prices.
    """
    f = FloorRef(*floor)
    total = 0.0
    for k in range(len(orders)):
        o = orders[k]
        now = way_of(f, o)
        rows = price_ways(f, o)
        full = (1 << (f.ptr_o[o + 1] - f.ptr_o[o])) - 1
        base = cost_of_way(f, o, now)
        if most_k[k] > 0:
            cross_out(f, rows, now)
        for _ in range(TRIES):
            way, cost, _next = best_way(f.priced_rn, rows, full, f.second_minor)
            if way == now or cost - base >= most_k[k] or cost >= REAL:
                break
            counts[0] += 1
            dearer = try_way(f, o, way, most_k[k])
            if dearer < REAL:
                total += dearer
                counts[1] += 1
                break
            cross_out(f, rows, way)
    return total

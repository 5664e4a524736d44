"""Whole lines that compete for one SKU, packed into the stock of a set of warehouses (``by_line``)."""

from __future__ import annotations

from .jit import inner
from .kernel_state import Record, Scratch, State
from .problem import I32
from .tables import Tables

PACK_BUDGET = 20_000
"""Nodes looked at per SKU and set; beyond it the best packing found so far stands."""


@inner
def pack_lines(t: Tables, s: State, r: Record, x: Scratch, order: int, comp: int, members: I32, size: int) -> int:
    """Put the most pieces of the lines of SKU `comp` into the members' stock, each line whole; the pieces.

    `members` are places in `useful`, best-ranked first. Depth first: lines in the order given, each tried at its
    members by rank and then left out, so the packing kept in `pack_best_m` is the first of the best. The number of
    lines is in the caller's `lines_c`; O(budget) at worst.
    """
    lines, total = _collect(t, r, x, order, comp)
    for d in range(size):
        x.pack_room[d] = s.available_sw[x.sku_c[comp], x.ranked[x.useful[members[d]]]]
    best, packed, left, depth, nodes = -1, 0, total, 0, 0
    x.pack_pos_m[0] = -1
    while depth >= 0:
        if depth == lines:
            if packed > best:
                best = packed
                for m in range(lines):
                    x.pack_best_m[m] = x.pack_pos_m[m]
            if best == total:
                break
            depth -= 1
            continue
        qty = r.open_l[x.pack_line_m[depth]]
        at = x.pack_pos_m[depth]
        if at >= 0 and at < size:  # take it out of where it was
            x.pack_room[at] += qty
            packed -= qty
        if at < 0:
            left -= qty
        nodes += 1
        if (nodes > PACK_BUDGET and best >= 0) or at == size:
            left += qty
            depth -= 1
            continue
        at += 1
        while at < size and x.pack_room[at] < qty:
            at += 1
        if (at < size and packed + qty + left <= best) or (at == size and packed + left <= best):
            left += qty
            depth -= 1
            continue
        if at < size:
            x.pack_room[at] -= qty
            packed += qty
        x.pack_pos_m[depth] = at
        depth += 1
        if depth < lines:
            x.pack_pos_m[depth] = -1
    return best


@inner
def _collect(t: Tables, r: Record, x: Scratch, order: int, comp: int) -> tuple[int, int]:
    lines, total = 0, 0
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if x.comp_m[line - t.ptr[order]] == comp:
            x.pack_line_m[lines] = line
            total += r.open_l[line]
            lines += 1
    return lines, total


@inner
def assign_lines(t: Tables, s: State, r: Record, x: Scratch, order: int, comps: int, members: I32, size: int) -> None:
    """Write to `assigned_m` the warehouse of each line that competes for its SKU, −1 for a line that is left out."""
    for c in range(comps):
        if x.lines_c[c] < 2:
            continue
        pack_lines(t, s, r, x, order, c, members, size)
        lines, _ = _collect(t, r, x, order, c)
        for m in range(lines):
            place = x.pack_best_m[m]
            where = x.ranked[x.useful[members[place]]] if place < size else -1
            x.assigned_m[x.pack_line_m[m] - t.ptr[order]] = where

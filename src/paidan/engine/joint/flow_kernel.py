"""Machine code for movers: orders of one piece. Those of one SKU are a flow over the nodes, moved at least cost.

The graph of a SKU: an edge from x to y is its cheapest mover at x going to y, freight and slots priced. A chain of
edges to a node with a free piece makes room where it begins; a cycle of negative cost makes the plan cheaper.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..jit import entry, fast_inner, inner
from ..structs import reference_to
from .compact import NEVER

NONE = np.float32(NEVER)
REAL = np.float32(NEVER / 10)
"""A cost below this is one of something that can be."""
SLIGHT = np.float32(1e-2)
LONGEST_LOG = 4_096
NO_ORDER = -1


class Floor(NamedTuple):
    """A plan being bettered: where every line is, what is left, each SKU's graph, and what was done since the last log.

    `chains_snn`, `exit_sn` and `relief_sn` are derived from the edges: the cheapest chain to a node from another, to a
    free piece, and what one more free piece at a node would save (≤ 0); `stale_s`: not yet derived again.
    """

    ptr_o: Any
    sku_l: Any
    qty_l: Any
    row_o: Any
    cost_rn: Any
    second_minor: float
    slot_n: Any
    at_l: Any
    left_sn: Any
    room_n: Any
    ptr_s: Any  # movers, orders of one line of one piece, sorted by SKU; axis k
    order_k: Any
    node_k: Any
    cost_kn: Any  # slots priced
    mover_o: Any  # place in `order_k`, −1: none
    edge_snn: Any
    by_snn: Any
    chains_snn: Any
    exit_sn: Any
    relief_sn: Any
    dirty_sn: Any
    stale_s: Any
    log: Any  # (LONGEST_LOG, 2): order, the way it had
    logged: Any  # (1,)
    floor_n: Any  # room may fall so far, ≤ 0
    room_before_n: Any
    steps_n: Any
    far_n: Any
    from_n: Any
    cycle_n: Any
    cells_ln: Any
    sums_rn: Any
    priced_rn: Any


FloorRef = reference_to(Floor)


@inner
def way_of(f: Any, o: int) -> int:
    """The way an order is served now (compact_kernel)."""
    nodes, first = len(f.room_n), f.ptr_o[o]
    a, b, m = f.at_l[first], f.at_l[first], 0
    for line in range(first, f.ptr_o[o + 1]):
        if f.at_l[line] == a:
            m |= 1 << (line - first)
        else:
            b = f.at_l[line]
    return (m * nodes + a) * nodes + b


@inner
def cost_of_way(f: Any, o: int, way: int) -> float:
    """Parcels and the slots they take, at the slots' prices."""
    nodes = len(f.room_n)
    m, a, b = way // (nodes * nodes), way // nodes % nodes, way % nodes
    if a == b:
        return np.float64(f.cost_rn[f.row_o[o + 1] - 1, a]) + f.slot_n[a]
    other = (1 << (f.ptr_o[o + 1] - f.ptr_o[o])) - 1 - m
    row = f.row_o[o] - 1
    parcels = np.float64(f.cost_rn[row + m, a]) + f.cost_rn[row + other, b]
    return parcels + f.slot_n[a] + f.slot_n[b] + f.second_minor


@inner
def put(f: Any, o: int, old: int, way: int) -> None:
    """Move an order from one way to another: stock, slots and lists; not logged."""
    nodes, first = len(f.room_n), f.ptr_o[o]
    m, a, b = way // (nodes * nodes), way // nodes % nodes, way % nodes
    was_a, was_b = old // nodes % nodes, old % nodes
    f.room_n[was_a] += 1
    f.room_n[a] -= 1
    if was_a != was_b:
        f.room_n[was_b] += 1
    if a != b:
        f.room_n[b] -= 1
    for line in range(first, f.ptr_o[o + 1]):
        s, n = f.sku_l[line], a if m >> (line - first) & 1 else b
        if n != f.at_l[line]:
            f.left_sn[s, f.at_l[line]] += f.qty_l[line]
            f.left_sn[s, n] -= f.qty_l[line]
            f.stale_s[s] = True
            f.at_l[line] = n
    if f.mover_o[o] >= 0:
        f.dirty_sn[f.sku_l[first], was_a] = True
        f.node_k[f.mover_o[o]] = a
        join_edges(f, f.sku_l[first], a, f.mover_o[o])


@inner
def join_edges(f: Any, s: int, x: int, k: int) -> None:
    """A mover has come to x: where it is cheaper than the others there, it is the edge."""
    edge, by, cost = f.edge_snn[s, x], f.by_snn[s, x], f.cost_kn[k]
    leaving = cost[x]
    for y in range(len(edge)):
        if cost[y] - leaving < edge[y] and y != x:
            edge[y], by[y] = cost[y] - leaving, f.order_k[k]


@inner
def change(f: Any, o: int, way: int) -> float:
    """Move an order and log it; by how much the plan gets dearer, slots priced."""
    old = way_of(f, o)
    f.log[f.logged[0], 0], f.log[f.logged[0], 1] = o, old
    f.logged[0] += 1
    put(f, o, old, way)
    return cost_of_way(f, o, way) - cost_of_way(f, o, old)


@inner
def undo(f: Any) -> None:
    """Take back everything logged."""
    while f.logged[0] > 0:
        f.logged[0] -= 1
        o = f.log[f.logged[0], 0]
        put(f, o, way_of(f, o), f.log[f.logged[0], 1])


@fast_inner
def draw_edges(f: Any, s: int) -> None:
    """Renew the edges that leave nodes that a mover left."""
    nodes, dirty, any_dirty = len(f.room_n), f.dirty_sn[s], False
    for x in range(nodes):
        if dirty[x]:
            any_dirty = True
            for y in range(nodes):
                f.edge_snn[s, x, y] = NONE
    if not any_dirty:
        return
    for k in range(f.ptr_s[s], f.ptr_s[s + 1]):
        x = f.node_k[k]
        if not dirty[x]:
            continue
        edge, by, cost, o = f.edge_snn[s, x], f.by_snn[s, x], f.cost_kn[k], f.order_k[k]
        leaving = cost[x]
        for y in range(nodes):
            dearer = cost[y] - leaving
            if dearer < edge[y]:
                edge[y], by[y] = dearer, o
    for x in range(nodes):
        f.edge_snn[s, x, x] = NONE
        dirty[x] = False


@fast_inner
def find_chains(f: Any, s: int) -> None:
    """Derive the chains of a SKU again if anything changed: all shortest paths (Floyd, 1962)."""
    draw_edges(f, s)
    if not f.stale_s[s]:
        return
    f.stale_s[s] = False
    nodes = len(f.room_n)
    chain, leave, relief = f.chains_snn[s], f.exit_sn[s], f.relief_sn[s]
    for x in range(nodes):
        for y in range(nodes):
            chain[y, x] = f.edge_snn[s, x, y]
    for k in range(nodes):
        for y in range(nodes):
            last = chain[y, k]
            if last < REAL:
                for x in range(nodes):
                    chain[y, x] = min(chain[y, x], chain[k, x] + last)
    for x in range(nodes):
        leave[x] = NONE
    for y in range(nodes):
        saved = np.float32(0.0)
        for x in range(nodes):
            saved = min(saved, chain[y, x])
        relief[y] = saved
        if f.left_sn[s, y] >= 1:
            for x in range(nodes):
                leave[x] = min(leave[x], chain[y, x])
    for x in range(nodes):
        if f.left_sn[s, x] >= 1:
            leave[x] = np.float32(0.0)


@inner
def mover_to(f: Any, y: int) -> int:
    """The way of an order of one line from node y."""
    nodes = len(f.room_n)
    return (nodes + y) * nodes + y


@inner
def push_out(f: Any, s: int, start: int, with_room: bool) -> float:
    """Take a piece's worth of movers out of a node by the cheapest chain; by how much dearer, NEVER: there is none.

    `with_room`: only to nodes that also have a slot left.
    """
    draw_edges(f, s)
    nodes, far, then = len(f.room_n), f.far_n, f.steps_n
    for x in range(nodes):
        ends = x != start and f.left_sn[s, x] >= 1 and (not with_room or f.room_n[x] >= 1)
        far[x], then[x] = np.float32(0.0) if ends else NONE, NO_ORDER
    for _ in range(nodes):
        shorter = False
        for x in range(nodes):
            if far[x] == 0 and then[x] == NO_ORDER:
                continue
            for y in range(nodes):
                by_y = f.edge_snn[s, x, y] + far[y]
                if by_y < far[x] - SLIGHT:
                    far[x], then[x], shorter = by_y, y, True
        if not shorter:
            break
    x = start
    for _ in range(nodes):
        if then[x] != NO_ORDER:
            x = then[x]
    if far[start] >= REAL or then[x] != NO_ORDER:  # none, or round in a circle: the movers are not at least cost
        return np.float64(NONE)
    x, dearer = start, 0.0
    for _ in range(nodes):
        y = then[x]
        if y == NO_ORDER:
            break
        dearer += change(f, f.by_snn[s, x, y], mover_to(f, y))
        x = y
    return dearer


@inner
def cancel_cycles(f: Any, s: int) -> float:
    """Move the movers of a SKU along cycles of negative cost until there are none, or the log is full (Klein, 1967).

    A free piece is a node of its own, reached from where a piece is left; any node may be reached from it.
    """
    nodes = len(f.room_n)
    free, dearer = nodes, 0.0
    while f.logged[0] < LONGEST_LOG - nodes - 1:
        draw_edges(f, s)
        last = relax(f, s)
        if last < 0:
            break
        x = last
        for _ in range(nodes + 2):
            x = f.from_n[x]
        start, length = x, 0
        while True:
            f.cycle_n[length] = x
            length += 1
            x = f.from_n[x]
            if x == start or length > nodes + 1:
                break
        for i in range(length):
            y, x = f.cycle_n[i], f.cycle_n[(i + 1) % length]
            if free not in (x, y):
                dearer += change(f, f.by_snn[s, x, y], mover_to(f, y))
    return dearer


@inner
def relax(f: Any, s: int) -> int:
    """Bellman and Ford's rounds over a SKU's graph; a node that still got nearer in the last one, −1: no cycle."""
    nodes, far, back = len(f.room_n), f.far_n, f.from_n
    free, last = nodes, -1
    for x in range(nodes + 1):
        far[x], back[x] = np.float32(0.0), -1
    for _ in range(nodes + 2):
        last = -1
        for x in range(nodes):
            here = far[x]
            for y in range(nodes):
                nearer = here + f.edge_snn[s, x, y]
                if nearer < far[y] - SLIGHT:
                    far[y], back[y], last = nearer, x, y
            if f.left_sn[s, x] >= 1 and here < far[free] - SLIGHT:
                far[free], back[free], last = here, x, free
        for y in range(nodes):
            if far[free] < far[y] - SLIGHT:
                far[y], back[y], last = far[free], free, y
        if last < 0:
            break
    return last


@entry
def flow(floor: Any, skus: Any) -> float:
    """Move the movers of these SKUs at least cost, slots at their prices; by how much the plan gets dearer (≤ 0)."""
    f = FloorRef(*floor)
    dearer = 0.0
    for s in skus:
        while True:
            dearer += cancel_cycles(f, s)
            full = f.logged[0] >= LONGEST_LOG - len(f.room_n) - 1
            f.logged[0] = 0
            if not full:
                break
    return dearer


@entry
def cheapest_exits(floor: Any, node: int, exit_s: Any) -> None:
    """What it costs, per SKU, to move a piece's worth of movers from the node to where stock and a slot are left."""
    f = FloorRef(*floor)
    for s in range(len(exit_s)):
        exit_s[s] = NONE
        if f.ptr_s[s] == f.ptr_s[s + 1]:
            continue
        find_chains(f, s)
        for y in range(len(f.room_n)):
            if y != node and f.left_sn[s, y] >= 1 and f.room_n[y] >= 1:
                exit_s[s] = min(exit_s[s], f.chains_snn[s, y, node])


@entry
def empty_slots(floor: Any, node: int, skus: Any) -> None:
    """Move one piece's worth of each SKU, in this order, out of the node until it has no more than its slots."""
    f = FloorRef(*floor)
    for s in skus:
        if f.room_n[node] >= 0:
            break
        push_out(f, s, node, True)
        f.logged[0] = 0

"""The loop's hands: opening allocations, moving stock, undoing, and walking the ranking line by line."""

from __future__ import annotations

from .jit import inner
from .kernel_state import Record, Scratch, State
from .rank_kernel import MOST_STOCK, rank_for_line
from .tables import Tables
from .team_kernel import NO_ROOM, SHARED_ROOM, choose_team, reusable, shared_places, team_room

UNOPENED, NO_TEAM_HAD_ROOM = -1, -2
UNASSIGNED = -1


@inner
def open_allocation(
    t: Tables, s: State, r: Record, x: Scratch, order: int, rule: int, block: int, first: int, w: int, spare: bool
) -> int:
    """The order's allocation at the warehouse: its own of before, or a new one that counts in both loads.

    `NO_TEAM_HAD_ROOM` if a team is needed and none has capacity left.
    """
    again = reusable(t, r, first, w, block)
    if again >= 0:
        return again
    if team_room(t, s, block, w) == NO_ROOM:
        return NO_TEAM_HAD_ROOM
    team = choose_team(t, s, x, block, w, spare)
    allocation = r.filled[0]
    r.order_a[allocation], r.warehouse_a[allocation] = order, w
    r.team_a[allocation], r.rule_a[allocation] = team, rule
    s.load_w[w] += 1
    if team >= 0:
        s.load_t[team] += 1
    r.filled[0] = allocation + 1
    return allocation


@inner
def take(t: Tables, s: State, r: Record, allocation: int, line: int, qty: int) -> None:
    """Move pieces of a line from the stock to an allocation."""
    part = r.filled[1]
    r.allocation_p[part], r.line_p[part], r.qty_p[part] = allocation, line, qty
    s.available_sw[t.sku_l[line], r.warehouse_a[allocation]] -= qty
    r.open_l[line] -= qty
    r.filled[1] = part + 1


@inner
def undo(t: Tables, s: State, r: Record, x: Scratch, allocations: int, parts: int) -> None:
    """Give back everything recorded after the first `allocations` and `parts`, and the credits it moved."""
    for part in range(parts, r.filled[1]):
        line = r.line_p[part]
        s.available_sw[t.sku_l[line], r.warehouse_a[r.allocation_p[part]]] += r.qty_p[part]
        r.open_l[line] += r.qty_p[part]
    for allocation in range(allocations, r.filled[0]):
        s.load_w[r.warehouse_a[allocation]] -= 1
        if r.team_a[allocation] >= 0:
            s.load_t[r.team_a[allocation]] -= 1
    r.filled[0], r.filled[1] = allocations, parts
    s.credit_w[:] = x.credit_before_w
    s.credit_t[:] = x.credit_before_t
    if x.turn_row[0] > 0:
        s.own_jw[x.turn_row[0]] = x.own_before_w
    for turn in range(x.turns[0] - 1, -1, -1):
        s.own_jt[x.turn_row_i[turn]] = x.own_before_it[turn]
    x.turns[0] = 0


@inner
def serve_whole(
    t: Tables, s: State, r: Record, x: Scratch, order: int, rule: int, block: int, first: int, count: int
) -> int:
    """Give the order to the best-ranked candidate that has everything and a team; its place in the ranking, −1 none."""
    for i in range(count):
        w = x.ranked[i]
        if x.short_w[w] > 0:
            continue
        allocation = open_allocation(t, s, r, x, order, rule, block, first, w, False)
        x.opened_w[w] = allocation
        if allocation >= 0:
            for line in range(t.ptr[order], t.ptr[order + 1]):
                if r.open_l[line] > 0:
                    take(t, s, r, allocation, line, r.open_l[line])
            return i
    return -1


@inner
def walk(
    t: Tables,
    s: State,
    r: Record,
    x: Scratch,
    order: int,
    rule: int,
    action: int,
    block: int,
    first: int,
    count: int,
    max_parcels: int,
    is_set: bool,
) -> None:
    """Serve line by line in the order given, each from the best-ranked of `members[:count]` that has it.

    ``by_line``: the first that has the whole line; ``by_piece``: drained from one after the other. `is_set`: the
    candidates are a set that was chosen to cover, `assigned_m` says where lines that compete for one SKU go.
    """
    by_piece = t.split_a[action] == 2
    has_stock_key = _asks(t, action, MOST_STOCK)
    parcels = 0
    for line in range(t.ptr[order], t.ptr[order + 1]):
        m = line - t.ptr[order]
        if x.comp_m[m] < 0:
            continue
        sku, members = t.sku_l[line], x.members
        if has_stock_key:
            rank_for_line(t, s, x, action, count, sku)
            members = x.line_ranked
        competes = is_set and not by_piece and x.lines_c[x.comp_m[m]] > 1
        for i in range(count):
            w = members[i]
            there = s.available_sw[sku, w]
            if there <= 0 or (not by_piece and there < r.open_l[line]):
                continue
            if competes and x.assigned_m[m] != w:
                continue
            if x.opened_w[w] == NO_TEAM_HAD_ROOM or (x.opened_w[w] < 0 and parcels >= max_parcels):
                continue
            if x.opened_w[w] == UNOPENED:
                spare = is_set and _must_spare(t, s, r, x, block, first, w, count)
                x.opened_w[w] = open_allocation(t, s, r, x, order, rule, block, first, w, spare)
                if x.opened_w[w] < 0:
                    continue
                parcels += 1
            take(t, s, r, x.opened_w[w], line, min(there, r.open_l[line]))
            if r.open_l[line] == 0:
                break


@inner
def _asks(t: Tables, action: int, strategy: int) -> bool:
    for k in range(3):
        if t.strategies_ak[action, k] == strategy:
            return True
    return False


@inner
def _must_spare(t: Tables, s: State, r: Record, x: Scratch, block: int, first: int, warehouse: int, count: int) -> bool:
    """Whether the members still unopened that have only shared teams need every place those have left."""
    needed = 0
    for i in range(count):
        w = x.members[i]
        if w != warehouse and x.opened_w[w] == UNOPENED and reusable(t, r, first, w, block) < 0:
            needed += team_room(t, s, block, w) == SHARED_ROOM
    return needed > 0 and shared_places(t, s, block, warehouse) <= needed


@inner
def lines_left(t: Tables, r: Record, order: int) -> bool:
    """Whether anything of the order is still open."""
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] > 0:
            return True
    return False


@inner
def note_lines(t: Tables, r: Record, order: int, reason: int) -> None:
    """Give every open line of the order the same reason."""
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] > 0:
            r.reason_l[line] = reason

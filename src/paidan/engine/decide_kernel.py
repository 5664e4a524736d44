"""The loop over orders: rule after rule, candidates, ranking, serving, and what is written down about it."""

from __future__ import annotations

from .codes import Otherwise, Outcome, Reason
from .cover_kernel import choose_cover
from .jit import inner
from .kernel_state import Record, Scratch, State
from .match_kernel import NO_MATCH, next_match
from .matching import RuleIndex
from .price_kernel import arrives_at, cheapest_row, parcel_price
from .problem import NEVER_DUE
from .rank_kernel import (
    FEWEST,
    NONE,
    RATIO,
    STOCK_SHORT,
    TEAM_FULL,
    candidates,
    earn,
    furthest_reason,
    measure_stock,
    rank,
)
from .serve_kernel import NO_TEAM_HAD_ROOM, UNOPENED, lines_left, note_lines, serve_whole, undo, walk
from .tables import NO_LIMIT, Tables
from .team_kernel import NO_ROOM

NO_RULE, ADDRESS_UNRESOLVED = int(Reason.NO_RULE), int(Reason.ADDRESS_UNRESOLVED)
UNKNOWN_SKU, HELD_REASON = int(Reason.UNKNOWN_SKU), int(Reason.HELD)
UNALLOCATED, PARTIAL = int(Outcome.UNALLOCATED), int(Outcome.PARTIAL)
ALLOCATED, HELD = int(Outcome.ALLOCATED), int(Outcome.HELD)
NEXT, HOLD = int(Otherwise.NEXT), int(Otherwise.HOLD)


@inner
def most_parts(t: Tables, order: int) -> int:
    """More parts than the order can get: each has a piece, and is of one line, warehouse and team."""
    pieces, lines = 0, t.ptr[order + 1] - t.ptr[order]
    most = lines * len(t.open_w) * (1 + len(t.capacity_t))
    for line in range(t.ptr[order], t.ptr[order + 1]):
        pieces = min(pieces + min(t.qty_l[line], most), most)
    return pieces


@inner
def decide_order(t: Tables, index: RuleIndex, s: State, r: Record, x: Scratch, order: int, rule: int) -> None:
    r.rule_o[order] = rule
    if not lines_left(t, r, order):
        r.outcome_o[order] = ALLOCATED
        return
    if t.unresolved_o[order] or rule == NO_MATCH:
        r.rule_o[order] = NO_MATCH
        reason = ADDRESS_UNRESOLVED if t.unresolved_o[order] else NO_RULE
        r.outcome_o[order], r.reason_o[order] = UNALLOCATED, reason
        note_lines(t, r, order, reason)
        return
    first, first_part = r.filled[0], r.filled[1]
    held = False
    while True:
        served_before = r.filled[0] > first
        if not served_before:
            r.rule_o[order] = rule
        _attempt(t, s, r, x, order, rule, first, not served_before)
        if not lines_left(t, r, order):
            break
        otherwise = t.otherwise_a[t.action_r[rule]]
        held = otherwise == HOLD
        if otherwise != NEXT:
            break
        rule = next_match(index, t.ptr, t.sku_l, order, rule + 1)
        if rule == NO_MATCH:
            break
    _merge_parts(r, first_part)
    _price_allocations(t, r, order, first, first_part)
    _conclude(t, r, order, first, held)


@inner
def _attempt(t: Tables, s: State, r: Record, x: Scratch, order: int, rule: int, first: int, explain: bool) -> None:
    """Serve what one rule can of what is open, and note why the rest stays open and why each candidate lost."""
    action = t.action_r[rule]
    split = t.split_a[action]
    all_or_nothing = split == 0 or not t.partial_a[action]
    block = t.block_a[action] if t.block_a[action] >= 0 else t.block_h[t.shop_o[order]]
    comps, weight, volume, unknown = _open_demand(t, r, x, order)
    count = candidates(t, s, r, x, order, action, block, first, weight, volume)
    if explain:
        r.rank_ow[order, :] = 0
        r.short_ow[order, :] = 0
    blocked = unknown and (all_or_nothing or comps == 0)
    if count == 0 or blocked:
        reason = UNKNOWN_SKU if blocked else furthest_reason(x)
        for i in range(count):
            x.reason_w[x.ranked[i]] = UNKNOWN_SKU
        _note_open(t, r, x, order, reason)
        if explain:
            r.reason_ow[order] = x.reason_w
        return
    x.credit_before_w[:] = s.credit_w
    x.credit_before_t[:] = s.credit_t
    x.turn_row[0], x.turns[0] = 0, 0
    measure_stock(t, s, r, x, count, comps, block, first)
    earns = _ranks_by(t, action, RATIO) and r.filled[0] == first  # an order earns and pays once
    if earns:
        earn(t, s, x, r, order, count, comps, split)
    rank(t, s, x, order, action, count, comps, weight, volume)
    x.opened_w[:] = UNOPENED
    allocations, parts = r.filled[0], r.filled[1]
    if split == 0:
        last = serve_whole(t, s, r, x, order, rule, block, first, count)
        reason = STOCK_SHORT
        for i in range(count if last < 0 else 0):
            if x.opened_w[x.ranked[i]] == NO_TEAM_HAD_ROOM:
                reason = TEAM_FULL
        if last < 0:
            note_lines(t, r, order, reason)
    else:
        last = _serve_split(t, s, r, x, order, rule, action, block, first, count, comps)
    if earns:
        _settle_credits(s, x, count, r.filled[1] > parts)
    if all_or_nothing and split > 0 and lines_left(t, r, order):
        reason = _first_reason(t, r, order)
        undo(t, s, r, x, allocations, parts)
        last = -1
        _note_open(t, r, x, order, reason)
    if explain:
        _explain(r, x, order, count, last, lines_left(t, r, order))


@inner
def _ranks_by(t: Tables, action: int, strategy: int) -> bool:
    for k in range(3):
        if t.strategies_ak[action, k] == strategy:
            return True
    return False


@inner
def _open_demand(t: Tables, r: Record, x: Scratch, order: int) -> tuple[int, int, int, bool]:
    """Distinct known SKUs still open with their pieces: number, weight, volume, and whether others are unknown."""
    comps, weight, volume, unknown = 0, 0, 0, False
    for line in range(t.ptr[order], t.ptr[order + 1]):
        m, sku, qty = line - t.ptr[order], t.sku_l[line], r.open_l[line]
        x.comp_m[m] = -1
        if qty == 0:
            continue
        if not t.known_s[sku]:
            unknown = True
            continue
        weight += qty * t.weight_g_s[sku]
        volume += qty * t.volume_cm3_s[sku]
        c = 0
        while c < comps and x.sku_c[c] != sku:
            c += 1
        if c == comps:
            x.sku_c[c], x.need_c[c], x.lines_c[c] = sku, 0, 0
            comps += 1
        x.comp_m[m] = c
        x.need_c[c] += qty
        x.lines_c[c] += 1
    return comps, weight, volume, unknown


@inner
def _serve_split(
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
    comps: int,
) -> int:
    """Serve from several candidates; the ranking place of the last that serves, −1 none. Notes the open lines."""
    is_set = t.strategies_ak[action, 0] == FEWEST
    members, max_parcels, short_of_teams = count, t.max_parcels_a[action], False
    if is_set:
        members, short_of_teams = choose_cover(t, s, r, x, order, action, block, count)
        max_parcels = NO_LIMIT
    else:
        x.members[:count] = x.ranked[:count]
    walk(t, s, r, x, order, rule, action, block, first, members, max_parcels, is_set)
    last, full = -1, short_of_teams
    for i in range(count):
        w = x.ranked[i]
        if x.opened_w[w] >= 0:
            last = i
        elif is_set and x.room_w[w] == NO_ROOM and _has_any(s, x, w, comps):
            x.opened_w[w] = NO_TEAM_HAD_ROOM
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] > 0:
            r.reason_l[line] = _line_reason(t, s, r, x, order, action, line, count, full)
    if members == 0 and not t.partial_a[action]:
        note_lines(t, r, order, _blocking_reason(t, s, r, x, order, action, count, full))
    return last


@inner
def _blocking_reason(
    t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, count: int, full: bool
) -> int:
    """Why no set covers the order: the reason of the first line the candidates with a team do not have between them."""
    someone_full = full
    for line in range(t.ptr[order], t.ptr[order + 1]):
        c = x.comp_m[line - t.ptr[order]]
        if c < 0:
            continue
        total, most = 0, 0
        for i in range(count):
            w = x.ranked[i]
            someone_full |= x.opened_w[w] == NO_TEAM_HAD_ROOM
            if x.room_w[w] != NO_ROOM:
                total += s.available_sw[x.sku_c[c], w]
                most = max(most, s.available_sw[x.sku_c[c], w])
        if (t.split_a[action] == 2 and total < x.need_c[c]) or (t.split_a[action] == 1 and most < r.open_l[line]):
            return _line_reason(t, s, r, x, order, action, line, count, full)
    return TEAM_FULL if someone_full else STOCK_SHORT


@inner
def _has_any(s: State, x: Scratch, w: int, comps: int) -> bool:
    for c in range(comps):
        if s.available_sw[x.sku_c[c], w] > 0:
            return True
    return False


@inner
def _line_reason(
    t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, line: int, count: int, full: bool
) -> int:
    """Why a line stays open: `TEAM_FULL` if a candidate has it and only a team was missing."""
    if x.comp_m[line - t.ptr[order]] < 0:
        return UNKNOWN_SKU
    if full:
        return TEAM_FULL
    least = r.open_l[line] if t.split_a[action] == 1 else 1
    for i in range(count):
        w = x.ranked[i]
        if x.opened_w[w] == NO_TEAM_HAD_ROOM and s.available_sw[t.sku_l[line], w] >= least:
            return TEAM_FULL
    return STOCK_SHORT


@inner
def _first_reason(t: Tables, r: Record, order: int) -> int:
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] > 0:
            return r.reason_l[line]
    return NONE


@inner
def _note_open(t: Tables, r: Record, x: Scratch, order: int, reason: int) -> None:
    """Give the open lines one reason; a line of an unknown SKU keeps its own."""
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] > 0:
            r.reason_l[line] = reason if x.comp_m[line - t.ptr[order]] >= 0 else UNKNOWN_SKU


@inner
def _settle_credits(s: State, x: Scratch, count: int, served: bool) -> None:
    """The best-ranked warehouse with a parcel pays 1; where nothing was served, nobody earned."""
    row = x.turn_row[0]
    if not served:
        s.credit_w[:] = x.credit_before_w
        if row > 0:
            s.own_jw[row] = x.own_before_w
        return
    for i in range(count):
        w = x.ranked[i]
        if x.opened_w[w] >= 0:
            s.credit_w[w] -= 1.0
            if row > 0:
                s.own_jw[row, w] -= 1.0
            return


@inner
def _explain(r: Record, x: Scratch, order: int, count: int, last: int, is_open: bool) -> None:
    """Write the ranking and why each candidate lost; who comes after the last one needed is only ranked lower."""
    for i in range(count):
        w = x.ranked[i]
        r.rank_ow[order, w] = min(i + 1, 255)
        if last >= 0 and x.opened_w[w] >= 0:
            reason = NONE
        elif i > last and not is_open:
            continue
        elif x.opened_w[w] == NO_TEAM_HAD_ROOM:
            reason = TEAM_FULL
        else:
            reason = STOCK_SHORT if x.short_w[w] > 0 else NONE
        x.reason_w[w] = reason
        r.short_ow[order, w] = min(x.short_w[w], 65535)
    r.reason_ow[order] = x.reason_w


@inner
def _merge_parts(r: Record, first_part: int) -> None:
    """Join parts of equal line and allocation (a later rule may come back to an allocation)."""
    kept = first_part
    for part in range(first_part, r.filled[1]):
        again = -1
        for earlier in range(first_part, kept):
            if r.line_p[earlier] == r.line_p[part] and r.allocation_p[earlier] == r.allocation_p[part]:
                again = earlier
        if again >= 0:
            r.qty_p[again] += r.qty_p[part]
            continue
        r.allocation_p[kept], r.line_p[kept], r.qty_p[kept] = r.allocation_p[part], r.line_p[part], r.qty_p[part]
        kept += 1
    r.filled[1] = kept


@inner
def _price_allocations(t: Tables, r: Record, order: int, first: int, first_part: int) -> None:
    """Distance, freight and lateness of the order's allocations, by what is on each."""
    place = t.place_o[order]
    for allocation in range(first, r.filled[0]):
        weight, volume, w = 0, 0, r.warehouse_a[allocation]
        for part in range(first_part, r.filled[1]):
            if r.allocation_p[part] == allocation:
                sku = t.sku_l[r.line_p[part]]
                weight += r.qty_p[part] * t.weight_g_s[sku]
                volume += r.qty_p[part] * t.volume_cm3_s[sku]
        row = cheapest_row(t, place, w, weight, volume)
        r.distance_m_a[allocation] = t.distance_pw[place, w]
        r.freight_row_a[allocation] = row
        r.freight_minor_a[allocation] = parcel_price(t, place, w, row, weight, volume)
        due = t.ship_by_o[order]
        r.late_s_a[allocation] = 0 if due == NEVER_DUE else max(0, arrives_at(t, w, row) - due)


@inner
def _conclude(t: Tables, r: Record, order: int, first: int, held: bool) -> None:
    """The order's outcome and reason: that of its first open line, or a full team if nothing at all was served."""
    reason, full = NONE, False
    for line in range(t.ptr[order], t.ptr[order + 1]):
        if r.open_l[line] == 0:
            r.reason_l[line] = NONE
            continue
        if reason == NONE:
            reason = r.reason_l[line]
        full |= r.reason_l[line] == TEAM_FULL
    if reason == NONE:
        r.outcome_o[order] = ALLOCATED
    elif held:
        r.outcome_o[order], reason = HELD, HELD_REASON
    elif r.filled[0] > first:
        r.outcome_o[order] = PARTIAL
    else:
        r.outcome_o[order] = UNALLOCATED
        reason = TEAM_FULL if full else reason
    r.reason_o[order] = reason

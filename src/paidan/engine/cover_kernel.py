"""The smallest set of warehouses that covers an order (`fewest_parcels` first), exact within a budget of nodes.

Sets are tried by size, then by their ranks as sorted tuples, so the first that covers is the answer. Two bounds cut
the search: what the best of the remaining candidates could still add per SKU and in all, and dominance: a candidate
that has no more of anything than a better-ranked one is only worth choosing together with it (else swapping the two
gives a set as good and better ranked).
"""

from __future__ import annotations

import numpy as np

from .jit import inner
from .kernel_state import Record, Scratch, State
from .pack_kernel import assign_lines, pack_lines
from .tables import Tables
from .team_kernel import NO_ROOM, SHARED_ROOM, shared_places

NODE_BUDGET = 200_000
"""Nodes looked at per order before the search gives way to `_greedy`."""
FOUND, NONE_FOUND, OUT_OF_BUDGET = 1, 0, -1


@inner
def choose_cover(
    t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, block: int, count: int
) -> tuple[int, bool]:
    """Put the set to serve from into `members[:size]`; its size (0 = none) and whether shared teams were short.

    With shortage ``reject`` a set must cover every open line; with ``partial`` the sets that serve the most pieces
    come first, then the smallest, then the best-ranked.
    """
    comps = _count_comps(x, t.ptr[order + 1] - t.ptr[order])
    useful = _measure_gains(t, s, r, x, order, action, count, comps)
    partial = t.partial_a[action]
    goal = _attainable(t, s, r, x, order, action, useful, comps)
    wanted = 0
    for c in range(comps):
        wanted += x.need_c[c]
    if goal == 0 or (goal < wanted and not partial):
        return 0, False
    shared = shared_places(t, s, block, x.ranked[x.useful[0]])
    largest = min(t.max_parcels_a[action], useful)
    spent = 0
    for size in range(_smallest_size(x, useful, comps, goal), largest + 1):
        outcome, _, spent = _search(t, s, r, x, order, action, useful, comps, size, goal - 1, goal, shared, spent)
        if outcome == FOUND:
            return _as_members(t, s, r, x, order, comps, size), False
        if outcome == OUT_OF_BUDGET:
            greedy = _greedy(t, s, r, x, order, action, useful, comps, largest, goal, shared)
            return _as_members(t, s, r, x, order, comps, greedy), False
    short_of_teams = _any_shared(x, useful) and shared < useful
    if not partial:
        return 0, short_of_teams
    best, best_size = 0, 0
    for size in range(1, largest + 1):
        outcome, value, spent = _search(t, s, r, x, order, action, useful, comps, size, best, goal, shared, spent)
        if outcome == OUT_OF_BUDGET:
            best_size = _greedy(t, s, r, x, order, action, useful, comps, largest, goal, shared)
            return _as_members(t, s, r, x, order, comps, best_size), short_of_teams
        if value > best:
            best, best_size = value, size
            x.assigned_set[:size] = x.best_d[:size]
    x.best_d[:best_size] = x.assigned_set[:best_size]
    return _as_members(t, s, r, x, order, comps, best_size), short_of_teams


@inner
def _as_members(t: Tables, s: State, r: Record, x: Scratch, order: int, comps: int, size: int) -> int:
    """Turn the set `best_d[:size]` into `members`, and say where lines that compete for one SKU go."""
    assign_lines(t, s, r, x, order, comps, x.best_d, size)
    for d in range(size):
        x.members[d] = x.ranked[x.useful[x.best_d[d]]]
    return size


@inner
def _count_comps(x: Scratch, lines: int) -> int:
    comps = 0
    for m in range(lines):
        comps = max(comps, x.comp_m[m] + 1)
    return comps


@inner
def _any_shared(x: Scratch, useful: int) -> bool:
    for i in range(useful):
        if x.shared_i[i]:
            return True
    return False


@inner
def _measure_gains(t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, count: int, comps: int) -> int:
    """What each candidate with a team could serve of each SKU: `gain_ic`, their suffix maxima, dominators; how many."""
    by_piece = t.split_a[action] == 2
    smallest = x.most_ic[0]
    smallest[:comps] = np.iinfo(np.int64).max
    for line in range(t.ptr[order], t.ptr[order + 1]):
        c = x.comp_m[line - t.ptr[order]]
        if c >= 0:
            smallest[c] = 1 if by_piece else min(smallest[c], r.open_l[line])
    useful = 0
    for i in range(count):
        w = x.ranked[i]
        if x.room_w[w] == NO_ROOM:
            continue
        x.gain_i[useful] = 0
        for c in range(comps):
            there = s.available_sw[x.sku_c[c], w]
            x.gain_ic[useful, c] = min(there, x.need_c[c]) if there >= smallest[c] else 0
            x.gain_i[useful] += x.gain_ic[useful, c]
        if x.gain_i[useful] > 0:
            x.useful[useful] = i
            x.shared_i[useful] = x.room_w[w] == SHARED_ROOM
            useful += 1
    x.most_ic[useful, :comps] = 0
    x.most_i[useful] = 0
    for i in range(useful - 1, -1, -1):
        x.most_i[i] = max(x.most_i[i + 1], x.gain_i[i])
        for c in range(comps):
            x.most_ic[i, c] = max(x.most_ic[i + 1, c], x.gain_ic[i, c])
    for i in range(useful):
        x.dominated_i[i] = 0
        for better in range(i):
            x.dominators[i, better] = _dominates(x, better, i, comps)
            x.dominated_i[i] += x.dominators[i, better]
    return useful


@inner
def _dominates(x: Scratch, better: int, i: int, comps: int) -> bool:
    if x.shared_i[better] and not x.shared_i[i]:
        return False
    for c in range(comps):
        if x.gain_ic[better, c] < x.gain_ic[i, c]:
            return False
    return True


@inner
def _attainable(t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, useful: int, comps: int) -> int:
    """The pieces all candidates together could serve."""
    for i in range(useful):
        x.chosen_d[i] = i
    x.have_dc[useful, :comps] = 0
    for i in range(useful):
        for c in range(comps):
            x.have_dc[useful, c] = min(x.need_c[c], x.have_dc[useful, c] + x.gain_ic[i, c])
    return _value(t, s, r, x, order, action, useful, comps)


@inner
def _value(t: Tables, s: State, r: Record, x: Scratch, order: int, action: int, size: int, comps: int) -> int:
    """The pieces the set `chosen_d[:size]` serves, its sums being in `have_dc[size]`.

    Exact where lines compete for one SKU: whole lines do not fill a warehouse to the last piece.
    """
    by_piece = t.split_a[action] == 2
    pieces = 0
    for c in range(comps):
        if by_piece or x.lines_c[c] == 1:
            pieces += x.have_dc[size, c]
        elif x.have_dc[size, c] > 0:
            pieces += pack_lines(t, s, r, x, order, c, x.chosen_d, size)
    return pieces


@inner
def _smallest_size(x: Scratch, useful: int, comps: int, goal: int) -> int:
    """No smaller set can serve `goal` pieces."""
    best = x.most_i[0]
    return max(1, (goal + best - 1) // best) if useful > 0 and comps > 0 else 1


@inner
def _search(
    t: Tables,
    s: State,
    r: Record,
    x: Scratch,
    order: int,
    action: int,
    useful: int,
    comps: int,
    size: int,
    floor: int,
    goal: int,
    shared: int,
    spent: int,
) -> tuple[int, int, int]:
    """The best set of exactly `size` candidates that serves more than `floor` pieces: outcome, pieces, nodes spent.

    Depth first in the order of the sets' sorted ranks; stops at the first that serves `goal`.
    """
    best, outcome = floor, NONE_FOUND
    depth, used_shared = 0, 0
    x.pos_d[0] = 0
    x.got_d[0] = 0
    x.have_dc[0, :comps] = 0
    while depth >= 0:
        i = x.pos_d[depth]
        left = size - depth
        if i > useful - left or _bound(x, depth, i, left, comps) <= best:
            depth -= 1
            if depth >= 0:
                used_shared -= x.shared_i[x.chosen_d[depth]]
                x.pos_d[depth] += 1
            continue
        spent += 1
        if spent > NODE_BUDGET:
            return OUT_OF_BUDGET, best, spent
        if not _worth_choosing(x, i, depth) or (x.shared_i[i] and used_shared >= shared):
            x.pos_d[depth] += 1
            continue
        x.chosen_d[depth] = i
        x.got_d[depth + 1] = 0
        for c in range(comps):
            x.have_dc[depth + 1, c] = min(x.need_c[c], x.have_dc[depth, c] + x.gain_ic[i, c])
            x.got_d[depth + 1] += x.have_dc[depth + 1, c]
        if left > 1:
            used_shared += x.shared_i[i]
            depth += 1
            x.pos_d[depth] = i + 1
            continue
        if x.got_d[size] > best:
            pieces = _value(t, s, r, x, order, action, size, comps)
            if pieces > best:
                best, outcome = pieces, FOUND
                x.best_d[:size] = x.chosen_d[:size]
                if best >= goal:
                    return FOUND, best, spent
        x.pos_d[depth] += 1
    return outcome, best, spent


@inner
def _bound(x: Scratch, depth: int, i: int, left: int, comps: int) -> int:
    """No completion with `left` candidates from place `i` on serves more pieces."""
    bound = 0
    for c in range(comps):
        bound += min(x.need_c[c], x.have_dc[depth, c] + left * x.most_ic[i, c])
    return min(bound, x.got_d[depth] + left * x.most_i[i])


@inner
def _worth_choosing(x: Scratch, i: int, depth: int) -> bool:
    """Whether every candidate that dominates `i` is already chosen."""
    if x.dominated_i[i] > depth:
        return False
    chosen = 0
    for d in range(depth):
        chosen += x.dominators[i, x.chosen_d[d]]
    return chosen == x.dominated_i[i]


@inner
def _greedy(
    t: Tables,
    s: State,
    r: Record,
    x: Scratch,
    order: int,
    action: int,
    useful: int,
    comps: int,
    largest: int,
    goal: int,
    shared: int,
) -> int:
    """The fallback: add the candidate that serves the most more (ties: best-ranked) until nothing is gained.

    0 where the shortage is ``reject`` and the set found does not cover. Members are left in the order of their ranks.
    """
    x.have_dc[0, :comps] = 0
    size, used_shared, value, saturated = 0, 0, 0, False
    while size < largest and value < goal:
        best, best_gain = -1, 0
        for i in range(useful):
            if _is_chosen(x, i, size) or (x.shared_i[i] and used_shared >= shared):
                continue
            gain = 0
            for c in range(comps):
                gain += min(x.need_c[c] - x.have_dc[0, c], x.gain_ic[i, c])
            if saturated:  # enough pieces, but whole lines do not fit among them: any room helps
                gain = x.gain_i[i]
            if gain > best_gain:
                best, best_gain = i, gain
        if best < 0:
            if saturated:
                break
            saturated = True
            continue
        for c in range(comps):
            x.have_dc[0, c] = min(x.need_c[c], x.have_dc[0, c] + x.gain_ic[best, c])
        used_shared += x.shared_i[best]
        x.chosen_d[size] = best
        size += 1
        x.have_dc[size, :comps] = x.have_dc[0, :comps]
        value = _value(t, s, r, x, order, action, size, comps)
    if value < goal and not t.partial_a[action]:
        return 0
    x.best_d[:size] = np.sort(x.chosen_d[:size])
    return size


@inner
def _is_chosen(x: Scratch, i: int, size: int) -> bool:
    for d in range(size):
        if x.chosen_d[d] == i:
            return True
    return False

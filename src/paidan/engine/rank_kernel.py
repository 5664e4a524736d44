"""The loop's view of candidates: who is left after each filter, the keys of the strategies, and the ranking."""

from __future__ import annotations

import numpy as np

from .codes import Reason, Strategy
from .jit import inlined, inner, leaf
from .kernel_state import Record, Scratch, State
from .price_kernel import arrives_at, cheapest_row, parcel_price
from .problem import F64, I8, I32, I64, NEVER_DUE, Bools
from .tables import Tables
from .team_kernel import NO_ROOM, OWN_ROOM, TOLERANCE, reusable, team_room
from .turn_kernel import claim, row_of_set

NONE, STOCK_SHORT, PAUSED, NOT_COVERED = (
    int(Reason.NONE),
    int(Reason.STOCK_SHORT),
    int(Reason.PAUSED),
    int(Reason.NOT_COVERED),
)
TOO_FAR, TOO_LATE, WAREHOUSE_FULL = int(Reason.TOO_FAR), int(Reason.TOO_LATE), int(Reason.WAREHOUSE_FULL)
TEAM_FULL, EXCLUDED, NO_TEAM = int(Reason.TEAM_FULL), int(Reason.EXCLUDED), int(Reason.NO_TEAM)
NEAREST, CHEAPEST, FASTEST, RANKED = (
    int(Strategy.NEAREST),
    int(Strategy.CHEAPEST),
    int(Strategy.FASTEST),
    int(Strategy.RANKED),
)
MOST_STOCK, LEAST_LOADED, RATIO, FEWEST = (
    int(Strategy.MOST_STOCK),
    int(Strategy.LEAST_LOADED),
    int(Strategy.RATIO),
    int(Strategy.FEWEST_PARCELS),
)
METRES = float(1 << 25)
"""More metres than two places on earth are apart: their part of it decides between candidates that cost the same."""
FURTHEST = np.array([EXCLUDED, PAUSED, NOT_COVERED, TOO_FAR, WAREHOUSE_FULL, TOO_LATE, NO_TEAM], np.int8)
"""The filters in the order a candidate passes them: the last reason among the losers is that of who got furthest."""


@leaf
def lasting_reason(
    place_in_list_aw: I32,
    status_bw: I8,
    open_w: Bools,
    covered_gw: Bools,
    distance_pw: I32,
    max_m_a: I64,
    action: int,
    block: int,
    place: int,
    region: int,
    w: int,
) -> int:
    """The first filter that keeps warehouse `w` from the place for the whole run; NONE if it remains."""
    if place_in_list_aw[action, w] < 0 or status_bw[block, w] == EXCLUDED:
        return EXCLUDED
    if not open_w[w]:
        return PAUSED
    if not covered_gw[region, w]:
        return NOT_COVERED
    if distance_pw[place, w] > max_m_a[action]:
        return TOO_FAR
    return NONE


@inner
def early_reason(t: Tables, s: State, r: Record, order: int, action: int, block: int, first: int, w: int) -> int:
    """The first filter that removes warehouse `w`, up to its capacity; NONE if it remains."""
    place = t.place_o[order]
    lasting = lasting_reason(
        t.place_in_list_aw,
        t.status_bw,
        t.open_w,
        t.covered_gw,
        t.distance_pw,
        t.max_m_a,
        action,
        block,
        place,
        t.region_p[place],
        w,
    )
    if lasting != NONE:
        return lasting
    if t.capacity_w[w] >= 0 and s.load_w[w] >= t.capacity_w[w] and reusable(t, r, first, w, block) < 0:
        return WAREHOUSE_FULL
    return NONE


@inner
def candidates(
    t: Tables,
    s: State,
    r: Record,
    x: Scratch,
    order: int,
    action: int,
    block: int,
    first: int,
    weight: int,
    volume: int,
) -> int:
    """Fill `reason_w` and `ranked` (in no order yet) with who remains; how many that are."""
    due = t.ship_by_o[order] != NEVER_DUE
    in_time = False
    for w in range(len(t.open_w)):
        x.reason_w[w] = early_reason(t, s, r, order, action, block, first, w)
        x.short_w[w] = 0
        x.late_w[w] = False
        if due and x.reason_w[w] == NONE:
            row = cheapest_row(t, t.place_o[order], w, weight, volume)
            x.late_w[w] = arrives_at(t, w, row) > t.ship_by_o[order]
            in_time |= not x.late_w[w]
    count = 0
    for w in range(len(t.open_w)):
        if x.reason_w[w] != NONE:
            continue
        if in_time and x.late_w[w]:
            x.reason_w[w] = TOO_LATE
        elif t.status_bw[block, w] == NO_TEAM:
            x.reason_w[w] = NO_TEAM
        else:
            x.ranked[count] = w
            count += 1
    return count


@inner
def furthest_reason(x: Scratch) -> int:
    """The reason of the candidate that got furthest, none having reached the stock."""
    best = 0
    for w in range(len(x.reason_w)):
        for stage in range(len(FURTHEST)):
            if x.reason_w[w] == FURTHEST[stage]:
                best = max(best, stage)
    return FURTHEST[best]


@inner
def measure_stock(t: Tables, s: State, r: Record, x: Scratch, count: int, comps: int, block: int, first: int) -> None:
    """For each remaining candidate the pieces it lacks, and whether a team has room there."""
    for i in range(count):
        w = x.ranked[i]
        x.short_w[w] = lacking(s.available_sw, x.sku_c, x.need_c, comps, w)
        x.room_w[w] = OWN_ROOM if reusable(t, r, first, w, block) >= 0 else team_room(t, s, block, w)


@inner
def earn(t: Tables, s: State, x: Scratch, r: Record, order: int, count: int, comps: int, split: int) -> None:
    """Credit every feasible candidate with its ratio ÷ Σ ratio of the feasible (equal parts where that is 0)."""
    total, members, key = 0, 0, 0
    for i in range(count):
        if _feasible(t, s, x, r, order, x.ranked[i], comps, split):
            total += t.ratio_w[x.ranked[i]]
            members += 1
            key ^= s.mark_w[x.ranked[i]]
    row = row_of_set(key, s.key_hw, s.row_hw, s.own_jw, s.sets_w) if members > 0 else 0
    x.turn_row[0] = row
    x.own_before_w[:] = s.own_jw[row]
    for i in range(count):
        w = x.ranked[i]
        if _feasible(t, s, x, r, order, w, comps, split):
            earned = t.ratio_w[w] / total if total > 0 else 1.0 / members
            s.credit_w[w] += earned
            if row > 0:
                s.own_jw[row, w] += earned


@inner
def _feasible(t: Tables, s: State, x: Scratch, r: Record, order: int, w: int, comps: int, split: int) -> bool:
    """Whether the candidate could serve the order, or with a split mode at least some of it."""
    if x.room_w[w] == NO_ROOM:
        return False
    if split == 0:
        return x.short_w[w] == 0
    if split == 2:
        for c in range(comps):
            if s.available_sw[x.sku_c[c], w] > 0:
                return True
        return False
    for line in range(t.ptr[order], t.ptr[order + 1]):
        c = x.comp_m[line - t.ptr[order]]
        if c >= 0 and s.available_sw[x.sku_c[c], w] >= r.open_l[line]:
            return True
    return False


@inner
def rank(
    t: Tables, s: State, x: Scratch, order: int, action: int, count: int, comps: int, weight: int, volume: int
) -> None:
    """Sort the remaining candidates by the rule's strategies, then position, then as listed."""
    ahead = t.look_a[action] and _anything_priced(t, x, count, comps)
    for k in range(3):
        for i in range(count):
            w = x.ranked[i]
            strategy = t.strategies_ak[action, k]
            if strategy == FEWEST and (k == 0 or t.split_a[action] == 0):
                strategy = -1  # first: a matter of sets, see `cover_kernel`; without a split: one parcel from anyone
            if ahead and strategy in (NEAREST, CHEAPEST):
                x.key_kw[k, w] = _worth(t, s, x, order, w, strategy, comps, weight, volume)
                continue
            x.key_kw[k, w] = _key(t, s, x, order, action, w, strategy, comps, weight, volume)
    sort_ranking(t, x, action, x.ranked, count)


@inner
def _anything_priced(t: Tables, x: Scratch, count: int, comps: int) -> bool:
    """Whether anything the order wants, or a slot, has a price at any candidate."""
    for i in range(count):
        w = x.ranked[i]
        if t.slot_w[w] > 0:
            return True
        for c in range(comps):
            if t.price_sw[x.sku_c[c], w] > 0:
                return True
    return False


@inner
def _worth(
    t: Tables, s: State, x: Scratch, order: int, w: int, strategy: int, comps: int, weight: int, volume: int
) -> float:
    """What the order costs from a candidate, with what it takes there at the price later orders put on it.

    Freight (by kilometre where no carrier is known) + the slot's price + Σ min(wanted, there) x a piece's price; for
    `nearest` the nearer of two that cost the same.
    """
    place = t.place_o[order]
    row, metres = cheapest_row(t, place, w, weight, volume), t.distance_pw[place, w]
    if row < 0 and metres < 0:
        return np.inf
    total = float(parcel_price(t, place, w, row, weight, volume)) + float(t.slot_w[w])
    for c in range(comps):
        pieces = min(x.need_c[c], s.available_sw[x.sku_c[c], w])
        total += float(pieces) * float(t.price_sw[x.sku_c[c], w])
    if strategy == CHEAPEST:
        return total
    return total + (float(metres) if metres >= 0 else METRES - 1.0) / METRES


@inner
def _key(
    t: Tables,
    s: State,
    x: Scratch,
    order: int,
    action: int,
    w: int,
    strategy: int,
    comps: int,
    weight: int,
    volume: int,
) -> float:
    """What one strategy ranks by; smaller is better."""
    place = t.place_o[order]
    if strategy == NEAREST:
        return float(t.distance_pw[place, w]) if t.distance_pw[place, w] >= 0 else np.inf
    if strategy == RANKED:
        return float(t.place_in_list_aw[action, w])
    if strategy in (CHEAPEST, FASTEST):
        row = cheapest_row(t, place, w, weight, volume)
        if strategy == FASTEST:
            return float(arrives_at(t, w, row))
        if row < 0 and t.distance_pw[place, w] < 0:
            return np.inf
        return float(parcel_price(t, place, w, row, weight, volume))
    if strategy == MOST_STOCK:
        surplus = np.inf
        for c in range(comps):
            surplus = min(surplus, float(s.available_sw[x.sku_c[c], w] - x.need_c[c]))
        return -surplus
    if strategy == LEAST_LOADED:
        return _load_share(t, s, w)
    if strategy == RATIO:
        return -claim(s.own_jw[x.turn_row[0], w], s.credit_w[w])
    if strategy == FEWEST:
        return float(x.short_w[w])
    return 0.0


@inner
def _load_share(t: Tables, s: State, w: int) -> float:
    """Load ÷ capacity; a warehouse without a capacity counts as 0, one with capacity 0 as full."""
    if t.capacity_w[w] < 0:
        return 0.0
    if t.capacity_w[w] == 0:
        return np.inf
    return s.load_w[w] / t.capacity_w[w]


@inner
def sort_ranking(t: Tables, x: Scratch, action: int, ranked: I32, count: int) -> None:
    """Sort `ranked[:count]` by `key_kw`, then position, then as listed."""
    ratio_k = -1
    for k in range(3):
        if t.strategies_ak[action, k] == RATIO:
            ratio_k = k
    sort_by_keys(x.key_kw, ratio_k, t.tie_w, ranked, count)


@leaf
def sort_by_keys(key_kw: F64, ratio_k: int, tie_w: I32, ranked: I32, count: int) -> None:
    """Insertion sort by three keys and the tie; few candidates, often nearly sorted. Row `ratio_k` holds credits."""
    for i in range(1, count):
        w, j = ranked[i], i
        while j > 0:
            other, ahead, decided = ranked[j - 1], False, False
            for k in range(3):
                one, two = key_kw[k, w], key_kw[k, other]
                same = abs(one - two) <= TOLERANCE if k == ratio_k else one == two
                if not same:
                    ahead, decided = one < two, True
                    break
            if not decided:
                ahead = tie_w[w] < tie_w[other]
            if not ahead:
                break
            ranked[j] = other
            j -= 1
        ranked[j] = w


@inlined
def lacking(available_sw: I64, sku_c: I32, need_c: I64, comps: int, w: int) -> int:
    """The pieces a warehouse lacks of what is wanted."""
    short = 0
    for c in range(comps):
        short += max(0, need_c[c] - available_sw[sku_c[c], w])
    return short


@inner
def rank_for_line(t: Tables, s: State, x: Scratch, action: int, count: int, sku: int) -> None:
    """Sort the members into `line_ranked`, `most_stock` meaning this SKU's available."""
    x.line_ranked[:count] = x.members[:count]
    for k in range(3):
        if t.strategies_ak[action, k] == MOST_STOCK:
            for i in range(count):
                x.key_kw[k, x.members[i]] = -float(s.available_sw[sku, x.members[i]])
            sort_ranking(t, x, action, x.line_ranked, count)

"""The common order, fast: all of it from one warehouse, out of a kept candidate list.

`decide_run` decides the orders in turn. What its short way cannot settle (lines served from several warehouses, rules
that pass an order on, unknown SKUs, networks of more than 64 warehouses) goes to `decide_kernel.decide_order`, which
knows the whole semantics; the short way gives the same answer where it gives one. It is one long function on purpose:
arrays that are locals of the loop are read without the reference counting that fields of a struct cost.
"""

from __future__ import annotations

import numpy as np

from .codes import Otherwise, Outcome, Split
from .decide_kernel import decide_order, most_parts
from .jit import entry, inlined, leaf, prefetch, prefetch_item
from .kernel_state import Record, Scratch, State
from .lists_kernel import GENERAL, LARGEST_NETWORK, ONE_CARRIER, ONE_DYNAMIC, Lists, find_slot, make_list
from .match_kernel import NO_MATCH, next_match
from .matching import RuleIndex
from .price_kernel import charged_price, pick_row
from .problem import F64, I32, I64, NEVER_DUE
from .rank_kernel import (
    FASTEST,
    LEAST_LOADED,
    MOST_STOCK,
    RATIO,
    STOCK_SHORT,
    TEAM_FULL,
    TOO_LATE,
    WAREHOUSE_FULL,
    lacking,
)
from .structs import reference_to
from .tables import Tables
from .team_kernel import TOLERANCE, pick_team, turns_row
from .turn_kernel import claim, row_of_set

TablesRef, StateRef = reference_to(Tables), reference_to(State)
RecordRef, ScratchRef, ListsRef = reference_to(Record), reference_to(Scratch), reference_to(Lists)
UNALLOCATED, ALLOCATED, HELD = int(Outcome.UNALLOCATED), int(Outcome.ALLOCATED), int(Outcome.HELD)
NEXT, HOLD, HELD_REASON = int(Otherwise.NEXT), int(Otherwise.HOLD), 13
BY_LINE, BY_PIECE = int(Split.BY_LINE), int(Split.BY_PIECE)
ONE = np.uint64(1)
FAR, MIDDLE, NEAR = 24, 12, 6
"""Orders ahead of which columns, lines and stock are fetched: waiting for them was a third of the time."""


@entry
def decide_run(
    tables: Tables,
    index: RuleIndex,
    state: State,
    record: Record,
    scratch: Scratch,
    kept: Lists,
    sequence: I32,
    first_rule_o: I32,
    start: int,
) -> int:
    """Decide the orders ``sequence[start:]`` one after the other; how many of `sequence` are decided.

    Stops early when the record might not have room for the next order's allocations; the caller makes room and goes on.
    """
    t, s = TablesRef(*tables), StateRef(*state)
    r, x, lists = RecordRef(*record), ScratchRef(*scratch), ListsRef(*kept)
    ptr, sku_l, qty_l = tables.ptr, tables.sku_l, tables.qty_l
    place_o, shop_o, ship_by_o, unresolved_o = tables.place_o, tables.shop_o, tables.ship_by_o, tables.unresolved_o
    action_r, block_a, block_h, split_a = tables.action_r, tables.block_a, tables.block_h, tables.split_a
    otherwise_a, region_p, distance_pw = tables.otherwise_a, tables.region_p, tables.distance_pw
    ready_at_w, capacity_w, ratio_w = tables.ready_at_w, tables.capacity_w, tables.ratio_w
    capacity_t, ratio_t = tables.capacity_t, tables.ratio_t
    warehouse_t, team_ptr, team_list = tables.warehouse_t, tables.team_ptr, tables.team_list
    group_gw, freight_ptr_k, freight_row = tables.group_gw, tables.freight_ptr_k, tables.freight_row
    first_g_f, first_minor_f, next_g_f = tables.first_g_f, tables.first_minor_f, tables.next_g_f
    next_minor_f, transit_s_f, volumetric_f = tables.next_minor_f, tables.transit_s_f, tables.volumetric_f
    km_minor = tables.km_minor
    available_sw, load_w, load_t = state.available_sw, state.load_w, state.load_t
    credit_w, credit_t = state.credit_w, state.credit_t
    mark_w, key_hw, row_hw, own_jw, sets_w = state.mark_w, state.key_hw, state.row_hw, state.own_jw, state.sets_w
    mark_t, key_ht, row_ht, own_jt, sets_t = state.mark_t, state.key_ht, state.row_ht, state.own_jt, state.sets_t
    filled = record.filled
    outcome_o, reason_o, rule_o, open_l, reason_l = (
        record.outcome_o,
        record.reason_o,
        record.rule_o,
        record.open_l,
        record.reason_l,
    )
    rank_ow, reason_ow, short_ow = record.rank_ow, record.reason_ow, record.short_ow
    order_a, warehouse_a, team_a, rule_a = record.order_a, record.warehouse_a, record.team_a, record.rule_a
    distance_m_a, freight_minor_a = record.distance_m_a, record.freight_minor_a
    freight_row_a, late_s_a = record.freight_row_a, record.late_s_a
    allocation_p, line_p, qty_p = record.allocation_p, record.line_p, record.qty_p
    sku_c, need_c, ranked = scratch.sku_c, scratch.need_c, scratch.ranked
    room_w, key_w = scratch.room_w, scratch.key_w
    key_h, list_h, head_e4, body_eb = kept.key_h, kept.list_h, kept.head_e4, kept.body_eb
    facts_s3, transit_gw, arrival_gw = tables.facts_s3, tables.transit_gw, tables.arrival_gw
    kind_a, dynamic_a = kept.kind_a, kept.dynamic_a
    blocks, places = len(tables.status_bw), len(region_p)
    count_w = len(capacity_w)
    fits = count_w <= LARGEST_NETWORK
    full = _full_mask(capacity_w, load_w)
    room = len(order_a)

    for at in range(start, len(sequence)):
        order = sequence[at]
        lo, hi = ptr[order], ptr[order + 1]
        if filled[1] + hi - lo > room:
            return at
        if at + FAR < len(sequence):
            far, near = sequence[at + FAR], sequence[at + NEAR]
            prefetch_item(ptr, far)
            prefetch_item(first_rule_o, far)
            prefetch_item(place_o, far)
            prefetch_item(ship_by_o, far)
            prefetch(rank_ow, far, 0)
            prefetch(reason_ow, far, 0)
            middle = ptr[sequence[at + MIDDLE]]
            prefetch_item(sku_l, middle)
            prefetch_item(qty_l, middle)
            for line in range(ptr[near], min(ptr[near + 1], ptr[near] + 3)):
                prefetch(available_sw, sku_l[line], 0)
                prefetch(available_sw, sku_l[line], 8)
                prefetch(available_sw, sku_l[line], 16)
        rule = first_rule_o[order]
        quick = fits and rule >= 0 and not unresolved_o[order]
        comps, weight, volume = 0, 0, 0
        if quick:
            for line in range(lo, hi):
                sku, qty = sku_l[line], qty_l[line]
                if qty == 0:
                    continue
                quick &= facts_s3[sku, 2] == 1
                weight += qty * facts_s3[sku, 0]
                volume += qty * facts_s3[sku, 1]
                c = 0
                while c < comps and sku_c[c] != sku:
                    c += 1
                if c == comps:
                    sku_c[c], need_c[c] = sku, 0
                    comps += 1
                need_c[c] += qty
            quick &= comps > 0
        place, due = place_o[order], ship_by_o[order]
        region = region_p[place]
        chosen, team = -1, -1
        while quick:  # one rule after the other
            action = action_r[rule]
            kind = kind_a[action]
            if kind == GENERAL:
                quick = False
                break
            block = block_a[action]
            if block < 0:
                block = block_h[shop_o[order]]
            key = (np.int64(action) * blocks + block) * places + place
            slot = find_slot(key_h, key)
            kept_list = np.int64(list_h[slot])
            if kept_list < 0:
                kept_list = make_list(t, lists, x, slot, key, action, block, place)
            if kept_list < 0 or head_e4[kept_list, 3] == 0:
                quick = False
                break
            size = head_e4[kept_list, 0]
            gone = full & np.uint64(head_e4[kept_list, 1])
            late = np.uint64(0)
            if due < head_e4[kept_list, 2]:
                if head_e4[kept_list, 3] == ONE_CARRIER:
                    late = _late_mask(arrival_gw, region, due)
                else:
                    for i in range(size):
                        w = np.int64(body_eb[kept_list, i])
                        arrival = arrival_gw[region, w]
                        if arrival < 0:
                            group = group_gw[region, w]
                            arrival = ready_at_w[w] + transit_s_f[
                                pick_row(
                                    freight_row, freight_ptr_k[group], freight_ptr_k[group + 1], first_g_f,
                                    first_minor_f, next_g_f, next_minor_f, transit_s_f, volumetric_f, weight, volume,
                                )
                            ]  # fmt: skip
                        if arrival > due:
                            late |= ONE << np.uint64(w)
                left_over = np.uint64(head_e4[kept_list, 1]) & ~gone
                late &= left_over
                if late == left_over:
                    late = np.uint64(0)
            for w in range(count_w):
                rank_ow[order, w] = body_eb[kept_list, count_w + w]
                reason_ow[order, w] = body_eb[kept_list, 2 * count_w + w]
            if gone | late:
                left = 0
                for i in range(size):
                    w = np.int64(body_eb[kept_list, i])
                    is_late, is_gone = np.int64(late >> np.uint64(w) & ONE), np.int64(gone >> np.uint64(w) & ONE)
                    stays = 1 - (is_late | is_gone)
                    ranked[left] = w
                    left += stays
                    rank_ow[order, w] = left * stays
                    reason_ow[order, w] = TOO_LATE * is_late + WAREHOUSE_FULL * is_gone
                size = left
            else:
                for i in range(size):
                    ranked[i] = body_eb[kept_list, i]
            if size == 0:
                quick = False
                break
            earning, turn_row = False, 0
            if kind == ONE_DYNAMIC:
                dynamic = dynamic_a[action]
                earning = dynamic == RATIO
                total, members, set_key = 0, 0, 0
                if earning:
                    for i in range(size):
                        w = np.int64(ranked[i])
                        b = block * count_w + w
                        room_w[w] = lacking(available_sw, sku_c, need_c, comps, w) == 0 and _has_room(
                            capacity_t, load_t, team_list, team_ptr[b], team_ptr[b + 1]
                        )
                        if room_w[w]:
                            total += ratio_w[w]
                            members += 1
                            set_key ^= mark_w[w]
                    if members > 0:
                        turn_row = row_of_set(set_key, key_hw, row_hw, own_jw, sets_w)
                for i in range(size):
                    w = np.int64(ranked[i])
                    if dynamic == RATIO:
                        if room_w[w]:
                            earned = ratio_w[w] / total if total > 0 else 1.0 / members
                            credit_w[w] += earned
                            if turn_row > 0:
                                own_jw[turn_row, w] += earned
                        key_w[w] = -claim(own_jw[turn_row, w], credit_w[w])
                    elif dynamic == LEAST_LOADED:
                        capacity = capacity_w[w]
                        key_w[w] = 0.0 if capacity < 0 else np.inf if capacity == 0 else load_w[w] / capacity
                    elif dynamic == MOST_STOCK:
                        surplus = np.inf
                        for c in range(comps):
                            surplus = min(surplus, float(available_sw[sku_c[c], w] - need_c[c]))
                        key_w[w] = -surplus
                    elif dynamic == FASTEST and transit_gw[region, w] >= 0:
                        key_w[w] = float(ready_at_w[w] + transit_gw[region, w])
                    else:
                        group, row = group_gw[region, w], -1
                        if group >= 0:
                            row = pick_row(
                                freight_row, freight_ptr_k[group], freight_ptr_k[group + 1], first_g_f, first_minor_f,
                                next_g_f, next_minor_f, transit_s_f, volumetric_f, weight, volume,
                            )  # fmt: skip
                        if dynamic == FASTEST:
                            key_w[w] = float(ready_at_w[w] + transit_s_f[row])
                        elif row >= 0:
                            key_w[w] = float(
                                charged_price(
                                    first_g_f, first_minor_f, next_g_f, next_minor_f, volumetric_f, row, weight, volume
                                )
                            )
                        else:
                            metres = distance_pw[place, w]
                            key_w[w] = float((metres * km_minor + 500) // 1000) if metres >= 0 else np.inf
                _sort_by_key(ranked, key_w, size, TOLERANCE if earning else 0.0)
                for i in range(size):
                    rank_ow[order, ranked[i]] = i + 1
            any_full = False
            split = split_a[action]
            for i in range(size):
                w = np.int64(ranked[i])
                short = lacking(available_sw, sku_c, need_c, comps, w)
                b = block * count_w + w
                if short > 0:
                    reason = STOCK_SHORT
                    if split > 0 and not _has_room(capacity_t, load_t, team_list, team_ptr[b], team_ptr[b + 1]):
                        for c in range(comps):
                            if available_sw[sku_c[c], w] > 0:
                                reason = TEAM_FULL
                    reason_ow[order, w] = reason
                    short_ow[order, w] = min(short, 65535)
                    continue
                team = -1
                if team_ptr[b] < team_ptr[b + 1]:
                    team_row = turns_row(
                        capacity_t, load_t, warehouse_t, team_list, team_ptr[b], team_ptr[b + 1], False,
                        mark_t, key_ht, row_ht, own_jt, sets_t,
                    )  # fmt: skip
                    team = pick_team(
                        capacity_t, load_t, ratio_t, credit_t, warehouse_t, team_list, team_ptr[b], team_ptr[b + 1],
                        False, own_jt, team_row,
                    )  # fmt: skip
                    if team < 0:
                        reason_ow[order, w] = TEAM_FULL
                        any_full = True
                        continue
                chosen = w
                break
            if chosen >= 0:
                if earning:
                    credit_w[chosen] -= 1.0
                    if turn_row > 0:
                        own_jw[turn_row, chosen] -= 1.0
                break
            if split == BY_PIECE or (split == BY_LINE and hi - lo > 1):
                quick = False  # several warehouses together might; nothing has been changed yet
                break
            otherwise = otherwise_a[action]
            if otherwise == NEXT:
                following = next_match(index, ptr, sku_l, order, rule + 1)
                if following != NO_MATCH:
                    rule = following
                    for w in range(count_w):
                        short_ow[order, w] = 0
                    continue
            reason = TEAM_FULL if any_full else STOCK_SHORT
            for line in range(lo, hi):
                if qty_l[line] > 0:
                    reason_l[line] = reason
            held = otherwise == HOLD
            outcome_o[order], reason_o[order] = (HELD, HELD_REASON) if held else (UNALLOCATED, reason)
            rule_o[order] = rule
            break
        if quick and chosen < 0:
            continue
        if not quick:
            if filled[1] + most_parts(t, order) > room:
                return at
            for w in range(count_w):
                rank_ow[order, w], reason_ow[order, w], short_ow[order, w] = 0, 0, 0
            decide_order(t, index, s, r, x, order, first_rule_o[order])
            full = _full_mask(capacity_w, load_w)
            continue
        allocation = filled[0]
        filled[0] = allocation + 1
        load_w[chosen] += 1
        if load_w[chosen] == capacity_w[chosen]:
            full |= ONE << np.uint64(chosen)
        if team >= 0:
            load_t[team] += 1
        order_a[allocation], warehouse_a[allocation] = order, chosen
        team_a[allocation], rule_a[allocation] = team, rule
        part = filled[1]
        for line in range(lo, hi):
            qty = qty_l[line]
            if qty > 0:
                allocation_p[part], line_p[part], qty_p[part] = allocation, line, qty
                available_sw[sku_l[line], chosen] -= qty
                open_l[line] = 0
                part += 1
        filled[1] = part
        group, row = group_gw[region, chosen], -1
        metres = distance_pw[place, chosen]
        arrival = ready_at_w[chosen]
        if group >= 0:
            row = pick_row(
                freight_row, freight_ptr_k[group], freight_ptr_k[group + 1], first_g_f, first_minor_f, next_g_f,
                next_minor_f, transit_s_f, volumetric_f, weight, volume,
            )  # fmt: skip
            arrival += transit_s_f[row]
            freight_minor_a[allocation] = charged_price(
                first_g_f, first_minor_f, next_g_f, next_minor_f, volumetric_f, row, weight, volume
            )
        else:
            freight_minor_a[allocation] = (metres * km_minor + 500) // 1000 if metres >= 0 else 0
        distance_m_a[allocation], freight_row_a[allocation] = metres, row
        late_s_a[allocation] = 0 if due == NEVER_DUE else max(0, arrival - due)
        outcome_o[order], rule_o[order] = ALLOCATED, rule
    return len(sequence)


@leaf
def _full_mask(capacity_w: I64, load_w: I64) -> np.uint64:
    """The warehouses without capacity left, as bits (of the first 64)."""
    full = np.uint64(0)
    for w in range(min(len(capacity_w), 64)):
        if capacity_w[w] >= 0 and load_w[w] >= capacity_w[w]:
            full |= np.uint64(1) << np.uint64(w)
    return full


@inlined
def _late_mask(arrival_gw: I64, region: int, due: int) -> np.uint64:
    """The warehouses from which a parcel arrives too late, as bits; without branches, since either is as likely."""
    late, row = np.uint64(0), arrival_gw[region]
    for w in range(len(row)):
        late |= np.uint64(np.uint8(row[w] > due)) << np.uint64(w)
    return late


@inlined
def _has_room(capacity_t: I64, load_t: I64, team_list: I32, first: int, end: int) -> bool:
    """Whether no team is needed (an empty range) or one of them has capacity left."""
    if first == end:
        return True
    for at in range(first, end):
        team = team_list[at]
        if capacity_t[team] < 0 or load_t[team] < capacity_t[team]:
            return True
    return False


@inlined
def _sort_by_key(ranked: I32, key_w: F64, size: int, tolerance: float) -> None:
    """Stable insertion sort: equal keys (within the tolerance) keep their order."""
    for i in range(1, size):
        w, j = ranked[i], i
        key = key_w[w]
        while j > 0 and key + tolerance < key_w[ranked[j - 1]]:
            ranked[j] = ranked[j - 1]
            j -= 1
        ranked[j] = w

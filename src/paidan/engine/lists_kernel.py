"""Candidate lists that depend on the rule and the place alone, made on first use and kept for the run.

Most orders differ from earlier ones only in what they want and when: who may serve them, and for most strategies in
which order, is the same for every order of one action, team block and place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .codes import Strategy
from .jit import inlined, inner, leaf
from .kernel_state import U8, Scratch
from .problem import F64, I8, I32, I64, Bools
from .rank_kernel import NEAREST, NONE, RANKED, lasting_reason, sort_by_keys
from .tables import Tables

LARGEST_NETWORK = 64
"""Warehouses that fit the masks; larger networks take the general path."""
MOST_LISTS = 200_000
MOST_DIRECT = 4_000_000
NOT_SIMPLE, SEVERAL_CARRIERS, ONE_CARRIER = 0, 1, 2
"""Not simple: a candidate lacks a team for good. Else: does the carrier depend on the weight anywhere?"""
STATIC, ONE_DYNAMIC, GENERAL = 0, 1, 2
"""How an action's ranking can be had: kept, kept but for one dynamic strategy before it, or only made anew."""


class Lists(NamedTuple):
    """Axes: e lists, h slots of the hash table, a actions."""

    made: I64  # (1,) lists made
    key_h: I64  # −1 = free slot; empty where keys are few enough to be the slots themselves
    list_h: I32  # −1 = not made yet
    head_e4: I64  # size, candidates as bits, the last instant any could deliver, what is simple about it
    body_eb: U8  # candidates best first (before dynamic strategies), ranks by warehouse, reasons by warehouse
    kind_a: I8
    dynamic_a: I8  # the dynamic strategy of ONE_DYNAMIC


def new_lists(tables: Tables) -> Lists:
    """Room for the lists of a run, and the kind of each action."""
    count_w = len(tables.open_w)
    blocks, places = len(tables.status_bw), len(tables.region_p)
    keys = len(tables.strategies_ak) * blocks * places
    direct = keys <= MOST_DIRECT
    most = min(MOST_LISTS, keys + 1, len(tables.ptr) + 1)
    slots = 1 << (2 * most + 1).bit_length()
    actions = zip(tables.strategies_ak, tables.split_a, tables.look_a, strict=True)
    kinds = [_kind(strategies, int(split), bool(looks)) for strategies, split, looks in actions]
    return Lists(
        made=np.zeros(1, np.int64),
        key_h=np.full(0 if direct else slots, -1, np.int64),
        list_h=np.full(keys if direct else slots, -1, np.int32),
        head_e4=np.zeros((most, 4), np.int64),
        body_eb=np.zeros((most, 3 * count_w), np.uint8),
        kind_a=np.array([kind for kind, _ in kinds], np.int8),
        dynamic_a=np.array([strategy for _, strategy in kinds], np.int8),
    )


def _kind(strategies: I8, split: int, looks_ahead: bool) -> tuple[int, int]:
    """The kind of a ranking and its dynamic strategy (−1: none)."""
    program = [int(code) for code in strategies if code >= 0]
    fewest = int(Strategy.FEWEST_PARCELS)
    if split and program[0] != fewest:
        return GENERAL, -1  # walked line by line
    if looks_ahead:
        return GENERAL, -1  # what is wanted has a price of its own at every warehouse
    if split == 0:
        program = [code for code in program if code != fewest]  # one parcel from anyone
    elif program[0] == fewest:
        program = program[1:]
    dynamic = [code for code in program if code not in (NEAREST, RANKED)]
    if not dynamic:
        return STATIC, -1
    ratio_of_sets = split and Strategy.RATIO in dynamic
    if len(dynamic) == 1 and program[0] == dynamic[0] and not ratio_of_sets:
        return ONE_DYNAMIC, dynamic[0]
    return GENERAL, -1


@inlined
def find_slot(key_h: I64, key: int) -> int:
    """The slot of a key in the hash table, or the free one it belongs into (linear probing)."""
    last = len(key_h) - 1
    if last < 0:
        return key
    slot = (key * 0x9E3779B1 >> 7) & last
    while key_h[slot] != key and key_h[slot] >= 0:
        slot = (slot + 1) & last
    return slot


@inner
def make_list(t: Tables, lists: Lists, x: Scratch, slot: int, key: int, action: int, block: int, place: int) -> int:
    """Make the list of an action, team block and place and keep it under its key; −1 where there is no room for it."""
    made = lists.made[0]
    if made == len(lists.head_e4):
        return -1
    lists.made[0] = made + 1
    lists.list_h[slot] = made
    if len(lists.key_h) > 0:
        lists.key_h[slot] = key
    size, mask, latest = _fill(
        t.place_in_list_aw,
        t.status_bw,
        t.open_w,
        t.covered_gw,
        t.distance_pw,
        t.max_m_a,
        t.strategies_ak,
        t.tie_w,
        t.ready_at_w,
        t.longest_gw,
        x.key_kw,
        x.ranked,
        lists.body_eb,
        made,
        action,
        block,
        place,
        t.region_p[place],
    )
    lists.head_e4[made, 0], lists.head_e4[made, 1], lists.head_e4[made, 2] = size, np.int64(mask), latest
    lists.head_e4[made, 3] = _simplicity(t.status_bw, t.arrival_gw, mask, block, t.region_p[place])
    return made


@leaf
def _fill(
    place_in_list_aw: I32,
    status_bw: I8,
    open_w: Bools,
    covered_gw: Bools,
    distance_pw: I32,
    max_m_a: I64,
    strategies_ak: I8,
    tie_w: I32,
    ready_at_w: I64,
    longest_gw: I64,
    key_kw: F64,
    ranked: I32,
    body_eb: U8,
    made: int,
    action: int,
    block: int,
    place: int,
    region: int,
) -> tuple[int, np.uint64, int]:
    """Write the body of a list; its size, its candidates as bits and the last instant any of them could deliver."""
    count, mask, latest, count_w = 0, np.uint64(0), np.int64(0), len(open_w)
    for w in range(count_w):
        reason = lasting_reason(
            place_in_list_aw, status_bw, open_w, covered_gw, distance_pw, max_m_a, action, block, place, region, w
        )
        body_eb[made, 2 * count_w + w] = reason
        if reason != NONE:
            continue
        for k in range(3):
            strategy, key = strategies_ak[action, k], 0.0
            if strategy == NEAREST:
                key = float(distance_pw[place, w]) if distance_pw[place, w] >= 0 else np.inf
            elif strategy == RANKED:
                key = float(place_in_list_aw[action, w])
            key_kw[k, w] = key
        ranked[count] = w
        count += 1
        mask |= np.uint64(1) << np.uint64(w)
        latest = max(latest, ready_at_w[w] + longest_gw[region, w])
    sort_by_keys(key_kw, -1, tie_w, ranked, count)
    for i in range(count):
        body_eb[made, i] = ranked[i]
        body_eb[made, count_w + ranked[i]] = i + 1
    return count, mask, latest


@leaf
def _simplicity(status_bw: I8, arrival_gw: I64, mask: np.uint64, block: int, region: int) -> int:
    simple = ONE_CARRIER
    for w in range(status_bw.shape[1]):
        if mask >> np.uint64(w) & np.uint64(1):
            if status_bw[block, w] != NONE:
                return NOT_SIMPLE
            if arrival_gw[region, w] < 0:
                simple = SEVERAL_CARRIERS
    return simple

"""Candidate lists that depend on the rule and the place alone, made on first use and kept for the run.

Most orders differ from earlier ones only in what they want and when: who may serve them, and for most strategies in
which order, is the same for every order of one action, team block and place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .codes import Strategy
from .jit import inner, leaf
from .kernel_state import U8, Scratch
from .problem import I8, I64
from .rank_kernel import NEAREST, NONE, RANKED, lasting_reason, sort_ranking
from .tables import Tables

LARGEST_NETWORK = 64
"""Warehouses that fit the masks; larger networks take the general path."""
MOST_LISTS = 200_000
NOT_SIMPLE, SEVERAL_CARRIERS, ONE_CARRIER = 0, 1, 2
"""A list is not simple where a candidate lacks a team for good; else: does the carrier depend on the weight anywhere?"""
STATIC, ONE_DYNAMIC, GENERAL = 0, 1, 2
"""How an action's ranking can be had: kept, kept but for one dynamic strategy before it, or only made anew."""


class Lists(NamedTuple):
    """Axes: e lists, h slots of the hash table, a actions."""

    count: I64  # (1,) lists made
    slot_h2: I64  # key (−1 = free slot) and list
    head_e4: I64  # size, candidates as bits, the last instant any could deliver, what is simple about it
    body_eb: U8  # candidates best first (before dynamic strategies), ranks by warehouse, reasons by warehouse
    kind_a: I8
    dynamic_a: I8  # the dynamic strategy of ONE_DYNAMIC


def new_lists(tables: Tables) -> Lists:
    """Room for the lists of a run, and the kind of each action."""
    count_w = len(tables.open_w)
    blocks, places = len(tables.status_bw), len(tables.region_p)
    most = min(MOST_LISTS, len(tables.strategies_ak) * blocks * places + 1, len(tables.ptr) + 1)
    slots = 1 << (2 * most + 1).bit_length()
    kinds = [
        _kind(strategies, int(split)) for strategies, split in zip(tables.strategies_ak, tables.split_a, strict=True)
    ]
    return Lists(
        count=np.zeros(1, np.int64),
        slot_h2=np.full((slots, 2), -1, np.int64),
        head_e4=np.zeros((most, 4), np.int64),
        body_eb=np.zeros((most, 3 * count_w), np.uint8),
        kind_a=np.array([kind for kind, _ in kinds], np.int8),
        dynamic_a=np.array([strategy for _, strategy in kinds], np.int8),
    )


def _kind(strategies: I8, split: int) -> tuple[int, int]:
    """The kind of a ranking and its dynamic strategy (−1: none)."""
    program = [int(code) for code in strategies if code >= 0]
    fewest = int(Strategy.FEWEST_PARCELS)
    if split and program[0] != fewest:
        return GENERAL, -1  # walked line by line
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


@leaf
def find_slot(slot_h2: I64, key: int) -> int:
    """The slot of a key in the hash table, or the free one it belongs into (linear probing)."""
    last = len(slot_h2) - 1
    slot = (key * 0x9E3779B1 >> 7) & last
    while slot_h2[slot, 0] != key and slot_h2[slot, 0] >= 0:
        slot = (slot + 1) & last
    return slot


@inner
def make_list(t: Tables, lists: Lists, x: Scratch, slot: int, key: int, action: int, block: int, place: int) -> int:
    """Make the list of an action, team block and place and keep it under its key; −1 where there is no room for it."""
    made = lists.count[0]
    if made == len(lists.head_e4):
        return -1
    lists.count[0] = made + 1
    lists.slot_h2[slot, 0], lists.slot_h2[slot, 1] = key, made
    _fill(t, lists, x, made, action, block, place)
    return made


@inner
def _fill(t: Tables, lists: Lists, x: Scratch, made: int, action: int, block: int, place: int) -> None:
    count, mask, latest, simple = 0, np.uint64(0), np.int64(0), ONE_CARRIER
    count_w = len(t.open_w)
    for w in range(count_w):
        reason = lasting_reason(t, action, block, place, w)
        lists.body_eb[made, 2 * count_w + w] = reason
        if reason != NONE:
            continue
        if t.status_bw[block, w] != NONE:
            simple = NOT_SIMPLE
        elif t.arrival_gw[t.region_p[place], w] < 0:
            simple = min(simple, SEVERAL_CARRIERS)
        for k in range(3):
            strategy, key = t.strategies_ak[action, k], 0.0
            if strategy == NEAREST:
                key = float(t.distance_pw[place, w]) if t.distance_pw[place, w] >= 0 else np.inf
            elif strategy == RANKED:
                key = float(t.place_in_list_aw[action, w])
            x.key_kw[k, w] = key
        x.ranked[count] = w
        count += 1
        mask |= np.uint64(1) << np.uint64(w)
        latest = max(latest, t.ready_at_w[w] + _longest_transit(t, place, w))
    sort_ranking(t, x, action, x.ranked, count)
    for i in range(count):
        lists.body_eb[made, i] = x.ranked[i]
        lists.body_eb[made, count_w + x.ranked[i]] = i + 1
    lists.head_e4[made, 0], lists.head_e4[made, 1] = count, np.int64(mask)
    lists.head_e4[made, 2], lists.head_e4[made, 3] = latest, simple


@inner
def _longest_transit(t: Tables, place: int, w: int) -> int:
    group, longest = t.group_gw[t.region_p[place], w], 0
    if group >= 0:
        for at in range(t.freight_ptr_k[group], t.freight_ptr_k[group + 1]):
            longest = max(longest, t.transit_s_f[t.freight_row[at]])
    return longest

"""The loop's view of teams: who has room at a warehouse, which allocation can be reused, whose turn it is."""

from __future__ import annotations

from .jit import inlined, inner
from .kernel_state import Record, Scratch, State
from .problem import F64, I32, I64
from .tables import Tables
from .turn_kernel import claim, row_of_set

NO_ROOM, OWN_ROOM, SHARED_ROOM = 0, 1, 2
NOBODY = -1
TOLERANCE = 1e-9
"""Credits that differ by less are equal: they are sums of fractions."""


@inner
def reusable(t: Tables, r: Record, first: int, warehouse: int, block: int) -> int:
    """The order's own allocation (from number `first` on) at the warehouse whose team this rule may use, or −1."""
    if t.status_bw[block, warehouse] != 0:
        return -1
    for allocation in range(first, r.filled[0]):
        if r.warehouse_a[allocation] != warehouse:
            continue
        lo, hi = _team_range(t, block, warehouse)
        if lo == hi:
            if r.team_a[allocation] == NOBODY:
                return allocation
            continue
        for at in range(lo, hi):
            if t.team_list[at] == r.team_a[allocation]:
                return allocation
    return -1


@inner
def _team_range(t: Tables, block: int, warehouse: int) -> tuple[int, int]:
    at = block * len(t.open_w) + warehouse
    return t.team_ptr[at], t.team_ptr[at + 1]


@inner
def has_capacity(t: Tables, s: State, team: int) -> bool:
    return t.capacity_t[team] < 0 or s.load_t[team] < t.capacity_t[team]


@inner
def team_room(t: Tables, s: State, block: int, warehouse: int) -> int:
    """Whether a new allocation finds a team here: one of its own (or needs none), only a shared one, or none."""
    lo, hi = _team_range(t, block, warehouse)
    if lo == hi:
        return OWN_ROOM
    room = NO_ROOM
    for at in range(lo, hi):
        team = t.team_list[at]
        if has_capacity(t, s, team):
            if t.warehouse_t[team] >= 0:
                return OWN_ROOM
            room = SHARED_ROOM
    return room


@inner
def shared_places(t: Tables, s: State, block: int, warehouse: int) -> int:
    """How many more allocations the block's teams without a warehouse can take together."""
    places = 0
    lo, hi = _team_range(t, block, warehouse)
    for at in range(lo, hi):
        team = t.team_list[at]
        if t.warehouse_t[team] < 0:
            if t.capacity_t[team] < 0:
                return 1 << 30
            places += max(0, t.capacity_t[team] - s.load_t[team])
    return places


@inner
def choose_team(t: Tables, s: State, x: Scratch, block: int, warehouse: int, spare: bool) -> int:
    """The team of a new allocation, `NOBODY` where none is needed.

    `spare`: leave the shared teams to other warehouses of the same order if one of its own has room.
    """
    lo, hi = _team_range(t, block, warehouse)
    own_only = spare and team_room(t, s, block, warehouse) == OWN_ROOM
    row = turns_row(
        t.capacity_t, s.load_t, t.warehouse_t, t.team_list, lo, hi, own_only,
        s.mark_t, s.key_ht, s.row_ht, s.own_jt, s.sets_t,
    )  # fmt: skip
    if row > 0 and len(x.own_before_it) > 1:
        x.turn_row_i[x.turns[0]] = row
        x.own_before_it[x.turns[0]] = s.own_jt[row]
        x.turns[0] += 1
    return pick_team(
        t.capacity_t, s.load_t, t.ratio_t, s.credit_t, t.warehouse_t, t.team_list, lo, hi, own_only,
        s.own_jt, row,
    )  # fmt: skip


@inlined
def turns_row(
    capacity_t: I64, load_t: I64, warehouse_t: I32, team_list: I32, first: int, end: int, own_only: bool,
    mark_t: I64, key_ht: I64, row_ht: I32, own_jt: F64, sets_t: I64,
) -> int:  # fmt: skip
    """The row of the credits of the teams with capacity left; 0 where there is no choice."""
    key, members = 0, 0
    for at in range(first, end):
        team = team_list[at]
        if (capacity_t[team] < 0 or load_t[team] < capacity_t[team]) and not (own_only and warehouse_t[team] < 0):
            key ^= mark_t[team]
            members += 1
    return row_of_set(key, key_ht, row_ht, own_jt, sets_t) if members > 1 else 0


@inlined
def pick_team(
    capacity_t: I64,
    load_t: I64,
    ratio_t: I64,
    credit_t: F64,
    warehouse_t: I32,
    team_list: I32,
    first: int,
    end: int,
    own_only: bool,
    own_jt: F64,
    row: int,
) -> int:
    """Credit the teams with capacity left by ratio, take the one with the largest claim, let it pay 1 (design §3).

    `NOBODY` if none has capacity left. Nobody earns or pays where there is no choice.
    """
    total, members, best = 0, 0, NOBODY
    for at in range(first, end):
        team = team_list[at]
        if (capacity_t[team] < 0 or load_t[team] < capacity_t[team]) and not (own_only and warehouse_t[team] < 0):
            total += ratio_t[team]
            members += 1
            best = team
    if members < 2:
        return best
    best, most = NOBODY, 0.0
    for at in range(first, end):
        team = team_list[at]
        if (capacity_t[team] < 0 or load_t[team] < capacity_t[team]) and not (own_only and warehouse_t[team] < 0):
            earned = ratio_t[team] / total if total > 0 else 1.0 / members
            credit_t[team] += earned
            if row > 0:
                own_jt[row, team] += earned
            mine = claim(own_jt[row, team], credit_t[team])
            if best < 0 or mine > most + TOLERANCE:
                best, most = team, mine
    credit_t[best] -= 1.0
    if row > 0:
        own_jt[row, best] -= 1.0
    return best

"""Whose turn it is by ratio: the credits of each set of members who could serve, beside those of all orders together.

One credit per member (design §3) keeps the shares of all orders together, but not those of the orders that everybody
could serve: what is earned on them may be paid for on others (docs/adr/0006). So each set of members has credits of
its own, which begin at 0 in every run. The turn is the member's whose credit in the set, plus the common one within
±`BOUND`, is the largest: the common credit decides among sets too rare to balance themselves, and moves no set by more
than a few orders.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .jit import inlined
from .problem import F64, I32, I64

SETS = 4096
"""Sets with credits of their own in one run; further ones go by the common credits alone."""
BOUND = 1.0


class Turns(NamedTuple):
    """Credits per set. Axes: n members, h hash slots, j sets (row 0 belongs to none and stays 0)."""

    mark_n: I64  # a random number per member; a set's key is their exclusive or
    key_h: I64
    row_h: I32  # 0 = free
    own_jn: F64
    made: I64  # (1,) sets so far


def new_turns(members: int, orders: int, needed: bool) -> Turns:
    """Room for the sets of a run over `orders` orders; none where no rule goes by ratio."""
    sets = min(SETS, orders) if needed else 0
    slots = 1 << (2 * sets).bit_length()
    mark_n = np.random.default_rng(20_26).integers(1, 2**62, members, np.int64)
    return Turns(
        mark_n,
        np.zeros(slots, np.int64),
        np.zeros(slots, np.int32),
        np.zeros((sets + 1, members)),
        np.zeros(1, np.int64),
    )


@inlined
def row_of_set(key: int, key_h: I64, row_h: I32, own_jn: F64, made: I64) -> int:
    """The row of a set's credits, made if it is new; 0 where there is no room for another set (linear probing)."""
    last = len(key_h) - 1
    slot = (key ^ key >> 31) & last
    while row_h[slot] != 0 and key_h[slot] != key:
        slot = (slot + 1) & last
    if row_h[slot] == 0:
        if made[0] + 1 >= len(own_jn):
            return 0
        made[0] += 1
        key_h[slot], row_h[slot] = key, made[0]
    return int(row_h[slot])


@inlined
def claim(own: float, common: float) -> float:
    """What a member has to say for being next."""
    return own + min(max(common, -BOUND), BOUND)

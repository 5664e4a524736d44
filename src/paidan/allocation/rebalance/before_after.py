"""Before and after of a rebalance: of what moves, and of every warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from paidan.network.models import Warehouse

from ..relieve import Sums, summed
from .moves import Move
from .standing import Standing


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """One warehouse: its load, and what the allocations that were considered cost there."""

    warehouse: Warehouse
    number: int
    number_after: int
    load: int
    load_after: int
    before: Sums
    after: Sums


def sums_before(ground: Standing, moves: Sequence[Move]) -> Sums:
    """What the moves cost where they are."""
    at = [move.at for move in moves]
    read = ground.read
    return summed(read.freight_minor_a[at], read.distance_m_a[at], read.late_s_a[at])


def sums_after(moves: Sequence[Move]) -> Sums:
    """What they cost where they would be."""
    return summed(
        np.array([move.freight_minor for move in moves], np.int64),
        np.array([move.distance_m for move in moves], np.int64),
        np.array([move.late_s for move in moves], np.int64),
    )


def place_sums(ground: Standing, moves: Sequence[Move]) -> tuple[PlaceSums, ...]:
    """The warehouses that have any of what was considered, before or after, in their order."""
    read = ground.read
    then_a = ground.at_a.copy()
    freight_a, distance_a, late_a = read.freight_minor_a.copy(), read.distance_m_a.copy(), read.late_s_a.copy()
    load_w = ground.load_w.copy()
    for move in moves:
        then_a[move.at] = move.target
        freight_a[move.at], distance_a[move.at] = move.freight_minor, move.distance_m
        late_a[move.at] = move.late_s
        load_w[move.target] += 1
        load_w[move.source] -= move.counted
    found = []
    for row, warehouse in enumerate(read.network.warehouses):
        here, then = ground.at_a == row, then_a == row
        if here.any() or then.any():
            found.append(
                PlaceSums(
                    warehouse,
                    number=int(here.sum()),
                    number_after=int(then.sum()),
                    load=int(ground.load_w[row]),
                    load_after=int(load_w[row]),
                    before=summed(read.freight_minor_a[here], read.distance_m_a[here], read.late_s_a[here]),
                    after=summed(freight_a[then], distance_a[then], late_a[then]),
                )
            )
    return tuple(found)

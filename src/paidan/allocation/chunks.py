"""A stretch of a plan: consecutive orders as they were decided, with their allocations and parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paidan.engine.plan import Plan

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Indices into a plan: `order_c` orders in the order taken, `allocation_c` and `part_c` theirs.

    `order_at_a` and `allocation_at_p` say, along the last two, which position of `order_c` or `allocation_c` each
    belongs to.
    """

    order_c: Index
    allocation_c: Index
    part_c: Index
    order_at_a: Index
    allocation_at_p: Index

    def only(self, kept: Mask) -> Chunk:
        """The part of the chunk whose orders are kept; bool along `order_c`."""
        if kept.all():
            return self
        kept_a = kept[self.order_at_a]
        kept_p = kept_a[self.allocation_at_p]
        order_at, allocation_at = np.cumsum(kept) - 1, np.cumsum(kept_a) - 1
        return Chunk(
            self.order_c[kept],
            self.allocation_c[kept_a],
            self.part_c[kept_p],
            order_at[self.order_at_a[kept_a]],
            allocation_at[self.allocation_at_p[kept_p]],
        )


def chunks_of(plan: Plan, size: int) -> list[Chunk]:
    """Cut a plan into stretches of `size` orders; a plan's allocations and parts follow the order of its sequence."""
    total = len(plan.sequence)
    taken_o = np.empty(total, np.int64)
    taken_o[plan.sequence] = np.arange(total)
    taken_a = taken_o[plan.order_a]
    bounds = np.append(np.arange(0, total, size), total)
    bounds_a = np.searchsorted(taken_a, bounds)
    bounds_p = np.searchsorted(plan.allocation_p, bounds_a)
    return [
        Chunk(
            order_c=plan.sequence[bounds[n] : bounds[n + 1]].astype(np.int64),
            allocation_c=np.arange(bounds_a[n], bounds_a[n + 1]),
            part_c=np.arange(bounds_p[n], bounds_p[n + 1]),
            order_at_a=taken_a[bounds_a[n] : bounds_a[n + 1]] - bounds[n],
            allocation_at_p=plan.allocation_p[bounds_p[n] : bounds_p[n + 1]] - bounds_a[n],
        )
        for n in range(len(bounds) - 1)
    ]

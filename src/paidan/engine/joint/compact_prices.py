"""Prices of a compact problem: moved by soft-min sweeps on two threads, and the bound they prove."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..problem import F32, F64, I32, I64
from .compact import Compact, lagrangian
from .compact_kernel import best_ways, soft_sweep
from .moving_kernel import move_prices, pace_prices

AFRESH = 4
"""Every so many sweeps all orders are looked at, in the others only those not yet settled at these prices."""
SMALL = 1_000
"""Orders below which a second thread costs more than it brings."""


@dataclass(frozen=True, slots=True)
class Step:
    """A temperature, as a share of the hottest, for so many sweeps; what is kept of the prices' speed, and its gain.

    `paced`: the prices of stock have a pace each instead, and those of slots no momentum.
    """

    share: float
    sweeps: int
    momentum: float = 0.8
    gain: float = 0.5
    paced: bool = False


def cooled(first: float, last: float, sweeps: int, momentum: float, gain: float) -> tuple[Step, ...]:
    """Steps of `AFRESH` sweeps each from one temperature to another, by the same factor each."""
    count = sweeps // AFRESH
    shares = np.geomspace(first, last, count).tolist()
    return tuple(Step(share, AFRESH, momentum, gain) for share in shares)


@dataclass(slots=True)
class Prices:
    """What a piece of a SKU at a node and a slot of a node cost, in minor units, float32."""

    stock_sn: F32
    slot_n: F32

    @classmethod
    def zero(cls, compact: Compact) -> Prices:
        return cls(np.zeros(compact.stock_sn.shape, np.float32), np.zeros(len(compact.slots_n), np.float32))

    def copy(self) -> Prices:
        return Prices(self.stock_sn.copy(), self.slot_n.copy())

    def clear(self) -> None:
        self.stock_sn[:], self.slot_n[:] = 0.0, 0.0

    def add(self, other: Prices) -> None:
        self.stock_sn += other.stock_sn
        self.slot_n += other.slot_n


class CompactMarket:
    """Prices with their momentum over what is left; the buffers of a sweep are kept for the next.

    Without a pool both halves are swept one after the other, with the same result.
    """

    def __init__(self, compact: Compact, prices: Prices, pool: ThreadPoolExecutor | None) -> None:
        self.compact, self.prices, self._pool = compact, prices.copy(), pool
        self._speeds = Prices.zero(compact)
        self._uses = [Prices.zero(compact), Prices.zero(compact)]
        self._settled = [Prices.zero(compact), Prices.zero(compact)]
        self._open: list[I32] = []
        self._paced = False

    def sweep(
        self, orders: I32, left_sn: I32, room_n: I64, step: Step, top: float, *, tight: bool,
        afresh: bool = True,
    ) -> None:  # fmt: skip
        """One soft-min sweep over the orders, then prices move.

        Unless `afresh`, only the orders that were undecided in the last sweep that was are looked at again.
        """
        prices, tau = self.prices, step.share * top
        parts = halves(orders) if afresh or not self._open else self._open
        afresh = parts is not self._open

        def work(part: I32, use: Prices, settled: Prices) -> I32:
            undecided = np.empty(len(part) if afresh else 0, np.int32)
            if afresh:
                settled.clear()
            count = soft_sweep(
                part, self.compact, prices.stock_sn, prices.slot_n, left_sn, room_n, tight, tau, use.stock_sn,
                use.slot_n, settled.stock_sn, settled.slot_n, undecided,
            )  # fmt: skip
            use.add(settled)
            return undecided[:count]

        side_by_side = map if self._pool is None else self._pool.map
        found = list(side_by_side(work, parts, self._uses[: len(parts)], self._settled[: len(parts)]))
        if afresh:
            self._open = found
        self._move(left_sn, room_n, tau, step)

    def alone(self) -> CompactMarket:
        """A market of its own that begins with these prices and needs one thread."""
        return CompactMarket(self.compact, self.prices, None)

    def sweep_all(self, step: Step, top: float, *, afresh: bool) -> None:
        """One sweep over all orders, everything free."""
        compact = self.compact
        orders = np.arange(len(compact.ptr_o) - 1, dtype=np.int32)
        self.sweep(orders, compact.stock_sn, compact.slots_n, step, top, tight=False, afresh=afresh)

    def proven(self) -> float:
        """The bound the prices prove."""
        return proven_by(self.compact, self.prices, self._pool)

    def worth(self) -> Prices:
        """What one more piece or slot would save at these prices."""
        return self.prices

    def _move(self, left_sn: I32, room_n: I64, tau: float, step: Step) -> None:
        if step.paced != self._paced:
            self._speeds.clear()
            self._paced = step.paced
        first, second = self._uses
        cut = left_sn.size // 2
        columns: list[tuple[Any, ...]] = [
            (self.prices.stock_sn, self._speeds.stock_sn, first.stock_sn, second.stock_sn, left_sn),
            (self.prices.slot_n, self._speeds.slot_n, first.slot_n, second.slot_n, room_n),
        ]

        def work(number: int, part: slice) -> None:
            price, speed, use, more, left = (column.reshape(-1)[part] for column in columns[number])
            if step.paced and number == 0:
                pace_prices(price, speed, use, more, left, tau)
            else:
                move_prices(price, speed, use, more, left, tau, step.momentum, step.gain)

        parts = [(0, slice(0, cut)), (0, slice(cut, None)), (1, slice(None))]
        side_by_side = map if self._pool is None else self._pool.map
        list(side_by_side(work, *zip(*parts, strict=True)))


def halves(orders: I32) -> list[I32]:
    """The orders for each thread."""
    return [orders] if len(orders) < SMALL else np.array_split(orders, 2)


def preferred(
    compact: Compact, orders: I32, prices: Prices, left_sn: I32, room_n: I64, pool: ThreadPoolExecutor
) -> tuple[I64, F32]:
    """Each order's best way of those that fit, and its lead over the next."""
    way, lead = np.empty(len(orders), np.int64), np.empty(len(orders), np.float32)
    parts = halves(orders)
    cut = len(parts[0])

    def work(part: I32, at: slice) -> float:
        return float(best_ways(part, compact, prices.stock_sn, prices.slot_n, left_sn, room_n, True, way[at], lead[at]))

    list(pool.map(work, parts, (slice(0, cut), slice(cut, None))))
    return way, lead


def proven_by(compact: Compact, prices: Prices, pool: ThreadPoolExecutor | None) -> float:
    """The bound the prices prove, in double precision and by the true minimum of every order."""
    stock_sn, slot_n = prices.stock_sn.astype(np.float64), prices.slot_n.astype(np.float64)

    def work(part: I32) -> float:
        way, lead = np.empty(len(part), np.int64), np.empty(len(part))
        none: F64 = lead
        return float(best_ways(part, compact, stock_sn, slot_n, compact.stock_sn, compact.slots_n, False, way, none))

    orders = np.arange(len(compact.ptr_o) - 1, dtype=np.int32)
    side_by_side = map if pool is None else pool.map
    return lagrangian(sum(side_by_side(work, halves(orders))), compact, stock_sn, slot_n)

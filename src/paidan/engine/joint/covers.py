"""Cover inequalities over a compact problem: what whole orders cannot do and shares of orders can, priced like stock.

Of 3 pieces two orders of 2 pieces cannot both be served, though three quarters of each can. Such inequalities hold for
every plan; with a price each they raise the bound to where shares of orders do not reach (docs/joint-solver.md).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..problem import F32, F64, I32, I64
from .compact import Compact, lagrangian, orders_of_lines
from .compact_kernel import best_ways, soft_sweep
from .compact_prices import Prices, Step, halves
from .covers_kernel import (
    charge_covers,
    charge_parcels,
    clear_lines,
    find_covers,
    price_lines,
    use_of_covers,
    use_of_shares,
)
from .moving_kernel import move_prices

BROKEN = 0.03
"""By how much shares must break a cover for it to be taken up."""


@dataclass(slots=True)
class Covers:
    """Σ of the shares of cover k's lines ``member_m[ptr_k[k]:ptr_k[k + 1]]`` at `node_k` ≤ `limit_k`; its price."""

    ptr_k: I64
    member_m: I64
    sku_k: I64
    node_k: I64
    limit_k: I64
    more_k: I64  # what one more piece at the place adds to the limit
    price_k: F32
    known: set[bytes] = field(default_factory=set)

    @classmethod
    def none(cls) -> Covers:
        nothing = np.empty(0, np.int64)
        return cls(np.zeros(1, np.int64), nothing, nothing, nothing, nothing, nothing, np.empty(0, np.float32))

    def __len__(self) -> int:
        return len(self.node_k)

    def add(self, found_k: I64, member_m: I64) -> int:
        """Take up covers that are new; how many."""
        ends = found_k[:, 4]
        starts = np.concatenate([[0], ends[:-1]])
        new: list[int] = []
        for k, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            lines = np.sort(member_m[start:end])
            key = found_k[k, 1].tobytes() + lines.tobytes()
            if key not in self.known:
                self.known.add(key)
                new.append(k)
        if new:
            parts = [member_m[starts[k] : ends[k]] for k in new]
            sizes = np.array([len(part) for part in parts])
            self.ptr_k = np.concatenate([self.ptr_k, self.ptr_k[-1] + np.cumsum(sizes)])
            self.member_m = np.concatenate([self.member_m, *parts])
            self.sku_k = np.concatenate([self.sku_k, found_k[new, 0]])
            self.node_k = np.concatenate([self.node_k, found_k[new, 1]])
            self.limit_k = np.concatenate([self.limit_k, found_k[new, 2]])
            self.more_k = np.concatenate([self.more_k, found_k[new, 3]])
            self.price_k = np.concatenate([self.price_k, np.zeros(len(new), np.float32)])
        return len(new)


class CoverMarket:
    """Prices of stock, slots and covers, moved together; the share of every line at every node is known.

    Without a pool both halves of a sweep are done one after the other, with the same result.
    """

    def __init__(self, compact: Compact, prices: Prices, pool: ThreadPoolExecutor | None) -> None:
        lines, nodes = len(compact.sku_l), len(compact.slots_n)
        self.compact, self.prices, self.pool = compact, prices.copy(), pool
        self.covers = Covers.none()
        self.orders: I32 = np.arange(len(compact.ptr_o) - 1, dtype=np.int32)
        self._by_sku = np.argsort(compact.sku_l, kind="stable")
        self._ptr_s = np.searchsorted(compact.sku_l[self._by_sku], np.arange(len(compact.stock_sn) + 1))
        self._by_line = compact._replace(sku_l=np.arange(lines, dtype=np.int32), qty_l=np.ones(lines, np.int32))
        self._price_ln = np.zeros((lines, nodes), np.float32)
        self._share_ln = np.zeros((lines, nodes), np.float32)
        self._speeds, self._speed_k = Prices.zero(compact), np.empty(0, np.float32)
        self._settled_n = [np.zeros(nodes, np.float32), np.zeros(nodes, np.float32)]
        self._open: list[I32] = []
        cut = int(np.searchsorted(self._ptr_s, lines // 2))
        self._skus = [(0, cut), (cut, len(compact.stock_sn))]

    def alone(self) -> CoverMarket:
        """The same, which from now on needs one thread."""
        self.pool = None
        return self

    def charged(self) -> Compact:
        """The problem with the prices of covers in what its parcels cost."""
        compact, covers = self.compact, self.covers
        if not len(covers):
            return compact
        cost_rn = compact.cost_rn.copy()
        charge_parcels(
            covers.ptr_k, covers.member_m, covers.node_k, covers.price_k, orders_of_lines(compact), compact.ptr_o,
            compact.row_o, cost_rn,
        )  # fmt: skip
        return compact._replace(cost_rn=cost_rn)

    def worth(self) -> Prices:
        """What one more piece of a SKU and one more slot would save at these prices; a piece also widens covers."""
        worth, covers = self.prices.copy(), self.covers
        np.add.at(worth.stock_sn, (covers.sku_k, covers.node_k), covers.price_k * covers.more_k)
        return worth

    @property
    def _map(self) -> Any:
        return map if self.pool is None else self.pool.map

    def _priced(self, price_sn: F32 | F64, price_k: F32 | F64, price_ln: F32 | F64) -> None:
        """Fill in what every line costs at every node."""
        lines, compact = len(price_ln), self.compact

        def work(first: int, end: int) -> None:
            price_lines(first, end, compact.sku_l, compact.qty_l, price_sn, price_ln)

        list(self._map(work, (0, lines // 2), (lines // 2, lines)))
        covers = self.covers
        charge_covers(covers.ptr_k, covers.member_m, covers.node_k, price_k, price_ln)

    def sweep_all(self, step: Step, top: float, *, afresh: bool) -> None:
        """One soft-min sweep, then all prices move."""
        compact, prices, tau = self.compact, self.prices, step.share * top
        self._priced(prices.stock_sn, self.covers.price_k, self._price_ln)
        parts = halves(self.orders) if afresh or not self._open else self._open
        afresh = parts is not self._open
        use_n = np.zeros((2, len(prices.slot_n)), np.float32)

        def work(part: I32, number: int) -> I32:
            undecided = np.empty(len(part) if afresh else 0, np.int32)
            if afresh:
                self._settled_n[number][:] = 0.0
            clear_lines(part, compact.ptr_o, self._share_ln)
            count = soft_sweep(
                part, self._by_line, self._price_ln, prices.slot_n, compact.stock_sn, compact.slots_n, False, tau,
                self._share_ln, use_n[number], self._share_ln, self._settled_n[number], undecided,
            )  # fmt: skip
            use_n[number] += self._settled_n[number]
            return undecided[:count]

        found = list(self._map(work, parts, range(len(parts))))
        if afresh:
            self._open = found
        self._move(use_n, tau, step)

    def _move(self, use_n: F32, tau: float, step: Step) -> None:
        compact, prices, covers = self.compact, self.prices, self.covers
        use_sn, use_k = np.empty_like(prices.stock_sn), np.empty(len(covers), np.float32)

        def stock(first: int, end: int) -> None:
            use_of_shares(first, end, self._ptr_s, self._by_sku, compact.qty_l, self._share_ln, use_sn)
            price, speed, use, left = (
                column[first:end].reshape(-1)
                for column in (prices.stock_sn, self._speeds.stock_sn, use_sn, compact.stock_sn)
            )
            move_prices(price, speed, use, np.zeros_like(use), left, tau, step.momentum, step.gain)

        list(self._map(stock, *zip(*self._skus, strict=True)))
        slots = (prices.slot_n, self._speeds.slot_n, use_n[0], use_n[1], compact.slots_n)
        move_prices(*slots, tau, step.momentum, step.gain)
        use_of_covers(covers.ptr_k, covers.member_m, covers.node_k, self._share_ln, use_k)
        nothing = np.zeros_like(use_k)
        move_prices(covers.price_k, self._speed_k, use_k, nothing, covers.limit_k, tau, step.momentum, step.gain)

    def find(self) -> int:
        """Take up covers the present shares break; how many."""
        compact = self.compact

        def work(first: int, end: int) -> tuple[I64, I64]:
            found_k = np.empty((len(compact.sku_l) // 4 + 100, 5), np.int64)
            member_m = np.empty(4 * len(compact.sku_l) + 1_000, np.int64)
            count, members = find_covers(
                first, end, self._ptr_s, self._by_sku, compact.qty_l, compact.stock_sn, self.prices.stock_sn,
                self._share_ln, BROKEN, found_k, member_m,
            )  # fmt: skip
            return found_k[:count], member_m[:members]

        found = list(self._map(work, *zip(*self._skus, strict=True)))
        count = sum(self.covers.add(*part) for part in found if len(part[0]))
        self._speed_k = np.concatenate([self._speed_k, np.zeros(count, np.float32)])
        return count

    def proven(self) -> float:
        """The bound all prices prove together, in double precision and by the true minimum of every order."""
        compact, covers = self.compact, self.covers
        stock_sn, slot_n = self.prices.stock_sn.astype(np.float64), self.prices.slot_n.astype(np.float64)
        price_ln, price_k = np.empty(self._price_ln.shape), covers.price_k.astype(np.float64)
        self._priced(stock_sn, price_k, price_ln)

        def work(part: I32) -> float:
            way, lead = np.empty(len(part), np.int64), np.empty(len(part))
            free = (compact.stock_sn, compact.slots_n, False)
            return float(best_ways(part, self._by_line, price_ln, slot_n, *free, way, lead))

        total = sum(self._map(work, halves(self.orders)))
        return lagrangian(total, compact, stock_sn, slot_n) - float(price_k @ covers.limit_k)

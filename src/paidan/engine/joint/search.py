"""The search over choices: prices and their bound, the dive, and the exact solution where it is small."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ..problem import F64, I64
from .balance import NO_BALANCE, Balance
from .choices import UNSERVED, Choices, cost_of, is_feasible, used_by
from .dive import Pace, dive
from .exact import solve_exactly
from .prices import Market, lagrangian, swept
from .stop import Stop

Progress = Callable[[float, float, float], None]
"""Called with seconds, the best cost and the best bound whenever one of them got better."""
EXACT_COLUMNS = 40_000
"""Choices up to which the whole problem goes to HiGHS."""
MEDIUM = 20_000
"""Orders up to which neighbourhoods decided by HiGHS pay."""
SLOWER = (Pace(0.05, 3), Pace(0.03, 3))
COLD = 1 / 60
"""The last temperature as a share of the first."""


@dataclass(slots=True)
class Found:
    """The best assignment so far, the bound, and the prices that proved it."""

    chosen_o: I64
    cost: float
    bound: float
    price_r: F64
    lean: F64
    sweeps: int = 0
    exact: bool = field(default=False)

    @property
    def gap(self) -> float:
        return (self.cost - self.bound) / self.bound if self.bound > 0 else np.inf


class Search:
    """One run. `start_o` is a feasible assignment to begin with; nothing worse is ever answered."""

    def __init__(
        self,
        choices: Choices,
        stop: Stop,
        seed: int = 0,
        *,
        balance: Balance = NO_BALANCE,
        start_o: I64 | None = None,
        proof: Choices | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.choices, self.balance, self.stop, self.progress = choices, balance, stop, progress
        self.proof = choices if proof is None else proof
        self.rng = np.random.default_rng(seed)
        self.started = stop.clock()
        self.orders = np.arange(len(choices.ptr_o) - 1, dtype=np.int32)
        self.dive_s = 0.0
        chosen_o = np.full(len(self.orders), UNSERVED, np.int64) if start_o is None else start_o.copy()
        nothing = np.zeros(len(balance.share))
        self.found = Found(chosen_o, self.cost_of(chosen_o), -np.inf, np.zeros(len(choices.limit_r)), nothing)

    def run(self) -> Found:
        """Prices, dive, then whatever makes the gap smaller until the stop says enough."""
        small = len(self.choices.cost_c) <= EXACT_COLUMNS
        with ThreadPoolExecutor(2) as pool:
            self._price(pool)
            self._dive(pool, Pace())
            if small and not self.over():
                self._solve_all()
            elif not self.over():
                self._improve(pool)
        return self.found

    def elapsed(self) -> float:
        return self.stop.clock() - self.started

    def over(self) -> bool:
        """Whether the stop says enough."""
        stop, found = self.stop, self.found
        if stop.sweeps is not None and found.sweeps >= stop.sweeps:
            return True
        if stop.asked is not None and stop.asked():
            return True
        return self.elapsed() >= stop.seconds or found.cost - found.bound <= max(0.0, stop.gap * found.bound)

    def cost_of(self, chosen_o: I64) -> float:
        """What an assignment costs, deviation from ratios included."""
        return cost_of(self.choices, chosen_o) + self.balance.cost(used_by(self.choices, chosen_o))

    def _temperatures(self) -> list[float]:
        """From a third of what an order costs (more where leaving orders unserved is much dearer), halving down."""
        c = self.choices
        dearest = float(np.median(c.cost_c)) if len(c.cost_c) else 1.0
        top = max(1.0, 0.35 * dearest, 0.5 * self.balance.weight)
        hot = max(top, float(np.median(c.unserved_o)) / 20) if len(c.unserved_o) else top
        steps = [hot / 2**k for k in range(40) if hot / 2**k > 1.5 * top]
        return [*steps, top, top / 3, top / 7.5, top / 20, top * COLD]

    def _price(self, pool: ThreadPoolExecutor, sweeps: int = 12) -> None:
        """Move the prices while it cools; every sweep proves a bound."""
        found, balance, proof = self.found, self.balance, self.proof
        market, lean = Market(found.price_r), found.lean
        limit_r = self.choices.limit_r
        for tau in self._temperatures():
            for _ in range(sweeps):
                full_r = self._effective(market.price_r, lean)
                least, use_r = swept(proof, self.orders, full_r, limit_r, tau, pool)
                bound = lagrangian(least, market.price_r, limit_r) + balance.constant(lean)
                found.sweeps += 1
                if bound > found.bound:
                    found.bound, found.price_r, found.lean = bound, market.price_r.copy(), lean
                    self._tell()
                if self.over():
                    return
                market.move(use_r, limit_r, tau)
                if balance.weight:
                    lean = balance.leaned(lean, use_r)

    def _effective(self, price_r: F64, lean: F64) -> F64:
        if not self.balance.weight:
            return price_r
        full_r = price_r.copy()
        full_r[self.balance.slot_r] += self.balance.surcharge(lean)
        return full_r

    def _dive(self, pool: ThreadPoolExecutor, pace: Pace) -> None:
        started = self.stop.clock()
        left_r = self.choices.limit_r.copy()
        chosen_o = np.full(len(self.orders), UNSERVED, np.int64)
        tau = self._temperatures()[-3]
        dive(
            self.choices,
            self.orders,
            self._effective(self.found.price_r, self.found.lean),
            left_r,
            chosen_o,
            tau,
            pace,
            pool,
        )
        self.keep(chosen_o)
        self.dive_s = self.stop.clock() - started

    def keep(self, chosen_o: I64) -> bool:
        cost = self.cost_of(chosen_o)
        if cost >= self.found.cost:
            return False
        assert is_feasible(self.choices, chosen_o)
        self.found.chosen_o, self.found.cost = chosen_o, cost
        self._tell()
        return True

    def _left(self) -> float:
        return self.stop.seconds - self.elapsed()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.elapsed(), self.found.cost, self.found.bound)

    def _solve_all(self) -> None:
        """The whole problem by HiGHS, from the best so far; its bound counts only if no choice was left out."""
        limit_r = self.choices.limit_r
        proven = solve_exactly(
            self.choices, self.orders, limit_r, self.balance, self._left(), self.found.chosen_o, asked=self.stop.asked
        )
        if proven.chosen is not None:
            self.keep(proven.chosen)
        if self.proof is self.choices and np.isfinite(proven.bound):
            self.found.bound = max(self.found.bound, proven.bound - 1e-7 * abs(proven.bound))
            self._tell()

    def _improve(self, pool: ThreadPoolExecutor) -> None:
        """Slower and slower dives; for medium problems, then neighbourhoods decided again by HiGHS."""
        from .neighbourhoods import improve

        for pace in SLOWER:
            if self.over() or self._left() < 2 * self.dive_s:
                break
            self._dive(pool, pace)
        if len(self.orders) <= MEDIUM and not self.balance.weight and not self.over():
            improve(self)

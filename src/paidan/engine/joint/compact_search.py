"""The search over a compact problem: prices and their bound, the dive, and the plan bettered while time is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ..problem import I32
from .compact import NEVER, Compact, by_sku
from .compact_dive import compact_dive
from .compact_kernel import tally
from .compact_neighbourhoods import LONGEST_S, CompactNeighbourhoods, both
from .compact_prices import AFRESH, CompactMarket, Prices, Step, cooled, proven_by
from .covers import CoverMarket
from .dive import Pace
from .floor import BAND, Bettering
from .search import Progress
from .stop import Stop

COOLING = (
    Step(0.3, 12, 0.0, 1.0, paced=True),
    *cooled(0.3, 1 / 30, 48, 0.9, 1.0),
    *cooled(1 / 30, 1 / 60, 20, 0.95, 1.0),
    *cooled(1 / 60, 1 / 150, 20, 0.97, 1.0),
    *cooled(1 / 150, 1 / 300, 24, 0.97, 1.0),
)
"""How the prices cool. The colder, the more momentum: what moves them is proportional to the temperature."""
COLDER = (Step(1 / 400, 80, 0.97, 1.0), Step(1 / 600, 120, 0.97, 1.0), Step(1 / 1_200, 200, 0.97, 1.0))
"""What the bound is polished with while the plan is bettered."""
COVERS = Step(0.015, 20, 0.97, 1.0)
"""The sweeps after which covers are looked for again."""
ROUNDS, COVERING, COVERS_BRING = 25, 0.35, 5e-4
"""Rounds of them, at most for this share of the time, and only while the bound rises so much, or would if all the time
were spent on them."""
FEW_PIECES = 30
"""Mean pieces of a SKU at a place up to which covers are looked for: of 30 hardly one is lost to whole orders."""
MOST_CELLS = 60_000_000
"""Lines x nodes up to which covers are looked for."""
HOTTEST = 0.35
"""The first temperature as a share of what a parcel costs at the median."""
MEDIUM = 20_000
"""Orders up to which neighbourhoods decided by HiGHS pay; moves get `MOVING` of the time then."""
MOVING = 0.2
PRICING = 0.5
"""The share of the time for prices before the first plan, at most."""
DIVING, HEAT = 1 / 30, 1 / 25
"""Temperature of the dive, and of moves in the beginning, as shares of the first."""
PACES = (Pace(0.20, 2), Pace(0.10, 2), Pace(0.05, 2), Pace(0.02, 3))
DIVES = 0.2
"""A slower dive is made if it takes no more than this share of the time that is left."""
PASS = 4_000
"""Orders between two looks at the clock."""
COLD_SHARE = 0.25
"""The last part of the time, in which no move makes the plan dearer."""
PASSES = 12
"""Passes over all orders where the stop is by sweeps."""


@dataclass(slots=True)
class CompactFound:
    """The best plan so far (the node of every line), the bound, and the prices that proved it."""

    at_l: I32
    cost: float
    bound: float
    prices: Prices
    sweeps: int = 0

    @property
    def gap(self) -> float:
        return (self.cost - self.bound) / self.bound if self.bound > 0 else np.inf


class CompactSearch:
    """One run over a compact problem. Nothing worse than `start_l` is ever answered; `constant` is
    part of every plan's cost."""

    def __init__(
        self,
        compact: Compact,
        stop: Stop,
        seed: int = 0,
        *,
        constant: float = 0.0,
        start_l: I32 | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.started = stop.clock()
        self.compact, self._place_l = by_sku(compact)
        self.charged = self.compact
        self.stop, self.progress, self.constant = stop, progress, constant
        self.rng = np.random.default_rng(seed)
        self.orders: I32 = np.arange(len(compact.ptr_o) - 1, dtype=np.int32)
        last = len(compact.slots_n) - 1
        at_l = np.full(len(compact.sku_l), last, np.int32) if start_l is None else start_l[self._place_l]
        self.found = CompactFound(at_l, self._cost(at_l), -np.inf, Prices.zero(compact))
        self._polishing = True
        self._end_s = 0.0

    def run(self) -> CompactFound:
        """Prices, dive, flow and moves; beside them the bound is polished."""
        self._run()
        at_l = np.empty_like(self.found.at_l)
        at_l[self._place_l] = self.found.at_l
        return replace(self.found, at_l=at_l)

    def _run(self) -> None:
        top = self._hottest()
        with ThreadPoolExecutor(2) as pool:
            market = CompactMarket(self.compact, Prices.zero(self.compact), pool)
            self._price(market, top)
            self._prove(market.prices, pool)
            covered = self._cover(market.prices, top, pool)
            prices = (market if covered is None else covered).prices.copy()
            began = self.stop.clock()
            self._dive(prices, PACES[0], top, pool)
            if self.over():
                return
            took = self.stop.clock() - began
            for pace, times in zip(PACES[1:], (2, 4, 15), strict=True):
                if self.stop.sweeps is None and times * took < DIVES * self._left():
                    self._dive(prices, pace, top, pool)
            with ThreadPoolExecutor(1) as beside:
                polished = beside.submit(self._polished, market if covered is None else covered, top)
                self._better(prices, top, pool)
                self._polishing = len(self.orders) <= MEDIUM or self.stop.sweeps is not None
                bound, worth = polished.result()
                self._rise(bound, worth)
            if len(self.orders) <= MEDIUM:
                self._decide_again(prices, top, pool)

    def elapsed(self) -> float:
        return self.stop.clock() - self.started

    def over(self) -> bool:
        """Whether the stop says enough."""
        stop, found = self.stop, self.found
        if stop.sweeps is not None and found.sweeps >= stop.sweeps:
            return True
        if stop.asked is not None and stop.asked():
            return True
        return self._left() <= 0 or found.cost - found.bound <= max(0.0, stop.gap * found.bound)

    def _left(self) -> float:
        return self.stop.seconds - self.elapsed()

    def _hottest(self) -> float:
        """A third of what a parcel costs at the median."""
        costs = self.compact.cost_rn[:: max(1, len(self.compact.cost_rn) // 50_000), :-1]
        costs = costs[costs < NEVER]
        return max(1.0, HOTTEST * float(np.median(costs))) if len(costs) else 1.0

    def _price(self, market: CompactMarket, top: float) -> None:
        """Move the prices while it cools, for a share of the time at most."""
        compact, until = self.compact, PRICING * self.stop.seconds
        for step in COOLING:
            for number in range(step.sweeps):
                afresh = number % AFRESH == 0
                market.sweep(self.orders, compact.stock_sn, compact.slots_n, step, top, tight=False, afresh=afresh)
                self.found.sweeps += 1
                if self.over() or self.elapsed() > until:
                    return

    def _prove(self, prices: Prices, pool: ThreadPoolExecutor) -> None:
        self._rise(proven_by(self.compact, prices, pool), prices)

    def _rise(self, bound: float, worth: Prices) -> float:
        """Take a bound that is higher than the best so far; by what share it is."""
        before, bound = self.found.bound, self.constant + bound
        if bound <= before:
            return 0.0
        self.found.bound, self.found.prices = bound, worth.copy()
        self._tell()
        return (bound - before) / bound if bound > 0 else 0.0

    def _cover(self, prices: Prices, top: float, pool: ThreadPoolExecutor) -> CoverMarket | None:
        """Take up covers and price them while that raises the bound; None where there are none."""
        held = self.compact.stock_sn[:, :-1][self.compact.stock_sn[:, :-1] > 0]
        many = len(held) == 0 or held.mean() > FEW_PIECES
        if many or self.over() or self.compact.sku_l.size * len(self.compact.slots_n) > MOST_CELLS:
            return None
        began, until = self.elapsed(), self.elapsed() + COVERING * self._left()
        covered = CoverMarket(self.compact, prices, pool)
        for number in range(AFRESH):
            covered.sweep_all(replace(COVERS, momentum=0.9, gain=0.5), top, afresh=number == 0)
        for _ in range(ROUNDS):
            if not covered.find():
                break
            for number in range(COVERS.sweeps):
                covered.sweep_all(COVERS, top, afresh=number % AFRESH == 0)
            self.found.sweeps += 1  # a round
            risen = self._rise(covered.proven(), covered.worth())
            spent = (self.elapsed() - began) / self.stop.seconds
            if self.over() or self.elapsed() > until or risen < COVERS_BRING * spent:
                break
            began = self.elapsed()
        if not len(covered.covers):
            return None
        self.charged = covered.charged()
        return covered

    def _polished(self, market: CompactMarket | CoverMarket, top: float) -> tuple[float, Prices]:
        """The bound with prices cooled further, for a thread of its own, until the plan is done."""
        lone = market.alone()
        for step in COLDER:
            for number in range(step.sweeps):
                if not self._polishing or self._left() <= 0:
                    return lone.proven(), lone.worth()
                lone.sweep_all(step, top, afresh=number % AFRESH == 0)
        return lone.proven(), lone.worth()

    def _dive(self, prices: Prices, pace: Pace, top: float, pool: ThreadPoolExecutor) -> None:
        self.keep(compact_dive(self.charged, prices, Step(DIVING, 1), top, pace, pool))

    def _better(self, prices: Prices, top: float, pool: ThreadPoolExecutor) -> None:
        """Movers at least cost, then passes over the others while it cools; kept when the slots are repaired."""
        began = self.stop.clock()
        plan = Bettering(self.compact, self.found.at_l, prices.slot_n.copy())
        plan.flow(pool)
        plan.repair()
        self.keep(plan.at_l)
        self._end_s = 0.5 * (self.stop.clock() - began) + 0.02 * self.stop.seconds
        plan.overdraw(BAND)
        self._pass_until(plan, COLD_SHARE, HEAT * top)
        plan.repair()
        self.keep(plan.at_l)
        plan.overdraw(0.0)
        self._pass_until(plan, 0.0, 0.0)
        plan.repair()
        self.keep(plan.at_l)

    def _decide_again(self, prices: Prices, top: float, pool: ThreadPoolExecutor) -> None:
        """Neighbourhoods decided again by HiGHS, two at a time, until the stop says enough."""
        compact, seed = self.compact, int(self.rng.integers(1 << 31))
        drawing = CompactNeighbourhoods(compact, self.charged, prices, top / HOTTEST, seed)
        while not self.over() and len(self.orders):
            at_l = self.found.at_l
            now_o = drawing.priced(at_l)
            first = drawing.drawn(at_l, now_o)
            second = np.setdiff1d(drawing.drawn(at_l, now_o), first).astype(np.int32)
            seconds = LONGEST_S if self.stop.sweeps is None else 60.0
            seconds = min(seconds, max(0.05, self._left()))
            parts = [part for part in (first, second) if len(part)]
            plans = list(pool.map(lambda part: drawing.decided(at_l, part, now_o, seconds), parts))  # noqa: B023
            better = any([self.keep(both(compact, at_l, plans[0], plans[-1])), self.keep(plans[0])])
            self.found.sweeps += 1
            if not better:
                drawing.failed()

    def _pass_until(self, plan: Bettering, rest: float, heat: float) -> None:
        """Passes until only this share of the time left is left; the heat falls to none. A pass in vain ends them."""
        first, until = self.elapsed(), self.stop.seconds - self._end_s - rest * (self._left() - self._end_s)
        if len(self.orders) <= MEDIUM:
            until = first + MOVING * (until - first)
        passes = 0
        while len(plan.others):
            made = 0
            order = self.rng.permutation(plan.others)
            for chunk in np.array_split(order, max(1, len(order) // PASS)):
                done = (self.elapsed() - first) / max(1e-9, until - first)
                if self.stop.sweeps is not None:
                    done = passes / PASSES
                if done >= 1 or self.elapsed() >= until or (self.stop.asked is not None and self.stop.asked()):
                    return
                made += int(plan.move(chunk, heat * (1 - done), self.rng)[1])
            passes += 1
            if (heat == 0 and made <= len(order) // 5_000) or (self.stop.sweeps is not None and self.over()):
                return

    def keep(self, at_l: I32) -> bool:
        """Take a plan that is cheaper than the best so far."""
        cost = self._cost(at_l)
        if cost >= self.found.cost:
            return False
        self.found.at_l, self.found.cost = at_l.copy(), cost
        self._tell()
        return True

    def _cost(self, at_l: I32) -> float:
        """What a plan costs, as long as it takes no more than there is."""
        compact = self.compact
        use_sn, use_n = np.zeros(compact.stock_sn.shape, np.int32), np.zeros(len(compact.slots_n), np.int64)
        cost = self.constant + float(tally(compact, at_l, use_sn, use_n))
        assert (use_sn[:, :-1] <= compact.stock_sn[:, :-1]).all()
        assert (use_n <= compact.slots_n).all()
        return cost

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.elapsed(), self.found.cost, self.found.bound)

"""Better plans of medium problems: a part of the orders is decided again by HiGHS while the others stay."""

from __future__ import annotations

import numpy as np

from ..problem import F64, I32, Bools
from .balance import NO_BALANCE
from .choices import UNSERVED, Choices, used_by
from .exact import solve_exactly
from .search import Search

SIZE, NEAR = 1_500, 0.2
"""Orders decided again at once; choices looked at: those whose reduced cost is within so much of a typical cost."""
LONGEST_S = 2.0


class Neighbourhoods:
    """Draws orders that may still be moved to advantage: undecided at the prices, or not on their best choice."""

    def __init__(self, search: Search) -> None:
        self.search = search
        choices, price_r = search.choices, search.found.price_r
        self.order_c = np.repeat(np.arange(len(choices.ptr_o) - 1), np.diff(choices.ptr_o))
        self.reduced_c = reduced_costs(choices, price_r)
        self.least_o = choices.unserved_o.copy()
        np.minimum.at(self.least_o, self.order_c, self.reduced_c)
        margin = NEAR * float(np.median(choices.cost_c))
        self.near_c: Bools = self.reduced_c <= self.least_o[self.order_c] + margin
        self.open_o = np.bincount(self.order_c[self.near_c], minlength=len(self.least_o)) > 1
        self.first_resource_o = np.zeros(len(self.least_o), np.int64)
        self.first_resource_o[self.order_c] = choices.resource_u[choices.use_ptr_c[:-1]]

    def improve_once(self, *, alike: bool) -> bool:
        """Decide one neighbourhood again, `alike`: of orders that want the same things; whether the plan got better."""
        search = self.search
        orders = self._drawn(alike=alike)
        chosen_o, choices = search.found.chosen_o, search.choices
        others = chosen_o.copy()
        others[orders] = UNSERVED
        left_r = choices.limit_r - used_by(choices, others)
        allowed_c = self.near_c.copy()
        allowed_c[chosen_o[chosen_o >= 0]] = True
        seconds = min(LONGEST_S, search.stop.seconds - search.elapsed())
        proven = solve_exactly(choices, orders, left_r, NO_BALANCE, seconds, chosen_o[orders], allowed_c)
        if proven.chosen is None:
            return False
        others[orders] = proven.chosen
        return search.keep(others)

    def _drawn(self, *, alike: bool) -> I32:
        search = self.search
        count = len(self.least_o)
        chosen_o = search.found.chosen_o
        now_o = np.where(chosen_o >= 0, np.append(self.reduced_c, 0.0)[chosen_o], search.choices.unserved_o)
        missed_o = (now_o > self.least_o + 1.0).astype(np.float64)
        if alike:
            key_r = search.rng.random(len(search.choices.limit_r))
            weight = key_r[self.first_resource_o] + self.open_o + 0.3 * missed_o * search.rng.random(count)
        else:
            weight = search.rng.random(count) * np.where(self.open_o, 1.0, 0.01) + missed_o * search.rng.random(count)
        size = min(SIZE, count)
        return np.sort(np.argpartition(-weight, size - 1)[:size]).astype(np.int32)


def reduced_costs(choices: Choices, price_r: F64) -> F64:
    """Cost plus the prices of what is used, per choice."""
    order_u = np.repeat(np.arange(len(choices.cost_c)), np.diff(choices.use_ptr_c))
    priced = np.bincount(order_u, price_r[choices.resource_u] * choices.amount_u, len(choices.cost_c))
    reduced: F64 = choices.cost_c + priced
    return reduced


def improve(search: Search) -> None:
    """One neighbourhood after the other until the stop says enough."""
    drawing = Neighbourhoods(search)
    turn = 0
    while not search.over():
        drawing.improve_once(alike=turn % 2 == 0)
        turn += 1

"""Better plans of medium compact problems: HiGHS decides the orders of some SKUs again while all others stay."""

from __future__ import annotations

from collections import deque

import numpy as np

from ..problem import F64, I32, I64
from .balance import NO_BALANCE
from .choices import Choices
from .compact import Compact, orders_of_lines, parcels_of, used_by
from .compact_prices import Prices
from .exact import solve_exactly
from .ways_kernel import least_costs, list_ways

SMALLEST, LARGEST, GROWTH = 100, 2_000, 1.004
"""Orders decided again at once: few at first, for what is lost is lost in few places; more after each one in vain."""
MARGIN = 0.3
"""Ways looked at: those whose priced cost is within so much of a typical cost of the best, or not above the present."""
LONGEST_S = 1.5


class CompactNeighbourhoods:
    """Draws SKUs where the plan is dearer than its prices say, and the orders around them.

    `charged` is the problem with the prices of covers in its costs.
    """

    def __init__(self, compact: Compact, charged: Compact, prices: Prices, typical: float, seed: int) -> None:
        self.compact, self.charged = compact, charged
        self.margin, self.size = MARGIN * typical, float(SMALLEST)
        self.rng = np.random.default_rng(seed)
        self.stock_sn, self.slot_n = prices.stock_sn.astype(np.float64), prices.slot_n.astype(np.float64)
        self.order_l = orders_of_lines(compact)
        self.by_sku = np.argsort(compact.sku_l, kind="stable")
        self.ptr_s = np.searchsorted(compact.sku_l[self.by_sku], np.arange(len(compact.stock_sn) + 1))
        self.least_o = np.empty(len(compact.ptr_o) - 1)
        least_costs(charged, self.stock_sn, self.slot_n, self.least_o)

    def failed(self) -> None:
        """Draw a little more from now on."""
        self.size = min(LARGEST, self.size * GROWTH)

    def priced(self, at_l: I32) -> F64:
        """What every order costs now, stock and slots priced."""
        compact, count = self.compact, len(self.least_o)
        order, row, node = parcels_of(compact, at_l)
        parcels_o = np.bincount(order, self.charged.cost_rn[row, node] + self.slot_n[node], count)
        seconds_o = np.maximum(np.bincount(order, minlength=count) - 1, 0)
        pieces_l = compact.qty_l * self.stock_sn[compact.sku_l, at_l]
        total: F64 = parcels_o + compact.second_minor * seconds_o + np.bincount(self.order_l, pieces_l, count)
        return total

    def drawn(self, at_l: I32, now_o: F64) -> I32:
        """Orders around SKUs drawn by what is lost at them: regret of their orders, and stock left that has a price."""
        compact = self.compact
        use_sn, _ = used_by(compact, at_l)
        left_s = ((compact.stock_sn - use_sn)[:, :-1] * self.stock_sn[:, :-1]).sum(1)
        regret_l = np.maximum(now_o - self.least_o, 0.0)[self.order_l]
        lost_s: F64 = left_s + np.bincount(compact.sku_l, regret_l, len(left_s))
        weight_s: F64 = np.power(lost_s, 0.7) + 1e-6
        taken_o = np.zeros(len(now_o), np.bool_)
        queue: deque[int] = deque()
        seen, count, size = set[int](), 0, int(min(self.size, len(now_o)))
        while count < size and weight_s.sum() > 0:
            if not queue:
                queue.append(int(self.rng.choice(len(weight_s), p=weight_s / weight_s.sum())))
                seen.add(queue[0])
            sku = queue.popleft()
            weight_s[sku] = 0.0
            orders = self._around(sku, size // 2)
            orders = orders[~taken_o[orders]]
            taken_o[orders] = True
            count += len(orders)
            for order in orders.tolist():
                others = set(compact.sku_l[compact.ptr_o[order] : compact.ptr_o[order + 1]].tolist()) - seen
                seen |= others
                queue.extend(sorted(others))
        return np.flatnonzero(taken_o).astype(np.int32)

    def _around(self, sku: int, most: int) -> I64:
        orders = self.order_l[self.by_sku[self.ptr_s[sku] : self.ptr_s[sku + 1]]]
        return orders if len(orders) <= most else np.sort(self.rng.choice(orders, most, replace=False))

    def decided(self, at_l: I32, orders: I32, now_o: F64, seconds: float) -> I32:
        """The plan with these orders decided again."""
        compact, nodes = self.compact, len(self.slot_n)
        most = np.maximum(now_o[orders] + 0.5, self.least_o[orders] + self.margin)
        ptr_k, way_c, cost_c = self._listed(orders, most)
        found = at_l.copy()
        lines = np.concatenate([np.arange(compact.ptr_o[o], compact.ptr_o[o + 1]) for o in orders.tolist()])
        found[lines] = nodes - 1
        use_sn, use_n = used_by(compact, found)
        left = np.concatenate([(compact.stock_sn - use_sn).ravel(), compact.slots_n - use_n]).astype(np.float64)
        choices = self._choices(orders, ptr_k, way_c, cost_c, left)
        everyone = np.arange(len(orders), dtype=np.int32)
        proven = solve_exactly(choices, everyone, left, NO_BALANCE, seconds)
        if proven.chosen is None:
            return at_l
        for k in np.flatnonzero(proven.chosen >= 0).tolist():
            first, end = compact.ptr_o[orders[k]], compact.ptr_o[orders[k] + 1]
            way = way_c[proven.chosen[k]]
            bits = way // nodes**2 >> np.arange(end - first) & 1
            found[first:end] = np.where(bits == 1, way // nodes % nodes, way % nodes)
        return found

    def _listed(self, orders: I32, most: F64) -> tuple[I64, I64, F64]:
        """Where each order's ways begin, the ways, and their costs."""
        ptr_k = np.zeros(len(orders) + 1, np.int64)
        way_c, cost_c = np.empty(0, np.int64), np.empty(0)
        for fill in (False, True):
            count = list_ways(
                orders, self.charged, self.stock_sn, self.slot_n, most, self.compact.cost_rn, ptr_k, way_c, cost_c, fill
            )  # fmt: skip
            if not fill:
                way_c, cost_c = np.empty(count, np.int64), np.empty(count)
        return ptr_k, way_c, cost_c

    def _choices(self, orders: I32, ptr_k: I64, way_c: I64, cost_c: F64, left: F64) -> Choices:
        """The ways as choices over stock and slots."""
        compact, nodes = self.compact, len(self.slot_n)
        owner_c = np.repeat(orders, np.diff(ptr_k))
        m_c, a_c, b_c = way_c // nodes**2, way_c // nodes % nodes, way_c % nodes
        lines_c = np.diff(compact.ptr_o)[owner_c]
        choice_u = np.repeat(np.arange(len(way_c)), lines_c)
        place_u = np.arange(len(choice_u)) - np.repeat(np.cumsum(lines_c) - lines_c, lines_c)
        line_u = compact.ptr_o[:-1][owner_c][choice_u] + place_u
        node_u = np.where(m_c[choice_u] >> place_u & 1 == 1, a_c[choice_u], b_c[choice_u])
        slots, two = compact.stock_sn.size, np.flatnonzero(a_c != b_c)
        owner = np.concatenate([choice_u, np.arange(len(way_c)), two])
        resource = np.concatenate([compact.sku_l[line_u] * np.int64(nodes) + node_u, slots + a_c, slots + b_c[two]])
        amount = np.concatenate([compact.qty_l[line_u], np.ones(len(way_c) + len(two), np.int32)])
        by = np.argsort(owner, kind="stable")
        return Choices(
            ptr_o=ptr_k,
            cost_c=cost_c,
            use_ptr_c=np.searchsorted(owner[by], np.arange(len(way_c) + 1)).astype(np.int64),
            resource_u=resource[by].astype(np.int32),
            amount_u=amount[by].astype(np.int32),
            unserved_o=compact.cost_rn[compact.row_o[orders + 1] - 1, -1].astype(np.float64),
            limit_r=left,
        )


def both(compact: Compact, at_l: I32, first_l: I32, second_l: I32) -> I32:
    """Two changes of a plan together where stock and slots allow it, else the first."""
    together = np.where(second_l != at_l, second_l, first_l).astype(np.int32)
    use_sn, use_n = used_by(compact, together)
    fits = bool((use_sn <= compact.stock_sn).all() and (use_n <= compact.slots_n).all())
    return together if fits else first_l

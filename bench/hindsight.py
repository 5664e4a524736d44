"""What the stream would cost someone who knew every order in advance: a bound under every policy of `bench.stream`.

To serve the orders that came, each by any set of sources, from the stock there is, is a linear programme, and any
prices of stock bound it from below. Its own duals do so best; they are found by generating columns (a kind of order,
and the source of each of its lines) with HiGHS. Only the prices are HiGHS's; the bound is summed up here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from paidan.engine.lookahead.ahead_kernel import GONE, price_sets
from paidan.engine.lookahead.outlook import Outlook
from paidan.engine.lookahead.pricing import listed_sets
from paidan.engine.problem import F64, I32, I64

NEAR = 3_000.0
"""Ways that cost no more above a kind's cheapest, at the first prices, are columns from the start."""
ROUNDS = 40


@njit(nogil=True)
def cheap_ways(
    kind: int,
    ptr: I64,
    sku_i: I32,
    qty_i: I64,
    parcel_kv: F64,
    line_iv: F64,
    members_n: I32,
    starts_n: I64,
    upto_l: I64,
    price_sw: F64,
    within: float,
) -> tuple[F64, I32]:
    """What every set of sources costs a kind with prices (inf beyond `within` of the cheapest); its lines' sources."""
    first, size, sources = ptr[kind], ptr[kind + 1] - ptr[kind], parcel_kv.shape[1]
    sets = upto_l[min(size, len(upto_l) - 1)]
    value_n, source_ni, priced_iv = np.empty(sets), np.zeros((sets, size), np.int32), np.empty((size, sources))
    price_sets(
        0, size, sku_i[first:], qty_i[first:], parcel_kv[kind], line_iv[first:], members_n, starts_n, sets, within,
        price_sw, np.zeros(sources - 1), value_n, source_ni, priced_iv,
    )  # fmt: skip
    return value_n, source_ni


@dataclass
class Columns:
    """Ways to serve kinds: the cost of each, and the rows it has an entry in (its kind, the stock its lines take)."""

    outlook: Outlook
    ways: dict[tuple[int, tuple[int, ...]], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Every kind may go without, so there is always a plan."""
        nobody = self.outlook.parcel_kv.shape[1] - 1
        for kind in np.flatnonzero(self.outlook.expected_k > 0).tolist():
            self._add(kind, (nobody,) * int(self.outlook.ptr[kind + 1] - self.outlook.ptr[kind]))

    def _add(self, kind: int, sources: tuple[int, ...]) -> None:
        lines = np.arange(self.outlook.ptr[kind], self.outlook.ptr[kind + 1])
        parcels = self.outlook.parcel_kv[kind, sorted(set(sources))].sum()
        self.ways[kind, sources] = float(parcels + self.outlook.line_iv[lines, list(sources)].sum())

    def generate(self, price_sw: F64, within: float) -> tuple[float, int]:
        """Add the ways within so much of each kind's cheapest; the bound these prices prove, and how many were new."""
        o, before, least = self.outlook, len(self.ways), 0.0
        priced_sw = np.where(o.stock_sw > 0, price_sw, GONE)
        lists = listed_sets(o)
        for kind in np.flatnonzero(o.expected_k > 0).tolist():
            given = (o.ptr, o.sku_i, o.qty_i, o.parcel_kv, o.line_iv, *lists, priced_sw, within)
            value_n, source_ni = cheap_ways(kind, *given)
            least += float(o.expected_k[kind] * value_n.min())
            for n in np.flatnonzero(value_n <= value_n.min() + within).tolist():
                way = tuple(source_ni[n].tolist())
                if (kind, way) not in self.ways:
                    self._add(kind, way)
        worth = float((np.where(o.stock_sw > 0, price_sw, 0.0) * o.stock_sw).sum())
        return least - worth, len(self.ways) - before

    def duals(self) -> F64:
        """The prices of stock at which these columns' programme is solved, by HiGHS."""
        import highspy

        o, warehouses = self.outlook, self.outlook.stock_sw.shape[1]
        kinds = len(o.expected_k)
        index: list[int] = []
        value: list[int] = []
        start = [0]
        for kind, sources in self.ways:
            used: dict[int, int] = {kind: 1}
            for line, v in enumerate(sources, int(o.ptr[kind])):
                if v < warehouses:
                    row = kinds + int(o.sku_i[line]) * warehouses + v
                    used[row] = used.get(row, 0) + int(o.qty_i[line])
            index += used.keys()
            value += used.values()
            start.append(len(index))
        stock = o.stock_sw.ravel().astype(np.float64)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.ways), kinds + len(stock)
        model.col_cost_ = np.array(list(self.ways.values()))
        model.col_lower_, model.col_upper_ = np.zeros(len(self.ways)), np.full(len(self.ways), np.inf)
        model.row_lower_ = np.concatenate([o.expected_k, np.full(len(stock), -np.inf)])
        model.row_upper_ = np.concatenate([o.expected_k, stock])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = np.array(start), np.array(index)
        model.a_matrix_.value_ = np.array(value, np.float64)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.passModel(model)
        solver.run()
        return np.maximum(0.0, -np.array(solver.getSolution().row_dual)[kinds:]).reshape(o.stock_sw.shape)


def clairvoyant(outlook: Outlook, start_sw: F64) -> float:
    """A lower bound on what exactly the expected orders cost, as good as stock's prices can prove; no slots.

    `start_sw`: prices to begin with, which only save time.
    """
    columns = Columns(outlook)
    best, _new = columns.generate(start_sw, NEAR)
    for _round in range(ROUNDS):
        bound, new = columns.generate(columns.duals(), 1.0)
        best = max(best, bound)
        if new == 0:
            break
    return best

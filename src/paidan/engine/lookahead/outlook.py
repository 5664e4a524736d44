"""What is expected: kinds of orders to come, what each costs from where, and the stock and capacity they share.

Axes as in `engine.problem`, and: k kinds of order, i lines of kinds, v sources (the warehouses and, last, nobody),
n sets of sources that may serve one order together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from paidan.engine.problem import F64, I32, I64, Bools

MOST_SETS = 4_096


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast up to some horizon and the means to meet it. Money in minor units; inf = cannot serve.

    A kind is a region group and a basket. The lines of kind k are ``ptr[k]:ptr[k + 1]``. An order of the kind served by
    a set of sources costs their `parcel_kv` together and, per line, the least of its `line_iv` among the set; the last
    source is nobody, what it costs to leave a line or an order unserved.
    """

    expected_k: F64
    ptr: I64
    sku_i: I32
    qty_i: I64
    parcel_kv: F64
    line_iv: F64
    stock_sw: I64
    capacity_w: I64  # parcels until the horizon, −1 = no limit
    sets_nv: Bools
    whole_k: Bools  # goes from one source whatever it costs

    def __post_init__(self) -> None:
        kinds, sources = self.parcel_kv.shape
        if len(self.ptr) != kinds + 1 or len(self.expected_k) != kinds or self.ptr[0] != 0:
            raise ValueError("ptr and expected_k must match parcel_kv")
        if len(self.whole_k) != kinds:
            raise ValueError("whole_k must match parcel_kv")
        if self.line_iv.shape != (self.ptr[-1], sources) or self.sets_nv.shape[1] != sources:
            raise ValueError("line_iv and sets_nv must have a column per source")
        if self.stock_sw.shape[1] != sources - 1 or len(self.capacity_w) != sources - 1:
            raise ValueError("the last source is nobody: one warehouse less than sources")
        if not (np.isfinite(self.parcel_kv[:, -1]).all() and np.isfinite(self.line_iv[:, -1]).all()):
            raise ValueError("leaving an order unserved must have a price")


def sets_of_sources(warehouses: int, most_parcels: int) -> Bools:
    """All sets of at most `most_parcels` warehouses, alone and (where orders may be split) with nobody, and nobody.

    Smaller sets come first. Raises ValueError where there would be more than `MOST_SETS`.
    """
    sizes = range(1, min(most_parcels, warehouses) + 1)
    chosen: list[tuple[int, ...]] = [(v,) for v in range(warehouses + 1)]
    several = [members for size in sizes for members in combinations(range(warehouses), size)]
    if most_parcels > 1:
        chosen += [members for members in several if len(members) > 1]
        chosen += [(*members, warehouses) for members in several]
    if len(chosen) > MOST_SETS:
        raise ValueError(f"{len(chosen)} sets of warehouses are too many to compare for every order")
    sets_nv = np.zeros((len(chosen), warehouses + 1), np.bool_)
    for row, members in zip(sets_nv, sorted(chosen, key=len), strict=True):
        row[list(members)] = True
    return sets_nv

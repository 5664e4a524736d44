"""Prices for stock and slots from an outlook: ascent by sweeps from warm to cold, and a bound on the expected cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from paidan.engine.problem import F64, I32, I64

from .ahead_kernel import GONE, soft_use, step_prices
from .outlook import Outlook


@dataclass(frozen=True, slots=True)
class Settings:
    """How prices are sought. Temperatures are parts of the mean cost of an order, taken one after the other.

    They begin far above it because going without may cost a hundred times as much, and so may the last piece.
    """

    temperatures: Sequence[float] = (30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.012, 0.006)
    sweeps: int = 15  # at each temperature
    step: float = 1.0  # of a price, in temperatures
    caution: float = 0.0  # standard deviations of demand held against running out

    def __post_init__(self) -> None:
        if not self.temperatures or min(self.temperatures) <= 0 or self.sweeps < 1 or self.step <= 0:
            raise ValueError("prices need at least one temperature above 0, one sweep and a step above 0")


@dataclass(frozen=True, slots=True)
class Pricing:
    """What a piece and a slot are worth, in minor units; 0 where nothing is in stock, for nobody can take it."""

    price_sw: F64
    slot_w: F64
    bound_minor: float  # no policy meets the expected orders for less, were they to come exactly as expected
    use_iv: F64  # pieces by line of a kind and source, at the coldest temperature

    def rounded(self) -> tuple[I64, I64]:
        """Prices of pieces and of slots in whole minor units."""
        return np.rint(self.price_sw).astype(np.int64), np.rint(self.slot_w).astype(np.int64)


def prices_of(outlook: Outlook, settings: Settings | None = None, start: Pricing | None = None) -> Pricing:
    """Prices at which the expected orders, each served where it is cheapest, use no more than there is.

    They are the dual of: Σ expected x cost, under Σ use ≤ stock for each SKU and warehouse and Σ parcels ≤ capacity.
    A sweep spreads each kind over its sets of sources by soft-min at a temperature t and moves every price by
    step x t x log(use ÷ limit), more while it keeps moving one way, clipped at 0. `start`: prices of an earlier
    outlook, which save the warm sweeps.
    O(sweeps x kinds x sets x lines per kind); deterministic.
    """
    settings = settings or Settings()
    members_n, starts_n, upto_l = listed_sets(outlook)
    price_sw = np.zeros(outlook.stock_sw.shape) if start is None else start.price_sw.copy()
    slot_w = np.zeros(len(outlook.capacity_w)) if start is None else start.slot_w.copy()
    use_sw, use_w, none_iv = np.zeros_like(price_sw), np.zeros_like(slot_w), np.zeros((0, 0))
    given = (outlook.expected_k, outlook.ptr, outlook.sku_i, outlook.qty_i, outlook.parcel_kv, outlook.line_iv)
    sets = (members_n, starts_n, upto_l, outlook.whole_k)
    limited = outlook.capacity_w >= 0
    scale = _mean_cost(outlook)
    price_sw[outlook.stock_sw <= 0] = GONE
    temperature = scale * settings.temperatures[-1]
    for part in settings.temperatures:
        temperature = scale * part
        pace_sw, pace_w = np.ones_like(price_sw), np.ones((1, len(slot_w)))
        for _sweep in range(settings.sweeps):
            soft_use(*given, *sets, price_sw, slot_w, temperature, use_sw, use_w, none_iv)
            step = settings.step * temperature
            step_prices(price_sw, use_sw, outlook.stock_sw, step, settings.caution, pace_sw)
            if limited.any():
                free_w = slot_w[None].copy()
                limit_w = np.maximum(outlook.capacity_w, 0)[None]
                step_prices(free_w, use_w[None], limit_w, step, settings.caution, pace_w)
                slot_w = np.where(limited, free_w[0], 0.0)
    use_iv = np.zeros(outlook.line_iv.shape)
    soft_use(*given, *sets, price_sw, slot_w, temperature, use_sw, use_w, use_iv)
    least = soft_use(*given, *sets, price_sw, slot_w, 0.0, use_sw, use_w, none_iv)
    price_sw[outlook.stock_sw <= 0] = 0.0
    slot_w[(outlook.capacity_w == 0) & (slot_w >= GONE)] = 0.0
    worth = float((price_sw * outlook.stock_sw).sum() + (slot_w[limited] * outlook.capacity_w[limited]).sum())
    return Pricing(price_sw, slot_w, least - worth, use_iv)


def listed_sets(outlook: Outlook) -> tuple[I32, I64, I64]:
    """The sets as one list of members and where each set starts, and how many sets have at most l sources, by l.

    An order of l lines needs no more sources than lines: of a larger set some would send it nothing, at a price.
    """
    sizes = outlook.sets_nv.sum(1)
    if np.any(np.diff(sizes) < 0):
        raise ValueError("smaller sets come first")
    members = np.nonzero(outlook.sets_nv)[1].astype(np.int32)
    upto_l = np.searchsorted(sizes, np.arange(sizes[-1] + 1), side="right").astype(np.int64)
    return members, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), upto_l


def _mean_cost(outlook: Outlook) -> float:
    """What an expected order costs from its cheapest source; 1 where nothing is expected."""
    single_kv = outlook.parcel_kv.copy()
    np.add.at(single_kv, np.repeat(np.arange(len(outlook.expected_k)), np.diff(outlook.ptr)), outlook.line_iv)
    total = float(outlook.expected_k.sum())
    mean = float((outlook.expected_k * single_kv.min(1)).sum()) / total if total > 0 else 0.0
    return mean if mean > 0 else 1.0

"""Prices of scarce things, moved by soft-min sweeps, and the bound they prove."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..problem import F64, I32
from .choices import Choices
from .sweep_kernel import sweep

THREADS = 2
MOMENTUM, STEP = 0.8, 0.5
SMALL = 2_000
"""Orders below which a second thread costs more than it brings."""


@dataclass(frozen=True, slots=True)
class Cooling:
    """Temperatures of the soft-min, in minor units: `sweeps` at each."""

    temperatures: tuple[float, ...]
    sweeps: int


def in_chunks(orders: I32, work: Callable[[I32], float], pool: ThreadPoolExecutor) -> list[float]:
    """The work done on halves of the orders side by side; the results in the order of the halves."""
    if len(orders) < SMALL:
        return [work(orders)]
    return list(pool.map(work, np.array_split(orders, THREADS)))


def swept(
    choices: Choices, orders: I32, price_r: F64, left_r: F64, tau: float, pool: ThreadPoolExecutor
) -> tuple[float, F64]:
    """Σ of the least reduced costs, and what the orders would use at this temperature, float64 (resources,)."""
    uses: list[F64] = []

    def work(part: I32) -> float:
        use_r = np.zeros(len(price_r))
        uses.append(use_r)
        c = choices
        return float(
            sweep(
                part,
                c.ptr_o,
                c.cost_c,
                c.use_ptr_c,
                c.resource_u,
                c.amount_u,
                c.unserved_o,
                price_r,
                left_r,
                tau,
                use_r,
            )
        )

    total = sum(in_chunks(orders, work, pool))
    return total, uses[0] if len(uses) == 1 else uses[0] + uses[1]


class Market:
    """Prices with their momentum: what is wanted beyond its limit becomes dearer, what is left over cheaper."""

    def __init__(self, price_r: F64) -> None:
        self.price_r = price_r.copy()
        self._velocity_r = np.zeros(len(price_r))

    def move(self, use_r: F64, left_r: F64, tau: float) -> None:
        """v ← 0.8 v + 0.5 tau log(use / limit); price ← max(0, price + v)."""
        pressure_r = np.log((use_r + 1e-3) / (np.maximum(left_r, 0.0) + 1e-3))
        self._velocity_r = MOMENTUM * self._velocity_r + STEP * tau * np.clip(pressure_r, -3, 3)
        moved_r = self.price_r + self._velocity_r
        self._velocity_r[moved_r < 0] = 0.0
        self.price_r = np.maximum(moved_r, 0.0)


def lagrangian(least: float, price_r: F64, limit_r: F64) -> float:
    """The bound the prices prove: Σ of the least reduced costs − Σ price x limit (docs/joint-solver.md)."""
    return least - float(price_r @ limit_r)

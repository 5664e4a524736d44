"""What deviation from the ratios costs, for plans and for the bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..problem import F64, I64


@dataclass(frozen=True, slots=True)
class Balance:
    """Of the warehouses that have a ratio: their slot resource, share, what they have got already, and the weight."""

    slot_r: I64
    share: F64
    base: F64
    weight: float

    def cost(self, use_r: F64 | I64) -> float:
        """weight x Σ |got − share x all|, got = base + use."""
        if not self.weight:
            return 0.0
        got = self.base + use_r[self.slot_r]
        return float(self.weight * np.abs(got - self.share * got.sum()).sum())

    def surcharge(self, lean: F64) -> F64:
        """What a slot costs more (or less) per warehouse for multipliers `lean` in [−1, 1]: |x| ≥ lean · x."""
        return self.weight * (lean - float(lean @ self.share))

    def constant(self, lean: F64) -> float:
        """What the bound gains from what was there before."""
        return float(self.weight * (lean @ (self.base - self.share * self.base.sum())))

    def leaned(self, lean: F64, use_r: F64) -> F64:
        """The multipliers moved towards the deviation they price."""
        got = self.base + use_r[self.slot_r]
        total = max(1.0, float(got.sum()))
        return np.clip(lean + 0.5 * len(lean) * (got - self.share * total) / total, -1.0, 1.0)


NO_BALANCE = Balance(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), 0.0)

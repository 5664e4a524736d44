"""How fast a team or warehouse works when there is always something to do: its service rate, with how sure that is.

An hour counts only while it was **saturated**: inside a working stretch, with so much waiting
at its beginning that it could not have run dry. Slow hours of somebody without work say nothing about their speed.

Model: shipments of saturated hours are counts with mean λ and variance φ·λ (batches make φ > 1). With Jeffreys' prior
for a Poisson rate, Gamma(½, 0), and the likelihood flattened by φ: λ | counts ~ Gamma((½ + Σn)/φ, H/φ). Quantiles by
Wilson & Hilferty (1931). See docs/recommendations.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
FEWEST_HOURS = 8
PAUSE_HOURS = 4
WIDEST = 0.25
"""A half interval of more than this share of the rate says too little to act on."""
Z95 = 1.959964
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """Parcels per hour: mean and 95 % interval, from `hours` saturated ones; `day_hours` is the usual working day."""

    mean: float
    low: float
    high: float
    hours: int
    spread: float
    day_hours: float

    @property
    def margin(self) -> float:
        return (self.high - self.low) / 2

    @property
    def is_thin(self) -> bool:
        """Whether there is too little to say anything by."""
        return self.hours < FEWEST_HOURS or self.margin > WIDEST * self.mean

    @property
    def is_uneven(self) -> bool:
        """Whether there are hours enough, and what was shipped in them differs too much to say anything by."""
        return self.is_thin and self.hours >= FEWEST_HOURS

    @property
    def per_day(self) -> int:
        """What it can ship on a usual day if there is always something to do."""
        return round(self.mean * self.day_hours)

    @property
    def per_day_low(self) -> int:
        return round(self.low * self.day_hours)

    @property
    def per_day_high(self) -> int:
        return round(self.high * self.day_hours)


NOTHING = Rate(0.0, 0.0, 0.0, 0, 1.0, 0.0)


def rate_of(backlog_h: I64, shipped_h: I64, active_h: npt.NDArray[np.bool_]) -> Rate:
    """Estimate one place's rate.

    Along consecutive hours: `backlog_h` what waited or was in hand at the beginning of the hour, `shipped_h` what left
    in it, `active_h` whether anything was done. Deterministic.
    """
    inner_h, day_hours = inner_hours(active_h)
    candidates = inner_h & (backlog_h > 0)
    if not candidates.any():
        return NOTHING
    rate = float(shipped_h[candidates].max())
    chosen = candidates
    for _round in range(ROUNDS):
        # With n Poisson(λ), a backlog of λ + 4√λ runs dry in one hour of thirty thousand.
        chosen = candidates & (backlog_h >= rate + 4 * sqrt(max(rate, 1.0)))
        if not chosen.any():
            return NOTHING
        before, rate = rate, float(shipped_h[chosen].mean())
        if abs(before - rate) < 0.01:
            break
    return posterior(shipped_h[chosen], day_hours)


def inner_hours(active_h: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.bool_], float]:
    """The hours strictly inside working stretches, and the median length of a stretch in hours.

    A stretch ends where nothing was done for `PAUSE_HOURS`; so a night shift is one, and so is a day with its lunch.
    The first and the last hour are left out: work began and ended somewhere within them.
    """
    inner = np.zeros(len(active_h), np.bool_)
    at = np.flatnonzero(active_h)
    if not len(at):
        return inner, 0.0
    cuts = np.flatnonzero(np.diff(at) > PAUSE_HOURS)
    begins, ends = at[np.append(0, cuts + 1)], at[np.append(cuts, len(at) - 1)]
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        inner[begin + 1 : end] = True
    return inner, float(np.median(ends - begins))  # half an hour at either end


def posterior(shipped: I64, day_hours: float) -> Rate:
    """The rate of saturated hours with these counts."""
    hours, total = len(shipped), int(shipped.sum())
    spread = 1.0
    if hours > 1 and total:
        spread = max(1.0, float(shipped.var(ddof=1)) / (total / hours))
    shape, scale = (0.5 + total) / spread, hours / spread
    return Rate(
        shape / scale, gamma_quantile(shape, -Z95) / scale, gamma_quantile(shape, Z95) / scale, hours, spread, day_hours
    )


def gamma_quantile(shape: float, z: float) -> float:
    """The quantile of Gamma(shape, 1) at the normal score `z`: shape · (1 − 1/9shape + z/3√shape)³."""
    root = 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))
    return shape * max(root, 0.0) ** 3

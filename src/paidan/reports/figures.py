"""What a report says of one row: the sums of a set of cells, and the shares, means and quantiles that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .cells import MEASURES, SPANS
from .spans import BUCKETS, Counts, quantile


def _no_counts() -> dict[str, Counts]:
    return {name: np.zeros(BUCKETS, np.int64) for name in SPANS}


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums by the names of `cells.MEASURES`, and the histogram of every span.

    `orders` is the number of distinct orders behind the allocations; None where the sums cannot tell (an order split
    between two of several chosen places would count twice).
    """

    n: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))
    spans: Mapping[str, Counts] = field(default_factory=_no_counts)
    orders: int | None = 0

    def __add__(self, other: Figures) -> Figures:
        known = self.orders is not None and other.orders is not None
        return Figures(
            {name: self.n[name] + other.n[name] for name in MEASURES},
            {name: self.spans[name] + other.spans[name] for name in SPANS},
            (self.orders or 0) + (other.orders or 0) if known else None,
        )

    @property
    def parcels(self) -> int:
        """Allocations that count: live or shipped."""
        return self.n["auto_n"] + self.n["hand_n"]

    @property
    def accepted(self) -> int:
        return self.n["progress_n"] + self.n["shipped_n"]

    @property
    def is_empty(self) -> bool:
        return not any(self.n.values())

    @property
    def on_time(self) -> float | None:
        """Shipped by their ship-by ÷ (shipped with a ship-by + not shipped and past it)."""
        return _share(self.n["on_time_n"], self.n["due_n"])

    @property
    def late(self) -> int:
        """Shipped after their ship-by."""
        return self.n["due_n"] - self.n["on_time_n"] - self.n["overdue_n"]

    @property
    def by_hand(self) -> float | None:
        return _share(self.n["hand_n"], self.parcels)

    @property
    def split(self) -> float | None:
        """The share of parcels that belong to an order in several parcels."""
        return _share(self.n["split_n"], self.parcels)

    @property
    def mean_m(self) -> int | None:
        return round(self.n["distance_m"] / self.n["measured_n"]) if self.n["measured_n"] else None

    @property
    def freight_each_minor(self) -> int | None:
        return round(self.n["freight_minor"] / self.parcels) if self.parcels else None

    def median_s(self, span: str) -> float | None:
        return quantile(self.spans[span], 0.5)

    def p90_s(self, span: str) -> float | None:
        return quantile(self.spans[span], 0.9)

    def mean_s(self, span: str) -> float | None:
        number = int(self.spans[span].sum())
        return self.n[f"{span}_s"] / number if number else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

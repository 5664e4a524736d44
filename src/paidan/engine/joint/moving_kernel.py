"""Machine code that moves prices by how much more, or less, is wanted than there is."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry, inner

STEEPEST = np.float32(3.0)
QUICKER, SLOWER, FASTEST = np.float32(1.3), np.float32(0.4), np.float32(40.0)
"""How a price's pace changes where it keeps its direction and where it turns, and the most it can be."""


@inner
def pressure(wanted: Any, there: Any) -> Any:
    """log(use / what is there), within bounds."""
    much = np.log((wanted + np.float32(1e-3)) / (there + np.float32(1e-3)))
    return max(-STEEPEST, min(STEEPEST, much))


@entry
def move_prices(
    price: Any, speed: Any, use: Any, more_use: Any, left: Any, tau: float, momentum: float, step: float
) -> None:
    """speed ← momentum · speed + step · tau · log(use / left); price ← max(0, price + speed). Flat arrays.

    Both uses are 0 afterwards. Where nothing is left nothing is wanted, and
    the price stays.
    """
    rate, keep = np.float32(step * tau), np.float32(momentum)
    for r in range(len(price)):
        wanted, there = use[r] + more_use[r], np.float32(left[r])
        use[r], more_use[r] = np.float32(0.0), np.float32(0.0)
        if there <= 0 or (price[r] == 0 and speed[r] == 0 and wanted <= there):
            continue
        moved = keep * speed[r] + rate * pressure(wanted, there)
        if price[r] + moved < 0:
            price[r], speed[r] = np.float32(0.0), np.float32(0.0)
        else:
            price[r] += moved
            speed[r] = moved


@entry
def pace_prices(price: Any, pace: Any, use: Any, more_use: Any, left: Any, tau: float) -> None:
    """price ← max(0, price + |pace| · tau · log(use / left)); the pace, which has the sign of the last move, grows as
    long as the price moves one way. For the beginning: what many must go without costs many times what an order does.
    """
    rate = np.float32(tau)
    for r in range(len(price)):
        wanted, there = use[r] + more_use[r], np.float32(left[r])
        use[r], more_use[r] = np.float32(0.0), np.float32(0.0)
        if there <= 0 or (price[r] == 0 and wanted <= there):
            pace[r] = np.float32(0.0)
            continue
        move = pressure(wanted, there)
        quicker = (pace[r] > 0) == (move > 0)
        much = abs(pace[r]) * (QUICKER if quicker else SLOWER)
        much = min(FASTEST, max(np.float32(1.0), much))
        pace[r] = much if move > 0 else -much
        price[r] = max(np.float32(0.0), price[r] + rate * much * move)

"""The loops over kinds of orders: who serves them at given prices, and how the prices move after that."""

from __future__ import annotations

import numpy as np

from paidan.engine.jit import entry, inner
from paidan.engine.problem import F64, I32, I64, Bools

NEGLIGIBLE = 12.0
"""Temperatures above the best set of sources from which on a set gets no share: e^−12."""
STEEPEST = 2.0
"""The largest step of a price in temperatures: use may be any multiple of the stock at first."""
FASTEST, QUICKER = 30.0, 1.5
"""A price that keeps moving one way moves `QUICKER` times more each sweep, up to `FASTEST` times, until it turns."""
GONE = 1e15
"""More than anything costs: the price of what is not there."""


@inner
def price_sets(
    first: int,
    end: int,
    sku_i: I32,
    qty_i: I64,
    parcel_v: F64,
    line_iv: F64,
    members_n: I32,
    starts_n: I64,
    sets: int,
    within: float,
    price_sw: F64,
    slot_w: F64,
    value_n: F64,
    source_ni: I32,
    priced_iv: F64,
) -> int:
    """What each of the first `sets` sets costs an order of one kind, and which source each line would take from.

    Fills ``value_n[:sets]`` and ``source_ni[:sets]``; answers the cheapest set, the first of equals. A set that is sure
    to cost more than `within` above the cheapest is not looked into and counts as infinitely dear.
    """
    sources, at_least = len(parcel_v), 0.0
    for line in range(first, end):
        priced_iv[line - first, sources - 1] = line_iv[line, sources - 1]
        least = line_iv[line, sources - 1]
        for v in range(sources - 1):
            priced = line_iv[line, v] + qty_i[line] * price_sw[sku_i[line], v]
            priced_iv[line - first, v] = priced
            least = min(least, priced)
        at_least += least
    best = 0
    for n in range(sets):
        total = 0.0
        for at in range(starts_n[n], starts_n[n + 1]):
            v = members_n[at]
            total += parcel_v[v] + (slot_w[v] if v < sources - 1 else 0.0)
        if n > 0 and total + at_least > value_n[best] + within:
            value_n[n] = np.inf
            continue
        for line in range(end - first):
            least = np.inf
            for at in range(starts_n[n], starts_n[n + 1]):
                if priced_iv[line, members_n[at]] < least:
                    least, source_ni[n, line] = priced_iv[line, members_n[at]], members_n[at]
            total += least
        value_n[n] = total
        if total < value_n[best]:
            best = n
    return best


@entry
def soft_use(
    expected_k: F64,
    ptr: I64,
    sku_i: I32,
    qty_i: I64,
    parcel_kv: F64,
    line_iv: F64,
    members_n: I32,
    starts_n: I64,
    upto_l: I64,
    whole_k: Bools,
    price_sw: F64,
    slot_w: F64,
    temperature: float,
    use_sw: F64,
    use_w: F64,
    use_iv: F64,
) -> float:
    """The use of stock and slots if each kind spreads over its sets by e^(−cost ÷ temperature); at 0 all take the best.

    Fills `use_sw` and `use_w` (and `use_iv` where it has rows: pieces by line and source). Answers
    Σ expected x least cost at these prices: with the prices' worth of stock and slots taken off, a lower bound.
    ``upto_l``: how many sets, the smaller first, have at most l sources; an order of l lines looks at no more.
    """
    use_sw[:], use_w[:] = 0.0, 0.0
    longest = 1
    for k in range(len(expected_k)):
        longest = max(longest, ptr[k + 1] - ptr[k])
    sources, sets = parcel_kv.shape[1], len(starts_n) - 1
    value_n, source_ni = np.empty(sets), np.zeros((sets, longest), np.int32)
    priced_iv = np.empty((longest, sources))
    total = 0.0
    for k in range(len(expected_k)):
        first, end = ptr[k], ptr[k + 1]
        if expected_k[k] <= 0 or first == end:
            continue
        considered = upto_l[1 if whole_k[k] else min(end - first, len(upto_l) - 1)]
        best = price_sets(
            first, end, sku_i, qty_i, parcel_kv[k], line_iv, members_n, starts_n, considered,
            NEGLIGIBLE * temperature, price_sw, slot_w, value_n, source_ni, priced_iv,
        )  # fmt: skip
        least, weights = value_n[best], 0.0
        total += expected_k[k] * least
        for n in range(considered):
            above = value_n[n] - least
            if temperature > 0.0:
                value_n[n] = np.exp(-above / temperature) if above < NEGLIGIBLE * temperature else 0.0
            else:
                value_n[n] = 1.0 if n == best else 0.0
            weights += value_n[n]
        for n in range(considered):
            if value_n[n] == 0.0:
                continue
            share = expected_k[k] * value_n[n] / weights
            for at in range(starts_n[n], starts_n[n + 1]):
                if members_n[at] < sources - 1:
                    use_w[members_n[at]] += share
            for line in range(first, end):
                v = source_ni[n, line - first]
                if v < sources - 1:
                    use_sw[sku_i[line], v] += share * qty_i[line]
                if len(use_iv) > 0:
                    use_iv[line, v] += share * qty_i[line]
    return total


@entry
def step_prices(price_sw: F64, use_sw: F64, stock_sw: I64, step: float, caution: float, pace_sw: F64) -> None:
    """Move each price by step x pace x log(use ÷ stock), never below 0; what is not there is `GONE`.

    `pace_sw` is kept from sweep to sweep (1 at first), its sign is that of the last move. Without it a price would need
    hundreds of sweeps where a tenth of the demand must go unserved and that costs many times what an order does.
    `caution` standard deviations of a Poisson demand are added to the use: running out costs more than being left over.
    """
    for s in range(price_sw.shape[0]):
        for w in range(price_sw.shape[1]):
            if stock_sw[s, w] <= 0:
                price_sw[s, w] = GONE
                continue
            use, change = use_sw[s, w], -STEEPEST
            if use > 0.0:
                change = min(STEEPEST, max(-STEEPEST, np.log((use + caution * np.sqrt(use)) / stock_sw[s, w])))
            pace = min(FASTEST, QUICKER * abs(pace_sw[s, w])) if change * pace_sw[s, w] > 0.0 else 1.0
            pace_sw[s, w] = pace if change > 0.0 else -pace
            change = min(STEEPEST, max(-STEEPEST, pace * change))
            price_sw[s, w] = max(0.0, (0.0 if price_sw[s, w] >= GONE else price_sw[s, w]) + step * change)

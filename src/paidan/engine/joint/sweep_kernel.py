"""Machine code over choices: the soft-min sweep that moves prices, the exact minimum behind the bound, and the dive."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry
from ..problem import F64, I32, I64


@entry
def sweep(
    orders: I32,
    ptr_o: I64,
    cost_c: F64,
    use_ptr_c: I64,
    resource_u: I32,
    amount_u: I32,
    unserved_o: F64,
    price_r: F64,
    left_r: F64,
    tau: float,
    use_r: F64,
) -> float:
    """Add to `use_r` what the orders would use if each took its choices with chance ∝ exp(−reduced cost / tau).

    Choices that no longer fit `left_r` are not looked at. Returns Σ of the least reduced cost, exactly.
    """
    widest = 1
    for order in orders:
        widest = max(widest, ptr_o[order + 1] - ptr_o[order])
    value = np.empty(widest)
    total = 0.0
    for order in orders:
        first, end = ptr_o[order], ptr_o[order + 1]
        least = unserved_o[order]
        for c in range(first, end):
            reduced = cost_c[c]
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                r = resource_u[u]
                reduced += price_r[r] * amount_u[u]
                if amount_u[u] > left_r[r]:
                    reduced = np.inf
            value[c - first] = reduced
            least = min(least, reduced)
        total += least
        near = least + 9.0 * tau
        weight = 0.0
        if unserved_o[order] < near:
            weight = np.exp((least - unserved_o[order]) / tau)
        for k in range(end - first):
            if value[k] < near:
                value[k] = np.exp((least - value[k]) / tau)
                weight += value[k]
            else:
                value[k] = 0.0
        for k in range(end - first):
            if value[k] > 0.0:
                chance = value[k] / weight
                for u in range(use_ptr_c[first + k], use_ptr_c[first + k + 1]):
                    use_r[resource_u[u]] += chance * amount_u[u]
    return total


@entry
def preferences(
    orders: I32,
    ptr_o: I64,
    cost_c: F64,
    use_ptr_c: I64,
    resource_u: I32,
    amount_u: I32,
    unserved_o: F64,
    price_r: F64,
    left_r: F64,
    best: I64,
    margin: F64,
) -> None:
    """The cheapest choice of each order at the prices (−1: unserved), and by how much it is before the second."""
    for k in range(len(orders)):
        order = orders[k]
        least, second, mine = unserved_o[order], np.inf, np.int64(-1)
        for c in range(ptr_o[order], ptr_o[order + 1]):
            reduced = cost_c[c]
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                r = resource_u[u]
                reduced += price_r[r] * amount_u[u]
                if amount_u[u] > left_r[r]:
                    reduced = np.inf
            if reduced < least:
                least, second, mine = reduced, least, c
            elif reduced < second:
                second = reduced
        best[k], margin[k] = mine, second - least


@entry
def commit(
    orders: I32, best: I64, use_ptr_c: I64, resource_u: I32, amount_u: I32, left_r: F64, chosen_o: I64, kept: I32
) -> int:
    """Take the orders' best choices one after the other while they fit; the rest into `kept`, their number returned."""
    count = 0
    for k in range(len(orders)):
        c, fits = best[k], True
        if c >= 0:
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                fits &= amount_u[u] <= left_r[resource_u[u]]
        if not fits:
            kept[count] = orders[k]
            count += 1
            continue
        chosen_o[orders[k]] = c
        if c >= 0:
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                left_r[resource_u[u]] -= amount_u[u]
    return count


@entry
def count_near(
    first_order: int,
    end_order: int,
    ptr_o: I64,
    cost_c: F64,
    use_ptr_c: I64,
    resource_u: I32,
    amount_u: I32,
    unserved_o: F64,
    price_r: F64,
    margin: float,
    near_c: Any,
) -> float:
    """Mark the choices within `margin` of their order's least reduced cost; Σ of the least."""
    total = 0.0
    for order in range(first_order, end_order):
        least = unserved_o[order]
        for c in range(ptr_o[order], ptr_o[order + 1]):
            reduced = cost_c[c]
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                reduced += price_r[resource_u[u]] * amount_u[u]
            least = min(least, reduced)
        total += least
        for c in range(ptr_o[order], ptr_o[order + 1]):
            reduced = cost_c[c]
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                reduced += price_r[resource_u[u]] * amount_u[u]
            near_c[c] = reduced <= least + margin
    return total

"""An instance of `bench.scarce` as choices of whole orders, and what nearest-first makes of them."""

from __future__ import annotations

import numpy as np
from numba import njit

from bench.scarce import Instance
from paidan.engine.joint.choices import UNSERVED, Choices
from paidan.engine.problem import F64, I32, I64


def as_choices(of: Instance) -> Choices:
    """One choice per order and warehouse that had everything in the beginning."""
    empty = (np.empty(0), np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))
    ptr_o = np.zeros(len(of.ptr), np.int64)
    counts = _listed(of.ptr, of.sku_l, of.qty_l, of.stock_sw, of.freight_ow, ptr_o, *empty, False)
    columns = (
        np.empty(counts[0]),
        np.zeros(counts[0] + 1, np.int64),
        np.empty(counts[1], np.int32),
        np.empty(counts[1], np.int32),
    )
    _listed(of.ptr, of.sku_l, of.qty_l, of.stock_sw, of.freight_ow, ptr_o, *columns, True)
    limit_r = np.concatenate([of.stock_sw.ravel(), of.capacity_w]).astype(np.float64)
    return Choices(ptr_o, *columns, of.unserved_o.astype(np.float64), limit_r)


@njit(cache=True)
def _listed(
    ptr: I64, sku_l: I32, qty_l: I32, stock_sw: I64, freight_ow: I32, ptr_o: I64, cost_c: F64, use_ptr_c: I64,
    resource_u: I32, amount_u: I32, fill: bool,
) -> tuple[int, int]:  # fmt: skip
    """Count, or write, the choices and uses."""
    skus, warehouses = stock_sw.shape
    choice, use = 0, 0
    for order in range(len(ptr) - 1):
        for w in range(warehouses):
            has_all = True
            for line in range(ptr[order], ptr[order + 1]):
                has_all &= stock_sw[sku_l[line], w] >= qty_l[line]
            if not has_all:
                continue
            if fill:
                for line in range(ptr[order], ptr[order + 1]):
                    at = use + line - ptr[order]
                    resource_u[at], amount_u[at] = sku_l[line] * warehouses + w, qty_l[line]
                last = use + ptr[order + 1] - ptr[order]
                resource_u[last], amount_u[last] = skus * warehouses + w, 1
                cost_c[choice], use_ptr_c[choice + 1] = freight_ow[order, w], last + 1
            use += ptr[order + 1] - ptr[order] + 1
            choice += 1
        ptr_o[order + 1] = choice
    return choice, use


def nearest_first(choices: Choices) -> I64:
    """Every order in turn takes its cheapest choice that is still free."""
    chosen_o = np.full(len(choices.ptr_o) - 1, UNSERVED, np.int64)
    left_r = choices.limit_r.copy()
    _take(choices.ptr_o, choices.cost_c, choices.use_ptr_c, choices.resource_u, choices.amount_u, left_r, chosen_o)
    return chosen_o


@njit(cache=True)
def _take(
    ptr_o: I64, cost_c: F64, use_ptr_c: I64, resource_u: I32, amount_u: I32, left_r: F64, chosen_o: I64
) -> None:  # fmt: skip
    for order in range(len(chosen_o)):
        best, least = np.int64(-1), np.inf
        for c in range(ptr_o[order], ptr_o[order + 1]):
            fits = cost_c[c] < least
            for u in range(use_ptr_c[c], use_ptr_c[c + 1]):
                fits &= left_r[resource_u[u]] >= amount_u[u]
            if fits:
                best, least = c, cost_c[c]
        chosen_o[order] = best
        if best >= 0:
            for u in range(use_ptr_c[best], use_ptr_c[best + 1]):
                left_r[resource_u[u]] -= amount_u[u]

"""An instance of `bench.scarce` as choices of whole orders, and what nearest-first makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from bench.scarce import Instance
from paidan.engine.joint.choices import Choices
from paidan.engine.joint.compact import Compact
from paidan.engine.joint.compact_kernel import best_ways, take_ways
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


def nearest_first(compact: Compact) -> I32:
    """Every order in turn takes its cheapest way that is still free; the node of every line."""
    at_l = np.zeros(len(compact.sku_l), np.int32)
    _take(compact, np.zeros(compact.stock_sn.shape, np.float32), compact.stock_sn.copy(), compact.slots_n.copy(), at_l)
    return at_l


@njit(cache=True)
def _take(compact: Any, price_sn: Any, left_sn: Any, room_n: Any, at_l: Any) -> None:
    one, way, kept = np.zeros(1, np.int32), np.zeros(1, np.int64), np.zeros(1, np.int32)
    lead, slot_n = np.zeros(1, np.float32), np.zeros(len(room_n), np.float32)
    for order in range(len(compact.ptr_o) - 1):
        one[0] = order
        best_ways(one, compact, price_sn, slot_n, left_sn, room_n, True, way, lead)
        take_ways(one, way, compact, left_sn, room_n, at_l, kept)

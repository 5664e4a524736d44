"""An outlook from a problem whose orders are kinds of orders to come, and who it is that scarce stock is kept for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..codes import Split
from ..match_kernel import first_matches
from ..matching import build_index
from ..problem import F64, I32, I64, Bools, Problem
from ..tables import Tables, compile_tables
from .ahead_kernel import soft_use
from .kinds_kernel import tabulate_kinds
from .outlook import Outlook, sets_of_sources
from .pricing import Pricing, listed_sets

MOST_PARCELS = 2
"""Warehouses one expected order is shared by at most: more would hardly change what stock is worth."""
DEAR = 2.0
"""Going without counts as so many times the dearest way to serve the kind, or `unserved_minor` where that is less.

Where there is too little for all, whoever comes last goes without, whatever the warehouse; a price in thousands of
yuan would tell nothing more about where to take a piece from, and drown what does in rounding.
"""
DOUBT = 2.0
"""Standard deviations of demand by which stock must exceed what is expected to count as plenty."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Kinds of orders as an outlook; `kind_k` are the orders of the problem they stand for.

    Kinds that want nothing scarce are left out, what they use is taken from the stock.
    """

    outlook: Outlook
    kind_k: I64


def cheapest_use(outlook: Outlook) -> tuple[F64, F64]:
    """The pieces and parcels the expected orders take if each goes where it is cheapest, stock or no stock."""
    members_n, starts_n, upto_l = listed_sets(outlook)
    use_sw, use_w = np.zeros(outlook.stock_sw.shape), np.zeros(len(outlook.capacity_w))
    soft_use(
        outlook.expected_k, outlook.ptr, outlook.sku_i, outlook.qty_i, outlook.parcel_kv, outlook.line_iv, members_n,
        starts_n, upto_l, outlook.whole_k, np.zeros_like(use_sw), np.zeros_like(use_w), 0.0, use_sw, use_w,
        np.zeros((0, 0)),
    )  # fmt: skip
    return use_sw, use_w


def expect(problem: Problem, expected_o: F64, slots_w: I64) -> Expected:
    """The outlook of kinds `problem.orders`, of which `expected_o` are to come and share `slots_w` (−1 = no limit).

    Each is served as its first matching rule says; one no rule matches, or no warehouse can serve, is left out.
    """
    tables, index = compile_tables(problem), build_index(problem)
    rule_o = first_matches(index, tables.ptr, tables.sku_l)
    known_o = _known(problem) & ~tables.unresolved_o & (rule_o >= 0) & (expected_o > 0)
    action_o = np.where(known_o, tables.action_r[np.maximum(rule_o, 0)], -1).astype(np.int32)
    outlook = _tabulated(problem, tables, action_o, expected_o, slots_w)
    served_k = np.flatnonzero(known_o & np.isfinite(outlook.parcel_kv[:, :-1]).any(1))
    return _only_scarce(_of_kinds(outlook, served_k), served_k)


def _known(problem: Problem) -> Bools:
    """Kinds of which every SKU is known and something is wanted."""
    orders = problem.orders
    order_l = np.repeat(np.arange(len(orders.shop_o)), np.diff(orders.ptr))
    bad = ~problem.skus.known_s[orders.sku_l] | (orders.qty_l <= 0)
    return np.asarray((np.bincount(order_l, bad, len(orders.shop_o)) == 0) & (np.diff(orders.ptr) > 0))


def _tabulated(problem: Problem, tables: Tables, action_o: I32, expected_o: F64, slots_w: I64) -> Outlook:
    kinds, warehouses = len(action_o), len(tables.open_w)
    at_most = np.array([_most(rule.then.split, rule.then.max_parcels) for rule in problem.rules] or [1], np.int64)
    most_a = np.ones(len(tables.split_a) + 1, np.int64)
    most_a[tables.action_r] = at_most[: len(tables.action_r)]
    whole_k = most_a[action_o] == 1
    block_o = np.where(action_o < 0, 0, tables.block_a[action_o] if len(tables.block_a) else 0)
    block_o = np.where(block_o < 0, tables.block_h[tables.shop_o], block_o).astype(np.int32)
    parcel_kv = np.full((kinds, warehouses + 1), np.inf)
    line_iv = np.full((len(tables.sku_l), warehouses + 1), np.inf)
    tabulate_kinds(
        tables.ptr, tables.sku_l, tables.qty_l, tables.weight_g_s, tables.volume_cm3_s, tables.place_o, action_o,
        block_o, whole_k, tables.region_p, tables.distance_pw, tables.place_in_list_aw, tables.status_bw,
        tables.open_w, tables.covered_gw, tables.max_m_a, tables.group_gw, tables.freight_ptr_k, tables.freight_row,
        tables.first_g_f, tables.first_minor_f, tables.next_g_f, tables.next_minor_f, tables.transit_s_f,
        tables.volumetric_f, tables.km_minor, parcel_kv, line_iv,
    )  # fmt: skip
    parcel_kv += problem.objective.parcel_minor
    parcel_kv[:, -1] = np.minimum(
        problem.objective.unserved_minor, np.maximum(1.0, DEAR * _dearest(parcel_kv, line_iv, tables.ptr))
    )
    line_iv[:, -1] = 0.0
    shared = MOST_PARCELS if not whole_k.all() else 1
    return Outlook(
        expected_k=np.where(action_o >= 0, expected_o, 0.0),
        ptr=tables.ptr,
        sku_i=tables.sku_l,
        qty_i=tables.qty_l,
        parcel_kv=parcel_kv,
        line_iv=line_iv,
        stock_sw=np.ascontiguousarray(problem.available_sw, np.int64),
        capacity_w=slots_w,
        sets_nv=sets_of_sources(warehouses, shared),
        whole_k=whole_k,
    )


def _dearest(parcel_kv: F64, line_iv: F64, ptr: I64) -> F64:
    """What each kind costs from the dearest warehouse that can serve it; 0 where none can."""
    parcel_k, line_i = (np.where(np.isfinite(cost), cost, 0.0).max(axis=1) for cost in (parcel_kv, line_iv))
    kind_i = np.repeat(np.arange(len(parcel_k)), np.diff(ptr))
    return np.asarray(parcel_k + np.bincount(kind_i, line_i, len(parcel_k)))


def _most(split: Split, max_parcels: int | None) -> int:
    return 1 if split == Split.NEVER else MOST_PARCELS if max_parcels is None else max_parcels


def _of_kinds(outlook: Outlook, chosen: I64) -> Outlook:
    """The outlook of some of its kinds."""
    counts = np.diff(outlook.ptr)[chosen]
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lines = np.repeat(outlook.ptr[chosen] - ptr[:-1], counts) + np.arange(ptr[-1])
    return replace(
        outlook,
        expected_k=outlook.expected_k[chosen],
        ptr=ptr,
        sku_i=outlook.sku_i[lines],
        qty_i=outlook.qty_i[lines],
        parcel_kv=outlook.parcel_kv[chosen],
        line_iv=outlook.line_iv[lines],
        whole_k=outlook.whole_k[chosen],
    )


def _only_scarce(outlook: Outlook, kind_k: I64) -> Expected:
    """Without the kinds that want nothing scarce; all of them where slots are."""
    use_sw, use_w = cheapest_use(outlook)
    limited = outlook.capacity_w >= 0
    taken_w = (use_w + DOUBT * np.sqrt(use_w))[limited]
    if np.greater(taken_w, outlook.capacity_w[limited]).any():
        return Expected(outlook, kind_k)
    scarce_s = np.asarray((use_sw + DOUBT * np.sqrt(use_sw) > outlook.stock_sw).any(axis=1), np.bool_)
    kind_i = np.repeat(np.arange(len(kind_k)), np.diff(outlook.ptr))
    wanted_k = np.bincount(kind_i, scarce_s[outlook.sku_i], len(kind_k)) > 0
    rest_sw, _slots = cheapest_use(_of_kinds(outlook, np.flatnonzero(~wanted_k)))
    left_sw = np.maximum(0, np.rint(outlook.stock_sw - rest_sw)).astype(np.int64)
    kept = _of_kinds(outlook, np.flatnonzero(wanted_k))
    return Expected(replace(kept, stock_sw=left_sw), kind_k[wanted_k])


def kept_for(outlook: Outlook, pricing: Pricing, group_k: I32) -> dict[tuple[int, int], int]:
    """Per SKU and warehouse with a price: the group of kinds that gains most from being served there.

    What a kind gains is what its next best source would cost more, prices included; it counts for as many pieces as
    the outlook gives it.
    """
    price_sw, slot_w = pricing.price_sw, pricing.slot_w
    kind_i = np.repeat(np.arange(len(group_k)), np.diff(outlook.ptr))
    worth_iw = price_sw[outlook.sku_i] * outlook.qty_i[:, None]
    total_kv = outlook.parcel_kv.copy()
    total_kv[:, :-1] += slot_w
    line_iv = outlook.line_iv.copy()
    line_iv[:, :-1] += worth_iw
    np.add.at(total_kv, kind_i, line_iv)
    by_cost = np.sort(total_kv, axis=1)[:, :2]
    gains: dict[tuple[int, int, int], float] = {}
    lines, warehouses = np.nonzero((pricing.use_iv[:, :-1] > 1e-6) & (price_sw[outlook.sku_i] > 0))
    for line, w in zip(lines.tolist(), warehouses.tolist(), strict=True):
        k = int(kind_i[line])
        other = by_cost[k, 1] if total_kv[k, w] <= by_cost[k, 0] else by_cost[k, 0]
        gain = other - (total_kv[k, w] - worth_iw[line, w])
        key = (int(outlook.sku_i[line]), w, int(group_k[k]))
        gains[key] = gains.get(key, 0.0) + float(pricing.use_iv[line, w]) * max(0.0, float(gain))
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for (sku, w, group), gain in gains.items():
        if gain > best.get((sku, w), (0.0, -1))[0]:
            best[sku, w] = (gain, group)
    return {pair: group for pair, (_gain, group) in best.items()}

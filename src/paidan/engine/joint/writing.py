"""Chosen choices as the columns of a plan: one allocation per site, its parts, team, price, and why others lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..codes import Outcome, Reason
from ..plan import Plan
from ..problem import I64, Problem
from ..tables import Tables
from .compact import NEVER
from .listing import Listing, ground_of
from .writing_kernel import write_allocations


def written(problem: Problem, tables: Tables, listing: Listing, chosen_o: I64, kept: Plan) -> Plan:
    """The allocations of the chosen choices; all else, of orders without one, as in `kept`."""
    orders, joint_o = problem.orders, chosen_o >= 0
    picked_c = chosen_o[joint_o]
    counts = listing.pick_ptr_c[picked_c + 1] - listing.pick_ptr_c[picked_c]
    order_p = np.repeat(np.flatnonzero(joint_o), counts)
    picks = np.repeat(listing.pick_ptr_c[picked_c] - (np.cumsum(counts) - counts), counts) + np.arange(
        int(counts.sum())
    )
    line_p, qty_p, warehouse_p = listing.pick_line[picks], listing.pick_qty[picks], listing.pick_w[picks]
    first_p = np.ones(len(picks), np.bool_)
    first_p[1:] = (order_p[1:] != order_p[:-1]) | (warehouse_p[1:] != warehouse_p[:-1])
    allocation_p = np.cumsum(first_p) - 1
    count = int(first_p.sum())
    sku_p = orders.sku_l[line_p]
    order_a, warehouse_a = order_p[first_p].astype(np.int32), warehouse_p[first_p]
    team_a, rule_a = listing.pick_t[picks][first_p], listing.rule_c[chosen_o[order_a]]
    numbers = {
        "price": np.zeros(count, np.int64),
        "late": np.zeros(count, np.int64),
        "metres": np.zeros(count, np.int64),
    }
    row_a, credit_t = np.zeros(count, np.int32), kept.credit_t.copy()
    block_a = tables.block_a[tables.action_r[rule_a]]
    block_a = np.where(block_a >= 0, block_a, tables.block_h[tables.shop_o[order_a] % len(tables.block_h)])
    weight_a, volume_a = (
        np.bincount(allocation_p, qty_p * of_s[sku_p], count).astype(np.int64)
        for of_s in (problem.skus.weight_g_s, problem.skus.volume_cm3_s)
    )
    write_allocations(
        ground_of(problem, tables, listing.choices.limit_r), order_a, warehouse_a, block_a.astype(np.int32), weight_a,
        volume_a, team_a, row_a, numbers["price"], numbers["late"], numbers["metres"], tables.ratio_t, credit_t,
    )  # fmt: skip
    order_l = np.repeat(np.arange(len(joint_o)), np.diff(orders.ptr))
    ranks, reasons, short = _explained(problem, listing, chosen_o, kept, order_a, warehouse_a)
    return replace(
        kept,
        outcome_o=np.where(joint_o, np.int8(Outcome.ALLOCATED), kept.outcome_o),
        reason_o=np.where(joint_o, np.int8(Reason.NONE), kept.reason_o),
        rule_o=np.where(joint_o, np.append(listing.rule_c, 0)[chosen_o], kept.rule_o).astype(np.int32),
        order_a=order_a,
        warehouse_a=warehouse_a,
        team_a=team_a,
        rule_a=rule_a,
        distance_m_a=numbers["metres"],
        freight_minor_a=numbers["price"],
        freight_row_a=row_a,
        late_s_a=numbers["late"],
        allocation_p=allocation_p.astype(np.int32),
        line_p=line_p,
        qty_p=qty_p,
        open_l=np.where(joint_o[order_l], 0, kept.open_l),
        reason_l=np.where(joint_o[order_l], np.int8(Reason.NONE), kept.reason_l),
        rank_ow=ranks,
        reason_ow=reasons,
        short_ow=short,
        credit_t=credit_t,
    )


def _explained(
    problem: Problem, listing: Listing, chosen_o: I64, kept: Plan, order_a: np.ndarray, warehouse_a: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ranks, reasons and lacking pieces of every candidate: by what it would have cost alone; winners come first."""
    choices, count_w = listing.choices, kept.rank_ow.shape[1]
    joint_o = chosen_o >= 0
    cost_ow = np.full(kept.rank_ow.shape, np.inf, np.float32)
    if listing.alone_ow is not None:
        cost_ow[joint_o] = np.where(listing.alone_ow[joint_o] < NEVER, listing.alone_ow[joint_o], np.inf)
    else:
        order_c = np.repeat(np.arange(len(joint_o)), np.diff(choices.ptr_o))
        first, last = listing.pick_ptr_c[:-1], listing.pick_ptr_c[1:] - 1
        alone = joint_o[order_c] & (listing.pick_w[first] == listing.pick_w[last])
        costs = choices.cost_c[alone].astype(np.float32)
        np.minimum.at(cost_ow, (order_c[alone], listing.pick_w[first[alone]]), costs)
    cost_ow[order_a, warehouse_a] = -1
    able = np.isfinite(cost_ow)
    rank_ow = np.where(able, np.minimum(np.argsort(np.argsort(cost_ow, 1, kind="stable"), 1) + 1, 255), 0)
    reason_ow = np.where(able, Reason.NONE, np.where(listing.reason_ow != 0, listing.reason_ow, Reason.STOCK_SHORT))
    lacking_ow = np.zeros(kept.short_ow.shape, np.int64)
    for w in range(count_w):
        lack_l = np.maximum(problem.orders.qty_l - problem.available_sw[problem.orders.sku_l, w], 0)
        order_l = np.repeat(np.arange(len(joint_o)), np.diff(problem.orders.ptr))
        lacking_ow[:, w] = np.bincount(order_l, lack_l, len(joint_o))
    short_ow = np.where(reason_ow == Reason.STOCK_SHORT, np.minimum(lacking_ow, 65_535), 0)
    mine = joint_o[:, None]
    return (
        np.where(mine, rank_ow, kept.rank_ow).astype(np.uint8),
        np.where(mine, reason_ow, kept.reason_ow).astype(np.int8),
        np.where(mine, short_ow, kept.short_ow).astype(np.uint16),
    )

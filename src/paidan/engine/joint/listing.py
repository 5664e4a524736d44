"""From the engine's problem to choices: who may serve each order, from which sites, at what cost, using what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..codes import Otherwise, Split, Strategy
from ..match_kernel import NO_MATCH
from ..matching import RuleIndex
from ..problem import F32, F64, I8, I32, I64, UNLIMITED, Bools, Problem
from ..tables import Tables
from .choices import Choices
from .listing_kernel import MOST_UNITS, list_choices
from .sites_kernel import Ground

NO_LIMIT = 1e12
"""What is left of something without a limit."""
MOST_PARCELS = 1 << 20


@dataclass(frozen=True, slots=True)
class Listing:
    """The choices of a problem, and what it takes to write a plan from them. p picks: pieces of a line at a site."""

    choices: Choices
    rule_c: I32
    late_c: Bools  # late although another warehouse could be in time, were it not full
    pick_ptr_c: I64
    pick_line: I32
    pick_qty: I64
    pick_w: I32
    pick_t: I32
    cut_o: Bools  # not all choices are listed: there were too many
    in_time_ow: Bools
    reason_ow: I8
    alone_ow: F32 | None = None  # what an order costs whole from a warehouse, where not all choices are listed


def kept_rules(problem: Problem) -> Bools:
    """Rules whose orders are decided as the sequential engine does, bool (rules,): see docs/joint-solver.md.

    Those that rank by `ranked` or `ratio` first and do not say `joint`, and those that may serve part of an order and
    leave the rest to the next rule.
    """
    kept = []
    for rule in problem.rules:
        then = rule.then
        wilful = then.strategies[0] in (Strategy.RANKED, Strategy.RATIO) and not then.joint
        mixes = then.partial and then.split != Split.NEVER and then.otherwise == Otherwise.NEXT
        kept.append(wilful or mixes)
    return np.array([*kept, False], np.bool_)


def limits_of(problem: Problem) -> F64:
    """What may be used of every resource: stock by SKU and warehouse, then warehouses, then teams."""
    warehouses, teams = problem.warehouses, problem.teams
    slots = [
        np.where(capacity == UNLIMITED, NO_LIMIT, np.maximum(capacity - load, 0))
        for capacity, load in ((warehouses.capacity_w, warehouses.load_w), (teams.capacity_t, teams.load_t))
    ]
    return np.concatenate([problem.available_sw.ravel(), *slots]).astype(np.float64)


def listing_of(
    problem: Problem,
    tables: Tables,
    index: RuleIndex,
    first_rule_o: I32,
    out_o: Bools,
    limit_r: F64,
    most: int,
    *,
    loosely: bool = False,
) -> Listing:
    """List the choices of all orders but those `out_o`. O(orders x sites), of split orders up to `most` each.

    `loosely`: the choices of each order's scarcest line instead, a relaxation for the bound.
    """
    orders, warehouses = problem.orders, len(problem.warehouses.id_w)
    count = len(orders.shop_o)
    ground = ground_of(problem, tables, limit_r)
    unserved = problem.objective.unserved_minor * (1.0 + np.maximum(0, orders.priority_o))
    pieces_o = np.bincount(np.repeat(np.arange(count), np.diff(orders.ptr)), orders.qty_l, count)
    cut_o = np.zeros(count, np.bool_)
    in_time_ow = np.zeros((count, warehouses), np.bool_)
    reason_ow = np.zeros((count, warehouses), np.int8)
    ptr_o, counts = np.zeros(count + 1, np.int64), np.zeros(3, np.int64)

    write: Any = list_choices  # of 36 columns; the checker counts none of those that are unpacked

    def run(columns: tuple[np.ndarray, ...], *, fill: bool) -> None:
        write(
            ground, index, tables.ptr, tables.sku_l, tables.qty_l, tables.known_s, tables.weight_g_s,
            tables.volume_cm3_s, tables.shop_o, first_rule_o, out_o | tables.unresolved_o, _rule_facts(problem, tables),
            tables.block_a, tables.block_h, np.ascontiguousarray(problem.available_sw, np.int64),
            problem.objective.parcel_minor, most, 0, count, counts, ptr_o, *columns, cut_o, in_time_ow, reason_ow,
            loosely, fill,
        )  # fmt: skip

    run(_columns(0, 0, 0), fill=False)
    picks, uses, listed = counts.tolist()
    counts[:] = 0
    spare = 2 * int(np.diff(orders.ptr).max(initial=0)) * (MOST_UNITS + 1)  # what turns out short is overwritten
    columns = _columns(picks + spare, uses + spare, listed)
    run(columns, fill=True)
    cost_c, rule_c, late_c, use_ptr_c, resource_u, amount_u, pick_ptr_c, pick_line, pick_qty, pick_w, pick_t = columns
    resource_u, amount_u = resource_u[:uses], amount_u[:uses]
    unserved_o = np.where(pieces_o > 0, unserved, 0.0)
    unserved_o[out_o] = 0.0
    choices = Choices(ptr_o, cost_c, use_ptr_c, resource_u, amount_u, unserved_o, limit_r)
    return Listing(
        choices, rule_c, late_c, pick_ptr_c, pick_line, pick_qty, pick_w, pick_t, cut_o, in_time_ow, reason_ow
    )


def _columns(picks: int, uses: int, listed: int) -> tuple[np.ndarray, ...]:
    return (
        np.empty(listed),
        np.empty(listed, np.int32),
        np.empty(listed, np.bool_),
        np.zeros(listed + 1, np.int64),
        np.empty(uses, np.int32),
        np.empty(uses, np.int32),
        np.zeros(listed + 1, np.int64),
        np.empty(picks, np.int32),
        np.empty(picks, np.int64),
        np.empty(picks, np.int32),
        np.empty(picks, np.int32),
    )


def _rule_facts(problem: Problem, tables: Tables) -> I64:
    facts = np.zeros((len(problem.rules) + 1, 4), np.int64)
    for row, rule, action in zip(facts, problem.rules, tables.action_r.tolist(), strict=False):
        then = rule.then
        most = 1 if then.split == Split.NEVER else MOST_PARCELS if then.max_parcels is None else then.max_parcels
        row[:] = action, then.split, min(most, MOST_PARCELS), then.otherwise
    return facts


def ground_of(problem: Problem, tables: Tables, limit_r: F64) -> Ground:
    count_w = len(tables.open_w)
    slots = limit_r[problem.available_sw.size :]
    return Ground(
        tables.place_o, tables.region_p, tables.ship_by_o, tables.place_in_list_aw, tables.status_bw, tables.open_w,
        tables.covered_gw, tables.distance_pw, tables.max_m_a, slots[:count_w], slots[count_w:],
        tables.capacity_w < 0, tables.capacity_t < 0, tables.team_ptr, tables.team_list, tables.group_gw,
        tables.freight_ptr_k, tables.freight_row, tables.first_g_f, tables.first_minor_f, tables.next_g_f,
        tables.next_minor_f, tables.transit_s_f, tables.volumetric_f, tables.ready_at_w,
        problem.objective.km_minor, problem.objective.late_minor_per_h,
    )  # fmt: skip


def keeps_chain(kept_r: Bools, index: RuleIndex, tables: Tables, first_rule_o: I32, problem: Problem) -> Bools:
    """Orders one of whose rules is kept, bool (orders,): the first, or one it may fall through to."""
    falls_r = np.array([*(rule.then.otherwise == Otherwise.NEXT for rule in problem.rules), False], np.bool_)
    out_o: Bools = kept_r[first_rule_o] & (first_rule_o != NO_MATCH)
    if not kept_r.any() or not falls_r.any():
        return out_o
    from .chain_kernel import chain_touches

    chain_touches(index, tables.ptr, tables.sku_l, first_rule_o, kept_r, falls_r, out_o)
    return out_o

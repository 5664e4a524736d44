"""From the engine's problem to its compact form, where it has one, and from a plan of that form to chosen choices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..codes import Otherwise, Split
from ..match_kernel import NO_MATCH
from ..problem import F64, I8, I32, I64, UNLIMITED, Bools, Problem
from ..tables import Tables
from .choices import UNSERVED, Choices
from .compact import DEAREST, ENDLESS, MOST_LINES, NEVER, Compact, orders_of_lines
from .compacting_kernel import tabulate_parcels
from .listing import Listing, ground_of
from .sites_kernel import ANY_TEAM, NO_TEAM_NEEDED

MOST_EDGES = 60_000_000
"""SKUs x pairs of nodes, 12 bytes each, that the graphs of movers may have."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """The compact form, the problem's lines in it, and what it takes to write a plan.

    `constant`: what orders without lines in it cost.
    """

    compact: Compact
    line_l: I64
    constant: float
    rule_o: I32
    limit_r: F64
    in_time_ow: Bools
    reason_ow: I8
    needs_team_ow: Bools


def compacted(
    problem: Problem, tables: Tables, first_rule_o: I32, out_o: Bools, limit_r: F64, least_size: int
) -> Compacted | None:
    """The compact form of all orders but those `out_o`; None where it has none, or is no larger than `least_size`.

    It has none with teams that can be full, rules that fall through, more than two parcels, pieces of a line apart,
    a SKU twice in an order, more than six lines to share, more SKUs and warehouses than the graphs of
    movers may have, or figures too large to be exact in it.
    """
    orders = problem.orders
    shares_o, plain = _sharing(problem, first_rule_o)
    asked_o = ~out_o & ~tables.unresolved_o & (first_rule_o != NO_MATCH)
    order_l = np.repeat(np.arange(len(out_o)), np.diff(orders.ptr))
    asked_o &= np.bincount(order_l, ~problem.skus.known_s[orders.sku_l] & (orders.qty_l > 0), len(out_o)) == 0
    line_l = np.flatnonzero(asked_o[order_l] & (orders.qty_l > 0))
    lines_o = np.bincount(order_l[line_l], minlength=len(out_o))
    shares_o &= lines_o > 1
    if not (plain | ~asked_o).all() or (lines_o[shares_o] > MOST_LINES).any() or (lines_o > 60).any():
        return None
    skus, warehouses = problem.available_sw.shape
    if skus * (warehouses + 1) ** 2 > MOST_EDGES:
        return None
    if (problem.teams.capacity_t != UNLIMITED).any() or _twice(order_l[line_l], orders.sku_l[line_l]):
        return None
    rows_o = np.where(shares_o, (1 << np.minimum(lines_o, MOST_LINES)) - 1, 1)
    unserved_o = problem.objective.unserved_minor * (1.0 + np.maximum(0, orders.priority_o))
    if int(rows_o[asked_o].sum()) * warehouses <= least_size or _too_large(problem, unserved_o):
        return None
    pieces_o = np.bincount(order_l, orders.qty_l, len(out_o))
    constant = float(unserved_o[(lines_o == 0) & (pieces_o > 0) & ~out_o].sum())
    return _tabulated(problem, tables, first_rule_o, limit_r, line_l, lines_o, rows_o, unserved_o, constant)


def _sharing(problem: Problem, first_rule_o: I32) -> tuple[Bools, Bools]:
    """Orders two warehouses may share, and those whose rule the compact form knows."""
    lines_o = np.diff(problem.orders.ptr)
    whole, pair, any_number, known = [], [], [], []
    for rule in problem.rules:
        most = 1 if rule.then.split == Split.NEVER else rule.then.max_parcels
        whole.append(most == 1)
        pair.append(most == 2)
        any_number.append(most is None or most > 2)
        known.append(rule.then.otherwise != Otherwise.NEXT and (most == 1 or rule.then.split == Split.BY_LINE))
    whole_r, pair_r, any_r, known_r = (
        np.array([*column, False], np.bool_) for column in (whole, pair, any_number, known)
    )
    few_o = lines_o <= 2
    shares_o: Bools = pair_r[first_rule_o] | any_r[first_rule_o]
    plain_o: Bools = known_r[first_rule_o] & (
        whole_r[first_rule_o] | pair_r[first_rule_o] | (any_r[first_rule_o] & few_o)
    )
    return shares_o, plain_o


def _twice(order_l: I64, sku_l: I32) -> bool:
    """Whether an order names a SKU twice."""
    by = np.lexsort((sku_l, order_l))
    return bool(((np.diff(order_l[by]) == 0) & (np.diff(sku_l[by]) == 0)).any())


def _too_large(problem: Problem, unserved_o: F64) -> bool:
    """Whether an amount of money or of pieces is beyond what single precision holds exactly."""
    dearest = max(float(unserved_o.max(initial=0.0)), float(problem.objective.parcel_minor))
    return dearest > DEAREST or int(problem.orders.qty_l.sum()) >= ENDLESS


def _tabulated(
    problem: Problem, tables: Tables, rule_o: I32, limit_r: F64, line_l: I64, lines_o: I64, rows_o: I64,
    unserved_o: F64, constant: float,
) -> Compacted | None:  # fmt: skip
    count, (skus, warehouses) = len(lines_o), problem.available_sw.shape
    ptr_o, row_o = (np.concatenate([[0], np.cumsum(column)]).astype(np.int64) for column in (lines_o, rows_o))
    sku_l, qty_l = problem.orders.sku_l[line_l], problem.orders.qty_l[line_l].astype(np.int32)
    cost_rn = np.full((int(row_o[-1]), warehouses + 1), NEVER, np.float32)
    cost_rn[row_o[1:] - 1, -1] = np.where(lines_o > 0, unserved_o, 0.0)
    in_time_ow, needs_team_ow = (np.zeros((count, warehouses), np.bool_) for _ in range(2))
    reason_ow = np.zeros((count, warehouses), np.int8)
    available_sw = limit_r[: skus * warehouses].reshape(skus, warehouses).astype(np.int64)
    tabulate_parcels(
        ground_of(problem, tables, limit_r), ptr_o, sku_l, qty_l, row_o, tables.weight_g_s, tables.volume_cm3_s,
        tables.shop_o, tables.action_r[np.maximum(rule_o, 0)], tables.block_a, tables.block_h, available_sw, cost_rn,
        in_time_ow, reason_ow, needs_team_ow,
    )  # fmt: skip
    if (cost_rn[cost_rn < NEVER] > DEAREST).any():
        return None
    stock_sn = np.full((skus, warehouses + 1), ENDLESS, np.int32)
    stock_sn[:, :-1] = np.minimum(available_sw, ENDLESS)
    slots_n = np.append(limit_r[skus * warehouses :][:warehouses], ENDLESS).astype(np.int64)
    compact = Compact(ptr_o, sku_l, qty_l, row_o, cost_rn, stock_sn, slots_n, float(problem.objective.parcel_minor))
    return Compacted(compact, line_l, constant, rule_o, limit_r, in_time_ow, reason_ow, needs_team_ow)


def chosen_of(form: Compacted, at_l: I32) -> tuple[Listing, I64]:
    """A plan as a listing of its choices alone, one per served order, and the choice of every order."""
    compact, warehouses = form.compact, form.in_time_ow.shape[1]
    order_l = orders_of_lines(compact)
    served_l = np.flatnonzero(at_l < warehouses)
    first_l = at_l[compact.ptr_o[:-1][order_l[served_l]]]
    at = served_l[np.lexsort((served_l, at_l[served_l] != first_l, order_l[served_l]))]
    order_p, site_p = order_l[at], at_l[at]
    opens_p = np.append(True, (np.diff(order_p) != 0) | (np.diff(site_p) != 0))[: len(at)]
    served = np.unique(order_p)
    choice_p = np.searchsorted(served, order_p)
    chosen_o = np.full(len(form.rule_o), UNSERVED, np.int64)
    chosen_o[served] = np.arange(len(served))
    late_p = ~form.in_time_ow[order_p, site_p] & form.in_time_ow[order_p].any(1)
    choices = _choices(form, chosen_o, choice_p, compact.sku_l[at], compact.qty_l[at], site_p, opens_p)
    listing = Listing(
        choices=choices,
        rule_c=form.rule_o[served],
        late_c=np.bincount(choice_p, late_p, len(served)) > 0,
        pick_ptr_c=np.searchsorted(choice_p, np.arange(len(served) + 1)),
        pick_line=form.line_l[at].astype(np.int32),
        pick_qty=compact.qty_l[at].astype(np.int64),
        pick_w=site_p.astype(np.int32),
        pick_t=np.where(form.needs_team_ow[order_p, site_p], ANY_TEAM, NO_TEAM_NEEDED).astype(np.int32),
        cut_o=np.zeros(len(form.rule_o), np.bool_),
        in_time_ow=form.in_time_ow,
        reason_ow=form.reason_ow,
        alone_ow=compact.cost_rn[compact.row_o[1:] - 1, :-1],
    )
    return listing, chosen_o


def _choices(
    form: Compacted, chosen_o: I64, choice_p: I64, sku_p: I32, qty_p: I32, site_p: I32, opens_p: Bools
) -> Choices:
    """The chosen choices and what they use: their lines' pieces, and a slot for each parcel."""
    skus, warehouses = len(form.compact.stock_sn), form.in_time_ow.shape[1]
    choice_u = np.concatenate([choice_p, choice_p[opens_p]])
    by = np.argsort(choice_u, kind="stable")
    resource_u = np.concatenate([sku_p.astype(np.int64) * warehouses + site_p, skus * warehouses + site_p[opens_p]])
    amount_u = np.concatenate([qty_p, np.ones(int(opens_p.sum()), np.int32)])
    count = int((chosen_o >= 0).sum())
    return Choices(
        ptr_o=np.concatenate([[0], np.cumsum(chosen_o >= 0)]).astype(np.int64),
        cost_c=np.zeros(count),
        use_ptr_c=np.searchsorted(choice_u[by], np.arange(count + 1)).astype(np.int64),
        resource_u=resource_u[by].astype(np.int32),
        amount_u=amount_u[by].astype(np.int32),
        unserved_o=np.zeros(len(chosen_o)),
        limit_r=form.limit_r,
    )

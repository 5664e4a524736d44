"""From chosen choices to a plan: their allocations, what the sequential engine makes of the rest, and the reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..plan import Plan
from ..problem import I64, Bools, Problem
from ..sequential import allocate
from ..tables import Tables
from .choices import UNSERVED, used_by
from .listing import Listing
from .writing import written

OF_ORDERS = ("outcome_o", "reason_o", "rule_o", "rank_ow", "reason_ow", "short_ow")
OF_LINES = ("open_l", "reason_l")


def in_time_first(problem: Problem, listing: Listing, chosen_o: I64) -> I64:
    """The assignment without orders that are late though a warehouse in time still has room (design §3.3)."""
    chosen_o = chosen_o.copy()
    late = np.flatnonzero((chosen_o >= 0) & np.append(listing.late_c, False)[chosen_o])
    cells, count_w = problem.available_sw.size, len(problem.warehouses.id_w)
    while len(late):
        left_w = (listing.choices.limit_r - used_by(listing.choices, chosen_o))[cells : cells + count_w]
        wrong = [order for order in late if (listing.in_time_ow[order] & (left_w > 0)).any()]
        if not wrong:
            break
        chosen_o[wrong] = UNSERVED
        late = np.setdiff1d(late, wrong)
    return chosen_o


def assembled(problem: Problem, tables: Tables, listing: Listing, chosen_o: I64, kept: Plan, kept_o: Bools) -> Plan:
    """The plan: choices written out, `kept_o` as `kept` has them, all others by the sequential engine on what is left.

    The latter serves what partial rules allow, takes what a cautious choice left, and says why the rest stays open.
    """
    done_o = (chosen_o >= 0) | kept_o
    before = _merged(_only(kept, kept_o), written(problem, tables, listing, chosen_o, kept))
    rest = allocate(_rest(problem, before, done_o))
    done_l = np.repeat(done_o, np.diff(problem.orders.ptr))
    left = {
        name: getattr(rest, name) for name in ("available_sw", "load_w", "load_t", "credit_w", "credit_t", "sequence")
    }
    chosen = {
        name: np.where(_beside(mask, getattr(rest, name)), getattr(before, name), getattr(rest, name))
        for mask, names in ((done_o, OF_ORDERS), (done_l, OF_LINES))
        for name in names
    }
    columns: dict[str, Any] = {**chosen, **left}
    return _in_sequence(replace(_merged(before, _only(rest, ~done_o)), **columns))


def _beside(mask: Bools, column: Any) -> Any:
    """The mask as wide as the column it chooses from."""
    return mask if column.ndim == 1 else mask[:, None]


def _rest(problem: Problem, before: Plan, done_o: Bools) -> Problem:
    """What is left to decide: done orders want nothing any more, and what they took is gone."""
    orders = problem.orders
    order_l = np.repeat(np.arange(len(done_o)), np.diff(orders.ptr))
    stock = problem.available_sw.astype(np.int64)
    np.subtract.at(stock, (orders.sku_l[before.line_p], before.warehouse_a[before.allocation_p]), before.qty_p)
    team_a = before.team_a[before.team_a >= 0]
    load_w = problem.warehouses.load_w + np.bincount(before.warehouse_a, minlength=len(problem.warehouses.id_w))
    load_t = problem.teams.load_t + np.bincount(team_a, minlength=len(problem.teams.id_t))
    return replace(
        problem,
        available_sw=stock,
        warehouses=replace(problem.warehouses, load_w=load_w, credit_w=before.credit_w),
        teams=replace(problem.teams, load_t=load_t, credit_t=before.credit_t),
        orders=replace(orders, qty_l=np.where(done_o[order_l], 0, orders.qty_l)),
    )


def _only(plan: Plan, mine_o: Bools) -> Plan:
    """The plan's allocations of some orders."""
    mine_a = mine_o[plan.order_a]
    mine_p = mine_a[plan.allocation_p]
    number_a = np.cumsum(mine_a) - 1
    of_a: dict[str, Any] = {
        name: getattr(plan, name)[mine_a] for name in Plan.__dataclass_fields__ if name.endswith("_a")
    }
    parts: dict[str, Any] = {"line_p": plan.line_p[mine_p], "qty_p": plan.qty_p[mine_p]}
    return replace(plan, **of_a, **parts, allocation_p=number_a[plan.allocation_p[mine_p]].astype(np.int32))


def _merged(first: Plan, second: Plan) -> Plan:
    """The second plan's columns with the allocations of both; of orders, each order's from where it is allocated."""
    of_a: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(second, name)])
        for name in Plan.__dataclass_fields__
        if name.endswith(("_a", "_p"))
    }
    later_p = second.allocation_p + len(first.order_a)
    of_a["allocation_p"] = np.concatenate([first.allocation_p, later_p]).astype(np.int32)
    return replace(second, **of_a)


def _in_sequence(plan: Plan) -> Plan:
    """Allocations grouped by order, in the order in which orders are taken."""
    turn_o = np.empty(len(plan.sequence), np.int64)
    turn_o[plan.sequence] = np.arange(len(plan.sequence))
    by_turn = np.argsort(turn_o[plan.order_a], kind="stable")
    place_a = np.empty(len(by_turn), np.int32)
    place_a[by_turn] = np.arange(len(by_turn), dtype=np.int32)
    of_a: dict[str, Any] = {
        name: getattr(plan, name)[by_turn] for name in Plan.__dataclass_fields__ if name.endswith("_a")
    }
    parts = np.argsort(place_a[plan.allocation_p], kind="stable")
    of_p: dict[str, Any] = {"line_p": plan.line_p[parts], "qty_p": plan.qty_p[parts]}
    return replace(plan, **of_a, **of_p, allocation_p=place_a[plan.allocation_p[parts]])

"""A plan in the words of the problem format."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .codes import Outcome, Reason
from .objective import figures
from .plan import Plan
from .problem import Problem

PLAN_FORMAT: Final = "paidan-plan/1"


def write_plan(problem: Problem, plan: Plan, *, seconds: float) -> dict[str, Any]:
    """The answer document: every order as listed, its allocations, what is open and why each other candidate lost."""
    count = len(plan.outcome_o)
    allocations_o: list[list[int]] = [[] for _ in range(count)]
    for allocation, order in enumerate(plan.order_a.tolist()):
        allocations_o[order].append(allocation)
    parts_a: list[list[int]] = [[] for _ in plan.order_a]
    for part, allocation in enumerate(plan.allocation_p.tolist()):
        parts_a[allocation].append(part)
    found = figures(problem, plan)
    return {
        "format": PLAN_FORMAT,
        "orders": [_order(problem, plan, order, allocations_o[order], parts_a) for order in range(count)],
        "stats": {
            "orders": found.orders,
            "allocated": found.allocated,
            "parcels": found.parcels,
            "freight_minor": found.freight_minor,
            "objective": found.objective,
            "bound": plan.joint.bound if plan.joint else None,
            "gap": plan.joint.gap if plan.joint else None,
            "seconds": round(seconds, 6),
        },
    }


def _order(
    problem: Problem, plan: Plan, order: int, allocations: list[int], parts_a: list[list[int]]
) -> dict[str, Any]:
    rule = int(plan.rule_o[order])
    return {
        "id": problem.orders.id_o[order],
        "state": Outcome(int(plan.outcome_o[order])).code,
        "rule": problem.rules[rule].id if rule >= 0 else None,
        "reason": _reason(int(plan.reason_o[order])),
        "allocations": [_allocation(problem, plan, a, parts_a[a]) for a in allocations],
        "open": _open(problem, plan, order),
        "candidates": _candidates(problem, plan, order, {int(plan.warehouse_a[a]) for a in allocations}),
    }


def _reason(code: int) -> str | None:
    return Reason(code).code if code else None


def _allocation(problem: Problem, plan: Plan, allocation: int, parts: list[int]) -> dict[str, Any]:
    team, metres = int(plan.team_a[allocation]), int(plan.distance_m_a[allocation])
    lines = sorted((int(plan.line_p[part]), int(plan.qty_p[part])) for part in parts)
    return {
        "warehouse": problem.warehouses.id_w[plan.warehouse_a[allocation]],
        "team": problem.teams.id_t[team] if team >= 0 else None,
        "distance_m": metres if metres >= 0 else None,
        "freight_minor": int(plan.freight_minor_a[allocation]),
        "lines": [
            {"line": problem.orders.id_l[line], "sku": problem.skus.id_s[problem.orders.sku_l[line]], "qty": qty}
            for line, qty in lines
        ],
    }


def _open(problem: Problem, plan: Plan, order: int) -> list[dict[str, Any]]:
    lines = range(int(problem.orders.ptr[order]), int(problem.orders.ptr[order + 1]))
    return [
        {
            "line": problem.orders.id_l[line],
            "qty": int(plan.open_l[line]),
            "reason": _reason(int(plan.reason_l[line])),
        }
        for line in lines
        if plan.open_l[line] > 0
    ]


def _candidates(problem: Problem, plan: Plan, order: int, winners: set[int]) -> list[dict[str, Any]]:
    """Every warehouse that was looked at and got nothing: the ranked by rank, then the others as listed."""
    ranks, reasons = plan.rank_ow[order].tolist(), plan.reason_ow[order].tolist()
    losers = [w for w in np.flatnonzero((plan.rank_ow[order] > 0) | (plan.reason_ow[order] > 0)) if w not in winners]
    losers.sort(key=lambda w: (ranks[w] == 0, ranks[w], w))
    return [
        {"warehouse": problem.warehouses.id_w[w], "rank": ranks[w] or None, "reason": _reason(reasons[w])}
        for w in losers
    ]

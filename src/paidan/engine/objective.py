"""What a plan costs (problem format), and the figures beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .codes import Outcome
from .plan import Plan
from .problem import Problem


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and sums of one plan; money in minor units."""

    orders: int
    allocated: int
    parcels: int
    freight_minor: int
    objective: int


def figures(problem: Problem, plan: Plan) -> Figures:
    """The plan's figures. The objective is

    Σ freight + parcel_minor x (allocations beyond an order's first) + late_minor_per_h x whole hours late
    + ratio_minor x Σ |orders a warehouse got − its share by ratio| + unserved_minor x (1 + max(0, priority)) per order
    not fully allocated.
    """
    weights = problem.objective
    per_order = np.bincount(plan.order_a, minlength=len(plan.outcome_o))
    freight = sum(plan.freight_minor_a.tolist())
    extra = int(np.maximum(per_order - 1, 0).sum())
    hours = int((plan.late_s_a // 3600).sum())
    open_o = plan.outcome_o != Outcome.ALLOCATED
    unserved = sum(1 + max(0, priority) for priority in problem.orders.priority_o[open_o].tolist())
    total = freight + weights.parcel_minor * extra + weights.late_minor_per_h * hours
    total += round(weights.ratio_minor * _imbalance(problem, plan)) + weights.unserved_minor * unserved
    return Figures(len(per_order), int((~open_o).sum()), len(plan.order_a), freight, total)


def _imbalance(problem: Problem, plan: Plan) -> float:
    """Σ over warehouses with a ratio of |allocations − ratio ÷ Σ ratio x their allocations together|, in orders."""
    ratio_w = problem.warehouses.ratio_w
    total = int(ratio_w.sum())
    if total == 0:
        return 0.0
    got_w = np.bincount(plan.warehouse_a, minlength=len(ratio_w))[ratio_w > 0]
    return float(np.abs(got_w - got_w.sum() * ratio_w[ratio_w > 0] / total).sum())

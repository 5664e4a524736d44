"""HiGHS alone on an instance of `bench.scarce`, for the row beside the joint solver's."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.nearest import as_choices
from bench.scarce import FIRST_PARCEL, NEXT_PARCEL, PER_KM, PER_KM_KG, Instance
from paidan.engine.joint.balance import NO_BALANCE
from paidan.engine.joint.choices import cost_of
from paidan.engine.joint.exact import solve_exactly


def gap_of(of: Instance, seconds: float, *, split: bool) -> float | None:
    """(its cost − its bound) ÷ its bound after so many seconds; None: it has nothing."""
    return _shared(of, seconds) if split else _whole(of, seconds)


def _whole(of: Instance, seconds: float) -> float | None:
    choices = as_choices(of)
    everyone = np.arange(len(of.unserved_o), dtype=np.int32)
    proven = solve_exactly(choices, everyone, choices.limit_r, NO_BALANCE, seconds)
    if proven.chosen is None or proven.bound <= 0:
        return None
    return (cost_of(choices, proven.chosen) - proven.bound) / proven.bound


def _shared(of: Instance, seconds: float) -> float | None:
    """x: line l ships from w; y: order o has a parcel from w. Σ_w x ≥ served, x ≤ y, Σ_w y ≤ 2."""
    import highspy

    model = _model(highspy, of)
    solver: Any = highspy
    highs = solver.Highs.__base__()
    for key, value in (("output_flag", False), ("time_limit", seconds), ("mip_rel_gap", 0.0), ("threads", 1)):
        highs.setOptionValue(key, value)
    highs.passModel(model)
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status != solver.SolutionStatus.kSolutionStatusFeasible or info.mip_dual_bound <= 0:
        return None
    return float((info.objective_function_value - info.mip_dual_bound) / info.mip_dual_bound)


def _model(highspy: Any, of: Instance) -> Any:
    orders, lines, (skus, warehouses) = len(of.unserved_o), len(of.sku_l), of.stock_sw.shape
    order_l = np.repeat(np.arange(orders), np.diff(of.ptr))
    x_l, x_w = np.nonzero(of.stock_sw[of.sku_l] >= of.qty_l[:, None])
    x, y, served = len(x_l), orders * warehouses, orders
    first_y, first_served = x, x + y
    y_of_x = first_y + order_l[x_l] * warehouses + x_w
    column_x, column_y = np.arange(x), first_y + np.arange(y)
    at = np.cumsum([0, lines, x, orders, skus * warehouses, warehouses])
    rows = [x_l, np.arange(lines), at[1] + column_x, at[1] + column_x, at[2] + np.repeat(np.arange(orders), warehouses),
            np.arange(orders) + at[2], at[3] + of.sku_l[x_l].astype(np.int64) * warehouses + x_w,
            at[4] + np.tile(np.arange(warehouses), orders)]  # fmt: skip
    columns = [column_x, first_served + order_l, column_x, y_of_x, column_y, first_served + np.arange(orders), column_x,
               column_y]  # fmt: skip
    values = [np.ones(x), -np.ones(lines), np.ones(x), -np.ones(x), np.ones(y), -2.0 * np.ones(orders),
              of.qty_l[x_l].astype(float), np.ones(y)]  # fmt: skip
    lower, upper = np.full(int(at[5]), -np.inf), np.zeros(int(at[5]))
    lower[:lines] = 0.0
    upper[at[3] : at[4]], upper[at[4] :] = of.stock_sw.ravel(), of.capacity_w
    parcel = (FIRST_PARCEL + NEXT_PARCEL + PER_KM * of.km_ow).ravel()
    costs = [PER_KM_KG * of.km_ow[order_l[x_l], x_w] * of.kg_l[x_l], parcel, -(of.unserved_o + float(NEXT_PARCEL))]
    by = np.lexsort((np.concatenate(rows), np.concatenate(columns)))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = x + y + served, int(at[5])
    model.col_cost_, model.offset_ = np.concatenate(costs), float(of.unserved_o.sum())
    model.col_lower_, model.col_upper_ = np.zeros(model.num_col_), np.ones(model.num_col_)
    model.row_lower_, model.row_upper_ = lower, upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(np.concatenate(columns)[by], np.arange(model.num_col_ + 1)).astype(
        np.int32
    )
    model.a_matrix_.index_ = np.concatenate(rows)[by].astype(np.int32)
    model.a_matrix_.value_ = np.concatenate(values)[by]
    model.integrality_ = [highspy.HighsVarType.kInteger] * model.num_col_
    return model

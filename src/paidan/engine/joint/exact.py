"""Small problems, and parts of large ones, to the end: as a mixed-integer programme by HiGHS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..problem import F64, I32, I64, Bools
from .balance import Balance
from .choices import UNSERVED, Choices


@dataclass(frozen=True, slots=True)
class Proven:
    """The best assignment found (None: none) of the orders asked, and the bound proven for it."""

    chosen: I64 | None
    bound: float


def solve_exactly(
    choices: Choices,
    orders: I32,
    left_r: F64,
    balance: Balance,
    seconds: float,
    start: I64 | None = None,
    allowed_c: Bools | None = None,
    asked: Callable[[], bool] | None = None,
) -> Proven:
    """Decide `orders` within `left_r` at least cost. Minimise Σ (cost − unserved) x + weight Σ t + Σ unserved over
    Σ x ≤ 1 per order, use ≤ left, t ≥ ±(deviation). `start` is a feasible assignment to begin
    with; of the choices only those `allowed_c` are looked at. `asked` may end it with the best so far.
    """
    import highspy

    columns, owner = _columns_of(choices, orders)
    if allowed_c is not None:
        columns, owner = columns[allowed_c[columns]], owner[allowed_c[columns]]
    programme = _programme(highspy, choices, orders, columns, owner, left_r, balance)
    solver: Any = highspy
    highs = solver.Highs.__base__()  # the class itself hooks callbacks and prints a banner into whoever's stdout
    for key, value in (("output_flag", False), ("time_limit", max(seconds, 0.05)), ("mip_rel_gap", 0.0),
                       ("mip_abs_gap", 0.5), ("threads", 1), ("random_seed", 1)):  # fmt: skip
        highs.setOptionValue(key, value)
    highs.passModel(programme)
    if start is not None:
        taken = np.isin(columns, start[start >= 0]).astype(np.float64)
        if len(taken) and not balance.weight:
            highs.setSolution(len(taken), np.arange(len(taken), dtype=np.int32), taken)
    if asked is not None:
        _heed(highs, solver.cb.HighsCallbackType, asked)
    highs.run()
    info = highs.getInfo()
    bound = float(info.mip_dual_bound) if len(columns) else float(info.objective_function_value)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Proven(None, bound)
    x = np.asarray(highs.getSolution().col_value)[: len(columns)] > 0.5
    chosen = np.full(len(orders), UNSERVED, np.int64)
    chosen[owner[x]] = columns[x]
    return Proven(chosen, bound)


def _heed(highs: Any, kinds: Any, asked: Callable[[], bool]) -> None:
    """Let HiGHS ask between its steps whether to go on."""

    def interrupt(_kind: Any, _message: str, _out: Any, answer: Any, _data: Any) -> None:
        if asked():
            answer.user_interrupt = True

    highs.setCallback(interrupt, None)
    for kind in (kinds.kCallbackMipInterrupt, kinds.kCallbackSimplexInterrupt):
        highs.startCallback(kind)


def _columns_of(choices: Choices, orders: I32) -> tuple[I64, I64]:
    counts = choices.ptr_o[orders + 1] - choices.ptr_o[orders]
    owner = np.repeat(np.arange(len(orders)), counts)
    before = np.cumsum(counts) - counts
    columns = np.repeat(choices.ptr_o[orders] - before, counts) + np.arange(int(counts.sum()))
    return columns, owner


def _programme(
    highspy: Any, choices: Choices, orders: I32, columns: I64, owner: I64, left_r: F64, balance: Balance
) -> Any:
    uses = choices.use_ptr_c[columns + 1] - choices.use_ptr_c[columns]
    at = np.repeat(choices.use_ptr_c[columns] - (np.cumsum(uses) - uses), uses) + np.arange(int(uses.sum()))
    column_u = np.repeat(np.arange(len(columns)), uses)
    resource_u, amount_u = choices.resource_u[at], choices.amount_u[at].astype(np.float64)
    wanted = np.bincount(resource_u, amount_u, len(left_r)) > left_r  # the others can never run out
    wanted[balance.slot_r] = True
    row_r = np.cumsum(wanted) - 1 + len(orders)
    scarce_u = wanted[resource_u]
    rows = np.concatenate([owner, row_r[resource_u[scarce_u]]])
    cols = np.concatenate([np.arange(len(columns)), column_u[scarce_u]])
    values = np.concatenate([np.ones(len(columns)), amount_u[scarce_u]])
    upper = np.concatenate([np.ones(len(orders)), left_r[wanted]])
    cost = choices.cost_c[columns] - choices.unserved_o[orders][owner]
    width = len(balance.slot_r) if balance.weight else 0
    if width:
        rows, cols, values, upper = _with_balance(
            rows, cols, values, upper, balance, resource_u, column_u, len(columns), len(left_r)
        )
        cost = np.concatenate([cost, np.full(width, balance.weight)])
    order = np.lexsort((rows, cols))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(upper)
    model.col_cost_ = cost
    model.col_lower_ = np.zeros(len(cost))
    model.col_upper_ = np.concatenate([np.ones(len(columns)), np.full(width, highspy.kHighsInf)])
    model.row_lower_ = np.full(len(upper), -highspy.kHighsInf)
    model.row_upper_ = upper
    model.offset_ = float(choices.unserved_o[orders].sum())
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(cols[order], np.arange(len(cost) + 1)).astype(np.int32)
    model.a_matrix_.index_ = rows[order].astype(np.int32)
    model.a_matrix_.value_ = values[order]
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger] * len(columns) + [kinds.kContinuous] * width
    return model


def _with_balance(
    rows: I64, cols: I64, values: F64, upper: F64, balance: Balance, resource_u: I32, column_u: I64, first_t: int,
    resources: int,
) -> tuple[I64, I64, F64, F64]:  # fmt: skip
    """±(base + use − share x (Σ base + Σ use)) ≤ t, two rows per warehouse with a ratio."""
    slot_of = np.full(resources, -1, np.int64)
    slot_of[balance.slot_r] = np.arange(len(balance.slot_r))
    mine_u = slot_of[resource_u]
    mine_u, column_u = mine_u[mine_u >= 0], column_u[mine_u >= 0]
    offset = balance.base - balance.share * balance.base.sum()
    first = len(upper)
    for w in range(len(balance.slot_r)):
        slope = (mine_u == w) - balance.share[w]
        for sign in (1.0, -1.0):
            rows = np.concatenate([rows, np.full(len(slope) + 1, first)])
            cols = np.concatenate([cols, column_u, [first_t + w]])
            values = np.concatenate([values, sign * slope, [-1.0]])
            upper = np.concatenate([upper, [-sign * offset[w]]])
            first += 1
    return rows, cols, values, upper

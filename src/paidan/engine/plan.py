"""The engine's answer: which warehouse and team serves which pieces of which order, what stayed open, and why.

Axes as in `problem`, and: a allocations, p parts (pieces of one line on one allocation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .problem import F64, I8, I32, I64, Bools


@dataclass(frozen=True, slots=True)
class ScarcityPrice:
    """What one more of a scarce thing would save, minor units: a SKU at a warehouse, a warehouse's or a team's slot.

    Indices; −1 = not of that kind.
    """

    sku: int
    warehouse: int
    team: int
    minor: int


@dataclass(frozen=True, slots=True)
class JointFigures:
    """How good a joint plan is: no feasible plan costs less than `bound`. `gap` is null where the bound is 0."""

    objective: int
    bound: int
    gap: float | None
    sweeps: int
    prices: tuple[ScarcityPrice, ...]  # dearest first
    kept: int = 0  # orders decided as the sequential engine does; the bound is one over plans that keep them


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns of the decision. Allocations are grouped by order, in the order in which orders were decided."""

    sequence: I32  # (orders,) order indices in the order they were taken
    outcome_o: I8  # codes.Outcome
    reason_o: I8  # codes.Reason; NONE when fully allocated
    rule_o: I32  # index of the rule that decided, −1 = none matched
    order_a: I32
    warehouse_a: I32
    team_a: I32  # −1 = no team
    rule_a: I32
    distance_m_a: I64  # −1 = unknown
    freight_minor_a: I64
    freight_row_a: I32  # the freight row (its carrier) that priced it, −1 = by distance
    late_s_a: I64  # seconds after ship-by that it will be delivered, 0 = in time
    allocation_p: I32
    line_p: I32
    qty_p: I64
    open_l: I64  # pieces left open
    reason_l: I8  # why, NONE where nothing is open
    # 1 = best-ranked candidate of the deciding rule, 0 = never ranked, 255 = 255 or worse
    rank_ow: npt.NDArray[np.uint8]
    reason_ow: I8  # why each candidate lost; NONE = won, or ranked lower
    short_ow: npt.NDArray[np.uint16]  # pieces the candidate lacked when it was looked at (capped at 65,535)
    available_sw: I64  # what is left
    load_w: I64
    load_t: I64
    credit_w: F64
    credit_t: F64
    joint: JointFigures | None = None  # None: decided one by one

    def served_o(self) -> Bools:
        """Orders of which at least one piece is allocated, bool (orders,)."""
        served = np.zeros(len(self.outcome_o), np.bool_)
        served[self.order_a] = True
        return served

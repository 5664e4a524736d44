"""Differences between what the kernel decided and what the reference decided, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from tests.engine.reference import Decision, Reference

from paidan.engine.codes import Outcome, Reason
from paidan.engine.plan import Plan
from paidan.engine.problem import Problem


def differences(problem: Problem, plan: Plan, reference: Reference, decisions: dict[int, Decision]) -> Iterator[str]:
    if plan.sequence.tolist() != list(decisions):
        yield f"sequence {plan.sequence.tolist()} is not {list(decisions)}"
        return
    for order, decision in decisions.items():
        for name, got, wanted in _facts(problem, plan, order, decision):
            if got != wanted:
                yield f"order {order}: {name} is {got}, should be {wanted}"
                return
    for name, got, wanted in (
        ("available", plan.available_sw, reference.available),
        ("load_w", plan.load_w, reference.load_w),
        ("load_t", plan.load_t, reference.load_t),
        ("open", plan.open_l, reference.open),
    ):
        if not np.array_equal(got, wanted):
            yield f"{name} is {got.tolist()}, should be {wanted.tolist()}"
    for name, got, wanted in (
        ("credit_w", plan.credit_w, reference.credit_w),
        ("credit_t", plan.credit_t, reference.credit_t),
    ):
        if not np.allclose(got, wanted, atol=1e-9):
            yield f"{name} is {got.tolist()}, should be {wanted.tolist()}"


def _facts(problem: Problem, plan: Plan, order: int, decision: Decision) -> Iterator[tuple[str, object, object]]:
    yield "outcome", Outcome(int(plan.outcome_o[order])), decision.outcome
    yield "rule", int(plan.rule_o[order]), decision.rule
    mine = np.flatnonzero(plan.order_a == order)
    yield (
        "parcels",
        [
            (
                int(plan.warehouse_a[a]),
                int(plan.team_a[a]),
                int(plan.rule_a[a]),
                {int(plan.line_p[p]): int(plan.qty_p[p]) for p in np.flatnonzero(plan.allocation_p == a)},
            )
            for a in mine
        ],
        [(p.warehouse, p.team, p.rule, p.pieces) for p in decision.parcels],
    )
    yield (
        "freight",
        [
            tuple(int(c[a]) for c in (plan.distance_m_a, plan.freight_minor_a, plan.freight_row_a, plan.late_s_a))
            for a in mine
        ],
        [(p.distance, p.freight, p.row, p.late) for p in decision.parcels],
    )
    lines = range(int(problem.orders.ptr[order]), int(problem.orders.ptr[order + 1]))
    yield (
        "open",
        {li: Reason(int(plan.reason_l[li])) for li in lines if plan.open_l[li] or plan.reason_l[li]},
        decision.line_reasons,
    )
    yield "reason", Reason(int(plan.reason_o[order])), decision.reason
    ranks = {w: int(rank) for w, rank in enumerate(plan.rank_ow[order]) if rank}
    yield "ranks", ranks, decision.ranks
    losses = {w: Reason(int(code)) for w, code in enumerate(plan.reason_ow[order]) if code}
    yield "losses", losses, {w: reason for w, reason in decision.losses.items() if reason}
    short = {w: int(lack) for w, lack in enumerate(plan.short_ow[order]) if lack}
    yield "short", short, {w: lack for w, lack in decision.short.items() if lack}

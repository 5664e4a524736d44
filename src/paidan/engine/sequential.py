"""The sequential engine: compile the problem, take the orders one by one, answer with a plan."""

from __future__ import annotations

import numpy as np

from .kernel_state import Record, State, grown, new_record, new_scratch, new_state
from .lists_kernel import new_lists
from .match_kernel import first_matches
from .matching import build_index
from .plan import Plan
from .problem import I32, Problem
from .quick_kernel import decide_run
from .tables import compile_tables


def allocate(problem: Problem) -> Plan:
    """Decide every order of `problem` (design §3, steps 2–7), in the order they are taken.

    Deterministic: the same problem gives the same plan; ties are broken by position, then as listed.
    O(orders x (rules / 64 + warehouses)) and the covering sets of split orders, see `cover_kernel`.
    """
    tables, index = compile_tables(problem), build_index(problem)
    first_rule_o = first_matches(index, tables.ptr, tables.sku_l)
    sequence = take_order(problem, first_rule_o)
    state, scratch, kept = new_state(problem), new_scratch(tables), new_lists(tables)
    room = int(np.minimum(problem.orders.qty_l, 2).sum()) + 64
    record, decided = new_record(problem, room), 0
    while decided < len(sequence):
        before = decided
        decided = decide_run(tables, index, state, record, scratch, kept, sequence, first_rule_o, decided)
        if decided < len(sequence):
            room = max(2 * room, room + 1024) if decided > before else 2 * room
            record = grown(record, room)
    return _plan(sequence, state, record)


def take_order(problem: Problem, first_rule_o: I32) -> I32:
    """The orders by (priority, raised by the first matching rule, falling; ship-by; paid at; as listed), int32."""
    orders = problem.orders
    raised_r = np.array([*(rule.then.raise_priority for rule in problem.rules), 0], np.int64)  # the last: no rule
    priority_o = orders.priority_o + np.where(orders.unresolved_o, 0, raised_r[first_rule_o])
    return np.lexsort((orders.paid_at_o, orders.ship_by_o, -priority_o)).astype(np.int32)


def _plan(sequence: I32, state: State, record: Record) -> Plan:
    allocations, parts = record.filled.tolist()
    return Plan(
        sequence=sequence,
        outcome_o=record.outcome_o,
        reason_o=record.reason_o,
        rule_o=record.rule_o,
        order_a=record.order_a[:allocations],
        warehouse_a=record.warehouse_a[:allocations],
        team_a=record.team_a[:allocations],
        rule_a=record.rule_a[:allocations],
        distance_m_a=record.distance_m_a[:allocations],
        freight_minor_a=record.freight_minor_a[:allocations],
        freight_row_a=record.freight_row_a[:allocations],
        late_s_a=record.late_s_a[:allocations],
        allocation_p=record.allocation_p[:parts],
        line_p=record.line_p[:parts],
        qty_p=record.qty_p[:parts],
        open_l=record.open_l,
        reason_l=record.reason_l,
        rank_ow=record.rank_ow,
        reason_ow=record.reason_ow,
        short_ow=record.short_ow,
        available_sw=state.available_sw,
        load_w=state.load_w,
        load_t=state.load_t,
        credit_w=state.credit_w,
        credit_t=state.credit_t,
    )

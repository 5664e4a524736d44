"""The event log replayed: every allocation's and order's state must be what its events lead to, by legal steps."""

from collections.abc import Iterator

from paidan.kit.violations import Violation, run_checks

from .states import AllocationState

_A = AllocationState
NEXT = {
    None: (_A.ASSIGNED,),
    _A.ASSIGNED: (_A.ACCEPTED, _A.CANCELLED, _A.REASSIGNED),
    _A.ACCEPTED: (_A.ASSIGNED, _A.PICKED, _A.CANCELLED, _A.REASSIGNED),
    _A.PICKED: (_A.ASSIGNED, _A.PACKED, _A.CANCELLED, _A.REASSIGNED),
    _A.PACKED: (_A.SHIPPED, _A.CANCELLED),
}
"""The steps an allocation may take; an event that leaves the state as it is tells of something else."""

_LEGAL = ", ".join(
    f"({0 if source is None else int(source)}, {int(target)})" for source, targets in NEXT.items() for target in targets
)

CHECKS = {
    "allocation_is_not_its_events": """
        SELECT concat('allocation ', a.id), e.state, a.state FROM allocation_allocation a LEFT JOIN (
            SELECT DISTINCT ON (allocation_id) allocation_id, state FROM orders_event
            WHERE allocation_id IS NOT NULL ORDER BY allocation_id, id DESC
        ) e ON e.allocation_id = a.id WHERE e.state IS DISTINCT FROM a.state
    """,
    "illegal_step": f"""
        SELECT concat('allocation ', allocation_id), before, state FROM (
            SELECT allocation_id, state,
                   coalesce(lag(state) OVER (PARTITION BY allocation_id ORDER BY id), 0) AS before
            FROM orders_event WHERE allocation_id IS NOT NULL
        ) e WHERE before <> state AND (before, state) NOT IN ({_LEGAL})
    """,
    "order_is_not_its_events": """
        SELECT concat('order ', o.id), e.state, o.state FROM orders_order o LEFT JOIN (
            SELECT DISTINCT ON (order_id) order_id, state, allocation_id FROM orders_event ORDER BY order_id, id DESC
        ) e ON e.order_id = o.id
        WHERE e.order_id IS NULL OR (e.allocation_id IS NULL AND e.state <> o.state AND EXISTS (
            SELECT 1 FROM orders_orderline l WHERE l.order_id = o.id AND l.qty > 0))
    """,
    "cancelled_without_event": """
        SELECT concat('line ', coalesce(l.id, e.line_id)), coalesce(e.qty, 0), coalesce(l.cancelled_qty, 0)
        FROM (SELECT id, cancelled_qty FROM orders_orderline WHERE cancelled_qty > 0) l FULL JOIN (
            SELECT c.key::bigint AS line_id, sum(c.value::bigint) AS qty
            FROM orders_event e CROSS JOIN LATERAL jsonb_each_text(e.detail -> 'cancelled') c
            WHERE e.detail ? 'cancelled' GROUP BY c.key
        ) e ON e.line_id = l.id WHERE coalesce(e.qty, 0) <> coalesce(l.cancelled_qty, 0)
    """,
}


def violations() -> Iterator[Violation]:
    """Where the log and the state disagree."""
    return run_checks(CHECKS)

"""Invariants of orders by themselves: their queue, their merges, and references no constraint guards."""

from collections.abc import Iterator

from paidan.kit.violations import Violation, dangling, run_checks

from .queue import IS_HELD, OPEN_STATES
from .states import OrderState

_OPEN = ", ".join(str(int(state)) for state in OPEN_STATES)
_IS_QUEUED = "EXISTS (SELECT 1 FROM orders_queuedorder q WHERE q.order_id = o.id)"

CHECKS = {
    "pending_not_queued": f"""
        SELECT concat('order ', o.id), 'queued', 'not queued' FROM orders_order o
        WHERE o.state = {OrderState.PENDING} AND NOT {IS_HELD} AND NOT {_IS_QUEUED}
    """,
    "queued_though_held": f"""
        SELECT concat('order ', o.id), 'not queued', 'queued' FROM orders_order o
        JOIN orders_queuedorder q ON q.order_id = o.id WHERE {IS_HELD}
    """,
    "queued_though_finished": f"""
        SELECT concat('order ', q.order_id), 'not queued', o.state FROM orders_queuedorder q
        LEFT JOIN orders_order o ON o.id = q.order_id WHERE o.id IS NULL OR o.state NOT IN ({_OPEN})
    """,
    "half_a_lease": """
        SELECT concat('order ', q.order_id), q.wave_id, q.leased_until FROM orders_queuedorder q
        WHERE (q.wave_id IS NULL) <> (q.leased_until IS NULL)
    """,
    "merged_into_nothing": f"""
        SELECT concat('order ', o.id), o.state = {OrderState.MERGED}, o.merged_into_id IS NOT NULL FROM orders_order o
        WHERE (o.state = {OrderState.MERGED}) <> (o.merged_into_id IS NOT NULL)
    """,
    # A merged order's lines ask for all that was not cancelled of the lines they came from, and whatever was added.
    "merged_pieces_lost": f"""
        SELECT concat('line ', l.id), l.qty - l.cancelled_qty, coalesce(m.qty, 0) FROM orders_order o
        JOIN orders_orderline l ON l.order_id = o.id
        LEFT JOIN orders_orderline m ON m.source_line_id = l.id AND m.order_id = o.merged_into_id
        WHERE o.state = {OrderState.MERGED} AND l.qty - l.cancelled_qty > coalesce(m.qty, 0)
    """,
    "cancelled_more_than_asked": """
        SELECT concat('line ', l.id), l.qty, l.cancelled_qty FROM orders_orderline l
        WHERE l.cancelled_qty < 0 OR l.cancelled_qty > l.qty
    """,
    "dangling_line_order": dangling("orders_orderline", "order_id", "orders_order"),
    "dangling_line_sku": dangling("orders_orderline", "sku_id", "catalog_sku"),
    "dangling_line_bundle": dangling("orders_orderline", "bundle_id", "catalog_sku"),
    "dangling_event_order": dangling("orders_event", "order_id", "orders_order"),
}


def violations() -> Iterator[Violation]:
    """What is wrong with orders."""
    return run_checks(CHECKS)

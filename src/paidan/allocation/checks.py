"""Invariants of allocations with the stock, orders and loads they stand on (design §3a), over the whole database.

Written apart from the services: sums are taken once over whole tables, as suits millions of rows.
"""

from collections.abc import Iterator

from paidan.kit.violations import Violation, dangling, run_checks
from paidan.orders.states import ExceptionKind, OrderState

from .settle import STATE_OF_PIECES
from .states import COUNTED, LIVE, STARTED, AllocationState, WaveState


def _listed(*states: AllocationState) -> str:
    return ", ".join(str(int(state)) for state in states)


_STOCK = "concat('stock ', sku_id, ' at ', warehouse_id)"
_HELD = "EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = a.order_id AND h.released_at IS NULL)"
_INTERCEPTED = f"""EXISTS (
    SELECT 1 FROM orders_orderexception e
    WHERE e.allocation_id = a.id AND e.kind = {ExceptionKind.INTERCEPT} AND e.resolved_at IS NULL)"""
_SHORTAGE = f"""EXISTS (
    SELECT 1 FROM orders_orderexception e
    WHERE e.sku_id = s.sku_id AND e.warehouse_id = s.warehouse_id AND e.kind = {ExceptionKind.SHORTAGE}
      AND e.order_id IS NULL AND e.resolved_at IS NULL)"""

# One pass over the parts instead of the view's look-up per line.
_PIECES = f"""
SELECT l.id AS line_id, l.order_id, l.qty, l.reason, coalesce(p.live_qty, 0) AS live_qty,
       coalesce(p.shipped_qty, 0) AS shipped_qty,
       l.qty - l.cancelled_qty - coalesce(p.live_qty, 0) - coalesce(p.shipped_qty, 0) AS open_qty
FROM orders_orderline l LEFT JOIN (
    SELECT part.line_id, sum(part.qty) FILTER (WHERE a.state IN ({_listed(*LIVE)})) AS live_qty,
           sum(part.qty) FILTER (WHERE a.state = {AllocationState.SHIPPED}) AS shipped_qty
    FROM allocation_allocationline part JOIN allocation_allocation a ON a.id = part.allocation_id
    GROUP BY part.line_id
) p ON p.line_id = l.id
"""

# Whether an order was tried is told by the last event on the order itself.
_TRIED = f"""coalesce((
    SELECT e.state = {OrderState.UNALLOCATED} FROM orders_event e
    WHERE e.order_id = n.order_id AND e.allocation_id IS NULL ORDER BY e.id DESC LIMIT 1), false)"""

_STATE = STATE_OF_PIECES.format(open="open_qty", live="live_qty", shipped="shipped_qty", tried=_TRIED)


def _load_check(table: str, key: str, place: str) -> str:
    return f"""
        SELECT concat('{place} ', id, ' on ', day), coalesce(n, 0), coalesce(load_n, 0)
        FROM (
            SELECT {key} AS id, work_day AS day, count(*) AS n FROM allocation_allocation
            WHERE state IN ({_listed(*COUNTED)}) AND {key} IS NOT NULL GROUP BY {key}, work_day
        ) counted FULL JOIN (SELECT {key} AS id, day, load_n FROM {table}) kept USING (id, day)
        WHERE coalesce(n, 0) <> coalesce(load_n, 0)
    """


CHECKS = {
    "reserved_is_not_live": f"""
        SELECT {_STOCK}, coalesce(live_qty, 0), coalesce(reserved_qty, 0)
        FROM (
            SELECT part.sku_id, a.warehouse_id, sum(part.qty) AS live_qty
            FROM allocation_allocation a JOIN allocation_allocationline part ON part.allocation_id = a.id
            WHERE a.state IN ({_listed(*LIVE)}) GROUP BY part.sku_id, a.warehouse_id
        ) live FULL JOIN stock_stock s USING (sku_id, warehouse_id)
        WHERE coalesce(live_qty, 0) <> coalesce(reserved_qty, 0)
    """,
    "oversold": f"""
        SELECT {_STOCK}, s.on_hand_qty, s.reserved_qty FROM stock_stock s
        WHERE s.reserved_qty > s.on_hand_qty AND NOT {_SHORTAGE}
    """,
    "shortage_is_over": f"""
        SELECT {_STOCK}, s.on_hand_qty, s.reserved_qty FROM stock_stock s
        WHERE s.reserved_qty <= s.on_hand_qty AND {_SHORTAGE}
    """,
    "pieces_do_not_add_up": f"""
        SELECT concat('line ', line_id), qty, qty - open_qty FROM ({_PIECES}) p WHERE open_qty < 0
    """,
    "state_is_not_of_pieces": f"""
        SELECT concat('order ', o.id), n.state, o.state FROM (
            SELECT n.order_id, {_STATE} AS state FROM (
                SELECT order_id, sum(open_qty) AS open_qty, sum(live_qty) AS live_qty,
                       sum(shipped_qty) AS shipped_qty
                FROM ({_PIECES}) p GROUP BY order_id HAVING sum(qty) > 0
            ) n
        ) n JOIN orders_order o ON o.id = n.order_id
        WHERE o.state <> {OrderState.MERGED} AND o.state <> n.state
    """,
    # A line that says nothing of its own is open for the order's reason.
    "unallocated_without_reason": f"""
        SELECT concat('order ', o.id), 'a reason', o.reason FROM orders_order o
        WHERE o.state = {OrderState.UNALLOCATED} AND o.reason = 0
    """,
    "warehouse_load": _load_check("allocation_warehouseday", "warehouse_id", "warehouse"),
    "team_load": _load_check("allocation_teamday", "team_id", "team"),
    "frozen_without_cause": f"""
        SELECT concat('allocation ', a.id), NOT a.frozen, a.frozen FROM allocation_allocation a
        WHERE a.frozen <> (a.state IN ({_listed(*LIVE)}) AND ({_HELD} OR {_INTERCEPTED}))
    """,
    "intercept_of_nothing": f"""
        SELECT concat('allocation ', e.allocation_id), 'begun', a.state FROM orders_orderexception e
        LEFT JOIN allocation_allocation a ON a.id = e.allocation_id
        WHERE e.kind = {ExceptionKind.INTERCEPT} AND e.resolved_at IS NULL
          AND (a.id IS NULL OR a.state NOT IN ({_listed(*STARTED)}))
    """,
    "hand_back_of_nothing": f"""
        SELECT concat('allocation ', e.allocation_id), 'assigned', a.state FROM orders_orderexception e
        LEFT JOIN allocation_allocation a ON a.id = e.allocation_id
        WHERE e.kind = {ExceptionKind.HANDED_BACK} AND e.resolved_at IS NULL
          AND a.state IS DISTINCT FROM {AllocationState.ASSIGNED}
    """,
    "empty_allocation": """
        SELECT concat('allocation ', a.id), 'lines', 'none' FROM allocation_allocation a
        WHERE NOT EXISTS (SELECT 1 FROM allocation_allocationline part WHERE part.allocation_id = a.id)
    """,
    "line_of_another": """
        SELECT concat('allocation ', a.id), concat('order ', a.order_id, ', SKU ', l.sku_id),
               concat('order ', l.order_id, ', SKU ', part.sku_id)
        FROM allocation_allocationline part JOIN allocation_allocation a ON a.id = part.allocation_id
        JOIN orders_orderline l ON l.id = part.line_id
        WHERE l.order_id <> a.order_id OR l.sku_id IS DISTINCT FROM part.sku_id
    """,
    "reassigned_to_nothing": f"""
        SELECT concat('allocation ', a.id), 1, count(b.id) FROM allocation_allocation a
        LEFT JOIN allocation_allocation b ON b.replaces_id = a.id
        WHERE a.state = {AllocationState.REASSIGNED} GROUP BY a.id HAVING count(b.id) <> 1
    """,
    "replaces_what_was_not_reassigned": f"""
        SELECT concat('allocation ', b.id), {AllocationState.REASSIGNED}, a.state FROM allocation_allocation b
        LEFT JOIN allocation_allocation a ON a.id = b.replaces_id
        WHERE b.replaces_id IS NOT NULL AND a.state IS DISTINCT FROM {AllocationState.REASSIGNED}
    """,
    "lease_of_no_wave": f"""
        SELECT concat('order ', q.order_id), {WaveState.RUNNING}, w.state FROM orders_queuedorder q
        LEFT JOIN allocation_wave w ON w.id = q.wave_id
        WHERE q.wave_id IS NOT NULL AND w.state IS DISTINCT FROM {WaveState.RUNNING}
    """,
    "dangling_allocation_order": dangling("allocation_allocation", "order_id", "orders_order"),
    "dangling_allocation_warehouse": dangling("allocation_allocation", "warehouse_id", "network_warehouse"),
    "dangling_allocation_team": dangling("allocation_allocation", "team_id", "network_team"),
    "dangling_allocation_rule": dangling("allocation_allocation", "rule_id", "rules_rule"),
    "dangling_allocation_wave": dangling("allocation_allocation", "wave_id", "allocation_wave"),
    "dangling_part_allocation": dangling(
        "allocation_allocationline", "allocation_id", "allocation_allocation", "line_id"
    ),
    "dangling_part_line": dangling("allocation_allocationline", "line_id", "orders_orderline", "allocation_id"),
    "dangling_part_sku": dangling("allocation_allocationline", "sku_id", "catalog_sku", "allocation_id"),
    "dangling_decision_order": dangling("allocation_decision", "order_id", "orders_order", "wave_id"),
    "dangling_decision_wave": dangling("allocation_decision", "wave_id", "allocation_wave", "order_id"),
    "dangling_decision_rule": dangling("allocation_decision", "rule_id", "rules_rule", "order_id"),
    "dangling_movement_allocation": dangling("stock_stockmovement", "allocation_id", "allocation_allocation"),
    "dangling_event_allocation": dangling("orders_event", "allocation_id", "allocation_allocation"),
    "dangling_exception_allocation": dangling("orders_orderexception", "allocation_id", "allocation_allocation"),
}


def violations() -> Iterator[Violation]:
    """What is wrong with allocations."""
    return run_checks(CHECKS)

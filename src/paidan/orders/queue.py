"""The queue of orders to be tried, and the lock every change to an order takes first.

A row in `orders_queuedorder` says that the order is to be tried. Rows are added only by somebody who holds the order's
own lock, so whoever holds that lock knows that no wave can come to hold the order meanwhile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.kit.arrays import array_cursor

from .states import OrderState

I64 = npt.NDArray[np.int64]

OPEN_STATES = (OrderState.PENDING, OrderState.UNALLOCATED, OrderState.PARTIAL)
"""States in which an order may wait in the queue."""
_OPEN = ", ".join(str(int(state)) for state in OPEN_STATES)
IS_HELD = "EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = o.id AND h.released_at IS NULL)"

_LOCK_QUEUE = "SELECT order_id FROM orders_queuedorder WHERE order_id = ANY(%s) ORDER BY order_id FOR UPDATE"
_LOCK_ORDERS = "SELECT id, state FROM orders_order WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_LATECOMERS = "SELECT order_id FROM orders_queuedorder WHERE order_id = ANY(%s) FOR UPDATE SKIP LOCKED"
_COUNT = "SELECT count(*) FROM orders_queuedorder WHERE order_id = ANY(%s)"

_ENQUEUE = f"""
INSERT INTO orders_queuedorder (order_id, priority, ship_by_at)
SELECT o.id, o.priority, o.ship_by_at FROM orders_order o
WHERE o.id = ANY(%s) AND o.state IN ({_OPEN}) AND NOT {IS_HELD} ORDER BY o.id
ON CONFLICT (order_id) DO UPDATE
SET wave_id = NULL, leased_until = NULL, priority = excluded.priority, ship_by_at = excluded.ship_by_at
"""

_DEQUEUE = f"""
DELETE FROM orders_queuedorder q USING orders_order o
WHERE o.id = q.order_id AND q.order_id = ANY(%s) AND (o.state NOT IN ({_OPEN}) OR {IS_HELD})
"""

_REVOKE = "UPDATE orders_queuedorder SET wave_id = NULL, leased_until = NULL WHERE order_id = ANY(%s)"

_WAITING = f"""
SELECT o.id FROM orders_order o
WHERE o.state IN ({{states}}) AND NOT {IS_HELD}
  AND NOT EXISTS (SELECT 1 FROM orders_queuedorder q WHERE q.order_id = o.id) {{only}}
ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED
"""
_WITH_SKUS = "AND o.id IN (SELECT l.order_id FROM orders_orderline l WHERE l.sku_id = ANY(%s))"


class _LeasedMeanwhile(Exception):
    """A wave got hold of an order between our two locks; let go and start again."""


def lock_orders(order_ids: I64) -> tuple[I64, npt.NDArray[np.int16]]:
    """Lock orders against waves and against each other; answers the ids that exist, ascending, and their states.

    1. The queue rows by order, which takes queued orders away from a wave that is about to commit. 2. The orders by
    id. 3. A row queued between the two is locked too; if a wave already has it, waiting could be a circle, so all
    locks are released and taken again. Call it first in a transaction.
    """
    wanted = np.unique(np.asarray(order_ids, np.int64))
    while True:
        try:
            with transaction.atomic():
                return _lock(array_cursor(), wanted)
        except _LeasedMeanwhile:
            continue


def _lock(cursor: Cursor[Any], wanted: I64) -> tuple[I64, npt.NDArray[np.int16]]:
    cursor.execute(_LOCK_QUEUE, (wanted,))
    found = cursor.execute(_LOCK_ORDERS, (wanted,)).fetchall()
    ours = len(cursor.execute(_LATECOMERS, (wanted,)).fetchall())
    [queued] = cursor.execute(_COUNT, (wanted,)).fetchone() or (0,)
    if queued != ours:
        raise _LeasedMeanwhile
    return np.array([row[0] for row in found], np.int64), np.array([row[1] for row in found], np.int16)


def enqueue(cursor: Cursor[Any], order_ids: I64) -> int:
    """Queue those of the locked orders that have something open and no hold; a wave's lease on them ends."""
    cursor.execute(_ENQUEUE, (order_ids,))
    return cursor.rowcount


def dequeue(cursor: Cursor[Any], order_ids: I64) -> int:
    """Take those of the locked orders off the queue that are held or have nothing open."""
    cursor.execute(_DEQUEUE, (order_ids,))
    return cursor.rowcount


def revoke_leases(cursor: Cursor[Any], order_ids: I64) -> None:
    """End a wave's lease on these locked orders, so that what it decided on older facts is not committed."""
    cursor.execute(_REVOKE, (order_ids,))


@transaction.atomic
def queue_waiting(*, sku_ids: npt.NDArray[np.integer[Any]] | None = None, lost: bool = False) -> int:
    """Queue the unallocated and partial orders (those with a line of these SKUs, or all); answers how many.

    Orders somebody is changing at this moment are left to the next time. With `lost` pending orders that somehow
    have no place in the queue get one again.
    """
    cursor = array_cursor()
    states = _OPEN if lost else f"{int(OrderState.UNALLOCATED)}, {int(OrderState.PARTIAL)}"
    query = _WAITING.format(states=states, only="" if sku_ids is None else _WITH_SKUS)
    rows = cursor.execute(query, () if sku_ids is None else (sku_ids.astype(np.int32),)).fetchall()
    return enqueue(cursor, np.array([row[0] for row in rows], np.int64)) if rows else 0

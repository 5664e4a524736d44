"""Shortages: stock rows where less is on hand than is reserved. Each has one open exception as long as it lasts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.orders.announcing import announce
from paidan.orders.states import EventKind, ExceptionKind

Ids = npt.NDArray[np.int32]

_OPEN = f"""
INSERT INTO orders_orderexception (kind, sku_id, warehouse_id, note, opened_at, opened_by_id, resolution)
SELECT {ExceptionKind.SHORTAGE}, s.sku_id, s.warehouse_id, '', %s, %s, ''
FROM stock_stock s JOIN unnest(%s, %s) AS n (sku_id, warehouse_id) USING (sku_id, warehouse_id)
WHERE s.reserved_qty > s.on_hand_qty ORDER BY s.sku_id, s.warehouse_id
ON CONFLICT (sku_id, warehouse_id) WHERE resolved_at IS NULL AND kind = {ExceptionKind.SHORTAGE} AND order_id IS NULL
DO NOTHING RETURNING id, sku_id, warehouse_id
"""

_END = f"""
UPDATE orders_orderexception e SET resolved_at = %s, resolved_by_id = %s, resolution = 'enough_on_hand'
FROM stock_stock s JOIN unnest(%s, %s) AS n (sku_id, warehouse_id) USING (sku_id, warehouse_id)
WHERE e.sku_id = s.sku_id AND e.warehouse_id = s.warehouse_id AND e.kind = {ExceptionKind.SHORTAGE}
  AND e.order_id IS NULL AND e.resolved_at IS NULL AND s.reserved_qty <= s.on_hand_qty
"""


def open_shortages(cursor: Cursor[Any], skus: Ids, warehouses: Ids, *, now: datetime, by: User | None) -> int:
    """Open an exception for each of these (locked) rows that is short and has none; answers how many."""
    opened = cursor.execute(_OPEN, (now, None if by is None else by.pk, skus, warehouses)).fetchall()
    told = [{"kind": int(ExceptionKind.SHORTAGE), "exception": key, "sku": s, "warehouse": w} for key, s, w in opened]
    announce(cursor, EventKind.EXCEPTION_OPENED, np.zeros(len(opened), np.int64), now=now, details=told)
    return len(opened)


def end_shortages(cursor: Cursor[Any], skus: Ids, warehouses: Ids, *, now: datetime, by: User | None) -> int:
    """Resolve the exceptions of those of these (locked) rows that are short no more; answers how many."""
    cursor.execute(_END, (now, None if by is None else by.pk, skus, warehouses))
    return cursor.rowcount

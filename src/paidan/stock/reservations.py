"""Reserving and giving back stock for many (SKU, warehouse) pairs at once, safe against every other writer.

Rows are locked in the order (SKU, warehouse) before anything is compared, so that two who want the same last piece
wait for each other instead of both taking it, and never in a circle (docs/adr/0003-locking.md).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

from paidan.kit.arrays import array_cursor

AnyCursor = Cursor[Any] | CursorWrapper
Ids = npt.NDArray[np.integer[Any]]
I64 = npt.NDArray[np.int64]

_LOCK = """
SELECT count(*) FROM (
    SELECT 1 FROM stock_stock s
    JOIN unnest(%s, %s) AS pair (sku_id, warehouse_id) USING (sku_id, warehouse_id)
    ORDER BY s.sku_id, s.warehouse_id FOR UPDATE OF s
) locked
"""

_FREE = """
SELECT s.sku_id, s.warehouse_id, s.on_hand_qty - s.reserved_qty - s.safety_qty AS free FROM stock_stock s
JOIN unnest(%(skus)s, %(warehouses)s) AS pair (sku_id, warehouse_id) USING (sku_id, warehouse_id)
ORDER BY s.sku_id, s.warehouse_id {lock}
"""

_SHORT = """
WITH there AS MATERIALIZED ({free})
SELECT need.at - 1, need.qty - greatest(0, coalesce(there.free, 0))
FROM unnest(%(skus)s, %(warehouses)s, %(needs)s) WITH ORDINALITY AS need (sku_id, warehouse_id, qty, at)
LEFT JOIN there USING (sku_id, warehouse_id)
WHERE need.qty > greatest(0, coalesce(there.free, 0))
"""
_LOCK_AND_COMPARE = _SHORT.format(free=_FREE.format(lock="FOR UPDATE OF s"))
_COMPARE = _SHORT.format(free=_FREE.format(lock=""))

_ADD = """
UPDATE stock_stock s SET reserved_qty = s.reserved_qty + change.qty, changed_at = %s
FROM unnest(%s, %s, %s) AS change (sku_id, warehouse_id, qty)
WHERE s.sku_id = change.sku_id AND s.warehouse_id = change.warehouse_id
"""


def lock_and_reserve(
    cursor: AnyCursor, sku_ids: Ids, warehouse_ids: Ids, need_qty: I64, now: datetime, *, guarded: bool = True
) -> I64:
    """Reserve the pieces of every pair, or of none; answers how many pieces each pair is short.

    1. Lock the rows in order. 2. Compare with on hand − reserved − safety; a missing row has nothing.
    3. Only when no pair is short, add to what is reserved. The caller drops what it can do without and asks again;
    the locks stay until its transaction ends. Pairs must be distinct. `guarded=False` leaves out the lock: for the
    test that proves the race harness can see an oversell, and for nothing else.
    """
    skus, warehouses, needs = _pairs(sku_ids, warehouse_ids, need_qty)
    shortfalls = np.zeros(len(needs), np.int64)
    arrays = array_cursor(cursor.connection)
    values = {"skus": skus, "warehouses": warehouses, "needs": needs}
    for at, missing in arrays.execute(_LOCK_AND_COMPARE if guarded else _COMPARE, values).fetchall():
        shortfalls[at] = missing
    if not shortfalls.any() and len(needs):
        arrays.execute(_ADD, (now, skus, warehouses, needs))
    return shortfalls


def give_back(cursor: AnyCursor, sku_ids: Ids, warehouse_ids: Ids, qty: I64, now: datetime) -> None:
    """Take pieces off what is reserved. Pairs must be distinct; their rows are locked in order first."""
    skus, warehouses, pieces = _pairs(sku_ids, warehouse_ids, qty)
    lock_stock(cursor, skus, warehouses)
    arrays = array_cursor(cursor.connection)
    arrays.execute(_ADD, (now, skus, warehouses, -pieces))
    if arrays.rowcount != len(pieces):
        raise LookupError("stock was reserved in a row that does not exist")


def lock_stock(cursor: AnyCursor, sku_ids: Ids, warehouse_ids: Ids) -> None:
    """Lock the rows of these pairs in the order (SKU, warehouse), until the transaction ends."""
    array_cursor(cursor.connection).execute(_LOCK, (np.asarray(sku_ids, np.int32), np.asarray(warehouse_ids, np.int32)))


def summed_pairs(
    sku_ids: Ids, warehouse_ids: Ids, qty: I64
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], I64]:
    """The distinct pairs in (SKU, warehouse) order with the sum of their pieces: what the functions above take."""
    key = (np.asarray(sku_ids, np.int64) << 32) | np.asarray(warehouse_ids, np.int64)
    distinct, inverse = np.unique(key, return_inverse=True)
    sums = np.zeros(len(distinct), np.int64)
    np.add.at(sums, inverse, np.asarray(qty, np.int64))
    return (distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32), sums


def _pairs(sku_ids: Ids, warehouse_ids: Ids, qty: I64) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], I64]:
    """The columns in the widths of the table; a pair named twice would silently be changed once, so it is refused."""
    skus, warehouses, pieces = np.asarray(sku_ids, np.int32), np.asarray(warehouse_ids, np.int32), np.asarray(qty)
    key = (skus.astype(np.int64) << 32) | warehouses
    if len(np.unique(key)) != len(key):
        raise ValueError("a pair of SKU and warehouse is named twice")
    if len(pieces) and pieces.min() < 0:
        raise ValueError("pieces to reserve or give back are never negative")
    return skus, warehouses, pieces.astype(np.int64)

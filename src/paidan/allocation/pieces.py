"""Cancelling pieces of order lines that are open, set-based; live pieces must be open before they can be cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

I64 = npt.NDArray[np.int64]
ByOrder = dict[int, dict[int, int]]
"""Pieces by order and line."""

_CANCEL = """
UPDATE orders_orderline l SET cancelled_qty = l.cancelled_qty + c.qty
FROM (
    SELECT p.line_id, least(p.open_qty, n.qty) AS qty
    FROM unnest(%s, %s) AS n (line_id, qty) JOIN allocation_line_pieces p USING (line_id)
) c WHERE l.id = c.line_id AND c.qty > 0
RETURNING l.order_id, l.id, c.qty
"""

_CANCEL_ALL = """
UPDATE orders_orderline l SET cancelled_qty = l.cancelled_qty + p.open_qty
FROM allocation_line_pieces p WHERE p.order_id = ANY(%s) AND l.id = p.line_id AND p.open_qty > 0
RETURNING l.order_id, l.id, p.open_qty
"""


def cancel_open_pieces(cursor: Cursor[Any], qty_of_line: Mapping[int, int]) -> ByOrder:
    """Cancel up to so many open pieces of these lines; answers what was cancelled."""
    lines = np.array(list(qty_of_line), np.int64)
    pieces = np.array(list(qty_of_line.values()), np.int64)
    return _by_order(cursor.execute(_CANCEL, (lines, pieces)).fetchall())


def cancel_all_open_pieces(cursor: Cursor[Any], order_ids: I64) -> ByOrder:
    """Cancel whatever is open of these orders; answers what was cancelled."""
    return _by_order(cursor.execute(_CANCEL_ALL, (order_ids,)).fetchall())


def _by_order(rows: list[tuple[int, int, int]]) -> ByOrder:
    cancelled: ByOrder = {}
    for order_id, line_id, qty in rows:
        cancelled.setdefault(order_id, {})[line_id] = qty
    return cancelled

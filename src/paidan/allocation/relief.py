"""Where less is on hand than is promised: which unaccepted allocations go back to be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, ExceptionKind
from paidan.stock.services import Pairs

from .closing import cancel_locked
from .locked import lock_allocations
from .settle import settle_orders
from .states import AllocationState

I64 = npt.NDArray[np.int64]

ROUNDS = 5
"""How often to look again when a team accepted what was about to be sent back."""

_OPEN_SHORTAGES = f"""
SELECT sku_id, warehouse_id FROM orders_orderexception
WHERE kind = {ExceptionKind.SHORTAGE} AND resolved_at IS NULL AND order_id IS NULL
"""

# Lowest priority first, then newest: the sequence in which promises are taken back.
_CANDIDATES = f"""
SELECT s.sku_id, s.warehouse_id, s.reserved_qty - s.on_hand_qty, a.id, a.order_id, sum(part.qty)::bigint
FROM unnest(%s, %s) AS n (sku_id, warehouse_id) JOIN stock_stock s USING (sku_id, warehouse_id)
JOIN allocation_allocation a ON a.warehouse_id = s.warehouse_id AND a.state = {AllocationState.ASSIGNED}
JOIN allocation_allocationline part ON part.allocation_id = a.id AND part.sku_id = s.sku_id
JOIN orders_order o ON o.id = a.order_id
WHERE s.reserved_qty > s.on_hand_qty AND (%s::bigint[] IS NULL OR a.id = ANY(%s::bigint[]))
GROUP BY s.sku_id, s.warehouse_id, s.reserved_qty, s.on_hand_qty, a.id, a.order_id, o.priority
ORDER BY o.priority, a.id DESC
"""


def open_shortage_pairs() -> Pairs:
    """The stock rows that have an open shortage."""
    table = np.array(array_cursor().execute(_OPEN_SHORTAGES).fetchall(), np.int32).reshape(-1, 2)
    return Pairs(table[:, 0].copy(), table[:, 1].copy())


def relieve_shortages(pairs: Pairs, *, now: datetime, by: User | None = None) -> int:
    """Cancel unaccepted allocations of these stock rows until no more is promised than there is; answers how many.

    Lowest priority first, newest first. What teams have accepted stays, and its shortage stays an exception.
    """
    sent_back = 0
    for _round in range(ROUNDS):
        chosen = _choose(array_cursor(), pairs)
        if not chosen:
            break
        sent_back += _send_back(chosen, pairs, now, by)
    return sent_back


@transaction.atomic
def _send_back(chosen: dict[int, int], pairs: Pairs, now: datetime, by: User | None) -> int:
    """Lock the orders and allocations chosen, choose again among those, and cancel."""
    cursor = array_cursor()
    lock_orders(np.array(list(chosen.values())))
    ids = np.array(list(chosen), np.int64)
    locked = lock_allocations(cursor, ids)
    still = _choose(cursor, pairs, locked.id_a)
    gone = locked.only(np.isin(locked.id_a, list(still)))
    cancel_locked(cursor, gone, now=now, by=by, detail={"cause": "shortage"})
    settle_orders(cursor, np.unique(gone.order_a), EventKind.QUEUED, changed=True, now=now, by=by)
    return len(gone)


def _choose(cursor: Cursor[Any], pairs: Pairs, among: I64 | None = None) -> dict[int, int]:
    """The allocations to send back and their orders: as few as end each shortage, taken in sequence."""
    rows = cursor.execute(_CANDIDATES, (pairs.sku_n, pairs.warehouse_n, among, among)).fetchall()
    missing: dict[tuple[int, int], int] = {}
    shares: dict[int, list[tuple[tuple[int, int], int]]] = {}
    sequence: dict[int, int] = {}
    for sku, warehouse, shortage, allocation, order, qty in rows:
        missing[sku, warehouse] = shortage
        shares.setdefault(allocation, []).append(((sku, warehouse), qty))
        sequence[allocation] = order
    chosen: dict[int, int] = {}
    for allocation, order in sequence.items():
        if any(missing[pair] > 0 for pair, _qty in shares[allocation]):
            chosen[allocation] = order
            for pair, qty in shares[allocation]:
                missing[pair] -= qty
    return chosen

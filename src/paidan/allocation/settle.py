"""The end of every use case that touched orders: their state follows from their pieces, and their place in the queue.

`STATE_OF_PIECES` says in SQL what `orders.states.order_state` says in Python; the doctor uses it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.orders.events import Detail, write_events
from paidan.orders.queue import dequeue, enqueue
from paidan.orders.states import EventKind, OrderState

I64 = npt.NDArray[np.int64]

STATE_OF_PIECES = f"""
CASE WHEN {{open}} > 0 AND {{live}} + {{shipped}} > 0 THEN {OrderState.PARTIAL}
     WHEN {{open}} > 0 AND {{tried}} THEN {OrderState.UNALLOCATED}
     WHEN {{open}} > 0 THEN {OrderState.PENDING}
     WHEN {{live}} > 0 THEN {OrderState.ALLOCATED}
     WHEN {{shipped}} > 0 THEN {OrderState.FULFILLED}
     ELSE {OrderState.CANCELLED} END
"""

_SETTLE = f"""
UPDATE orders_order o
SET state = n.state, version = o.version + %(changed)s::int,
    reason = CASE WHEN %(changed)s OR n.open_qty = 0 THEN 0 ELSE o.reason END
FROM (
    SELECT was.id, coalesce(sum(p.open_qty), 0) AS open_qty, {
    STATE_OF_PIECES.format(
        open="coalesce(sum(p.open_qty), 0)",
        live="coalesce(sum(p.live_qty), 0)",
        shipped="coalesce(sum(p.shipped_qty), 0)",
        tried=f"(NOT %(changed)s AND was.state = {OrderState.UNALLOCATED})",
    )
} AS state
    FROM orders_order was LEFT JOIN allocation_line_pieces p ON p.order_id = was.id
    WHERE was.id = ANY(%(ids)s) AND was.state <> {OrderState.MERGED} GROUP BY was.id
) n
WHERE o.id = n.id RETURNING o.id, o.state
"""

_CLEAR_REASONS = "UPDATE orders_orderline SET reason = 0 WHERE order_id = ANY(%s) AND reason <> 0"


def settle_orders(
    cursor: Cursor[Any],
    order_ids: I64,
    event: EventKind | None,
    *,
    changed: bool,
    now: datetime,
    by: User | None,
    details: Sequence[Detail | None] | Detail | None = None,
) -> None:
    """Bring locked orders in line with their pieces; `details` run along `order_ids`, which must be distinct.

    1. Derive the state. With `changed` (a decision would now be made on other facts) the version rises, reasons are
    forgotten, and what is open is to be tried again; without it an unallocated order stays unallocated.
    2. Queue what has something open and no hold, take the rest off the queue. 3. Append `event` with the state.
    """
    if not len(order_ids):
        return
    rows = cursor.execute(_SETTLE, {"ids": order_ids, "changed": changed}).fetchall()
    if changed:
        cursor.execute(_CLEAR_REASONS, (order_ids,))
        enqueue(cursor, order_ids)
    dequeue(cursor, order_ids)
    if event is None:
        return
    state_of = dict(rows)
    kept = [at for at, order_id in enumerate(order_ids.tolist()) if order_id in state_of]
    ids = order_ids[kept]
    states = np.array([state_of[order_id] for order_id in ids.tolist()], np.int16)
    if isinstance(details, Sequence):
        details = [details[at] for at in kept]
    write_events(cursor, event, ids, states, now=now, by=by, details=details)

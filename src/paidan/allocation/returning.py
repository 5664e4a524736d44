"""Giving back what held orders keep reserved, so that an order that waits for it can have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind

from .closing import cancel_locked
from .locked import as_ids, lock_allocations, orders_of
from .outcomes import Batch, Verdicts
from .settle import settle_orders
from .states import AllocationState

# Lowest priority first, then newest: the sequence in which promises are taken back everywhere.
_HELD_PARTS = f"""
SELECT a.id, part.sku_id, sum(part.qty)::bigint
FROM allocation_allocation a JOIN allocation_allocationline part ON part.allocation_id = a.id
JOIN orders_order o ON o.id = a.order_id
WHERE a.warehouse_id = %s AND a.state = {AllocationState.ASSIGNED} AND part.sku_id = ANY(%s)
  AND a.order_id IN (SELECT order_id FROM orders_hold WHERE released_at IS NULL)
GROUP BY a.id, part.sku_id, o.priority ORDER BY o.priority, a.id DESC
"""
_STILL_HELD = "SELECT DISTINCT order_id FROM orders_hold WHERE order_id = ANY(%s) AND released_at IS NULL"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Assigned allocations of held orders that together keep (at least) so many pieces."""

    allocation_ids: tuple[int, ...] = ()
    qty: int = 0


def kept_by_held(warehouse_id: int, missing_of_sku: Mapping[int, int]) -> HeldBack:
    """The fewest promises to held orders whose pieces make up what is missing there; nothing where they do not."""
    skus = np.array(list(missing_of_sku), np.int32)
    left = dict(missing_of_sku)
    chosen: dict[int, int] = {}
    for allocation, sku, qty in array_cursor().execute(_HELD_PARTS, (warehouse_id, skus)).fetchall():
        if left[sku] > 0:
            chosen[allocation] = chosen.get(allocation, 0) + qty
            left[sku] -= qty
    if any(missing > 0 for missing in left.values()):
        return HeldBack()
    return HeldBack(tuple(chosen), sum(chosen.values()))


@transaction.atomic
def give_back_of_held(allocation_ids: Sequence[int], *, now: datetime, by: User | None = None) -> Batch:
    """Cancel assigned allocations of held orders: the hold stays, the pieces are free, the orders are open again.

    Refused is what a team has meanwhile accepted, and what is no longer held.
    """
    cursor, asked = array_cursor(), as_ids(allocation_ids)
    orders, _states = lock_orders(orders_of(cursor, asked))
    allocations = lock_allocations(cursor, asked)
    held = np.array([row[0] for row in cursor.execute(_STILL_HELD, (orders,)).fetchall()], np.int64)
    verdicts = Verdicts(asked, allocations.id_a)
    verdicts.refuse(~allocations.in_state(AllocationState.ASSIGNED), "wrong_state")
    verdicts.refuse(~np.isin(allocations.order_a, held), "not_held")
    gone = allocations.only(verdicts.ok)
    cancel_locked(cursor, gone, now=now, by=by, detail={"cause": "given_back"})
    settle_orders(cursor, np.unique(gone.order_a), EventKind.CHANGED, changed=True, now=now, by=by)
    return verdicts.batch()

"""Assigning many orders by hand at once: what is open of each goes to one place, as far as its stock reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.network.models import Team, Warehouse
from paidan.orders.events import write_events
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind
from paidan.stock.reservations import lock_and_reserve, summed_pairs

from .loads import shift_loads
from .locked import Mask, Parts, as_ids
from .outcomes import Batch, Verdicts
from .placing import Place, insert_allocations, place_for, price_allocations
from .scarcity import take_what_fits
from .settle import settle_orders
from .states import AllocationState

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

_HELD = "SELECT DISTINCT order_id FROM orders_hold WHERE order_id = ANY(%s) AND released_at IS NULL"
_OPEN = """
SELECT p.order_id, p.line_id, coalesce(p.sku_id, 0), p.open_qty
FROM orders_order o JOIN allocation_line_pieces p ON p.order_id = o.id
WHERE o.id = ANY(%s) AND p.open_qty > 0 ORDER BY o.priority DESC, o.ship_by_at, o.id, p.position
"""
_PARTS = """
INSERT INTO allocation_allocationline (allocation_id, line_id, sku_id, qty)
SELECT * FROM unnest(%s, %s, %s, %s) AS n (allocation_id, line_id, sku_id, qty)
"""


@transaction.atomic
def assign_orders(
    ids: Ids, *, warehouse: Warehouse, team: Team | None = None, now: datetime, by: User | None = None
) -> Batch:
    """Assign whatever is open of these orders to a place, each whole or not at all; `created` holds the allocations.

    1. Lock; refuse what is held, has nothing open or a line without a SKU. 2. Reserve; where the stock does not reach
    for all, the most urgent keep what they asked. 3. Create, price, count, log, settle. Rules, coverage and capacity
    do not bind a person.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    found, _states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    parts, order_a = _open_parts(cursor, found)
    verdicts.refuse(np.isin(found, _keys(cursor, _HELD, found)), "on_hold")
    verdicts.refuse(~np.isin(found, order_a), "nothing_open")
    verdicts.refuse(np.isin(found, order_a[np.unique(parts.at_p[parts.sku_p == 0])]), "unknown_sku")
    place = place_for(warehouse, team, now)
    fits = _reserve(cursor, parts, np.isin(order_a, found[verdicts.ok]), place)
    verdicts.refuse(~np.isin(found, order_a[fits]), "stock_short")
    if not fits.any():
        return verdicts.batch()
    created = _create(cursor, parts, order_a, fits, place)
    states = np.full(len(created), AllocationState.ASSIGNED, np.int16)
    write_events(cursor, EventKind.ASSIGNED, order_a[fits], states, allocation_ids=created, now=now, by=by)
    settle_orders(cursor, np.sort(order_a[fits]), None, changed=True, now=now, by=by)
    return verdicts.batch(created.tolist())


def _open_parts(cursor: Cursor[Any], order_ids: I64) -> tuple[Parts, I64]:
    """What is open, and the orders it belongs to, most urgent first (`at_p` are positions among them)."""
    table = np.array(cursor.execute(_OPEN, (order_ids,)).fetchall(), np.int64).reshape(-1, 4)
    keys, first, inverse = np.unique(table[:, 0], return_index=True, return_inverse=True)
    urgent = np.argsort(first)
    rank = np.empty(len(keys), np.intp)
    rank[urgent] = np.arange(len(keys))
    parts = Parts(rank[inverse], table[:, 1].copy(), table[:, 2].astype(np.int32), table[:, 3].copy())
    return parts, keys[urgent]


def _keys(cursor: Cursor[Any], query: str, order_ids: I64) -> I64:
    return np.array([row[0] for row in cursor.execute(query, (order_ids,)).fetchall()], np.int64)


def _reserve(cursor: Cursor[Any], parts: Parts, wanted: Mask, place: Place) -> Mask:
    """Reserve what fits of the wanted orders; which orders got all of theirs, bool."""
    chosen = parts.only(wanted[parts.at_p])
    warehouse_p = np.full(len(chosen.at_p), place.warehouse.id, np.int32)

    def take(mask: Mask) -> I64:
        skus, warehouses, needs = summed_pairs(chosen.sku_p[mask], warehouse_p[mask], chosen.qty_p[mask])
        return lock_and_reserve(cursor, skus, warehouses, needs, place.now)

    return wanted & take_what_fits(len(wanted), chosen.at_p, chosen.sku_p, warehouse_p, chosen.qty_p, take)


def _create(cursor: Cursor[Any], parts: Parts, order_a: I64, fits: Mask, place: Place) -> I64:
    """Write the allocations with their parts and prices, and count them on their work day."""
    created = insert_allocations(cursor, place, order_a[fits], np.zeros(int(fits.sum()), np.int64))
    id_of = np.zeros(len(order_a), np.int64)
    id_of[fits] = created
    kept = parts.only(fits[parts.at_p])
    cursor.execute(_PARTS, (id_of[kept.at_p], kept.line_p, kept.sku_p, kept.qty_p))
    price_allocations(cursor, place, created)
    count = len(created)
    places = (np.full(count, place.warehouse.id, np.int32), np.full(count, place.team_id, np.int32))
    shift_loads(cursor, *places, np.full(count, place.day, np.int32), np.ones(count, np.int64))
    return created

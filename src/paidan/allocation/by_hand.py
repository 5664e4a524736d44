"""Assigning an order by hand: a person names the place, the stock still has to be there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.orders.events import write_events
from paidan.orders.models import Hold
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind
from paidan.stock.reservations import lock_and_reserve, summed_pairs

from .loads import shift_loads
from .outcomes import refusal
from .placing import Place, insert_allocations, place_for, price_allocations
from .settle import settle_orders
from .states import AllocationState

I64 = npt.NDArray[np.int64]

_OPEN_LINES = """
SELECT line_id, coalesce(sku_id, 0), open_qty FROM allocation_line_pieces
WHERE order_id = %s AND open_qty > 0 ORDER BY position
"""
_PARTS = """
INSERT INTO allocation_allocationline (allocation_id, line_id, sku_id, qty)
SELECT %s, line_id, sku_id, qty FROM unnest(%s, %s, %s) AS n (line_id, sku_id, qty)
"""


@transaction.atomic
def assign_by_hand(
    order_id: int,
    *,
    warehouse: Warehouse,
    team: Team | None = None,
    now: datetime,
    by: User | None = None,
    pieces: Mapping[int, int] | None = None,
    partial: bool = False,
) -> int:
    """Assign an order's open pieces (or those named, by line id) to a place; answers the new allocation's id.

    Refused when the order is held or has nothing open, a line has no SKU yet, or the stock is not there; with
    `partial` what is there is assigned and the rest stays open. Rules, coverage and capacity do not bind a person.
    """
    cursor = array_cursor()
    ids, _states = lock_orders(np.array([order_id]))
    if not len(ids):
        raise refusal("not_found", order_id)
    if Hold.objects.filter(order_id=order_id, released_at=None).exists():
        raise Refusal("on_hold", _("%(id)s is on hold; release it first."), id=order_id)
    place = place_for(warehouse, team, now)
    line_n, sku_n, qty_n = _wanted(cursor, order_id, pieces, partial)
    qty_n = _reserve(cursor, sku_n, qty_n, place, order_id, partial)
    served = qty_n > 0
    [created] = insert_allocations(cursor, place, ids, np.zeros(1, np.int64)).tolist()
    cursor.execute(_PARTS, (created, line_n[served], sku_n[served], qty_n[served]))
    price_allocations(cursor, place, np.array([created]))
    counted = (np.array([warehouse.id], np.int32), np.array([place.team_id], np.int32), np.array([place.day], np.int32))
    shift_loads(cursor, *counted, np.ones(1, np.int64))
    states = np.array([AllocationState.ASSIGNED], np.int16)
    write_events(cursor, EventKind.ASSIGNED, ids, states, allocation_ids=np.array([created]), now=now, by=by)
    settle_orders(cursor, ids, None, changed=True, now=now, by=by)
    return int(created)


def _wanted(
    cursor: Cursor[Any], order_id: int, pieces: Mapping[int, int] | None, partial: bool
) -> tuple[I64, npt.NDArray[np.int32], I64]:
    """The lines and pieces to assign: what is open, cut down to what was named."""
    rows = cursor.execute(_OPEN_LINES, (order_id,)).fetchall()
    if pieces is not None:
        rows = [(line, sku, min(open_qty, pieces[line])) for line, sku, open_qty in rows if pieces.get(line, 0) > 0]
    if partial:
        rows = [row for row in rows if row[1]]
    if not rows:
        raise refusal("nothing_open", order_id)
    if not all(sku for _line, sku, _qty in rows):
        raise Refusal("unknown_sku", _("A line of %(id)s has no SKU yet; map its code first."), id=order_id)
    table = np.array(rows, np.int64)
    return table[:, 0].copy(), table[:, 1].astype(np.int32), table[:, 2].copy()


def _reserve(
    cursor: Cursor[Any], sku_n: npt.NDArray[np.int32], qty_n: I64, place: Place, order_id: int, partial: bool
) -> I64:
    """Reserve the pieces; with `partial` as many as there are, first lines first. Answers the pieces per line."""
    warehouse_n = np.full(len(sku_n), place.warehouse.id, np.int32)
    skus, warehouses, needs = summed_pairs(sku_n, warehouse_n, qty_n)
    shortfalls = lock_and_reserve(cursor, skus, warehouses, needs, place.now)
    if not shortfalls.any():
        return qty_n
    if not partial or not (needs - shortfalls).any():
        raise refusal("stock_short", order_id)
    lock_and_reserve(cursor, skus, warehouses, needs - shortfalls, place.now)
    left = dict(zip(skus.tolist(), (needs - shortfalls).tolist(), strict=True))
    granted = np.zeros(len(qty_n), np.int64)
    for at, sku in enumerate(sku_n.tolist()):
        granted[at] = min(int(qty_n[at]), left[sku])
        left[sku] -= int(granted[at])
    return granted

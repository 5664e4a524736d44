"""Assigning an order by hand: a person names the place, the stock still has to be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_OPEN_LINES = """
SELECT line_id, coalesce(sku_id, 0), open_qty FROM allocation_line_pieces
WHERE order_id = %s AND open_qty > 0 ORDER BY position
"""
_PARTS = """
INSERT INTO allocation_allocationline (allocation_id, line_id, sku_id, qty)
SELECT %s, line_id, sku_id, qty FROM unnest(%s, %s, %s) AS n (line_id, sku_id, qty)
"""


@dataclass(frozen=True, slots=True)
class HandShare:
    """What one place is to send: these pieces by line id, or whatever is open (None); no team = the least loaded."""

    warehouse: Warehouse
    team: Team | None = None
    pieces: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """Pieces to place, as columns; `at_p` is the position of their share."""

    at_p: I64
    line_p: I64
    sku_p: I32
    qty_p: I64


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
    return assign_shares(order_id, [HandShare(warehouse, team, pieces)], now=now, by=by, partial=partial)[0]


@transaction.atomic
def assign_shares(
    order_id: int, shares: Sequence[HandShare], *, now: datetime, by: User | None = None, partial: bool = False
) -> tuple[int, ...]:
    """Assign an order's open pieces to several places at once, or nothing; answers the new allocations along `shares`.

    1. Lock the order; refuse what `assign_by_hand` refuses. 2. Reserve the stock of all places in one go. 3. Create,
    price, count, log. All places go through each step together: that is what keeps the locks in order.
    """
    cursor = array_cursor()
    ids, _states = lock_orders(np.array([order_id]))
    if not len(ids):
        raise refusal("not_found", order_id)
    if Hold.objects.filter(order_id=order_id, released_at=None).exists():
        raise Refusal("on_hold", _("%(id)s is on hold; release it first."), id=order_id)
    places = [place_for(share.warehouse, share.team, now) for share in shares]
    parts = _wanted(cursor, order_id, shares, partial)
    parts = _reserve(cursor, parts, places, order_id, partial)
    created = np.array([_create(cursor, parts, at, place, order_id) for at, place in enumerate(places)], np.int64)
    shift_loads(
        cursor,
        np.array([place.warehouse.id for place in places], np.int32),
        np.array([place.team_id for place in places], np.int32),
        np.array([place.day for place in places], np.int32),
        np.ones(len(places), np.int64),
    )
    states = np.full(len(created), AllocationState.ASSIGNED, np.int16)
    orders = np.repeat(ids, len(created))
    write_events(cursor, EventKind.ASSIGNED, orders, states, allocation_ids=created, now=now, by=by)
    settle_orders(cursor, ids, None, changed=True, now=now, by=by)
    return tuple(created.tolist())


def _wanted(cursor: Cursor[Any], order_id: int, shares: Sequence[HandShare], partial: bool) -> _Parts:
    """The pieces of every share: what is open, cut down to what was named; nothing is given twice."""
    rows = cursor.execute(_OPEN_LINES, (order_id,)).fetchall()
    left = {line: qty for line, _sku, qty in rows}
    parts: list[tuple[int, int, int, int]] = []
    for at, share in enumerate(shares):
        mine = []
        for line, sku, _qty in rows:
            asked = left[line] if share.pieces is None else min(left[line], share.pieces.get(line, 0))
            if asked > 0 and (sku or not partial):
                mine.append((at, line, sku, asked))
                left[line] -= asked
        if not mine:
            raise refusal("nothing_open", order_id)
        parts += mine
    if not all(sku for _at, _line, sku, _qty in parts):
        raise Refusal("unknown_sku", _("A line of %(id)s has no SKU yet; map its code first."), id=order_id)
    return _columns(parts)


def _reserve(cursor: Cursor[Any], parts: _Parts, places: Sequence[Place], order_id: int, partial: bool) -> _Parts:
    """Reserve the pieces; with `partial` as many as there are, first lines first. Answers the pieces reserved."""
    warehouse_p = np.array([place.warehouse.id for place in places], np.int32)[parts.at_p]
    now = places[0].now
    skus, warehouses, needs = summed_pairs(parts.sku_p, warehouse_p, parts.qty_p)
    shortfalls = lock_and_reserve(cursor, skus, warehouses, needs, now)
    if not shortfalls.any():
        return parts
    if not partial or not (needs - shortfalls).any():
        raise refusal("stock_short", order_id)
    lock_and_reserve(cursor, skus, warehouses, needs - shortfalls, now)
    pairs = zip(skus.tolist(), warehouses.tolist(), strict=True)
    left = dict(zip(pairs, (needs - shortfalls).tolist(), strict=True))
    granted: list[tuple[int, int, int, int]] = []
    columns = (parts.at_p, parts.line_p, parts.sku_p, parts.qty_p, warehouse_p)
    for at, line, sku, qty, warehouse in zip(*(column.tolist() for column in columns), strict=True):
        got = min(qty, left[sku, warehouse])
        left[sku, warehouse] -= got
        if got:
            granted.append((at, line, sku, got))
    if {at for at, *_rest in granted} != set(range(len(places))):
        raise refusal("stock_short", order_id)
    return _columns(granted)


def _create(cursor: Cursor[Any], parts: _Parts, at: int, place: Place, order_id: int) -> int:
    """Write and price the allocation of one share."""
    [created] = insert_allocations(cursor, place, np.array([order_id]), np.zeros(1, np.int64)).tolist()
    mine = parts.at_p == at
    cursor.execute(_PARTS, (created, parts.line_p[mine], parts.sku_p[mine], parts.qty_p[mine]))
    price_allocations(cursor, place, np.array([created]))
    return int(created)


def _columns(parts: Sequence[tuple[int, int, int, int]]) -> _Parts:
    table = np.array(parts, np.int64)
    return _Parts(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int32), table[:, 3].copy())

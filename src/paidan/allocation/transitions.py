"""What a team does with its allocations: accept, pick, pack, ship, hand back; and cancelling one. Many at once.

Each allocation is judged for itself under its lock (a conditional update in effect): what is frozen, elsewhere or
already there is refused with a code, and the rest goes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.events import write_events
from paidan.orders.exceptions import open_exceptions
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, ExceptionKind
from paidan.stock.services import take_shipped

from .closing import cancel_locked, set_state
from .locked import Allocations, Mask, as_ids, lock_allocations, orders_of, parts_of
from .outcomes import Batch, Verdicts
from .scarcity import take_what_fits
from .settle import settle_orders
from .shortages import end_shortages
from .states import LIVE, AllocationState

Ids = Sequence[int] | npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shipment:
    """What leaves: an allocation, with the carrier (empty = the planned one) and the tracking number."""

    allocation_id: int
    carrier: str = ""
    tracking_number: str = ""


_TRACK = """
UPDATE allocation_allocation a SET carrier = coalesce(nullif(n.carrier, ''), a.carrier), tracking_number = n.tracking
FROM unnest(%s, %s::text[], %s::text[]) AS n (id, carrier, tracking) WHERE a.id = n.id
"""


def accept_allocations(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """A team takes these on: from now on they do not move without it."""
    return _step(ids, AllocationState.ASSIGNED, AllocationState.ACCEPTED, EventKind.ACCEPTED, now, by)


def pick_allocations(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """The goods of these are taken off the shelf."""
    return _step(ids, AllocationState.ACCEPTED, AllocationState.PICKED, EventKind.PICKED, now, by)


def pack_allocations(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """These are parcels now; they do not move to another warehouse any more."""
    return _step(ids, AllocationState.PICKED, AllocationState.PACKED, EventKind.PACKED, now, by)


@transaction.atomic
def hand_back_allocations(ids: Ids, *, now: datetime, by: User | None = None, reason: str = "") -> Batch:
    """A team gives back what it had accepted or picked: it is assigned again and free to move.

    An exception keeps the reason before the eyes of who reassigns, until it is reassigned, cancelled or accepted again.
    """
    cursor = array_cursor()
    back, batch = _give_back(cursor, ids, now, by, {"reason": reason} if reason else None)
    states = np.full(len(back), AllocationState.ASSIGNED, np.int16)
    kind = ExceptionKind.HANDED_BACK
    open_exceptions(cursor, kind, back.order_a, back.id_a, states, now=now, by=by, note=reason[:500])
    return batch


@transaction.atomic
def unaccept_allocations(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """A slip of the finger: these are before the same team again as if it had not accepted them."""
    return _give_back(array_cursor(), ids, now, by, {"undone": True})[1]


@transaction.atomic
def cancel_allocations(
    ids: Ids, *, now: datetime, by: User | None = None, reason: str = "", force: bool = False
) -> Batch:
    """Take allocations back: their pieces are open again and their orders are to be tried again.

    What a team has accepted or picked needs `force` (an operations lead's decision); what is packed does not move.
    """
    cursor = array_cursor()
    asked = as_ids(ids)
    lock_orders(orders_of(cursor, asked))
    allocations = lock_allocations(cursor, asked)
    verdicts = judge_movable(allocations, asked, force=force)
    gone = allocations.only(verdicts.ok)
    cancel_locked(cursor, gone, now=now, by=by, detail={"reason": reason} if reason else None)
    settle_orders(cursor, np.unique(gone.order_a), EventKind.QUEUED, changed=True, now=now, by=by)
    return verdicts.batch()


@transaction.atomic
def ship_allocations(shipments: Sequence[Shipment], *, now: datetime, by: User | None = None) -> Batch:
    """Packed parcels leave: their pieces go off what is on hand and off what is reserved, with a movement each.

    1. Lock orders, allocations, stock. 2. Refuse what is not packed, is frozen, or has less on hand than it holds
    (somebody must count first; later ids give way). 3. Take stock, write state, carrier and tracking number.
    4. Settle the orders: with nothing open or live they are fulfilled.
    """
    cursor = array_cursor()
    by_id = {shipment.allocation_id: shipment for shipment in shipments}
    asked = as_ids(list(by_id))
    lock_orders(orders_of(cursor, asked))
    allocations = lock_allocations(cursor, asked)
    verdicts = judge(allocations, asked, (AllocationState.PACKED,), AllocationState.SHIPPED)
    verdicts.refuse(~_take(cursor, allocations, verdicts.ok, now, by), "stock_short")
    gone = allocations.only(verdicts.ok)
    set_state(cursor, gone, AllocationState.SHIPPED, now)
    sent = [by_id[key] for key in gone.id_a.tolist()]
    cursor.execute(_TRACK, (gone.id_a, [s.carrier for s in sent], [s.tracking_number for s in sent]))
    write_events(
        cursor,
        EventKind.SHIPPED,
        gone.order_a,
        np.full(len(gone), AllocationState.SHIPPED, np.int16),
        now=now,
        by=by,
        allocation_ids=gone.id_a,
        details=[{"carrier": s.carrier, "tracking_number": s.tracking_number} for s in sent],
    )
    settle_orders(cursor, np.unique(gone.order_a), None, changed=False, now=now, by=by)
    return verdicts.batch()


def judge(
    allocations: Allocations, asked: npt.NDArray[np.int64], sources: Sequence[AllocationState], target: AllocationState
) -> Verdicts:
    """Who may go from one of the source states to the target: not what is there already, elsewhere, or frozen."""
    verdicts = Verdicts(asked, allocations.id_a)
    verdicts.refuse(allocations.in_state(target), "already")
    verdicts.refuse(~allocations.in_state(*LIVE, AllocationState.SHIPPED), "closed")
    verdicts.refuse(~allocations.in_state(*sources), "wrong_state")
    verdicts.refuse(allocations.frozen_a, "frozen")
    return verdicts


def judge_movable(allocations: Allocations, asked: npt.NDArray[np.int64], *, force: bool) -> Verdicts:
    """Who may be taken away from where it is: what is assigned; accepted or picked with `force`; never later."""
    verdicts = Verdicts(asked, allocations.id_a)
    verdicts.refuse(allocations.in_state(AllocationState.CANCELLED, AllocationState.REASSIGNED), "closed")
    verdicts.refuse(allocations.in_state(AllocationState.SHIPPED), "shipped")
    verdicts.refuse(allocations.in_state(AllocationState.PACKED), "packed")
    verdicts.refuse(allocations.frozen_a, "frozen")
    if not force:
        verdicts.refuse(~allocations.in_state(AllocationState.ASSIGNED), "accepted")
    return verdicts


def _give_back(
    cursor: Cursor[Any], ids: Ids, now: datetime, by: User | None, detail: dict[str, object] | None
) -> tuple[Allocations, Batch]:
    asked = as_ids(ids)
    allocations = lock_allocations(cursor, asked)
    verdicts = judge(allocations, asked, (AllocationState.ACCEPTED, AllocationState.PICKED), AllocationState.ASSIGNED)
    back = allocations.only(verdicts.ok)
    set_state(cursor, back, AllocationState.ASSIGNED, now)
    _log(cursor, back, EventKind.HANDED_BACK, AllocationState.ASSIGNED, now, by, detail)
    return back, verdicts.batch()


@transaction.atomic
def _step(
    ids: Ids, source: AllocationState, target: AllocationState, kind: EventKind, now: datetime, by: User | None
) -> Batch:
    cursor = array_cursor()
    asked = as_ids(ids)
    allocations = lock_allocations(cursor, asked)
    verdicts = judge(allocations, asked, (source,), target)
    moved = allocations.only(verdicts.ok)
    set_state(cursor, moved, target, now)
    _log(cursor, moved, kind, target, now, by)
    return verdicts.batch()


def _take(cursor: Cursor[Any], allocations: Allocations, ok: Mask, now: datetime, by: User | None) -> Mask:
    """Take the pieces of the allowed allocations off the stock, of as many as are on hand; bool (allocations,)."""
    parts = parts_of(cursor, allocations)
    parts = parts.only(ok[parts.at_p])
    warehouse_p = allocations.warehouse_a[parts.at_p]
    allocation_p = allocations.id_a[parts.at_p]

    def take(chosen: Mask) -> npt.NDArray[np.int64]:
        shipped = (allocation_p[chosen], parts.sku_p[chosen], warehouse_p[chosen], parts.qty_p[chosen])
        return take_shipped(cursor, *shipped, now=now, by=by)

    kept = take_what_fits(len(allocations), parts.at_p, parts.sku_p, warehouse_p, parts.qty_p, take)
    end_shortages(cursor, parts.sku_p, warehouse_p, now=now, by=by)
    return kept


def _log(
    cursor: Cursor[Any],
    allocations: Allocations,
    kind: EventKind,
    state: AllocationState,
    now: datetime,
    by: User | None,
    detail: dict[str, object] | None = None,
) -> None:
    states = np.full(len(allocations), state, np.int16)
    write_events(
        cursor,
        kind,
        allocations.order_a,
        states,
        now=now,
        by=by,
        allocation_ids=allocations.id_a,
        details=detail,
    )

"""Holding orders and releasing them. A hold is a row beside the state: who, why, until when."""

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
from paidan.orders.events import Detail
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, OrderState

from .closing import cancel_locked
from .intercepts import freeze, thaw
from .locked import as_ids, lock_allocations_of
from .outcomes import Batch, Verdicts
from .settle import settle_orders
from .states import LIVE, AllocationState

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

FINISHED = [OrderState.FULFILLED, OrderState.CANCELLED, OrderState.MERGED]

_HOLD = """
INSERT INTO orders_hold (order_id, reason, until_at, held_at, held_by_id)
SELECT id, %s, %s, %s, %s FROM unnest(%s) AS n (id)
ON CONFLICT (order_id, reason) WHERE released_at IS NULL DO NOTHING RETURNING order_id
"""
_RELEASE = """
UPDATE orders_hold SET released_at = %s, released_by_id = %s
WHERE order_id = ANY(%s) AND released_at IS NULL AND (%s::text IS NULL OR reason = %s)
  AND (%s::timestamptz IS NULL OR until_at <= %s) RETURNING order_id
"""
_STILL_HELD = "SELECT DISTINCT order_id FROM orders_hold WHERE order_id = ANY(%s) AND released_at IS NULL"
_DUE = "SELECT DISTINCT order_id FROM orders_hold WHERE released_at IS NULL AND until_at <= %s"


@transaction.atomic
def hold_orders(
    ids: Ids,
    *,
    reason: str,
    now: datetime,
    by: User | None = None,
    until_at: datetime | None = None,
    give_back: bool = False,
) -> Batch:
    """Keep orders out of allocation and freeze what is live of them; with `give_back` what is assigned is cancelled.

    1. Lock orders, write the holds. 2. Lock and freeze their live allocations. 3. Settle: held orders leave the queue,
    which takes them away from a wave that was deciding them.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    found, states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    verdicts.refuse(np.isin(states, [int(state) for state in FINISHED]), "finished")
    held = place_holds(cursor, found[verdicts.ok], reason=reason, until_at=until_at, now=now, by=by)
    verdicts.refuse(~np.isin(found, held), "held")
    told: Detail = {"reason": reason, **({"until": until_at.isoformat()} if until_at else {})}
    freed = freeze_orders(cursor, held, now=now, by=by, give_back=give_back)
    settle_orders(cursor, freed, EventKind.HELD, changed=True, now=now, by=by, details=told)
    rest = np.setdiff1d(held, freed)
    settle_orders(cursor, rest, EventKind.HELD, changed=False, now=now, by=by, details=told)
    return verdicts.batch()


@transaction.atomic
def release_orders(ids: Ids, *, now: datetime, by: User | None = None, reason: str | None = None) -> Batch:
    """End the holds of orders (those with this reason, or all); what is open is tried again once no hold is left."""
    return _release(as_ids(ids), now=now, by=by, reason=reason, due=None)


@transaction.atomic
def release_due(*, now: datetime) -> int:
    """End the holds whose time has come; answers of how many orders."""
    due = [row[0] for row in array_cursor().execute(_DUE, (now,)).fetchall()]
    return len(_release(as_ids(due), now=now, by=None, reason=None, due=now).done) if due else 0


def place_holds(
    cursor: Cursor[Any], order_ids: I64, *, reason: str, until_at: datetime | None, now: datetime, by: User | None
) -> I64:
    """Write a hold on locked orders; answers those that had none for this reason."""
    values = (reason, until_at, now, None if by is None else by.pk, order_ids)
    return np.unique(np.array([row[0] for row in cursor.execute(_HOLD, values).fetchall()], np.int64))


def freeze_orders(
    cursor: Cursor[Any], order_ids: I64, *, now: datetime, by: User | None, give_back: bool = False
) -> I64:
    """Freeze the live allocations of locked orders; with `give_back` cancel the assigned, and answer whose."""
    live = lock_allocations_of(cursor, order_ids, LIVE)
    assigned = live.in_state(AllocationState.ASSIGNED)
    if not give_back:
        freeze(cursor, live)
        return np.zeros(0, np.int64)
    freeze(cursor, live.only(~assigned))
    returned = live.only(assigned)
    cancel_locked(cursor, returned, now=now, by=by, detail={"cause": "held"})
    return np.unique(returned.order_a)


def _release(asked: I64, *, now: datetime, by: User | None, reason: str | None, due: datetime | None) -> Batch:
    cursor = array_cursor()
    found, _states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    person = None if by is None else by.pk
    rows = cursor.execute(_RELEASE, (now, person, found, reason, reason, due, due)).fetchall()
    released = np.unique(np.array([row[0] for row in rows], np.int64))
    verdicts.refuse(~np.isin(found, released), "not_held")
    still = np.array([row[0] for row in cursor.execute(_STILL_HELD, (released,)).fetchall()], np.int64)
    free = np.setdiff1d(released, still)
    thaw(cursor, lock_allocations_of(cursor, free, LIVE))
    settle_orders(cursor, free, EventKind.RELEASED, changed=True, now=now, by=by)
    settle_orders(cursor, np.intersect1d(released, still), EventKind.RELEASED, changed=False, now=now, by=by)
    return verdicts.batch()

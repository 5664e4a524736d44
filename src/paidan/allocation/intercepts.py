"""Intercepts: the order changed while a team has an allocation in its hands. The team confirms or refuses.

An open intercept freezes its allocation. Its detail says why, and which pieces are to be cancelled rather than tried
again once the team confirms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.events import write_events
from paidan.orders.exceptions import open_exceptions, resolve_of_allocations
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, ExceptionKind

from .closing import cancel_locked
from .locked import Allocations, as_ids, lock_allocations, orders_of, parts_of
from .outcomes import Batch, Verdicts
from .pieces import cancel_open_pieces
from .settle import settle_orders

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64
Plans = dict[int, dict[int, int]]
"""Pieces to cancel once confirmed, by allocation and line."""

_OPEN = f"""
SELECT allocation_id, coalesce(detail::text, 'null') FROM orders_orderexception
WHERE kind = {ExceptionKind.INTERCEPT} AND resolved_at IS NULL AND allocation_id = ANY(%s)
"""
_FREEZE = "UPDATE allocation_allocation SET frozen = true WHERE id = ANY(%s)"
_THAW = """
UPDATE allocation_allocation a SET frozen = false WHERE id = ANY(%s)
  AND NOT EXISTS (SELECT 1 FROM orders_hold h WHERE h.order_id = a.order_id AND h.released_at IS NULL)
"""


def open_intercepts(
    cursor: Cursor[Any], started: Allocations, cause: str, cancel: Plans, *, now: datetime, by: User | None
) -> None:
    """Freeze locked allocations that teams have begun, and ask the teams; what was asked before is kept."""
    if not len(started):
        return
    earlier = _open_details(cursor, started.id_a)
    details = [_merged(earlier.get(key), cause, cancel.get(key, {})) for key in started.id_a.tolist()]
    cursor.execute(_FREEZE, (started.id_a,))
    kind = ExceptionKind.INTERCEPT
    open_exceptions(cursor, kind, started.order_a, started.id_a, started.state_a, now=now, by=by, details=details)


def planned_cancels(cursor: Cursor[Any], allocation_ids: I64) -> Plans:
    """The pieces that open intercepts are to cancel once confirmed."""
    return {key: _plan(detail) for key, detail in _open_details(cursor, allocation_ids).items()}


@transaction.atomic
def confirm_intercepts(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """The teams stopped these allocations: they are cancelled, their stock is free, their pieces open or cancelled.

    1. Lock orders, allocations. 2. Cancel the allocations. 3. Of the pieces now open, cancel those the order no
    longer wants. 4. Settle: the rest is to be tried again.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    lock_orders(orders_of(cursor, asked))
    allocations = lock_allocations(cursor, asked)
    verdicts, details = _judge(cursor, allocations, asked)
    stopped = allocations.only(verdicts.ok)
    resolve_of_allocations(cursor, ExceptionKind.INTERCEPT, stopped.id_a, "confirmed", now=now, by=by)
    cancel_locked(cursor, stopped, now=now, by=by, detail={"intercept": "confirmed"})
    wanted: dict[int, int] = {}
    for key in stopped.id_a.tolist():
        for line, qty in _plan(details[key]).items():
            wanted[line] = wanted.get(line, 0) + qty
    cancelled = cancel_open_pieces(cursor, wanted)
    orders = np.unique(stopped.order_a)
    told = [{"intercept": "confirmed", "cancelled": cancelled.get(key, {})} for key in orders.tolist()]
    settle_orders(cursor, orders, EventKind.CHANGED, changed=True, now=now, by=by, details=told)
    return verdicts.batch()


@transaction.atomic
def refuse_intercepts(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """The teams go on with these allocations: too late to stop. They are frozen no more, unless their order is held."""
    cursor, asked = array_cursor(), as_ids(ids)
    lock_orders(orders_of(cursor, asked))
    allocations = lock_allocations(cursor, asked)
    verdicts, _details = _judge(cursor, allocations, asked)
    kept = allocations.only(verdicts.ok)
    resolve_of_allocations(cursor, ExceptionKind.INTERCEPT, kept.id_a, "refused", now=now, by=by)
    cursor.execute(_THAW, (kept.id_a,))
    told = {"kind": int(ExceptionKind.INTERCEPT), "intercept": "refused"}
    resolved = EventKind.EXCEPTION_RESOLVED
    write_events(cursor, resolved, kept.order_a, kept.state_a, now=now, by=by, allocation_ids=kept.id_a, details=told)
    return verdicts.batch()


def thaw(cursor: Cursor[Any], allocations: Allocations) -> None:
    """Unfreeze locked allocations of orders that are held no more, except where an intercept is open."""
    waiting = np.array(list(_open_details(cursor, allocations.id_a)), np.int64)
    cursor.execute(_THAW, (np.setdiff1d(allocations.id_a, waiting),))


def freeze(cursor: Cursor[Any], allocations: Allocations) -> None:
    """Freeze locked allocations."""
    cursor.execute(_FREEZE, (allocations.id_a,))


def whole_parts(cursor: Cursor[Any], allocations: Allocations) -> Plans:
    """The plan that cancels everything on these allocations."""
    parts = parts_of(cursor, allocations)
    plans: Plans = {}
    rows = zip(allocations.id_a[parts.at_p].tolist(), parts.line_p.tolist(), parts.qty_p.tolist(), strict=True)
    for allocation, line, qty in rows:
        plans.setdefault(allocation, {})[line] = qty
    return plans


def _judge(cursor: Cursor[Any], allocations: Allocations, asked: I64) -> tuple[Verdicts, dict[int, Any]]:
    verdicts = Verdicts(asked, allocations.id_a)
    details = _open_details(cursor, allocations.id_a)
    verdicts.refuse(~np.isin(allocations.id_a, list(details)), "no_intercept")
    return verdicts, details


def _open_details(cursor: Cursor[Any], allocation_ids: I64) -> dict[int, Any]:
    return {key: json.loads(text) for key, text in cursor.execute(_OPEN, (allocation_ids,)).fetchall()}


def _plan(detail: Any) -> dict[int, int]:
    return {int(line): qty for line, qty in (detail or {}).get("cancel", {}).items()}


def _merged(earlier: Any, cause: str, cancel: Mapping[int, int]) -> dict[str, object]:
    """Causes add up; planned pieces are the larger of the two, as each plan counts what it found planned."""
    before = _plan(earlier)
    causes = [*(earlier or {}).get("causes", [])]
    plan = {line: max(before.get(line, 0), cancel.get(line, 0)) for line in sorted({*before, *cancel})}
    return {"causes": [*causes, *([cause] if cause not in causes else [])], "cancel": plan}

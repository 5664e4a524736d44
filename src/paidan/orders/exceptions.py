"""Exceptions: problems on orders and allocations, opened by a person or the system and resolved with a word of how."""

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

from .events import Detail, write_events
from .models import OrderException
from .states import EventKind, ExceptionKind

I64 = npt.NDArray[np.int64]
States = npt.NDArray[np.integer[Any]]

_OPEN = f"""
INSERT INTO orders_orderexception (kind, order_id, allocation_id, note, opened_at, opened_by_id, resolution, detail)
SELECT %s, n.order_id, nullif(n.allocation_id, 0), %s, %s, %s, '', nullif(n.detail, '')::jsonb
FROM unnest(%s, %s, %s::text[]) AS n (order_id, allocation_id, detail)
ON CONFLICT (allocation_id) WHERE resolved_at IS NULL AND kind = {ExceptionKind.INTERCEPT}
DO UPDATE SET detail = excluded.detail
"""

_RESOLVE = """
UPDATE orders_orderexception SET resolved_at = %s, resolved_by_id = %s, resolution = %s
WHERE kind = %s AND allocation_id = ANY(%s) AND resolved_at IS NULL
"""

# Locked, so that no other event with another state comes between reading the state and writing it down.
_STATE_OF_ALLOCATION = "SELECT state FROM allocation_allocation WHERE id = %s FOR SHARE"
_STATE_OF_ORDER = "SELECT state FROM orders_order WHERE id = %s FOR SHARE"


def open_exceptions(
    cursor: Cursor[Any],
    kind: ExceptionKind,
    order_ids: I64,
    allocation_ids: I64,
    states: States,
    *,
    now: datetime,
    by: User | None,
    note: str = "",
    details: Sequence[Detail | None] | None = None,
) -> None:
    """Open one per allocation (0 = on the order itself), with its event; an open intercept gets the new details."""
    if not len(order_ids):
        return
    person = None if by is None else by.pk
    texts = [json.dumps(detail) if detail else "" for detail in details or [None] * len(order_ids)]
    cursor.execute(_OPEN, (int(kind), note, now, person, order_ids, allocation_ids, texts))
    told = [{"kind": int(kind), **(detail or {})} for detail in details or [None] * len(order_ids)]
    opened = EventKind.EXCEPTION_OPENED
    write_events(cursor, opened, order_ids, states, now=now, by=by, allocation_ids=allocation_ids, details=told)


def resolve_of_allocations(
    cursor: Cursor[Any], kind: ExceptionKind, allocation_ids: I64, resolution: str, *, now: datetime, by: User | None
) -> int:
    """Resolve the open exceptions of a kind on these allocations; the caller writes what became of them."""
    cursor.execute(_RESOLVE, (now, None if by is None else by.pk, resolution, int(kind), allocation_ids))
    return cursor.rowcount


@transaction.atomic
def report_exception(
    kind: ExceptionKind,
    *,
    order_id: int,
    allocation_id: int | None = None,
    note: str = "",
    now: datetime,
    by: User | None = None,
) -> OrderException:
    """Somebody met a problem: damaged, not found, a strange address."""
    row = OrderException.objects.create(
        kind=kind, order_id=order_id, allocation_id=allocation_id, note=note, opened_at=now, opened_by=by
    )
    _log(EventKind.EXCEPTION_OPENED, row, {"kind": int(kind), "exception": row.id}, now, by)
    return row


@transaction.atomic
def resolve_exception(exception_id: int, *, resolution: str, now: datetime, by: User | None = None) -> bool:
    """Say how a problem ended; false when somebody already did (the update asks for an open one)."""
    still_open = OrderException.objects.filter(id=exception_id, resolved_at=None)
    if not still_open.update(resolved_at=now, resolved_by=by, resolution=resolution):
        return False
    row = OrderException.objects.get(id=exception_id)
    if row.order_id is not None:
        _log(EventKind.EXCEPTION_RESOLVED, row, {"kind": row.kind, "exception": row.id}, now, by)
    return True


def _log(kind: EventKind, row: OrderException, detail: Mapping[str, object], now: datetime, by: User | None) -> None:
    cursor = array_cursor()
    query, key = (_STATE_OF_ALLOCATION, row.allocation_id) if row.allocation_id else (_STATE_OF_ORDER, row.order_id)
    [state] = cursor.execute(query, (key,)).fetchone() or (0,)
    order_ids, allocation_ids = np.array([row.order_id]), np.array([row.allocation_id or 0])
    states = np.array([state], np.int16)
    write_events(cursor, kind, order_ids, states, now=now, by=by, allocation_ids=allocation_ids, details=detail)

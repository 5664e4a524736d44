"""Leaving word of what happened for those outside: one row per statement, however many transitions it made.

Written in the transaction of the change itself and only while somebody wants that kind, so a wave pays for one row per
chunk, and for nothing where nobody listens (docs/adr/0008-outgoing-webhooks.md). `alerts` turns them into webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.kit.arrays import array_cursor

from .models import AnnouncedKind
from .states import EventKind

I64 = npt.NDArray[np.int64]
Detail = Mapping[str, object]

ANNOUNCED = frozenset(
    {
        EventKind.ASSIGNED,
        EventKind.TRIED,
        EventKind.SHIPPED,
        EventKind.REASSIGNED,
        EventKind.CANCELLED,
        EventKind.EXCEPTION_OPENED,
    }
)
"""What can be told outside; of every other kind no word is left."""

_ANNOUNCE = """
INSERT INTO orders_announcement (at, kind, order_ids, allocation_ids, reasons, details)
SELECT %(at)s, %(kind)s, %(orders)s, %(allocations)s, %(reasons)s, %(details)s::jsonb
WHERE EXISTS (SELECT FROM orders_announcedkind WHERE kind = %(kind)s)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('paidan.orders.announced'))"


def announce(
    cursor: Cursor[Any],
    kind: EventKind,
    order_ids: I64,
    *,
    now: datetime,
    allocation_ids: I64 | None = None,
    reasons: npt.NDArray[np.int16] | None = None,
    details: Sequence[Detail | None] | Detail | None = None,
) -> None:
    """Leave word of these, if anybody wants to hear of the kind; everything runs along `order_ids` (0 = no order)."""
    if kind not in ANNOUNCED or not len(order_ids):
        return
    if isinstance(details, Mapping):
        details = [details] * len(order_ids)
    rows = {
        "at": now,
        "kind": int(kind),
        "orders": order_ids.astype(np.int64),
        "allocations": None if allocation_ids is None else allocation_ids.astype(np.int64),
        "reasons": None if reasons is None else reasons.astype(np.int16),
        "details": json.dumps(list(details), ensure_ascii=False) if details and any(details) else None,
    }
    cursor.execute(_ANNOUNCE, rows)


@transaction.atomic
def announce_only(kinds: Iterable[EventKind]) -> None:
    """From now on leave word of these kinds and no other; what is under way may still miss a kind that is new."""
    array_cursor().execute(_LOCK)
    wanted = {int(kind) for kind in kinds} & {int(kind) for kind in ANNOUNCED}
    AnnouncedKind.objects.exclude(kind__in=wanted).delete()
    AnnouncedKind.objects.bulk_create([AnnouncedKind(kind=kind) for kind in sorted(wanted)], ignore_conflicts=True)

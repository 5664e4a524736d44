"""Appending to the event log, one statement for any number of transitions, and leaving word of them for outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from paidan.accounts.models import User

from .announcing import announce
from .states import EventKind

I64 = npt.NDArray[np.int64]
Detail = Mapping[str, object]

_APPEND = """
INSERT INTO orders_event (at, order_id, allocation_id, by_id, kind, state, detail)
SELECT %s, n.order_id, nullif(n.allocation_id, 0), %s, %s, n.state, nullif(n.detail, '')::jsonb
FROM unnest(%s, %s, %s, %s::text[]) AS n (order_id, allocation_id, state, detail)
"""


def write_events(
    cursor: Cursor[Any],
    kind: EventKind,
    order_ids: I64,
    states: npt.NDArray[np.integer[Any]],
    *,
    now: datetime,
    by: User | None,
    allocation_ids: I64 | None = None,
    details: Sequence[Detail | None] | Detail | None = None,
) -> None:
    """Append an event per order, or per allocation where those are named; `details` hold codes and values only."""
    if not len(order_ids):
        return
    allocations = np.zeros(len(order_ids), np.int64) if allocation_ids is None else allocation_ids
    if details is None or isinstance(details, Mapping):
        texts = [_text(details)] * len(order_ids)
    else:
        texts = [_text(detail) for detail in details]
    person = None if by is None else by.pk
    columns = (order_ids.astype(np.int64), allocations.astype(np.int64), states.astype(np.int16), texts)
    cursor.execute(_APPEND, (now, person, int(kind), *columns))
    announce(cursor, kind, order_ids, now=now, allocation_ids=allocation_ids, details=details)


def _text(detail: Detail | None) -> str:
    return json.dumps(detail, ensure_ascii=False) if detail else ""

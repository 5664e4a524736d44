"""Tags of orders: rules may ask for them, so what is open of a tagged order is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, OrderState

from .locked import as_ids
from .outcomes import Batch, Verdicts
from .settle import settle_orders

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

_HAVE = "SELECT id FROM orders_order WHERE id = ANY(%s) AND %s = ANY(tags)"
_ADD = "UPDATE orders_order SET tags = tags || %s::varchar WHERE id = ANY(%s)"
_TAKE = "UPDATE orders_order SET tags = array_remove(tags, %s::varchar) WHERE id = ANY(%s)"


def tag_orders(ids: Ids, *, tag: str, now: datetime, by: User | None = None) -> Batch:
    """Put a tag on orders that do not have it yet."""
    return _change(ids, tag, True, now, by)


def untag_orders(ids: Ids, *, tag: str, now: datetime, by: User | None = None) -> Batch:
    """Take a tag off."""
    return _change(ids, tag, False, now, by)


@transaction.atomic
def _change(ids: Ids, tag: str, wanted: bool, now: datetime, by: User | None) -> Batch:
    """1. Lock. 2. Refuse what is merged, and what has (or lacks) the tag already. 3. Write, settle."""
    cursor, asked = array_cursor(), as_ids(ids)
    found, states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    have = np.array([row[0] for row in cursor.execute(_HAVE, (found, tag)).fetchall()], np.int64)
    verdicts.refuse(states == OrderState.MERGED, "finished")
    verdicts.refuse(np.isin(found, have) == wanted, "tagged" if wanted else "not_tagged")
    orders = found[verdicts.ok]
    cursor.execute(_ADD if wanted else _TAKE, (tag, orders))
    told = {"fields": ["tags"], "tag": tag, "added": wanted}
    settle_orders(cursor, orders, EventKind.CHANGED, changed=True, now=now, by=by, details=told)
    return verdicts.batch()

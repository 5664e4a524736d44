"""What a change to an order does to its allocations, by how far they are (design §3a).

`assigned`: cancelled. `accepted` to `packed`: frozen, the team is asked. `shipped`: recorded as an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.orders.exceptions import open_exceptions
from paidan.orders.states import ExceptionKind

from .closing import cancel_locked
from .intercepts import open_intercepts
from .locked import Allocations, lock_allocations_of
from .states import COUNTED, STARTED, AllocationState

I64 = npt.NDArray[np.int64]

_HAS_OPEN = f"""
SELECT allocation_id FROM orders_orderexception
WHERE kind = {ExceptionKind.CHANGED_AFTER_SHIPPING} AND resolved_at IS NULL AND allocation_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The locked allocations of changed orders, by what has to happen to them."""

    assigned: Allocations
    started: Allocations
    shipped: Allocations


def withdraw_assigned(cursor: Cursor[Any], order_ids: I64, cause: str, *, now: datetime, by: User | None) -> Withdrawn:
    """Lock the orders' allocations and cancel the assigned ones; the started and shipped are answered untouched."""
    allocations = lock_allocations_of(cursor, order_ids, COUNTED)
    found = Withdrawn(
        assigned=allocations.only(allocations.in_state(AllocationState.ASSIGNED)),
        started=allocations.only(allocations.in_state(*STARTED)),
        shipped=allocations.only(allocations.in_state(AllocationState.SHIPPED)),
    )
    cancel_locked(cursor, found.assigned, now=now, by=by, detail={"cause": cause})
    return found


def ask_teams(
    cursor: Cursor[Any],
    found: Withdrawn,
    cause: str,
    cancel: dict[int, dict[int, int]],
    *,
    now: datetime,
    by: User | None,
) -> None:
    """Open intercepts on what is started (`cancel`: pieces to cancel on confirmation) and tell of what is shipped."""
    open_intercepts(cursor, found.started, cause, cancel, now=now, by=by)
    told = [row[0] for row in cursor.execute(_HAS_OPEN, (found.shipped.id_a,)).fetchall()]
    shipped = found.shipped.only(~np.isin(found.shipped.id_a, told))
    open_exceptions(
        cursor,
        ExceptionKind.CHANGED_AFTER_SHIPPING,
        shipped.order_a,
        shipped.id_a,
        shipped.state_a,
        now=now,
        by=by,
        details=[{"cause": cause}] * len(shipped),
    )

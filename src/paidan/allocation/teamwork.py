"""What a team says about its allocations beside moving them on: a problem it met, a waybill number that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.events import write_events
from paidan.orders.exceptions import open_exceptions
from paidan.orders.states import EventKind, ExceptionKind

from .locked import as_ids, lock_allocations
from .outcomes import Batch, Verdicts
from .states import COUNTED, AllocationState
from .transitions import Shipment

REPORTED = (ExceptionKind.NOT_FOUND, ExceptionKind.DAMAGED, ExceptionKind.ADDRESS, ExceptionKind.OTHER)
"""The kinds a person on the floor can tell apart; the others the system finds by itself."""

_CORRECT = "UPDATE allocation_allocation SET carrier = %s, tracking_number = %s WHERE id = %s"


@transaction.atomic
def report_problems(
    ids: Sequence[int] | npt.NDArray[np.int64],
    kind: ExceptionKind,
    *,
    note: str = "",
    now: datetime,
    by: User | None = None,
) -> Batch:
    """Open an exception on each of these allocations; what is cancelled or reassigned is nobody's problem any more."""
    cursor, asked = array_cursor(), as_ids(ids)
    allocations = lock_allocations(cursor, asked)
    verdicts = Verdicts(asked, allocations.id_a)
    verdicts.refuse(~allocations.in_state(*COUNTED), "closed")
    met = allocations.only(verdicts.ok)
    open_exceptions(cursor, kind, met.order_a, met.id_a, met.state_a, now=now, by=by, note=note[:500])
    return verdicts.batch()


@transaction.atomic
def correct_shipment(shipment: Shipment, *, now: datetime, by: User | None = None) -> Batch:
    """Write the carrier and waybill number a shipped parcel really has; what was written before stays in the log."""
    cursor, asked = array_cursor(), as_ids([shipment.allocation_id])
    allocations = lock_allocations(cursor, asked)
    verdicts = Verdicts(asked, allocations.id_a)
    verdicts.refuse(~allocations.in_state(AllocationState.SHIPPED), "wrong_state")
    sent = allocations.only(verdicts.ok)
    if len(sent):
        cursor.execute(_CORRECT, (shipment.carrier, shipment.tracking_number, shipment.allocation_id))
        told = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number}
        changed = (cursor, EventKind.CHANGED, sent.order_a, sent.state_a)
        write_events(*changed, now=now, by=by, allocation_ids=sent.id_a, details=told)
    return verdicts.batch()

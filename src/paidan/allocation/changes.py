"""Changing an order: address, lines, amount, remarks and whatever else its source may say anew (design §3a)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from paidan.orders.exceptions import open_exceptions
from paidan.orders.models import Order, OrderException, Recipient
from paidan.orders.queue import lock_orders
from paidan.orders.states import AddressState, EventKind, ExceptionKind, OrderState

from .cancelling import reduce_lines
from .line_changes import LineChanges, WantedLine, compare_lines, write_lines
from .locked import lock_allocations_of
from .outcomes import refusal
from .rechecking import recheck_changed
from .settle import settle_orders
from .states import LIVE

I64 = npt.NDArray[np.int64]

REMARKS = frozenset({"buyer_remark", "seller_remark"})
QUIET = frozenset({"content_hash", "currency"})
"""Values no decision depends upon."""
VALUES = REMARKS | QUIET | {"amount_minor", "paid_at", "ship_by_at", "priority", "tags", "payment", "delivery"}
MATCHED = ("amount_minor", "priority", "tags", "payment", "delivery")
"""Values that rules or the order of taking ask for, beside remarks and instants."""
PLACE = ("region", "address_state", "lat", "lng")
"""What of the destination decisions depend on."""
RECIPIENT = frozenset({"buyer", "name", "phone", "country", "province", "city", "district", "address"})


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an order goes now: the resolved region (geo.codes number, 0 = none) and whatever the recipient says."""

    region: int
    address_state: AddressState
    lat: float | None = None
    lng: float | None = None
    recipient: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What is to be different. `values` are columns of the order (`VALUES`); `lines` is the whole list of lines wanted.

    Whatever is None or absent stays as it is.
    """

    order_id: int
    values: Mapping[str, Any] = field(default_factory=dict)
    destination: Destination | None = None
    lines: Sequence[WantedLine] | None = None


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """What a change came to: the words of what differed (empty = nothing did) and the pieces cancelled at once."""

    changed: tuple[str, ...] = ()
    cancelled_qty: int = 0


@transaction.atomic
def change_order(change: OrderChange, *, now: datetime, by: User | None = None) -> ChangeReport:
    """Change an order and deal with what was decided on the older facts.

    1. Lock; find out what differs. 2. Write it. 3. A new address, lines or amount: assigned allocations are cancelled,
    teams are asked to stop what they began, shipped parcels are recorded. A new remark is flagged to the teams.
    4. Settle: what is open is tried again on the new facts. 5. Check it again: a cause may be gone, or new.
    """
    _refuse_unknown(change)
    cursor = array_cursor()
    found, states = lock_orders(np.array([change.order_id]))
    if not len(found):
        raise refusal("not_found", change.order_id)
    if states[0] == OrderState.MERGED:
        raise refusal("finished", change.order_id)
    order = Order.objects.get(id=change.order_id)
    values = {name: value for name, value in change.values.items() if getattr(order, name) != value}
    moved = _write_destination(order, change.destination)
    lines = compare_lines(cursor, order.id, change.lines) if change.lines is not None else LineChanges()
    if values:
        Order.objects.filter(id=order.id).update(**values)
    write_lines(cursor, order.id, lines)
    words = (*sorted(set(values) - QUIET), *(["address"] if moved else []), *(["lines"] if lines else []))
    if not words:
        return ChangeReport()
    cancelled = {}
    if moved or lines or "amount_minor" in values:
        cause = "address" if moved else "lines" if lines else "amount"
        cancelled = reduce_lines(cursor, found, lines.reductions, cause, now=now, by=by).get(order.id, {})
    if REMARKS & set(values):
        _flag_remark(cursor, found, now=now, by=by)
    told = {"fields": list(words), "cancelled": cancelled, "was": _was(order, {*values, *(PLACE if moved else ())})}
    settle_orders(cursor, found, EventKind.CHANGED, changed=True, now=now, by=by, details=told)
    recheck_changed(order.id, order.shop_id, now=now, by=by)
    return ChangeReport(tuple(words), sum(cancelled.values()))


def change_orders(changes: Sequence[OrderChange], *, now: datetime, by: User | None = None) -> list[ChangeReport]:
    """Change orders one by one, each in its own transaction; a refusal of one is raised after the ones before it."""
    return [change_order(change, now=now, by=by) for change in changes]


def _refuse_unknown(change: OrderChange) -> None:
    names = set(change.values) - VALUES
    names |= set(change.destination.recipient) - RECIPIENT if change.destination else set()
    if names:
        raise Refusal("unknown_field", _("An order has no %(names)s to change."), names=", ".join(sorted(names)))


def _write_destination(order: Order, destination: Destination | None) -> bool:
    """Store where the order goes; whether that is somewhere or somebody else."""
    if destination is None:
        return False
    recipient, _created = Recipient.objects.get_or_create(order=order)
    texts = {name: text for name, text in destination.recipient.items() if getattr(recipient, name) != text}
    place = {name: getattr(destination, name) for name in PLACE}
    place = {name: value for name, value in place.items() if getattr(order, name) != value}
    if texts:
        Recipient.objects.filter(order=order).update(**texts)
    if place:
        Order.objects.filter(id=order.id).update(**place)
    return bool(texts or place)


def _was(order: Order, names: set[str]) -> dict[str, object]:
    """What a decision made before the change saw, for replays: values, and instants in seconds since 1970."""
    found: dict[str, object] = {name: getattr(order, name) for name in sorted(names & {*PLACE, *MATCHED})}
    if names & REMARKS:
        found["remark"] = "\n".join(filter(None, (order.buyer_remark, order.seller_remark)))
    moments = {name: getattr(order, name) for name in sorted(names & {"paid_at", "ship_by_at"})}
    return found | {name: None if at is None else int(at.timestamp()) for name, at in moments.items()}


def _flag_remark(cursor: Cursor[Any], order_ids: I64, *, now: datetime, by: User | None) -> None:
    """Tell the teams that have the order, once, until somebody has seen it."""
    live = lock_allocations_of(cursor, order_ids, LIVE)
    known = OrderException.objects.filter(
        kind=ExceptionKind.REMARK_CHANGED, resolved_at=None, allocation_id__in=live.id_a.tolist()
    ).values_list("allocation_id", flat=True)
    new = live.only(~np.isin(live.id_a, [key for key in known if key is not None]))
    kind = ExceptionKind.REMARK_CHANGED
    open_exceptions(cursor, kind, new.order_a, new.id_a, new.state_a, now=now, by=by)

"""Cancelling orders and pieces of them, and a buyer's request for a refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.checking.kinds import REFUND_ASKED
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, OrderState

from .holds import freeze_orders, place_holds
from .intercepts import planned_cancels, whole_parts
from .locked import Allocations, as_ids
from .outcomes import Batch, Verdicts, refusal
from .pieces import ByOrder, cancel_all_open_pieces, cancel_open_pieces
from .settle import settle_orders
from .withdraw import ask_teams, withdraw_assigned

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

_END_HOLDS = """
UPDATE orders_hold h SET released_at = %s, released_by_id = %s FROM orders_order o
WHERE h.order_id = ANY(%s) AND h.released_at IS NULL AND o.id = h.order_id AND o.state = %s
"""


@transaction.atomic
def cancel_orders(ids: Ids, *, now: datetime, by: User | None = None, reason: str = "") -> Batch:
    """Cancel whatever can be cancelled of orders.

    1. Lock; assigned allocations are cancelled. 2. All open pieces are cancelled. 3. Teams are asked to stop what they
    have begun: its pieces are cancelled when they confirm. 4. What is shipped is recorded as an exception.
    5. Settle; with nothing left the order is cancelled and its holds end. An order that is all shipped is refused.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    found, states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    verdicts.refuse(states == OrderState.CANCELLED, "already")
    verdicts.refuse(states == OrderState.MERGED, "finished")
    orders = found[verdicts.ok]
    theirs = withdraw_assigned(cursor, orders, "cancelled", now=now, by=by)
    cancelled = cancel_all_open_pieces(cursor, orders)
    ask_teams(cursor, theirs, "cancelled", whole_parts(cursor, theirs.started), now=now, by=by)
    told = [_detail(cancelled, key, reason) for key in orders.tolist()]
    settle_orders(cursor, orders, EventKind.CANCELLED, changed=True, now=now, by=by, details=told)
    cursor.execute(_END_HOLDS, (now, None if by is None else by.pk, orders, int(OrderState.CANCELLED)))
    verdicts.refuse(states == OrderState.FULFILLED, "shipped")
    return verdicts.batch()


@transaction.atomic
def cancel_pieces(
    order_id: int, qty_of_line: Mapping[int, int], *, now: datetime, by: User | None = None, reason: str = ""
) -> int:
    """Cancel pieces of an order's lines (by line id); answers how many are cancelled at once.

    The rest is taken from what teams have begun, when they confirm; what is shipped already is recorded.
    """
    cursor = array_cursor()
    found, states = lock_orders(np.array([order_id]))
    if not len(found):
        raise refusal("not_found", order_id)
    if states[0] in (OrderState.CANCELLED, OrderState.MERGED):
        raise refusal("finished", order_id)
    cancelled = reduce_lines(cursor, found, qty_of_line, "cancelled", now=now, by=by)
    told = _detail(cancelled, order_id, reason)
    settle_orders(cursor, found, EventKind.CANCELLED, changed=True, now=now, by=by, details=told)
    cursor.execute(_END_HOLDS, (now, None if by is None else by.pk, found, int(OrderState.CANCELLED)))
    return sum(cancelled.get(order_id, {}).values())


@transaction.atomic
def record_refund_requests(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """Buyers ask for their money back: assigned allocations are cancelled, teams are asked to stop what they began,
    and a hold keeps the orders out of allocation until somebody cancels or releases them.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    found, states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    verdicts.refuse(np.isin(states, [int(OrderState.CANCELLED), int(OrderState.MERGED)]), "finished")
    orders = found[verdicts.ok]
    theirs = withdraw_assigned(cursor, orders, REFUND_ASKED, now=now, by=by)
    place_holds(cursor, orders, reason=REFUND_ASKED, until_at=None, now=now, by=by)
    freeze_orders(cursor, orders, now=now, by=by)
    ask_teams(cursor, theirs, REFUND_ASKED, {}, now=now, by=by)
    told = {"cause": REFUND_ASKED}
    settle_orders(cursor, orders, EventKind.CHANGED, changed=True, now=now, by=by, details=told)
    return verdicts.batch()


def reduce_lines(
    cursor: Cursor[Any], order_ids: I64, qty_of_line: Mapping[int, int], cause: str, *, now: datetime, by: User | None
) -> ByOrder:
    """Withdraw a locked order's allocations and cancel pieces of its lines, as far as they are open by then.

    What is not open is planned on the intercepts of what teams have begun, earliest allocation first.
    """
    theirs = withdraw_assigned(cursor, order_ids, cause, now=now, by=by)
    cancelled = cancel_open_pieces(cursor, qty_of_line)
    left = dict(qty_of_line)
    for lines in cancelled.values():
        for line, qty in lines.items():
            left[line] -= qty
    ask_teams(cursor, theirs, cause, _planned(cursor, theirs.started, left), now=now, by=by)
    return cancelled


def _planned(cursor: Cursor[Any], started: Allocations, left: dict[int, int]) -> dict[int, dict[int, int]]:
    """Spread pieces still to cancel over started allocations, on top of what is planned there already."""
    earlier = planned_cancels(cursor, started.id_a)
    plans: dict[int, dict[int, int]] = {}
    for allocation, parts in whole_parts(cursor, started).items():
        for line, qty in parts.items():
            before = earlier.get(allocation, {}).get(line, 0)
            more = min(left.get(line, 0), qty - before)
            if more > 0:
                plans.setdefault(allocation, {})[line] = before + more
                left[line] -= more
    return plans


def _detail(cancelled: ByOrder, order_id: int, reason: str) -> dict[str, object]:
    detail: dict[str, object] = {"cancelled": cancelled.get(order_id, {})}
    return {**detail, "reason": reason} if reason else detail

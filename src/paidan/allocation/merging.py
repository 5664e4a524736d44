"""Merging orders for one person and place into one parcel, and taking that back until a team accepts (design §3a).

The new order's lines remember theirs (`source_line_id`); the sources stay as they were, in state `merged`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.checking.kinds import Check
from paidan.orders.events import write_events
from paidan.orders.models import Order, OrderLine, Recipient
from paidan.orders.queue import dequeue, lock_orders
from paidan.orders.states import EventKind, OrderState

from .locked import as_ids, lock_allocations_of
from .outcomes import Batch, Verdicts
from .pieces import cancel_all_open_pieces
from .settle import settle_orders
from .states import COUNTED, AllocationState
from .withdraw import withdraw_assigned

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

# What is held because it could be merged may be.
_HELD = f"""
SELECT DISTINCT order_id FROM orders_hold
WHERE order_id = ANY(%s) AND released_at IS NULL AND reason <> '{Check.TOGETHER.reason}'
"""
_UNMAPPED = "SELECT DISTINCT order_id FROM orders_orderline WHERE order_id = ANY(%s) AND sku_id IS NULL"
_MERGE = f"""
UPDATE orders_order o SET state = {OrderState.MERGED}, merged_into_id = n.target, reason = 0, version = version + 1
FROM unnest(%s, %s) AS n (id, target) WHERE o.id = n.id
"""
_UNMERGE = f"""
UPDATE orders_order SET state = {OrderState.PENDING}, merged_into_id = NULL WHERE merged_into_id = ANY(%s)
RETURNING id
"""
# What is wanted less of a merged line than its source asked for is cancelled of the source; pieces somebody added to
# the merged line were never the source's.
_PASS_ON = """
UPDATE orders_orderline l SET cancelled_qty = l.cancelled_qty + c.qty
FROM (
    SELECT s.id, s.qty - s.cancelled_qty - (m.qty - m.cancelled_qty) AS qty
    FROM orders_orderline m JOIN orders_orderline s ON s.id = m.source_line_id WHERE m.order_id = ANY(%s)
) c WHERE l.id = c.id AND c.qty > 0
RETURNING l.order_id, l.id, c.qty
"""
_END_HOLDS = """
UPDATE orders_hold SET released_at = %s, released_by_id = %s WHERE order_id = ANY(%s) AND released_at IS NULL
"""
_TARGETS = "SELECT DISTINCT merged_into_id FROM orders_order WHERE merged_into_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class _Address:
    """What must be the same for orders to travel together."""

    shop: int
    currency: str
    region: int
    name: str
    phone: str
    address: str

    @classmethod
    def of(cls, order: Order) -> _Address:
        to = order.recipient
        place = "".join((to.country, to.province, to.city, to.district, to.address))
        return cls(order.shop_id, order.currency, order.region, to.name.strip(), to.phone.strip(), place)


@transaction.atomic
def merge_orders(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """Make one order of those among these that go to the same person and place; `created` holds the new ones.

    1. Lock; refuse what is finished, held, begun by a team, unmapped, or alone. 2. Withdraw what is assigned.
    3. Write the new orders with copies of what is not cancelled. 4. Mark the sources; queue the new ones.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    found, states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    finished = (OrderState.FULFILLED, OrderState.CANCELLED, OrderState.MERGED)
    verdicts.refuse(np.isin(states, [int(state) for state in finished]), "finished")
    verdicts.refuse(np.isin(found, _keys(cursor, _HELD, found)), "on_hold")
    verdicts.refuse(np.isin(found, _begun(cursor, found)), "accepted")
    verdicts.refuse(np.isin(found, _keys(cursor, _UNMAPPED, found)), "unknown_sku")
    groups = _groups(found[verdicts.ok])
    together = np.array([order.id for group in groups for order in group], np.int64)
    verdicts.refuse(~np.isin(found, together), "alone")
    if not groups:
        return verdicts.batch()
    withdraw_assigned(cursor, np.sort(together), "merged", now=now, by=by)
    targets = _write_targets(groups, now)
    _close_sources(cursor, groups, targets, now=now, by=by)
    told = [{"from": [order.id for order in group]} for group in groups]
    settle_orders(cursor, np.array(targets, np.int64), EventKind.MERGED, changed=True, now=now, by=by, details=told)
    return verdicts.batch(targets)


@transaction.atomic
def unmerge_orders(ids: Ids, *, now: datetime, by: User | None = None) -> Batch:
    """Take merged orders (the new ones) apart again; `created` holds the orders that are back.

    1. Lock them and their sources; refuse what is finished or begun by a team. 2. Withdraw what is assigned, cancel
    what is open, hand on what had been cancelled. 3. The sources are to be tried again.
    """
    cursor, asked = array_cursor(), as_ids(ids)
    sources = Order.objects.filter(merged_into_id__in=asked.tolist()).values_list("id", flat=True)
    known, known_states = lock_orders(np.append(asked, np.array(list(sources), np.int64)))
    here = np.isin(known, asked)
    found, states = known[here], known_states[here]
    verdicts = Verdicts(asked, found)
    closed = (OrderState.FULFILLED, OrderState.CANCELLED, OrderState.MERGED)
    verdicts.refuse(~np.isin(found, _keys(cursor, _TARGETS, found)), "not_merged")
    verdicts.refuse(np.isin(states, [int(state) for state in closed]), "finished")
    verdicts.refuse(np.isin(found, _begun(cursor, found)), "accepted")
    targets = found[verdicts.ok]
    withdraw_assigned(cursor, targets, "unmerged", now=now, by=by)
    back = _reopen(cursor, targets, now=now, by=by)
    cancelled = cancel_all_open_pieces(cursor, targets)
    told = [{"cancelled": cancelled.get(key, {})} for key in targets.tolist()]
    settle_orders(cursor, targets, EventKind.UNMERGED, changed=True, now=now, by=by, details=told)
    cursor.execute(_END_HOLDS, (now, None if by is None else by.pk, targets))
    return verdicts.batch(back.tolist())


def _keys(cursor: Cursor[Any], query: str, order_ids: I64) -> I64:
    return np.array([row[0] for row in cursor.execute(query, (order_ids,)).fetchall()], np.int64)


def _begun(cursor: Cursor[Any], order_ids: I64) -> I64:
    """Orders of which something is in a team's hands, or gone."""
    allocations = lock_allocations_of(cursor, order_ids, COUNTED)
    return np.unique(allocations.order_a[~allocations.in_state(AllocationState.ASSIGNED)])


def _groups(order_ids: I64) -> list[list[Order]]:
    """The orders that go together, two or more to a group, earliest first."""
    rows = Order.objects.filter(id__in=order_ids.tolist()).select_related("recipient").order_by("paid_at", "id")
    groups: dict[_Address, list[Order]] = {}
    for order in rows:
        if hasattr(order, "recipient"):
            groups.setdefault(_Address.of(order), []).append(order)
    return [group for group in groups.values() if len(group) > 1]


def _write_targets(groups: Sequence[Sequence[Order]], now: datetime) -> list[int]:
    """Write the merged orders, their recipients and lines; answers their ids along the groups."""
    targets = Order.objects.bulk_create([_target(group, now) for group in groups])
    names = [field.attname for field in Recipient._meta.concrete_fields if not field.primary_key]
    Recipient.objects.bulk_create(
        Recipient(order=target, **{name: getattr(group[0].recipient, name) for name in names})
        for target, group in zip(targets, groups, strict=True)
    )
    sources = OrderLine.objects.filter(order__in=[order.id for group in groups for order in group])
    of_order: dict[int, list[OrderLine]] = {}
    for line in sources.order_by("order_id", "position"):
        of_order.setdefault(line.order_id, []).append(line)
    OrderLine.objects.bulk_create(
        [
            _copy(line, target, position)
            for target, group in zip(targets, groups, strict=True)
            for position, line in enumerate((line for order in group for line in of_order.get(order.id, [])), 1)
            if line.qty > line.cancelled_qty
        ],
        batch_size=1000,
    )
    return [target.id for target in targets]


def _target(group: Sequence[Order], now: datetime) -> Order:
    first = group[0]
    paid, due = ([at for order in group if (at := getattr(order, name))] for name in ("paid_at", "ship_by_at"))
    return Order(
        shop_id=first.shop_id,
        number=_number(group),
        received_at=now,
        paid_at=min(paid, default=None),
        ship_by_at=min(due, default=None),
        amount_minor=sum(order.amount_minor for order in group),
        currency=first.currency,
        region=first.region,
        lat=first.lat,
        lng=first.lng,
        address_state=first.address_state,
        priority=max(order.priority for order in group),
        payment=first.payment,
        delivery=first.delivery,
        tags=sorted({tag for order in group for tag in order.tags}),
        buyer_remark="\n".join(dict.fromkeys(order.buyer_remark for order in group if order.buyer_remark)),
        seller_remark="\n".join(dict.fromkeys(order.seller_remark for order in group if order.seller_remark)),
    )


def _number(group: Sequence[Order]) -> str:
    """The first order's number and how many came to it; merged anew after an unmerge, counted on."""
    stem = f"{group[0].number[:50]}+{len(group) - 1}"
    taken = Order.objects.filter(shop_id=group[0].shop_id, number__startswith=stem).count()
    return f"{stem}/{taken + 1}" if taken else stem


def _copy(line: OrderLine, target: Order, position: int) -> OrderLine:
    left = line.qty - line.cancelled_qty
    return OrderLine(
        order=target,
        position=position,
        source_line_id=line.id,
        number=line.number,
        shop_code=line.shop_code,
        sku_id=line.sku_id,
        bundle_id=line.bundle_id,
        qty=left,
        amount_minor=line.amount_minor * left // line.qty,
    )


def _close_sources(
    cursor: Cursor[Any], groups: Sequence[Sequence[Order]], targets: Sequence[int], *, now: datetime, by: User | None
) -> None:
    pairs = [(order.id, target) for group, target in zip(groups, targets, strict=True) for order in group]
    ids, into = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    cursor.execute(_MERGE, (ids, into))
    cursor.execute(_END_HOLDS, (now, None, ids))
    dequeue(cursor, ids)
    states = np.full(len(ids), OrderState.MERGED, np.int16)
    told = [{"into": target} for target in into.tolist()]
    write_events(cursor, EventKind.MERGED, ids, states, now=now, by=by, details=told)


def _reopen(cursor: Cursor[Any], targets: I64, *, now: datetime, by: User | None) -> I64:
    """Make the sources orders of their own again; what was cancelled meanwhile is cancelled of them."""
    cancelled: dict[int, dict[int, int]] = {}
    for order, line, qty in cursor.execute(_PASS_ON, (targets,)).fetchall():
        cancelled.setdefault(order, {})[line] = qty
    back = np.sort(np.array([row[0] for row in cursor.execute(_UNMERGE, (targets,)).fetchall()], np.int64))
    told = [{"cancelled": cancelled.get(key, {})} for key in back.tolist()]
    settle_orders(cursor, back, EventKind.UNMERGED, changed=True, now=now, by=by, details=told)
    return back

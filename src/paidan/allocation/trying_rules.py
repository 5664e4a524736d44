"""One order put through rules that are not in force, with the whole explanation; nothing of it stays.

The order is decided as a wave would decide it, in a transaction that is rolled back: what it has assigned is given
back first, so that it competes for its own stock too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.catalog.models import Sku
from paidan.engine.sequential import allocate
from paidan.geo import resolve
from paidan.geo.codes import number_of
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.network.models import Shop
from paidan.orders.models import Hold, Order, OrderLine, Recipient
from paidan.orders.queue import enqueue
from paidan.orders.states import AddressState
from paidan.rules.models import RuleSetVersion
from paidan.rules.queries import rules_of

from .claims import claim_orders
from .commit import Commit, commit_plan
from .explain import explain_order
from .explanation import Explanation
from .models import Wave
from .seen import seen_by
from .settle import settle_orders
from .snapshot import take_snapshot
from .withdraw import withdraw_assigned


@dataclass(frozen=True, slots=True)
class TypedOrder:
    """An order somebody makes up: its shop, where it goes, pieces by SKU, and what rules may ask for."""

    shop: Shop
    address: str
    pieces: Mapping[Sku, int]
    amount_minor: int = 0
    tags: Sequence[str] = ()
    remark: str = ""


def try_order(order_id: int, version: RuleSetVersion, *, now: datetime) -> Explanation:
    """What these rules would make of an order that exists, were it to be decided now."""
    with transaction.atomic():
        _give_back(order_id, now)
        explanation = _decide(order_id, version, now)
        transaction.set_rollback(True)
    return explanation


def try_typed(typed: TypedOrder, version: RuleSetVersion, *, now: datetime) -> Explanation:
    """The same for an order that is made up for the purpose."""
    with transaction.atomic():
        explanation = _decide(_write(typed, now), version, now)
        transaction.set_rollback(True)
    return explanation


def _give_back(order_id: int, now: datetime) -> None:
    """What is assigned and not accepted is open again; an order with nothing open then cannot be tried."""
    if Hold.objects.filter(order_id=order_id, released_at=None).exists():
        raise Refusal("on_hold", _("It is on hold, and a held order is not allocated. Release it to try it."))
    cursor = array_cursor()
    ids = np.array([order_id], np.int64)
    withdraw_assigned(cursor, ids, "tried", now=now, by=None)
    settle_orders(cursor, ids, None, changed=False, now=now, by=None)
    open_qty = "SELECT coalesce(sum(open_qty), 0) FROM allocation_line_pieces WHERE order_id = %s"
    row = cursor.execute(open_qty, [order_id]).fetchone()
    if row is None or not row[0]:
        raise Refusal(
            "nothing_open", _("Nothing of it is left to allocate: a team has it, or it is shipped or closed.")
        )
    enqueue(cursor, ids)


def _decide(order_id: int, version: RuleSetVersion, now: datetime) -> Explanation:
    wave = Wave.objects.create(worker="try", started_at=now)
    claimed = claim_orders(wave.id, now=now, order_ids=[order_id])
    if not claimed:
        raise Refusal("not_free", _("A worker is deciding it at this moment. Try again."))
    snapshot = take_snapshot(wave.id, claimed, now, rules=rules_of(version, now))
    wave.version = version
    wave.warehouse_ids = [warehouse.id for warehouse in snapshot.network.warehouses]
    wave.parameters = seen_by(snapshot)
    wave.save(update_fields=["version", "warehouse_ids", "parameters"])
    commit_plan(Commit(wave.id, snapshot, allocate(snapshot.problem), now))
    return explain_order(order_id, now=now)


def _write(typed: TypedOrder, now: datetime) -> int:
    found = resolve(typed.address) if typed.address.strip() else None
    state = AddressState.NONE if found is None else ADDRESS_STATES.get(found.reason or "", AddressState.RESOLVED)
    order = Order.objects.create(
        shop=typed.shop,
        number="-",
        received_at=now,
        paid_at=now,
        ship_by_at=now + timedelta(hours=typed.shop.ship_within_h),
        amount_minor=typed.amount_minor,
        tags=list(typed.tags),
        buyer_remark=typed.remark,
        region=number_of(found.code) if found else 0,
        address_state=state,
    )
    Recipient.objects.create(order=order)
    lines = enumerate(typed.pieces.items(), 1)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=at, number=str(at), sku=sku, shop_code=sku.code, qty=qty)
        for at, (sku, qty) in lines
    )
    enqueue(array_cursor(), np.array([order.id], np.int64))
    return int(order.id)


ADDRESS_STATES = {"ambiguous": AddressState.AMBIGUOUS, "unresolved": AddressState.UNRESOLVED}

"""Mending what keeps orders from being tried with success: an unknown shop code, an address nobody could resolve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.catalog.models import BundleComponent, Sku
from paidan.geo import resolve
from paidan.geo.codes import number_of
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.network.models import Shop, ShopSku
from paidan.orders.models import MAX_PIECES, OrderLine
from paidan.orders.queue import lock_orders
from paidan.orders.states import AddressState, EventKind, OrderState

from .changes import ChangeReport, Destination, OrderChange, change_order
from .pieces import ByOrder
from .settle import settle_orders

_WAITING = OrderLine.objects.exclude(order__state=OrderState.MERGED)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What mapping a code did: lines that have a SKU now, orders that are tried again."""

    lines: int
    orders: int


@transaction.atomic
def map_shop_code(*, shop: Shop, code: str, sku: Sku, now: datetime, by: User | None = None) -> Mapped:
    """Say which SKU a shop's code means, for all orders waiting for it and all that come.

    1. Store the mapping. 2. Lock the orders with such a line. 3. Give the lines their SKU, a bundle's components
    instead of the bundle. 4. Settle: they are tried again.
    """
    code = code.strip()
    if not code:
        raise Refusal("empty_code", _("The shop's code is empty."))
    ShopSku.objects.update_or_create(shop=shop, code=code, defaults={"sku": sku})
    waiting = _WAITING.filter(order__shop=shop, shop_code=code, sku=None)
    ids, _states = lock_orders(np.array(list(waiting.values_list("order_id", flat=True).distinct()), np.int64))
    lines = list(waiting.filter(order_id__in=ids.tolist()).order_by("order_id", "position"))
    parts = list(BundleComponent.objects.filter(bundle=sku).order_by("id"))
    cancelled: ByOrder = {}
    if parts:
        cancelled = _explode(lines, sku, parts)
    else:
        OrderLine.objects.filter(id__in=[line.id for line in lines]).update(sku=sku)
    orders = np.unique(np.array([line.order_id for line in lines], np.int64))
    told = [{"mapped": code, "sku": sku.code, "cancelled": cancelled.get(key, {})} for key in orders.tolist()]
    settle_orders(array_cursor(), orders, EventKind.CHANGED, changed=True, now=now, by=by, details=told)
    return Mapped(len(lines), len(orders))


def mend_address(
    order_id: int,
    *,
    province: str = "",
    city: str = "",
    district: str = "",
    address: str = "",
    now: datetime,
    by: User | None = None,
) -> ChangeReport:
    """Give an order an address that can be resolved; refused when this one cannot either."""
    found = resolve(address, province, city, district)
    if found.code is None:
        sentence = (
            _("This address could be in several places; name the city and the province.")
            if found.reason == "ambiguous"
            else _("No place is known by this address.")
        )
        raise Refusal(f"address_{found.reason}", sentence, candidates=found.candidates)
    texts = {"province": province, "city": city, "district": district, "address": address}
    destination = Destination(
        number_of(found.code), AddressState.RESOLVED, recipient={name: text for name, text in texts.items() if text}
    )
    return change_order(OrderChange(order_id, destination=destination), now=now, by=by)


def _explode(lines: list[OrderLine], bundle: Sku, parts: list[BundleComponent]) -> ByOrder:
    """Turn each waiting line into the bundle's first component and append lines for the others.

    The amount is spread over the pieces, the rest of the division on the first, as at intake. Answers by how much the
    cancelled pieces of each line are more than before: of a cancelled bundle every component is.
    """
    before = {line.id: line.cancelled_qty for line in lines}
    per_bundle = sum(part.qty for part in parts)
    added: list[OrderLine] = []
    last = _last_positions({line.order_id for line in lines})
    for line in lines:
        if line.qty * max(part.qty for part in parts) > MAX_PIECES:
            sentence = _("Order %(order)s would ask for too many pieces of a component of %(bundle)s.")
            raise Refusal("too_many_pieces", sentence, order=line.order.number, bundle=bundle.code)
        qty, cancelled, amount = line.qty, line.cancelled_qty, line.amount_minor
        shares = [amount * part.qty // per_bundle for part in parts]
        shares[0] += amount - sum(shares)
        for part, share in zip(parts, shares, strict=True):
            target = line
            if part is not parts[0]:
                last[line.order_id] += 1
                target = OrderLine(
                    order_id=line.order_id,
                    position=last[line.order_id],
                    number=line.number,
                    shop_code=line.shop_code,
                )
                added.append(target)
            target.sku_id, target.bundle_id = part.component_id, bundle.id
            target.qty, target.cancelled_qty, target.amount_minor = qty * part.qty, cancelled * part.qty, share
    OrderLine.objects.bulk_update(lines, ["sku", "bundle", "qty", "cancelled_qty", "amount_minor"], batch_size=1000)
    OrderLine.objects.bulk_create(added, batch_size=1000)
    multiplied: ByOrder = {}
    for line in (*lines, *added):
        if more := line.cancelled_qty - before.get(line.id, 0):
            multiplied.setdefault(line.order_id, {})[line.id] = more
    return multiplied


def _last_positions(order_ids: set[int]) -> dict[int, int]:
    last: dict[int, int] = {}
    rows = OrderLine.objects.filter(order_id__in=order_ids).values_list("order_id", "position")
    for order_id, position in rows:
        last[order_id] = max(last.get(order_id, 0), position)
    return last

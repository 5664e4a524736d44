"""`logistics_sync_query` and `_ack`: shipped parcels the platform has not been told of.

Shipping knows nothing of this: each query first takes up what was shipped since the last one, from the event log. It
looks back a day further than it has seen, for a shipment may be committed later than its moment says; what is there
already is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.network.models import Shop
from paidan.network.scopes import scope_of
from paidan.orders.models import Order
from paidan.orders.states import EventKind, OrderState

from ..models import ParcelTold
from .calls import Call, written
from .registries import carrier_name, carrier_type
from .trade_keys import TradeKey
from .trade_rows import TradeRow, trade_rows

MOST = 2_000
DEFAULT = 100
LOOK_BACK = timedelta(days=1)
BEFORE_MADE = timedelta(days=7)
"""A credential is told of what was shipped in the week before it was made, too."""
FAILED = "1"

_TAKE_UP = f"""
INSERT INTO api_parceltold (credential_id, shop_id, allocation_id, shipped_at, state, tries_n, problem)
SELECT %(credential)s, %(shop)s, e.allocation_id, e.at,
       CASE WHEN EXISTS (
           SELECT 1 FROM allocation_allocationline mine JOIN allocation_allocation a ON a.id = mine.allocation_id
           WHERE mine.allocation_id = e.allocation_id
             AND NOT EXISTS (
                 SELECT 1 FROM allocation_allocationline other
                 JOIN allocation_allocation earlier ON earlier.id = other.allocation_id
                 WHERE other.line_id = mine.line_id AND (earlier.state_at, earlier.id) < (a.state_at, a.id)
                   AND earlier.state = {AllocationState.SHIPPED})
       ) THEN 'waiting' ELSE 'needless' END, 0, ''
FROM orders_event e JOIN orders_order o ON o.id = e.order_id
WHERE e.at >= %(since)s AND e.kind = {EventKind.SHIPPED} AND e.allocation_id IS NOT NULL AND o.shop_id = %(shop)s
ORDER BY e.allocation_id
ON CONFLICT (credential_id, allocation_id) DO NOTHING
"""


def logistics_sync_query(call: Call) -> dict[str, Any]:
    """Parcels to tell the platform of, those that failed before last; at most `limit`.

    With `is_part_sync_able=0` (the platform takes no part of an order) only those of orders that are done.
    """
    call.allow(Capability.SEE_ORDERS)
    shop = call.shop()
    take_up(call, shop)
    waiting = ParcelTold.objects.filter(credential=call.credential, shop=shop, state=ParcelTold.State.WAITING)
    scope = scope_of(call.user).condition(warehouse="warehouse_id", team="team_id")
    work = Allocation.objects.filter(scope, state=AllocationState.SHIPPED)
    if call.text("is_part_sync_able") == "0":
        work = work.filter(order__state=OrderState.FULFILLED)
    limit = call.number("limit", DEFAULT, least=1, most=MOST)
    found = list(waiting.filter(allocation_id__in=work.values("id")).order_by("tries_n", "id")[:limit])
    return {"trades": [_parcel_as_told(told, row) for told, row in _rows_of(found)]}


@transaction.atomic
def take_up(call: Call, shop: Shop) -> None:
    """Note what was shipped since this program last asked about this shop."""
    seen: datetime | None = ParcelTold.objects.filter(credential=call.credential, shop=shop).aggregate(
        at=Max("shipped_at")
    )["at"]
    since = call.credential.token.created_at - BEFORE_MADE if seen is None else seen - LOOK_BACK
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_UP, {"credential": call.credential.pk, "shop": shop.pk, "since": since})


def _rows_of(found: list[ParcelTold]) -> list[tuple[ParcelTold, TradeRow]]:
    order_of = dict(
        Allocation.objects.filter(id__in=[told.allocation_id for told in found]).values_list("id", "order_id")
    )
    keys = [TradeKey(told.shipped_at, order_of[told.allocation_id], told.allocation_id, 0) for told in found]
    return list(zip(found, trade_rows(keys), strict=True))


def _parcel_as_told(told: ParcelTold, row: TradeRow) -> dict[str, Any]:
    work, order = row.allocation, row.order
    carrier = work.carrier if work else ""
    is_part = order.state != OrderState.FULFILLED or _has_others(order, told.allocation_id)
    return {
        "rec_id": told.pk,
        "shop_no": order.shop.code,
        "tid": row.src_tids,
        "oids": ",".join(dict.fromkeys(piece.src_oid for piece in row.pieces if piece.src_oid)),
        "logistics_no": work.tracking_number if work else "",
        "logistics_type": carrier_type(carrier),
        "logistics_name": carrier_name(carrier),
        "logistics_code": carrier,
        "delivery_term": 2 if order.payment == "cod" else 1,
        "consign_time": written(told.shipped_at),
        "is_part_sync": int(is_part),
        "is_last": int(order.state == OrderState.FULFILLED),
        "is_need_sync": 1,
        "sync_status": 2 if told.tries_n else 0,
        "stockout_id": told.allocation_id,
        "description": "",
        "sync_time": written(told.answered_at),
        "error_code": "",
        "error_msg": told.problem,
        "try_times": told.tries_n,
        "modified": written(told.answered_at or told.shipped_at),
        "created": written(told.shipped_at),
    }


def _has_others(order: Order, allocation_id: int) -> bool:
    shipped = Allocation.objects.filter(order=order, state=AllocationState.SHIPPED)
    return shipped.exclude(pk=allocation_id).exists()


def logistics_sync_ack(call: Call) -> dict[str, Any]:
    """The platform was told (status 0), or would not hear of it (1): that parcel is listed again, behind the others."""
    call.allow(Capability.SEE_ORDERS)
    errors = []
    for one in call.rows("logistics_list", MOST):
        text = str(one.get("rec_id", ""))
        known = text.isascii() and text.isdecimal() and len(text) < 19
        row = ParcelTold.objects.filter(pk=int(text) if known else 0, credential=call.credential)
        if str(one.get("status", "0")) == FAILED:
            problem = str(one.get("message") or "").replace("\x00", "")[:200]
            waiting = row.exclude(state=ParcelTold.State.TOLD)
            waiting.update(tries_n=F("tries_n") + 1, problem=problem, answered_at=call.now)
        else:
            row.update(state=ParcelTold.State.TOLD, problem="", answered_at=call.now)
        if not row.exists():
            errors.append({"rec_id": one.get("rec_id"), "error": _("There is no such record.")})
    return {"errors": errors}

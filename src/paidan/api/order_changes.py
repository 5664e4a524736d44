"""One order: its address and our remark changed, split between warehouses, its buyer read."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.allocation.changes import OrderChange, change_order
from paidan.allocation.explain import explain_order
from paidan.allocation.locked import as_ids
from paidan.allocation.mending import mend_address
from paidan.allocation.outcomes import refusal
from paidan.allocation.splitting import plan_split, split_once
from paidan.desk.orders.queries import visible_orders
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.scopes import visible_warehouses
from paidan.orders.models import Order
from paidan.orders.queue import lock_orders

from . import order_bodies as bodies
from . import schemas
from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .orders import ERRORS, router, shown
from .place_values import wrong

PLACE = ("province", "city", "district", "address")
OF_BUYER = ("buyer", "name", "phone", "country", *PLACE)


@router.patch(
    "/{int:order_id}",
    response={200: schemas.OrderOut, **ERRORS},
    summary="Mend an order's address, change our remark",
    openapi_extra=IF_MATCH,
)
def change(request: HttpRequest, response: HttpResponse, order_id: int, body: bodies.OrderChange) -> schemas.OrderOut:
    """A new address has what was assigned decided anew, and asks teams that have begun. Everything else of an order is
    the shop's: push it again."""
    user, now = caller(request, Capability.CHANGE_ORDERS), timezone.now()
    place = {name: getattr(body, name) for name in PLACE if name in body.model_fields_set}
    with transaction.atomic():
        key = visible_orders(user).get(pk=order_id).pk
        lock_orders(as_ids([key]))
        require_match(request, shown(user, key))
        if place:
            try:
                mend_address(key, **place, now=now, by=user)
            except Refusal as refused:
                if not refused.code.startswith("address_"):
                    raise
                wrong(f"/{next(iter(place))}", refused.code, refused)
        if "seller_remark" in body.model_fields_set:
            change_order(OrderChange(key, values={"seller_remark": body.seller_remark}), now=now, by=user)
        found = shown(user, key)
    response["ETag"] = etag_of(found)
    return found


@router.post("/{int:order_id}/split", response={200: bodies.SplitOut, **ERRORS}, summary="Split an order now")
def split(request: HttpRequest, order_id: int) -> bodies.SplitOut:
    """Of one that was tried without success: between the warehouses within reach that have it together, whatever the
    rules say of splitting."""
    user, now = caller(request, Capability.ASSIGN_ORDERS), timezone.now()
    key = visible_orders(user).get(pk=order_id).pk
    of = explain_order(key, now=now)
    reach = set(visible_warehouses(user).values_list("pk", flat=True))
    able = [one for one in of.candidates if one.reason != Reason.PAUSED and one.warehouse_id in reach]
    shares = plan_split(of.lines, able)
    if not shares:
        raise refusal("stock_short", key)
    pieces = {share.candidate.warehouse_id: share.pieces for share in shares}
    return bodies.SplitOut(allocations=list(split_once(key, pieces, now=now, by=user)))


@router.post("/{int:order_id}/buyer", response={200: bodies.BuyerOut, **ERRORS}, summary="Read who receives an order")
def buyer(request: HttpRequest, order_id: int, body: bodies.RevealIn) -> bodies.BuyerOut:
    """Name, phone and address, for a label or a call. The look is logged with its reason."""
    user = caller(request, Capability.SEE_ORDERS)
    caller(request, Capability.REVEAL_BUYER)
    row: Order = visible_orders(user).select_related("recipient").get(pk=order_id)
    where = address_of(request)
    record_change("buyer.revealed", by=user, now=timezone.now(), of=row, address=where, reason=body.reason)
    to = getattr(row, "recipient", None)
    return bodies.BuyerOut(order=row.pk, **{name: getattr(to, name, "") for name in OF_BUYER})

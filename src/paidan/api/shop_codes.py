"""Shops' own SKU codes: those that are mapped, those that orders wait for, and saying what one is."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.allocation.mending import map_shop_code
from paidan.catalog.models import Sku
from paidan.desk.goods.codes import unmapped_codes
from paidan.kit.errors import Refusal
from paidan.network.models import ShopSku
from paidan.network.scopes import visible_shops

from . import order_bodies as bodies
from .auth import caller
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of
from .place_values import wrong

router = Router(tags=["Network"])


@router.get("", response={200: bodies.ShopCodePage, **ERRORS}, summary="List shops' SKU codes")
def codes(
    request: HttpRequest, shop: str = WORD, sku: str = WORD, after: str = WORD, limit: int = LIMIT
) -> bodies.ShopCodePage:
    mine = visible_shops(caller(request, Capability.SEE_NETWORK)).order_by()
    rows = ShopSku.objects.filter(shop__in=mine).select_related("shop", "sku")
    for name, value in (("shop__code", shop), ("sku__code", sku)):
        if value:
            rows = rows.filter(**{name: value})
    found, following = page_of(rows, after, limit)
    items = [bodies.ShopCodeOut(id=row.pk, shop=row.shop.code, code=row.code, sku=row.sku.code) for row in found]
    return bodies.ShopCodePage(items=items, next=following)


@router.get("/waiting", response={200: list[bodies.WaitingCodeOut], **ERRORS}, summary="Codes that orders wait for")
def waiting(request: HttpRequest) -> list[bodies.WaitingCodeOut]:
    """Those that most orders wait for first, at most 200."""
    return [
        bodies.WaitingCodeOut(
            shop=one.shop.code, code=one.code, orders=one.orders, pieces=one.pieces, ship_by=one.ship_by_at
        )
        for one in unmapped_codes(caller(request, Capability.SEE_ORDERS))
    ]


@router.put("", response={200: bodies.CodeMapped, **ERRORS}, summary="Say which SKU a shop's code is")
def map_code(request: HttpRequest, body: bodies.CodeIn) -> bodies.CodeMapped:
    """For all orders that wait for it, which are tried again, and for all that come."""
    user, now = caller(request, Capability.CHANGE_ORDERS), timezone.now()
    shop = visible_shops(user).filter(code=body.shop).first()
    if shop is None:
        wrong("/shop", "unknown_shop", _("There is no such shop within reach."))
    sku = Sku.objects.filter(code=body.sku).first()
    if sku is None:
        wrong("/sku", "unknown_sku", _("There is no SKU with the code %(code)s.") % {"code": body.sku})
    try:
        done = map_shop_code(shop=shop, code=body.code, sku=sku, now=now, by=user)
    except Refusal as refusal:
        wrong("/code", refusal.code, refusal)
    where, told = address_of(request), {"code": body.code, "sku": sku.code, "orders": done.orders}
    record_change("shop_sku.mapped", by=user, now=now, of=shop, address=where, after=told)
    return bodies.CodeMapped(lines=done.lines, orders=done.orders)

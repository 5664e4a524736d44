"""Shops' own SKU codes: those nobody has mapped, with the orders that wait for them, and all that are mapped."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of, record_change
from paidan.accounts.models import User
from paidan.allocation.mending import Mapped, map_shop_code
from paidan.kit.errors import Refusal
from paidan.network.models import Shop, ShopSku
from paidan.network.scopes import scope_of, visible_shops
from paidan.orders.queue import OPEN_STATES
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.lists import ChoiceFilter, Column, ListPage, TextFilter
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .reach import of_skus, settings_crumbs
from .sku_forms import SkuField

SHOWN = 200

# Only lines without a SKU are in the index this walks; merged and ended orders wait for nothing.
_UNMAPPED = """
SELECT o.shop_id, l.shop_code, count(DISTINCT o.id), sum(l.qty - l.cancelled_qty)::bigint, min(o.ship_by_at)
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
WHERE l.sku_id IS NULL AND o.state = ANY(%s) AND (%s::int[] IS NULL OR o.shop_id = ANY(%s))
GROUP BY o.shop_id, l.shop_code ORDER BY 3 DESC, 5, 1, 2 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A shop's code that is no SKU yet, and who waits for it."""

    shop: Shop
    code: str
    orders: int
    pieces: int
    ship_by_at: datetime


def unmapped_codes(user: User) -> list[Unmapped]:
    """The codes most orders wait for first, of the user's shops."""
    scope = scope_of(user)
    shops = None if scope.shops is None else sorted(scope.shops)
    with connection.cursor() as cursor:
        cursor.execute(_UNMAPPED, [[int(state) for state in OPEN_STATES], shops, shops, SHOWN])
        rows = cursor.fetchall()
    named = Shop.objects.in_bulk([row[0] for row in rows])
    return [Unmapped(named[row[0]], *row[1:]) for row in rows]


@page(Capability.SEE_NETWORK)
def shop_codes(request: HttpRequest) -> HttpResponse:
    """What waits, first; each with a field for the SKU it is."""
    user = cast(User, request.user)
    context = {
        "heading": _("Shop SKU codes"),
        "crumbs": settings_crumbs(),
        "here": "shop-codes",
        "live_topics": ["orders"],
        "unmapped": unmapped_codes(user),
        "mapped_number": ShopSku.objects.filter(shop__in=visible_shops(user)).count(),
        "limit": SHOWN,
    }
    return render(request, "desk/goods/codes.html", context)


class CodeForm(PaidanForm):
    """Which of our SKUs a shop's code is."""

    sku = SkuField()


def shop_in_scope(user: User, shop_id: int, **_captured: object) -> bool:
    return scope_of(user).has_shop(shop_id)


@page(Capability.CHANGE_ORDERS, methods=("POST",), scope=shop_in_scope)
def map_code(request: HttpRequest, shop_id: int) -> HttpResponse:
    """Say what a code is, for all orders waiting for it and all that come."""
    shop, code = get_object_or_404(Shop, pk=shop_id), request.POST.get("code", "")
    form = CodeForm(request.POST)
    try:
        if not form.is_valid():
            toast(request, str(form.errors["sku"][0]), bad=True)
        else:
            toast(request, mapped(request, shop, code, form.cleaned_data["sku"]))
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
    return go(request, "desk:shop-codes")


def mapped(request: HttpRequest, shop: Shop, code: str, sku: Any) -> str:
    """Map, log, and say how many orders are tried again."""
    now, user = timezone.now(), cast(User, request.user)
    done: Mapped = map_shop_code(shop=shop, code=code, sku=sku, now=now, by=user)
    record_change(
        "shop_sku.mapped", by=user, now=now, of=shop, address=address_of(request), code=code, sku=sku.code,
        orders=done.orders,
    )  # fmt: skip
    said = ngettext(
        "%(code)s is %(sku)s now; %(number)d order is tried again.",
        "%(code)s is %(sku)s now; %(number)d orders are tried again.",
        done.orders,
    )
    return said % {"code": code, "sku": sku.code, "number": done.orders}


def code_in_scope(user: User, code_id: int) -> bool:
    return ShopSku.objects.filter(pk=code_id, shop__in=visible_shops(user)).exists()


@page(Capability.CHANGE_ORDERS, methods=("GET", "POST"), scope=code_in_scope)
def change_code(request: HttpRequest, code_id: int) -> HttpResponse:
    """Let a code be another SKU; orders that are in already keep theirs."""
    row = get_object_or_404(ShopSku.objects.select_related("shop", "sku"), pk=code_id)
    return handle_form(
        request,
        CodeForm,
        save=lambda form: mapped(request, row.shop, row.code, form.cleaned_data["sku"]),
        to=reverse("desk:mapped-codes"),
        template="desk/goods/form.html",
        initial={"sku": row.sku.code},
        heading=_("%(code)s of %(shop)s") % {"code": row.code, "shop": row.shop},
        crumbs=[*settings_crumbs(), (_("Shop SKU codes"), reverse("desk:shop-codes"))],
        button=_("Save code"),
        intro=_("Orders that wait for this code and all that come ask for the SKU; those that are in keep theirs."),
    )


def shops() -> list[tuple[int, str]]:
    return [(shop.pk, str(shop)) for shop in Shop.objects.order_by("code")]


def code_cell(row: ShopSku, _now: datetime) -> SafeString:
    return format_html('<a class="no" href="{}">{}</a>', reverse("desk:shop-code", args=[row.pk]), row.code)


def sku_cell(row: ShopSku, _now: datetime) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("desk:sku", args=[row.sku_id]), row.sku.code)


class MappedCodes(ListPage[ShopSku]):
    """All codes that are mapped, of the reader's shops."""

    key, namespace, heading = "mapped-codes", "desk", gettext_lazy("Mapped shop SKU codes")
    capability = Capability.SEE_NETWORK
    template = "desk/goods/list.html"
    default_sort = "id"
    columns = (
        Column(
            "shop", gettext_lazy("Shop"), lambda row, _now: row.shop, export=lambda row: row.shop.code, width="180px"
        ),
        Column("code", gettext_lazy("Shop's code"), code_cell, export=lambda row: row.code, width="240px"),
        Column("sku", gettext_lazy("SKU"), sku_cell, export=lambda row: row.sku.code, width="190px"),
        Column("name", gettext_lazy("Name"), lambda row, _now: row.sku.name, export=lambda row: row.sku.name),
    )  # fmt: skip
    filters = (
        ChoiceFilter(key="shop", label=gettext_lazy("Shop"), field="shop_id", choices=shops, common=True),
        TextFilter(key="code", label=gettext_lazy("Shop's code"), lookup="istartswith", common=True),
        TextFilter(key="sku", label=gettext_lazy("SKU"), narrow=of_skus, common=True),
    )

    def rows(self, user: Any) -> QuerySet[ShopSku]:
        return ShopSku.objects.filter(scope_of(user).condition(shop="shop_id"))

    def shown(self, rows: QuerySet[ShopSku]) -> QuerySet[ShopSku]:
        return rows.select_related("shop", "sku")

    def row_url(self, row: ShopSku) -> str:
        return reverse("desk:shop-code", args=[row.pk])

    def row_label(self, row: ShopSku) -> str:
        return row.code

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"crumbs": [*settings_crumbs(), (_("Shop SKU codes"), reverse("desk:shop-codes"))], "here": "shop-codes"}

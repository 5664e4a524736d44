"""One SKU: its page with its stock everywhere and who waits for it, its form, and the parts of a bundle."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import address_of
from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.desk.orders.queries import visible_orders
from paidan.kit.errors import Refusal
from paidan.network.models import ShopSku
from paidan.network.scopes import visible_shops, visible_warehouses
from paidan.orders.models import OrderLine
from paidan.stock.models import StockRow
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .reach import settings_crumbs, visible_movements, visible_stock
from .saving import keep_parts, keep_sku, parts_of, values_of
from .sku_forms import BundleForm, PartsFormSet, SkuForm
from .stock_list import WAITING

SHOWN_ORDERS = 10
SHOWN_MOVEMENTS = 12
SHOWN_CODES = 50
MOST_WAITING = 1_000
MOST_SUGGESTED = 30


def crumbs() -> list[tuple[str, str]]:
    return [*settings_crumbs(), (_("SKUs"), reverse("desk:skus"))]


@page(Capability.SEE_NETWORK)
def sku(request: HttpRequest, sku_id: int) -> HttpResponse:
    """Everything about one SKU."""
    row = get_object_or_404(Sku, pk=sku_id)
    user = cast(User, request.user)
    context: dict[str, Any] = {
        "sku": row,
        "heading": row.code,
        "crumbs": crumbs(),
        "live_topics": ["stock", "orders"],
        "parts": list(row.components.select_related("component").order_by("id")),
        "bundles": list(row.bundles.select_related("bundle").order_by("id")[:SHOWN_CODES]),
        "codes": list(codes_of(user, row)),
    }
    if user.can(Capability.SEE_STOCK):
        moved = visible_movements(user).filter(sku=row).select_related("warehouse", "by").order_by("-id")
        context |= {"places": places_of(user, row), "movements": list(moved[:SHOWN_MOVEMENTS])}
    if user.can(Capability.SEE_ORDERS):
        context |= waiting_for(user, row)
    return render(request, "desk/goods/sku.html", context)


def codes_of(user: User, row: Sku) -> Any:
    found = ShopSku.objects.filter(sku=row, shop__in=visible_shops(user))
    return found.select_related("shop").order_by("shop__code", "code")[:SHOWN_CODES]


def places_of(user: User, row: Sku) -> list[tuple[Any, StockRow | None]]:
    """Every warehouse within scope with what it has; None where it never had any."""
    found = {one.warehouse_id: one for one in visible_stock(user).filter(sku=row)}
    return [(place, found.get(place.pk)) for place in visible_warehouses(user)]


def waiting_for(user: User, row: Sku) -> dict[str, Any]:
    """The stuck orders that ask for it: the most urgent ones, and how many."""
    lines = OrderLine.objects.filter(sku=row).values("order_id")
    found = visible_orders(user).filter(state__in=WAITING, id__in=lines)
    orders = list(found.select_related("shop").order_by("ship_by_at", "id")[:SHOWN_ORDERS])
    number = len(orders) if len(orders) < SHOWN_ORDERS else found.order_by().values("id")[:MOST_WAITING].count()
    return {"waiting": orders, "waiting_number": number, "waiting_more": number >= MOST_WAITING}


@page(Capability.SEE_NETWORK)
def sku_options(request: HttpRequest) -> HttpResponse:
    """What a field for a SKU suggests: codes that begin with the words, then names that contain them.

    The field sends its words under its own name, which differs from form to form.
    """
    words = str(next(iter(request.GET.values()), "")).strip()[:100]
    found = list(Sku.objects.filter(code__startswith=words).order_by("code")[:MOST_SUGGESTED]) if words else []
    if words and len(found) < MOST_SUGGESTED:
        known = {one.pk for one in found}
        others = Sku.objects.filter(name__icontains=words) | Sku.objects.filter(code__icontains=words)
        found += [one for one in others.order_by("code")[:MOST_SUGGESTED] if one.pk not in known]
    return render(request, "desk/goods/options.html", {"skus": found[:MOST_SUGGESTED]})


def sku_form(request: HttpRequest, row: Sku | None) -> HttpResponse:
    """Add or change; orders that wait for this code are tried again."""
    initial = {**values_of(row), "tags": ", ".join(row.tags)} if row else {}
    user, now = cast(User, request.user), timezone.now()

    def save(form: SkuForm) -> HttpResponse:
        saved = keep_sku(row, form.cleaned_data, by=user, now=now, address=address_of(request))
        toast(request, _("%(sku)s saved.") % {"sku": saved})
        return go(request, "desk:sku", saved.pk)

    return handle_form(
        request,
        SkuForm,
        save=save,
        to=reverse("desk:sku", args=[row.pk]) if row else reverse("desk:skus"),
        initial=initial,
        heading=_("Change %(sku)s") % {"sku": row} if row else _("New SKU"),
        crumbs=crumbs(),
        button=_("Save SKU"),
    )


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"))
def new_sku(request: HttpRequest) -> HttpResponse:
    return sku_form(request, None)


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"))
def change_sku(request: HttpRequest, sku_id: int) -> HttpResponse:
    return sku_form(request, get_object_or_404(Sku, pk=sku_id))


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"))
def new_bundle(request: HttpRequest) -> HttpResponse:
    """Say which SKU is a bundle; its parts come next."""

    def save(form: BundleForm) -> HttpResponse:
        return go(request, "desk:bundle", form.cleaned_data["bundle"].pk)

    return handle_form(
        request,
        BundleForm,
        save=save,
        to=reverse("desk:bundles"),
        template="desk/goods/form.html",
        heading=_("New bundle"),
        crumbs=[*settings_crumbs(), (_("Bundles"), reverse("desk:bundles"))],
        button=_("Choose its parts"),
        intro=_("A bundle is a SKU made of others; an order for it asks for its parts."),
    )


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"))
def bundle(request: HttpRequest, sku_id: int) -> HttpResponse:
    """The parts of one bundle; without any it is a bundle no more."""
    row = get_object_or_404(Sku, pk=sku_id)
    initial = [{"sku": code, "qty": qty} for code, qty in parts_of(row).items()]
    forms = PartsFormSet(request.POST or None, initial=initial)
    refusal = ""
    if request.method == "POST" and forms.is_valid():
        try:
            parts_now: dict[Sku, int] = forms.parts()  # type: ignore[attr-defined]
            keep_parts(row, parts_now, by=cast(User, request.user), now=timezone.now(), address=address_of(request))
        except Refusal as refused:
            refusal = str(refused)
        else:
            toast(request, _("%(sku)s saved; orders that come in from now on are taken apart so.") % {"sku": row})
            return go(request, "desk:sku", row.pk)
    context = {
        "forms": forms,
        "sku": row,
        "refusal": refusal,
        "heading": _("Parts of %(sku)s") % {"sku": row},
        "crumbs": [*settings_crumbs(), (_("Bundles"), reverse("desk:bundles"))],
        "back": reverse("desk:sku", args=[row.pk]),
    }
    return render(request, "desk/goods/bundle.html", context, status=422 if request.method == "POST" else 200)

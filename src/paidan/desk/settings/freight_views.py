"""The pages of freight: all tables, what a parcel would cost, one table as a grid, and tables as files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.prices import Parcel, price
from paidan.desk.imports import import_file
from paidan.engine.regions import ancestors
from paidan.geo.codes import code_of, number_of
from paidan.kit.errors import Refusal
from paidan.network.models import FreightRate, Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.network.services_freight import as_table, rates_of, replace_rates
from paidan.web.exports import download
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .freight_form import CheckForm, NewTableForm, grid
from .rows import limited_to_nothing
from .warehouse_form import region_words

HEADS = ("warehouse", "carrier", "region", "first_kg", "first_price", "next_kg", "next_price", "transit_h",
         "volumetric_cm3_per_kg")  # fmt: skip


def rates_in_scope(user: User, warehouse_id: int, carrier: str) -> bool:  # noqa: ARG001 - every carrier of a warehouse
    return bool(visible_warehouses(user).filter(id=warehouse_id).exists())


@dataclass(frozen=True, slots=True)
class Offer:
    """What one carrier asks for the parcel, by which line of its table."""

    warehouse: Warehouse
    rate: FreightRate
    minor: int
    line: str
    cheapest: bool = False


def offers(rates: list[FreightRate], weight_g: int, region: int) -> list[Offer]:
    """As the engine prices: by the most specific region a warehouse has any line for; cheapest first."""
    levels = [number_of(code) for code in ancestors(code_of(region) or "")]
    order = {level: depth for depth, level in enumerate([0, *levels])}
    fitting = [rate for rate in rates if rate.region in order]
    deepest: dict[int, int] = {}
    for rate in fitting:
        deepest[rate.warehouse_id] = max(deepest.get(rate.warehouse_id, 0), order[rate.region])
    found = [
        Offer(rate.warehouse, rate, price(rate, Parcel(weight_g, 0)), region_words(rate.region) or _("everywhere"))
        for rate in fitting
        if order[rate.region] == deepest[rate.warehouse_id]
    ]
    return sorted(found, key=lambda one: (one.minor, one.rate.transit_s, one.warehouse.position, one.rate.pk))


@page(Capability.SEE_NETWORK)
def tables(request: HttpRequest) -> HttpResponse:
    """Every warehouse and carrier, and above them what a parcel would cost."""
    user = cast(User, request.user)
    rates = FreightRate.objects.filter(warehouse__in=visible_warehouses(user).order_by().values("pk"))
    asked = CheckForm(request.GET if "kg" in request.GET else None)
    found: list[Offer] = []
    if asked.is_bound and asked.is_valid():
        weight_g = round(cast(Decimal, asked.cleaned_data["kg"]) * 1000)
        found = offers(list(rates.select_related("warehouse")), weight_g, asked.cleaned_data["to"])
    context = {
        "heading": _("Freight"),
        "crumbs": [(_("Settings"), reverse("desk:settings"))],
        "live_topics": ["network"],
        "tables": rates.values("warehouse_id", "warehouse__name", "warehouse__code", "carrier")
        .annotate(rows=Count("pk"), least=Min("first_minor"), most=Max("first_minor"), slowest=Max("transit_s"))
        .order_by("warehouse__position", "warehouse_id", "carrier"),
        "check": asked,
        "offers": found,
        "may_change": user.can(Capability.CHANGE_NETWORK),
        "may_import": user.can(Capability.CHANGE_NETWORK) and limited_to_nothing(user),
    }
    return render(request, "desk/settings/freight.html", context)


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Choose the two; the grid comes next."""

    def save(form: NewTableForm) -> HttpResponse:
        chosen = form.cleaned_data
        return go(request, "desk:settings-rates-edit", chosen["warehouse"].pk, chosen["carrier"])

    def form_of(data: Any, files: Any, **named: Any) -> NewTableForm:  # noqa: ARG001 - there is no file in it
        return NewTableForm(data, user=request.user, **named)

    crumbs = [(_("Settings"), reverse("desk:settings")), (_("Freight"), reverse("desk:settings-freight"))]
    heading, to = _("New freight table"), reverse("desk:settings-freight")
    return handle_form(request, form_of, save=save, to=to, heading=heading, crumbs=crumbs, button=_("Next"))


@page(Capability.SEE_NETWORK, scope=rates_in_scope)
def see(request: HttpRequest, warehouse_id: int, carrier: str) -> HttpResponse:
    """The table as it is; whoever may change it gets the grid to change."""
    return _show(request, get_object_or_404(Warehouse, pk=warehouse_id), carrier)


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=rates_in_scope)
def edit(request: HttpRequest, warehouse_id: int, carrier: str) -> HttpResponse:
    """Save the grid as a whole."""
    warehouse = get_object_or_404(Warehouse, pk=warehouse_id)
    if request.method != "POST":
        return _show(request, warehouse, carrier)
    lines = grid(request.POST, rates_of(warehouse, carrier))
    if not lines.is_valid():
        return _show(request, warehouse, carrier, lines)
    try:
        with transaction.atomic():
            before, after = replace_rates(warehouse, carrier, lines.rows(), seen=_seen(request))
            if before or after:
                record_change("freight.changed", by=cast(User, request.user), now=timezone.now(), of=warehouse,
                              before=before, after=after, carrier=carrier)  # fmt: skip
    except Refusal as refusal:
        return _show(request, warehouse, carrier, lines, str(refusal))
    number = len(before.keys() | after.keys())
    sentence = ngettext("%(number)d line of %(carrier)s changed", "%(number)d lines of %(carrier)s changed", number)
    toast(request, sentence % {"number": number, "carrier": carrier})
    return go(request, "desk:settings-freight")


def _seen(request: HttpRequest) -> Any:
    try:
        return json.loads(request.POST.get("seen", ""))
    except ValueError:
        return None


def _show(
    request: HttpRequest, warehouse: Warehouse, carrier: str, lines: Any = None, refusal: str = ""
) -> HttpResponse:
    rates = rates_of(warehouse, carrier)
    user = cast(User, request.user)
    context = {
        "heading": _("%(carrier)s from %(warehouse)s") % {"carrier": carrier, "warehouse": warehouse},
        "crumbs": [(_("Settings"), reverse("desk:settings")), (_("Freight"), reverse("desk:settings-freight"))],
        "warehouse": warehouse,
        "carrier": carrier,
        "lines": lines or grid(None, rates),
        "seen": request.POST.get("seen") if lines is not None else json.dumps(as_table(rates)),
        "refusal": refusal,
        "may_change": user.can(Capability.CHANGE_NETWORK),
        "may_export": user.can(Capability.EXPORT_FILES),
    }
    return render(request, "desk/settings/rates.html", context, status=200 if lines is None else 422)


@page(Capability.EXPORT_FILES, scope=rates_in_scope)
def take_out(request: HttpRequest, warehouse_id: int, carrier: str) -> HttpResponseBase:  # noqa: ARG001
    """The table as a file that the import takes back."""
    warehouse = get_object_or_404(Warehouse, pk=warehouse_id)
    lines = (
        (warehouse.code, carrier, code_of(rate.region) or "", rate.first_g / 1000, f"{rate.first_minor / 100:.2f}",
         rate.next_g / 1000, f"{rate.next_minor / 100:.2f}", round(rate.transit_s / 3600, 2),
         rate.volumetric_cm3_per_kg)
        for rate in rates_of(warehouse, carrier)
    )  # fmt: skip
    return download("csv", f"freight-{warehouse.code}", HEADS, lines)


@page(Capability.CHANGE_NETWORK, methods=("POST",), scope=limited_to_nothing)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Rates from a file, of any warehouses: what it names is inserted or changed, nothing is removed."""
    file = request.FILES.get("file")
    if file is None:
        toast(request, _("No file was chosen."), bad=True)
        return go(request, "desk:settings-freight")
    user, now = cast(User, request.user), timezone.now()
    try:
        report = import_file("freight", cast(Any, file.file), now=now, by=user)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
        return go(request, "desk:settings-freight")
    if report.created or report.changed:
        record_change("freight.imported", by=user, now=now, created=report.created, changed=report.changed)
    numbers = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    toast(request, _("Freight: %(created)d lines new, %(changed)d changed, %(unchanged)d as before.") % numbers)
    for reject in report.rejects.sample[:3]:
        where = {"line": reject.line, "reason": reject.reason, "remedy": reject.remedy}
        toast(request, _("Line %(line)d: %(reason)s %(remedy)s") % where, bad=True)
    return go(request, "desk:settings-freight")

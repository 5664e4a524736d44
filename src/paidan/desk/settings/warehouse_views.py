"""What belongs to a warehouse beside its fields: its place on the map, its days, its coverage tree and carriers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.geo import resolve
from paidan.geo.codes import number_of
from paidan.geo.regions import UnknownRegionError, region
from paidan.network.calendars import days_off
from paidan.network.coverage import Coverage, read_coverage
from paidan.network.intake import region_of
from paidan.network.models import FreightRate, Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.network.services_freight import toggle_day
from paidan.orders.queue import queue_waiting
from paidan.web.pages import page

from .coverage_views import tree
from .warehouse_form import WarehouseForm, region_words

WEEKS = 8
"""How many weeks the calendar shows: within the horizon in which a next working day is looked for."""


def warehouse_in_scope(user: User, warehouse_id: int) -> bool:
    return bool(visible_warehouses(user).filter(id=warehouse_id).exists())


def warehouse_context(request: HttpRequest, row: Warehouse, form: Any) -> dict[str, Any]:
    """What the warehouse page shows beside the form's fields."""
    given = request.POST if form.is_bound else form.initial
    try:
        chosen = read_coverage(given.get("covers", ""), given.get("excludes", ""))
    except (LookupError, ValueError):
        chosen = Coverage(None)
    others = visible_warehouses(cast(User, request.user)).exclude(pk=row.pk).filter(lat__isnull=False)
    context = {
        **tree(chosen, set()),
        "time_zones": sorted(available_timezones()) if form.fields["timezone"] else [],
        "place": {
            "lat": row.lat,
            "lng": row.lng,
            "name": str(row) if row.pk else _("here"),
            "others": [{"name": str(one), "at": [one.lng, one.lat]} for one in others],
        },
    }
    if row.pk is None:
        return context
    kept = Warehouse.objects.get(pk=row.pk)
    rates = FreightRate.objects.filter(warehouse=row).values("carrier")
    carriers = rates.annotate(rows=Count("pk"), least=Min("first_minor")).order_by("carrier")
    return {**context, "weeks": weeks(kept), "kept": kept, "carriers": list(carriers)}


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar; `differs` from what the week and the holidays say."""

    day: date
    working: bool
    differs: bool
    past: bool


def weeks(warehouse: Warehouse) -> list[list[Day]]:
    """The weeks from this one on, Monday first."""
    today = timezone.localdate(timezone=ZoneInfo(warehouse.timezone))
    first = today - timedelta(days=today.weekday())
    single = list(warehouse.days.filter(day__gte=first))
    off, usually_off = set(days_off(warehouse, single, first)), set(days_off(warehouse, [], first))
    days = [first + timedelta(days=n) for n in range(WEEKS * 7)]
    found = [Day(day, day not in off, (day in off) != (day in usually_off), day < today) for day in days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]


@page(Capability.CHANGE_NETWORK, methods=("POST",), scope=warehouse_in_scope)
def change_day(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    """Make one day the other of working and off, at once."""
    warehouse = get_object_or_404(Warehouse, pk=warehouse_id)
    day = parse_date(request.POST.get("day", "") or "-") if len(request.POST.get("day", "")) == 10 else None
    if day is None or not any(one.day == day and not one.past for week in weeks(warehouse) for one in week):
        return HttpResponse(status=422)
    with transaction.atomic():
        working = toggle_day(warehouse, day)
        record_change(
            "warehouse.day", by=cast(User, request.user), now=timezone.now(), of=warehouse,
            before={"day": day.isoformat(), "working": not working}, after={"day": day.isoformat(), "working": working},
        )  # fmt: skip
        queue_waiting()
    context = {"weeks": weeks(warehouse), "kept": warehouse, "may_change": True, "at": day}
    return render(request, "desk/settings/days.html", context)


@page(Capability.CHANGE_NETWORK)
def find_place(request: HttpRequest) -> HttpResponse:
    """Region and coordinates of what was typed as address or region; nothing found leaves the fields as they are."""
    region_text, address = request.GET.get("region", "").strip()[:60], request.GET.get("address", "").strip()[:300]
    number = (region_of(region_text) if region_text else None) or number_of(resolve(address).code)
    try:
        place = region(f"{number:06d}") if number and number >= 100_000 else None
    except UnknownRegionError:
        place = None
    form = WarehouseForm(user=cast(User, request.user), instance=Warehouse())
    form.initial.update(region=region_text, lat=request.GET.get("lat"), lng=request.GET.get("lng"))
    if place is not None and place.lat is not None:
        form.initial.update(region=region_words(number or 0), lat=f"{place.lat:.5f}", lng=f"{place.lng:.5f}")
    context = {"form": form, "asked": True, "found": place is not None, "may_change": True}
    return render(request, "desk/settings/place.html", context)

"""The ratio drawer: sliders that sum to a hundred, and what they mean for the rest of today before they are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.models import WarehouseDay
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.network.ratios import WHOLE, as_percent, set_ratios
from paidan.network.scopes import visible_warehouses
from paidan.orders.models import Order, QueuedOrder
from paidan.web import formats
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .columns import work_days
from .rebalance_views import suggested

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """One warehouse: its slider, and its load now and at the end of the day under the old and the new ratios."""

    warehouse: Warehouse
    old: int
    new: int
    now: str
    kept: str
    then: str
    worse: bool


@dataclass(frozen=True, slots=True)
class Rest:
    """What today still brings: waiting to be allocated, and expected as on this weekday a week ago."""

    waiting: int
    expected: int

    @property
    def total(self) -> int:
        return self.waiting + self.expected


@page(Capability.SET_RATIOS, methods=("GET", "POST"))
def ratios(request: HttpRequest) -> HttpResponse:
    """GET opens the drawer; POST shows the effect, and with `save` keeps them."""
    user, now = cast(User, request.user), timezone.now()
    warehouses = list(visible_warehouses(user).prefetch_related("days"))
    old = as_percent({one.id: one.ratio for one in warehouses})
    given = {one.id: _share(request.POST.get(f"r{one.id}", ""), old[one.id]) for one in warehouses}
    context = {"error": ""}
    if request.method == "POST" and request.POST.get("save"):
        try:
            return _saved(request, user, warehouses, given, now)
        except Refusal as refusal:
            context["error"] = str(refusal)
    rest = rest_of_today(now)
    shown = {**context, "rest": rest, "rows": rows_of(warehouses, old, given, rest, now), "sum": sum(given.values())}
    template = "ratio_effect" if request.method == "POST" else "ratios"
    return render(request, f"desk/board/{template}.html", shown)


def _share(text: str, otherwise: int) -> int:
    return min(int(text), WHOLE) if text.isascii() and text.isdecimal() and len(text) < 4 else otherwise


def _saved(
    request: HttpRequest, user: User, warehouses: Sequence[Warehouse], given: Mapping[int, int], now: datetime
) -> HttpResponse:
    keep_ratios(warehouses, given, by=user, now=now)
    toast(request, _("Ratios saved; they count from the next wave on."))
    answer = suggested(toasts_only(request), request)
    # Only then may the drawer that asked be closed: what comes from a button that is gone is not shown.
    answer["HX-Trigger-After-Settle"] = "paidan:ratios"
    return answer


@transaction.atomic
def keep_ratios(warehouses: Sequence[Warehouse], given: Mapping[int, int], *, by: User, now: datetime) -> None:
    """Set the ratios of these warehouses together, and log what changed."""
    codes = {one.id: one.code for one in warehouses}
    changed = set_ratios(given)
    if changed:
        before = {codes[key]: was for key, (was, _new) in changed.items()}
        after = {codes[key]: new for key, (_was, new) in changed.items()}
        record_change("ratios.set", by=by, now=now, before=before, after=after)


def rest_of_today(now: datetime) -> Rest:
    """Two bounded counts: the queue, and one day's orders of last week."""
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    expected = Order.objects.filter(paid_at__gte=now - WEEK, paid_at__lt=midnight - WEEK).count()
    return Rest(QueuedOrder.objects.count(), expected)


def rows_of(
    warehouses: Sequence[Warehouse], old: Mapping[int, int], new: Mapping[int, int], rest: Rest, now: datetime
) -> list[Row]:
    """The load of each warehouse if the rest of the day goes by the old ratios, and by the new ones."""
    days = work_days(warehouses, now)
    found = WarehouseDay.objects.filter(day__in={day for day, _today in days.values()})
    loads = {(row.warehouse_id, row.day): row.load_n for row in found}
    rows = []
    for one in warehouses:
        load = loads.get((one.id, days[one.id][0]), 0)
        kept, then = (load + round(rest.total * share[one.id] / WHOLE) for share in (old, new))
        worse = one.capacity is not None and then > one.capacity
        at_first, at_last, instead = (_written(n, one.capacity) for n in (load, kept, then))
        rows.append(Row(one, old[one.id], new[one.id], at_first, at_last, instead, worse))
    return rows


def _written(load: int, capacity: int | None) -> str:
    return formats.percent(load / capacity) if capacity else formats.count(load)

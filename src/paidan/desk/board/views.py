"""The board itself, and pausing and resuming a warehouse on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.warehouses import pause_warehouse, resume_warehouse
from paidan.geo import children
from paidan.network.models import Warehouse
from paidan.network.scopes import visible_shops
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .cards import cards_of
from .columns import Column, queues, team_columns, warehouse_columns
from .filters import DUE_HOURS, BoardFilter, board_filter
from .rebalance_views import suggested
from .relief_views import warehouse_in_scope

BY = ("warehouses", "teams")


@page(Capability.SEE_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """The whole board; the live refresh asks for the same and exchanges the parts that changed."""
    user, now = cast(User, request.user), timezone.now()
    by = request.GET.get("by") if request.GET.get("by") in BY else BY[0]
    chosen = board_filter(user, request.GET, now)
    columns = columns_of(user, str(by), chosen, now)
    load = sum(column.load for column in columns)
    context = {
        "heading": _("Dispatch board"),
        "live_topics": ["orders", "network"],
        "by": by,
        "columns": columns,
        "load": load,
        "capacity": sum(column.capacity or 0 for column in columns) if all(one.capacity for one in columns) else None,
        "filters": filters_of(user, chosen),
        "may": {
            name: user.can(Capability(name)) for name in ("assign_orders", "relieve", "pause_warehouses", "set_ratios")
        },
        "now": now,
        "orders_url": _orders_url(),
    }
    return render(request, "desk/board/board.html", context)


def columns_of(user: User, by: str, chosen: BoardFilter, now: Any) -> list[Column]:
    """The columns with their cards."""
    found = queues(chosen)
    make = warehouse_columns if by == BY[0] else team_columns
    columns = make(user, chosen, found, now)
    field = "warehouse_id" if by == BY[0] else "team_id"
    cards = cards_of(field, [column.place.pk for column in columns], chosen)
    for column in columns:
        column.cards = cards[column.place.pk]
    return columns


def filters_of(user: User, chosen: BoardFilter) -> list[dict[str, Any]]:
    """What the bar offers: each filter with its choices and what is chosen."""
    shops = [(str(shop.pk), str(shop)) for shop in visible_shops(user)]
    provinces = [(one.code, one.name) for one in children("CN")]
    hours = [(str(h), ngettext("within %(h)d hour", "within %(h)d hours", h) % {"h": h}) for h in DUE_HOURS]
    return [
        _filter("shop", _("Shop"), shops, str(chosen.shop or "")),
        _filter("region", _("Region"), provinces, str(chosen.region or "")),
        _filter("due", _("Ship by"), [("late", _("late")), *hours], chosen.due),
    ]


def _filter(key: str, label: str, choices: Sequence[tuple[str, str]], value: str) -> dict[str, Any]:
    words = dict(choices).get(value, value)
    return {"key": key, "label": label, "choices": choices, "value": value, "words": words}


def _orders_url() -> str:
    try:
        return reverse("desk:orders")
    except NoReverseMatch:
        return ""


@page(Capability.PAUSE_WAREHOUSES, methods=("POST",), scope=warehouse_in_scope)
def pause(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    """Give a warehouse nothing new."""
    warehouse, now = get_object_or_404(Warehouse, pk=warehouse_id), timezone.now()
    if pause_warehouse(warehouse):
        record_change("warehouse.paused", by=cast(User, request.user), now=now, of=warehouse)
        sentence = _("%(warehouse)s is paused: it gets nothing new and keeps what it has.") % {"warehouse": warehouse}
        toast(request, sentence, undo=reverse("desk:board-resume", args=[warehouse.pk]))
        return suggested(toasts_only(request, changed="paidan:refresh"), request, warehouse)
    toast(request, _("%(warehouse)s was paused already.") % {"warehouse": warehouse})
    return toasts_only(request, changed="paidan:refresh")


@page(Capability.PAUSE_WAREHOUSES, methods=("POST",), scope=warehouse_in_scope)
def resume(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    """Let a warehouse take orders again; what waited is tried."""
    warehouse, now = get_object_or_404(Warehouse, pk=warehouse_id), timezone.now()
    queued = resume_warehouse(warehouse)
    if queued is None:
        toast(request, _("%(warehouse)s was open already.") % {"warehouse": warehouse})
    else:
        record_change("warehouse.resumed", by=cast(User, request.user), now=now, of=warehouse)
        sentence = ngettext(
            "%(warehouse)s takes orders again; %(number)d waiting order is tried.",
            "%(warehouse)s takes orders again; %(number)d waiting orders are tried.",
            queued,
        )
        toast(request, sentence % {"warehouse": warehouse, "number": queued})
    return suggested(toasts_only(request, changed="paidan:refresh"), request)

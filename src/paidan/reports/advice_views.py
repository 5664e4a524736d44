"""What the last weeks advise about ratios, capacities, rules, regions and stock: evidence, and the way to act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import isfinite
from typing import Any, cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.geo.codes import code_of
from paidan.network.models import Team, Warehouse
from paidan.network.plans import keep_as_normal
from paidan.network.scopes import scope_of
from paidan.network.services_rows import save_row
from paidan.orders.queue import queue_waiting
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.queries import published_version
from paidan.rules.shadowing import never_firing, placed
from paidan.web.exports import TYPES, download
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .asking import Asked
from .dimensions import Dimension
from .goods import LISTED, transfers
from .links import parcels_url
from .periods import Days
from .places import Elsewhere, PassedOver, look_at_places
from .questions import Question, figures
from .refresh import catch_up
from .speeds import WEEKS, Speed, hours_of_work, speeds_of_teams, speeds_of_warehouses
from .words import place_of, rule_codes

SHOWN = 12
KINDS: dict[str, Any] = {"warehouse": Warehouse, "team": Team}


def everything(user: User, **_captured: Any) -> bool:
    """Advice looks at all orders: only those who see everything may."""
    return scope_of(user).is_everything


@page(Capability.SEE_REPORTS, scope=everything)
def advice(request: HttpRequest) -> HttpResponse:
    """All of it on one page, the stock a moment later."""
    now = timezone.now()
    catch_up(now=now)
    today = timezone.localdate(now)
    days = Days(today - timedelta(weeks=WEEKS), today - timedelta(days=1))
    warehouses = list(Warehouse.objects.order_by("position", "id"))
    hours = hours_of_work(now)
    places = look_at_places(days, warehouses)
    context = {
        "heading": _("Advice"),
        "crumbs": [(_("Reports"), reverse("reports:index"))],
        "live_topics": ["network", "rules"],
        "days": days,
        "warehouses": told("warehouse", speeds_of_warehouses(warehouses, hours)),
        "teams": [told("team", speeds) for speeds in by_warehouse(hours)],
        "rules": rules_to_look_at(days),
        "draft_url": _what_if({"rules": "draft"}) if draft() else "",
        "elsewhere": [elsewhere_row(one, days) for one in places.elsewhere[:SHOWN]],
        "passed_over": [passed_over_row(one, days) for one in places.passed_over[:SHOWN]],
        "overtaken": [(one, _what_if({f"open_{one.pk}": "closed"})) for one in places.overtaken],
    }
    return render(request, "reports/advice.html", context)


def elsewhere_row(one: Elsewhere, days: Days) -> dict[str, Any]:
    """A region another warehouse would serve for less, the orders that show it, and the rule it would take."""
    orders = orders_to(days, one.region, one.warehouse)
    return {"one": one, "name": place_of(one.region), "orders": orders, "rule": new_rule_url(one.region, one.better)}


def passed_over_row(one: PassedOver, days: Days) -> dict[str, Any]:
    orders = orders_to(days, one.region)
    return {"one": one, "name": place_of(one.region), "orders": orders, "rule": new_rule_url(one.region, one.nearest)}


def orders_to(days: Days, number: int, warehouse: Warehouse | None = None) -> str:
    """The orders of these days to a region, from one warehouse or any."""
    here = {"region": str(number)} | ({"warehouse": str(warehouse.pk)} if warehouse else {})
    return parcels_url(Asked(days, None, "day", here, {}), "any", None)


def new_rule_url(number: int, warehouse: Warehouse) -> str:
    """The rule form begun: this region from there, above all others."""
    query = {"region": code_of(number), "warehouse": warehouse.code, "first": "1"}
    return reverse("rules:new") + "?" + urlencode(query)


def by_warehouse(hours: Any) -> list[list[Speed]]:
    """The teams of each warehouse that has several."""
    groups: dict[int, list[Team]] = {}
    teams = Team.objects.filter(active=True, warehouse__isnull=False).select_related("warehouse")
    for team in teams.order_by("warehouse__position", "warehouse_id", "code"):
        groups.setdefault(team.warehouse_id or 0, []).append(team)
    return [speeds_of_teams(group, hours) for group in groups.values()]


def told(kind: str, speeds: Sequence[Speed]) -> dict[str, Any]:
    """Speeds with the addresses of what can be done about them."""
    moved = [one for one in speeds if one.change]
    ratios = {f"{kind}_ratio_{one.place.pk}": one.ratio_then for one in speeds if one.ratio_then is not None}
    home = cast(Team, speeds[0].place).warehouse if kind == "team" and speeds else None
    return {
        "kind": kind,
        "home": home,
        "rows": [
            {
                "speed": one,
                "capacity_url": reverse("reports:advice-capacity", args=[kind, one.place.pk]),
                "what_if": _what_if({f"{kind}_capacity_{one.place.pk}": one.capacity_then or ""}),
            }
            for one in speeds
        ],
        "moved": moved,
        "what_if": _what_if(ratios),
        "apply_url": reverse("reports:team-ratios", args=[home.pk]) if home else reverse("desk:board-ratios"),
        "fields": [(f"r{one.place.pk}", one.ratio_then) for one in speeds if one.ratio_then is not None],
    }


def _what_if(values: dict[str, Any]) -> str:
    return reverse("whatif:new") + "?" + urlencode(values)


def rules_to_look_at(days: Days) -> list[dict[str, Any]]:
    """Rules in force no order can reach, and those no order of these weeks came by."""
    version = published_version()
    rules = list(version.rules.order_by("priority", "id")) if version else []
    names = {rule.code: str(rule) for rule in rules}
    never = never_firing(placed(rules))
    codes = rule_codes()
    served = figures(Question(days.first, days.last, Dimension.RULE))
    hits = {codes.get(key): one.parcels for key, one in served.items()}
    begun = draft()
    still_on = {rule.code for rule in rules_of_version(begun) if rule.active} if begun else set(names)
    found: list[dict[str, Any]] = []
    for rule in rules[:-1]:  # the last one is there for what nobody thought of
        if rule.code in never:
            above = _(", ").join(names[code] for code in never[rule.code])
            why = _("never fires: %(rules)s takes all its orders first") % {"rules": above}
            found.append({"rule": rule, "why": why if above else _("never fires: its conditions exclude each other")})
        elif rule.active and not hits.get(rule.code):
            found.append({"rule": rule, "why": _("no order came by it in these weeks")})
    for one in found:
        one["on"] = one["rule"].active and one["rule"].code in still_on
    return found


@page(Capability.SEE_REPORTS, scope=everything)
def stock(request: HttpRequest) -> HttpResponse:
    """The part about stock: it reads a week of lines, so it comes after the rest."""
    found = transfers(list(Warehouse.objects.order_by("position", "id")), timezone.now())
    files = {kind: reverse("reports:advice-transfers", args=[kind]) for kind in TYPES}
    return render(request, "reports/advice_stock.html", {"transfers": found, "files": files})


@page(Capability.EXPORT_FILES, scope=everything)
def transfer_list(request: HttpRequest, kind: str) -> HttpResponseBase:  # noqa: ARG001 - every view takes it
    """All transfers as a file for those who pack and drive them."""
    if kind not in TYPES:
        raise Http404
    now = timezone.now()
    found = transfers(list(Warehouse.objects.order_by("position", "id")), now, LISTED)
    heads = (
        *(_("SKU"), _("Name"), _("Pieces"), _("From (code)"), _("From warehouse"), _("lasts there (days)")),
        *(_("To (code)"), _("To warehouse"), _("lasts there now (days)")),
    )
    lines = (
        (
            *(one.sku.code, one.sku.name, one.pieces, one.source.code, str(one.source), _lasts(one.source_days)),
            *(one.target.code, str(one.target), _lasts(one.target_days)),
        )
        for one in found
    )
    return download(kind, f"transfers-{timezone.localdate(now)}", heads, lines)


def _lasts(days: float) -> float | None:
    """Days of stock; None where nothing asks for it."""
    return round(days, 1) if isfinite(days) else None


@page(Capability.CHANGE_NETWORK, methods=("POST",), scope=everything)
def apply_capacity(request: HttpRequest, kind: str, place_id: int) -> HttpResponse:
    """Set the capacity that was seen; what waited for room is tried again."""
    user, now = cast(User, request.user), timezone.now()
    row = get_object_or_404(KINDS.get(kind, Warehouse), pk=place_id)
    wanted = request.POST.get("capacity", "")
    if not (wanted.isascii() and wanted.isdecimal() and 0 < int(wanted[:9]) == int(wanted)):
        toast(request, _("A capacity is a whole number of parcels a day."), bad=True)
        return toasts_only(request)
    with transaction.atomic():
        before, after = save_row(row, {"capacity": int(wanted)})
        if after:
            keep_as_normal(row, after)
            record_change(f"{kind}.changed", by=user, now=now, of=row, before=before, after=after)
            queue_waiting()
    toast(request, _("%(name)s can take %(number)s a day from now on.") % {"name": row, "number": wanted})
    return toasts_only(request, changed="paidan:refresh")

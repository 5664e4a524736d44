"""What the last weeks advise about ratios, capacities, rules, regions and stock: evidence, and the way to act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.models import Team, Warehouse
from paidan.network.plans import keep_as_normal
from paidan.network.scopes import scope_of
from paidan.network.services_rows import save_row
from paidan.orders.queue import queue_waiting
from paidan.rules.queries import published_version
from paidan.rules.shadowing import never_firing, placed
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .dimensions import Dimension
from .goods import transfers
from .periods import Days
from .places import look_at_places
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
        "elsewhere": [(one, place_of(one.region)) for one in places.elsewhere[:SHOWN]],
        "passed_over": [(one, place_of(one.region)) for one in places.passed_over[:SHOWN]],
        "overtaken": places.overtaken,
    }
    return render(request, "reports/advice.html", context)


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
    found = []
    for rule in rules[:-1]:  # the last one is there for what nobody thought of
        if rule.code in never:
            above = _(", ").join(names[code] for code in never[rule.code])
            why = _("never fires: %(rules)s takes all its orders first") % {"rules": above}
            found.append({"rule": rule, "why": why if above else _("never fires: its conditions exclude each other")})
        elif rule.active and not hits.get(rule.code):
            found.append({"rule": rule, "why": _("no order came by it in these weeks")})
    return found


@page(Capability.SEE_REPORTS, scope=everything)
def stock(request: HttpRequest) -> HttpResponse:
    """The part about stock: it reads a week of lines, so it comes after the rest."""
    found = transfers(list(Warehouse.objects.order_by("position", "id")), timezone.now())
    return render(request, "reports/advice_stock.html", {"transfers": found})


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

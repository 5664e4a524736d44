"""The team board: every team's day on one page, also for a wall, and the ratios of a warehouse's teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.network.ratios import WHOLE, as_percent, set_team_ratios
from paidan.network.scopes import visible_teams, visible_warehouses
from paidan.web import formats
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .pace import TeamPace, paces


def warehouse_seen(user: User, warehouse_id: int) -> bool:
    return bool(visible_warehouses(user).filter(pk=warehouse_id).exists())


@page(Capability.SEE_REPORTS)
def teams(request: HttpRequest) -> HttpResponse:
    """Who is drowning, who has room, and who will be through when."""
    user, now = cast(User, request.user), timezone.now()
    found = visible_teams(user).filter(active=True).select_related("warehouse")
    rows = paces(list(found.order_by("warehouse__position", "warehouse_id", "code")), now)
    context = {
        "heading": _("Teams now"),
        "crumbs": [(_("Reports"), reverse("reports:index"))],
        "live_topics": ["orders", "network"],
        "wall": request.GET.get("wall") == "1",
        "groups": grouped(rows, now),
        "overloaded": [row for row in rows if row.is_overloaded],
        "left": sum(row.left for row in rows),
        "shipped": sum(row.shipped for row in rows),
    }
    return render(request, "reports/teams.html", context)


def grouped(rows: Sequence[TeamPace], now: datetime) -> list[dict[str, Any]]:
    """The teams of each warehouse together, with their share of its orders."""
    groups: dict[int, dict[str, Any]] = {}
    for row in rows:
        key = row.team.warehouse_id or 0
        group = groups.setdefault(key, {"warehouse": row.team.warehouse, "teams": []})
        group["teams"].append(row)
    for group in groups.values():
        shares = as_percent({row.team.pk: row.team.ratio for row in group["teams"]})
        group["rows"] = [(row, shares[row.team.pk], outlook(row, now)) for row in group["teams"]]
        group["may_share"] = group["warehouse"] is not None and len(group["teams"]) > 1
    return list(groups.values())


def outlook(row: TeamPace, now: datetime) -> str:
    """What becomes of the day at this pace, in a sentence."""
    if not row.left:
        return _("nothing left to do")
    if row.done_at is None:
        said = _("no pace yet") if row.each is None else _("more than two days' work at this pace")
    else:
        said = _("done by %(at)s at this pace") % {"at": formats.moment(row.done_at, now=now)}
    if not row.may_be_late:
        return said
    risk = ngettext("%(number)s ship-by at risk", "%(number)s ship-bys at risk", row.may_be_late)
    return _("%(outlook)s; %(risk)s") % {"outlook": said, "risk": risk % {"number": formats.count(row.may_be_late)}}


@page(Capability.SET_RATIOS, methods=("GET", "POST"), scope=warehouse_seen)
def team_ratios(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    """GET opens the drawer; POST with `save` keeps the shares."""
    user, warehouse = cast(User, request.user), get_object_or_404(Warehouse, pk=warehouse_id)
    mine = list(Team.objects.filter(warehouse=warehouse, active=True).order_by("code"))
    old = as_percent({one.pk: one.ratio for one in mine})
    given = {one.pk: _share(request.POST.get(f"r{one.pk}", ""), old[one.pk]) for one in mine}
    error = ""
    if request.method == "POST" and request.POST.get("save"):
        try:
            return _saved(request, user, warehouse, mine, given)
        except Refusal as refusal:
            error = str(refusal)
    context = {"warehouse": warehouse, "rows": [(one, given[one.pk]) for one in mine], "error": error}
    return render(request, "reports/team_ratios.html", context)


def _share(text: str, otherwise: int) -> int:
    return min(int(text), WHOLE) if text.isascii() and text.isdecimal() and len(text) < 4 else otherwise


def _saved(
    request: HttpRequest, user: User, warehouse: Warehouse, mine: Sequence[Team], given: Mapping[int, int]
) -> HttpResponse:
    codes = {one.pk: one.code for one in mine}
    with transaction.atomic():
        changed = set_team_ratios(given)
        if changed:
            before = {codes[key]: was for key, (was, _new) in changed.items()}
            after = {codes[key]: new for key, (_was, new) in changed.items()}
            record_change("team_ratios.set", by=user, now=timezone.now(), of=warehouse, before=before, after=after)
    toast(request, _("Ratios saved; they count from the next wave on."))
    answer = toasts_only(request)
    answer["HX-Trigger-After-Settle"] = "paidan:ratios"
    return answer

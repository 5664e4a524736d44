"""Scanning: one number after another; each answer is a verdict that fills the width, with sound and vibration."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from paidan.accounts.changes import record_change
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.network.models import FreightRate, Team
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .frame import frame, now_of, person, steps_of
from .pace import midnight, shipped_today
from .queues import by_ship_by, rows_of, step_counts, waiting
from .scanning import SOURCES, Bench, Verdict, scan, ship_with
from .scope import team_allocations, team_in_scope, team_of
from .views_queue import SHOWN, WORK

RECENT = 8


@page(WORK, scope=team_in_scope)
def ship_page(request: HttpRequest, team_id: int) -> HttpResponse:
    """Scan a parcel, scan its waybill: shipped. Below, what was shipped just now and what waits."""
    context = frame(request, team_id, "ship")
    team, now = context["team"], context["now"]
    found = waiting(context["allocations"], AllocationState.PACKED)
    today = context["allocations"].filter(state=AllocationState.SHIPPED, state_at__gte=midnight(team, now))
    carrier, ask_waybill = _choices(request, team)
    context |= {
        "step": "ship",
        "rows": rows_of(by_ship_by(found), SHOWN),
        "total": found.count(),
        "recent": rows_of(today.order_by("-state_at"), RECENT),
        "shipped": shipped_today(team, now=now),
        "carrier": carrier,
        "ask_waybill": ask_waybill,
    }
    return render(request, "desk/teams/ship.html", context)


@page(WORK, methods=("POST",), scope=team_in_scope)
def scanned(request: HttpRequest, team_id: int, step: str) -> HttpResponse:
    """One scan; with a parcel named, it is that parcel's waybill number."""
    if step not in SOURCES:
        raise Http404
    team, by, now = team_of(team_id), person(request), now_of(request)
    allocations = team_allocations(by, team)
    carrier, ask_waybill = _choices(request, team)
    bench = Bench(step, allocations, by, now, carrier, ask_waybill)
    code, parcel = request.POST.get("code", "")[:100], request.POST.get("parcel", "")
    verdict = _verdict(bench, code, request.POST)
    _log(verdict, bench)
    if not request.headers.get("HX-Request"):
        # Scanned before the script was there, or without any: the answer is said on the step's own page.
        if code.strip():
            words = " · ".join(filter(None, (verdict.title, verdict.first, verdict.second)))
            toast(request, words, bad=verdict.tone == "no")
        return go(request, f"desk:team-{step}", team_id)
    context = {
        "team": team,
        "step": step,
        "verdict": verdict,
        "asked": verdict.row if verdict.tone == "ask" or _still_asks(parcel, verdict) else None,
        "steps": steps_of(team, step_counts(allocations), step),
        "now": now,
    }
    return render(request, "desk/teams/scanned.html", context)


@page(WORK, methods=("GET", "POST"), scope=team_in_scope)
def carrier(request: HttpRequest, team_id: int) -> HttpResponse:
    """Which carrier takes the parcels (none = each the one planned), and whether waybill numbers are scanned."""
    team = team_of(team_id)
    if request.method == "POST":
        wanted = request.POST.get("carrier", "")
        known = wanted if wanted in _carriers(team) else ""
        request.session[_key(team)] = {"carrier": known, "ask": bool(request.POST.get("ask"))}
        return go(request, "desk:team-ship", team_id)
    chosen_carrier, ask_waybill = _choices(request, team)
    context = frame(request, team_id, "ship") | {
        "carriers": _carriers(team),
        "carrier": chosen_carrier,
        "ask_waybill": ask_waybill,
        "heading": _("Carrier"),
    }
    return render(request, "desk/teams/carrier.html", context)


def _verdict(bench: Bench, code: str, said: Any) -> Verdict:
    """A number for the parcel that waits for its waybill, or of a parcel; shipping without one is said in words."""
    parcel = said.get("parcel", "")
    if bench.step == "ship" and _is_id(parcel) and (code.strip() or said.get("without")):
        return ship_with(bench, int(parcel), code)
    return scan(bench, code)


def _still_asks(parcel: str, verdict: Verdict) -> bool:
    """A wrong waybill number leaves the parcel waiting for the right one; a parcel that cannot ship does not."""
    return bool(parcel) and verdict.tone == "no" and verdict.row is not None and verdict.row.state == SOURCES["ship"]


def _log(verdict: Verdict, bench: Bench) -> None:
    if verdict.good and verdict.row is not None:
        words = {"pick": "allocation.picked", "pack": "allocation.packed", "ship": "allocation.shipped"}
        row = Allocation(pk=verdict.row.id)
        record_change(words[bench.step], by=bench.by, now=bench.now, of=row, order=verdict.row.number)


def _choices(request: HttpRequest, team: Team) -> tuple[str, bool]:
    kept: dict[str, Any] = request.session.get(_key(team), {})
    return kept.get("carrier", ""), kept.get("ask", True)


def _carriers(team: Team) -> list[str]:
    rates = FreightRate.objects.filter(warehouse_id=team.warehouse_id) if team.warehouse_id else FreightRate.objects
    return list(rates.order_by("carrier").values_list("carrier", flat=True).distinct())


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _key(team: Team) -> str:
    return f"ship-{team.pk}"

"""The pick list: begin it, tick articles, say what is missing, print it, be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.allocation.states import AllocationState
from paidan.allocation.teamwork import report_problems
from paidan.allocation.transitions import hand_back_allocations, pick_allocations
from paidan.network.models import Team
from paidan.orders.states import ExceptionKind
from paidan.web import formats
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from . import picking
from .barcodes import code128
from .forms import HandBackForm, ShortForm
from .frame import chosen_ids, frame, ids_of, log, now_of, person, tell_refused
from .queues import Row, accepted_by, by_ship_by, waiting
from .scope import team_allocations, team_in_scope, team_of
from .views_queue import WORK


@page(WORK, methods=("POST",), scope=team_in_scope)
def begin(request: HttpRequest, team_id: int) -> HttpResponse:
    """A list of the ticked ones, or of as many as the button said, earliest ship-by first."""
    team = team_of(team_id)
    found = waiting(team_allocations(person(request), team), AllocationState.ACCEPTED).filter(frozen=False)
    if request.POST.get("whose") == "mine":
        found = accepted_by(found, person(request))
    chosen = chosen_ids(request)
    if chosen or not request.POST.get("all"):
        found = found.filter(id__in=chosen)
    ids = list(by_ship_by(found).values_list("id", flat=True)[: picking.MOST if chosen else picking.FIRST])
    if not ids:
        toast(request, _("Nothing was chosen."), bad=True)
        return go(request, "desk:team-pick", team_id)
    picking.begin(request, team, ids, now=now_of(request))
    return go(request, "desk:team-list", team_id)


@page(WORK, methods=("GET", "POST"), scope=team_in_scope)
def hand_back(request: HttpRequest, team_id: int) -> HttpResponse:
    """Give the ticked ones back together: first asked why, then done."""
    context = frame(request, team_id, "pick", back=reverse("desk:team-pick", args=[team_id]))
    ids = ids_of(context["allocations"], chosen_ids(request))
    if not ids:
        return go(request, "desk:team-pick", team_id)
    form = HandBackForm(request.POST if "why" in request.POST or "note" in request.POST else None)
    if form.is_valid():
        now, by, reason = now_of(request), person(request), form.reason()
        batch = hand_back_allocations(ids, now=now, by=by, reason=reason)
        log("allocations.handed_back", request, context["team"], batch, note=reason)
        number = len(batch.done)
        sentence = ngettext(
            "%(number)d order handed back; it waits to be reassigned",
            "%(number)d orders handed back; they wait to be reassigned",
            number,
        )
        toast(request, sentence % {"number": number})
        tell_refused(request, batch)
        return go(request, "desk:team-pick", team_id)
    context |= {"form": form, "ids": ids, "heading": _("Hand back"), "button": _("Hand back"), "live_topics": []}
    return render(request, "desk/teams/form.html", context, status=422 if form.is_bound else 200)


@page(WORK, scope=team_in_scope)
def pick_list(request: HttpRequest, team_id: int) -> HttpResponse:
    """What to take from the shelves, by SKU."""
    return _show(request, team_id)


@page(WORK, scope=team_in_scope)
def pick_list_print(request: HttpRequest, team_id: int) -> HttpResponse:
    """The same on paper, with the orders one by one and their numbers as bars to scan."""
    context = _context(request, team_id)
    if context["list"] is None:
        return redirect("desk:team-pick", team_id)
    context["slips"] = [(row, code128(str(row.id))) for row in context["list"].rows]
    return render(request, "desk/teams/print.html", context)


@page(WORK, methods=("POST",), scope=team_in_scope)
def tick(request: HttpRequest, team_id: int, sku_id: int) -> HttpResponse:
    picking.tick(request, team_of(team_id), sku_id)
    if not request.headers.get("HX-Request"):
        return redirect("desk:team-list", team_id)
    return _show(request, team_id)


@page(WORK, methods=("POST",), scope=team_in_scope)
def done(request: HttpRequest, team_id: int) -> HttpResponse:
    """Everything on the list is picked; on to packing."""
    team = team_of(team_id)
    found = picking.open_list(request, team, team_allocations(person(request), team))
    batch = pick_allocations(found.ids if found else [], now=now_of(request), by=person(request))
    log("allocations.picked", request, team, batch)
    picking.end(request, team)
    if batch.done:
        sentence = ngettext("%(number)d order picked", "%(number)d orders picked", len(batch.done))
        toast(request, sentence % {"number": len(batch.done)})
    tell_refused(request, batch)
    return go(request, "desk:team-pack", team_id)


@page(WORK, methods=("POST",), scope=team_in_scope)
def put_away(request: HttpRequest, team_id: int) -> HttpResponse:
    """Drop the list; its orders stay accepted."""
    picking.end(request, team_of(team_id))
    return go(request, "desk:team-pick", team_id)


@page(WORK, scope=team_in_scope)
def which_short(request: HttpRequest, team_id: int) -> HttpResponse:
    """Choose the article of which there are too few."""
    context = _context(request, team_id)
    if context["list"] is None:
        return redirect("desk:team-pick", team_id)
    context |= {"heading": _("What is missing?"), "back": reverse("desk:team-list", args=[team_id])}
    return render(request, "desk/teams/which_short.html", context)


@page(WORK, methods=("GET", "POST"), scope=team_in_scope)
def short(request: HttpRequest, team_id: int, sku_id: int) -> HttpResponse:
    """Too few of an article: the orders it does not suffice for are reported, and handed back if wanted."""
    context = _context(request, team_id)
    found: picking.PickList | None = context["list"]
    article = next((one for one in found.articles if one.sku_id == sku_id), None) if found else None
    if found is None or article is None:
        return redirect("desk:team-list", team_id)
    rows, team = found.rows, context["team"]

    def save(form: ShortForm) -> str:
        return _report_short(request, team, rows, article, **form.cleaned_data)

    context |= {"heading": article.name or article.code, "button": _("Report missing"), "live_topics": []}
    context |= {"article": article, "back": reverse("desk:team-list-which", args=[team_id])}
    to = reverse("desk:team-list", args=[team_id])
    return handle_form(request, ShortForm, save=save, to=to, template="desk/teams/form.html", **context)


def _show(request: HttpRequest, team_id: int) -> HttpResponse:
    context = _context(request, team_id)
    if context["list"] is None:
        return redirect("desk:team-pick", team_id)
    return render(request, "desk/teams/pick_list.html", context)


def _report_short(
    request: HttpRequest,
    team: Team,
    rows: Sequence[Row],
    article: picking.Article,
    *,
    there: int,
    hand_back: bool,
) -> str:
    """Report, then hand back; the sentence says how many orders it was."""
    ids = picking.without_enough(rows, article.sku_id, there)
    values = {"code": article.code, "found": there, "wanted": article.qty}
    note = _("%(code)s: %(found)d of %(wanted)d found") % values
    by, now = person(request), now_of(request)
    batch = report_problems(ids, ExceptionKind.NOT_FOUND, note=note, now=now, by=by)
    log("allocations.reported", request, team, batch, kind="not_found", note=note)
    if hand_back:
        back = hand_back_allocations(ids, now=now, by=by, reason=note)
        log("allocations.handed_back", request, team, back, note=note)
        tell_refused(request, back)
    sentence = ngettext(
        "%(code)s reported missing; it does not suffice for %(number)d order",
        "%(code)s reported missing; it does not suffice for %(number)d orders",
        len(batch.done),
    )
    return sentence % {"code": article.code, "number": len(batch.done)}


def _context(request: HttpRequest, team_id: int) -> dict[str, Any]:
    context = frame(request, team_id, "pick", back=reverse("desk:team-pick", args=[team_id]))
    found = picking.open_list(request, context["team"], context["allocations"])
    if found is not None:
        context["heading"] = _("Pick list %(clock)s") % {"clock": formats.clock(found.begun_at)}
    return {**context, "list": found}

"""Choosing a team; what waits to be accepted, picked and packed; taking it on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability, Role
from paidan.allocation.outcomes import Batch
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import accept_allocations, pack_allocations, unaccept_allocations
from paidan.network.models import Team
from paidan.network.scopes import visible_teams
from paidan.web.pages import page
from paidan.web.replies import go, toast

from . import picking
from .frame import chosen_ids, chunks, frame, ids_of, log, now_of, person, tell_refused
from .pace import day_of
from .queues import accepted_by, by_ship_by, rows_of, step_counts, waiting
from .scope import team_allocations, team_in_scope, team_of

WORK = Capability.WORK_ALLOCATIONS
SHOWN = 100
"""Rows at first; more on request."""
MOST_SHOWN = 1000
CHUNK = 2000
"""So many in one transaction, when all are accepted at once."""
STATES = {"accept": AllocationState.ASSIGNED, "pick": AllocationState.ACCEPTED, "pack": AllocationState.PICKED}


@page(WORK)
def teams(request: HttpRequest) -> HttpResponse:
    """Straight to one's own team; who has several (or leads) chooses."""
    user, now = person(request), now_of(request)
    found: list[Team] = list(visible_teams(user).select_related("warehouse"))
    if len(found) == 1 and user.role == Role.TEAM:
        return redirect("desk:team-accept", found[0].pk)
    listed = [(team, step_counts(team_allocations(user, team))) for team in found] if len(found) <= 12 else []
    context = {
        "heading": _("Which team?"),
        "teams": [(team, sum(counts.values()), counts[AllocationState.ASSIGNED]) for team, counts in listed],
        "plain": [] if listed else found,
        "back": "" if user.role == Role.TEAM else reverse("web:home"),
        "live_topics": ["orders"],
        "now": now,
    }
    return render(request, "desk/teams/teams.html", context)


@page(WORK, scope=team_in_scope)
def accept_queue(request: HttpRequest, team_id: int) -> HttpResponse:
    return _queue(request, team_id, "accept")


@page(WORK, scope=team_in_scope)
def pick_queue(request: HttpRequest, team_id: int) -> HttpResponse:
    return _queue(request, team_id, "pick")


@page(WORK, scope=team_in_scope)
def pack_queue(request: HttpRequest, team_id: int) -> HttpResponse:
    return _queue(request, team_id, "pack")


def _queue(request: HttpRequest, team_id: int, step: str) -> HttpResponse:
    """One step's rows by ship-by; of what is to be picked first one's own, so that no two people pick the same."""
    context = frame(request, team_id, step)
    team, found = context["team"], waiting(context["allocations"], STATES[step])
    mine = False
    if step == "pick":
        own, whose = accepted_by(found, person(request)), request.GET.get("whose")
        mine = whose == "mine" or (whose != "all" and own.exists())
        found = own if mine else found
    shown = min(max(_number(request.GET.get("rows")), SHOWN), MOST_SHOWN)
    rows = rows_of(by_ship_by(found), shown + 1)
    context |= {
        "step": step,
        "rows": rows[:shown],
        "more": shown + SHOWN if len(rows) > shown and shown < MOST_SHOWN else 0,
        "total": found.count(),
        "first": picking.FIRST,
        "mine": mine,
        "day": day_of(team, now=context["now"]),
        "begun": picking.open_list(request, team, context["allocations"]) if step == "pick" else None,
    }
    return render(request, "desk/teams/queue.html", context)


@page(WORK, methods=("POST",), scope=team_in_scope)
def accept(request: HttpRequest, team_id: int) -> HttpResponse:
    """Take on the ticked ones, or all."""
    team, now = team_of(team_id), now_of(request)
    found = waiting(team_allocations(person(request), team), AllocationState.ASSIGNED)
    chosen = chosen_ids(request)
    if chosen or not request.POST.get("all"):
        ids = ids_of(found, chosen)
    else:
        ids = list(by_ship_by(found.filter(frozen=False)).values_list("id", flat=True))
    done: list[int] = []
    refused: dict[int, str] = {}
    for chunk in chunks(ids, CHUNK):
        batch = accept_allocations(chunk, now=now, by=person(request))
        log("allocations.accepted", request, team, batch)
        done += batch.done
        refused |= batch.refused
    _tell_accepted(request, team, Batch(tuple(done), refused), now)
    return go(request, "desk:team-accept", team_id)


def _tell_accepted(request: HttpRequest, team: Team, batch: Batch, now: datetime) -> None:
    number = len(batch.done)
    if number:
        undo = reverse("desk:team-unaccept", args=[team.pk]) + "?" + urlencode({"at": now.isoformat()})
        sentence = ngettext("%(number)d order accepted", "%(number)d orders accepted", number)
        toast(request, sentence % {"number": number}, undo=undo)
    elif not batch.refused:
        toast(request, _("Nothing was chosen."), bad=True)
    tell_refused(request, batch)


@page(WORK, methods=("POST",), scope=team_in_scope)
def unaccept(request: HttpRequest, team_id: int) -> HttpResponse:
    """Take back what one accepted a moment ago: it waits to be accepted again, in this team."""
    team, at = team_of(team_id), _moment(request.GET.get("at"))
    accepted = team_allocations(person(request), team).filter(state=AllocationState.ACCEPTED)
    taken = accepted.filter(state_at=at) if at else accepted.none()
    ids = list(accepted_by(taken, person(request)).values_list("id", flat=True))
    number = 0
    for chunk in chunks(ids, CHUNK):
        batch = unaccept_allocations(chunk, now=now_of(request), by=person(request))
        log("allocations.unaccepted", request, team, batch)
        number += len(batch.done)
    sentence = ngettext(
        "%(number)d order waits to be accepted again", "%(number)d orders wait to be accepted again", number
    )
    toast(request, sentence % {"number": number})
    return go(request, "desk:team-accept", team_id)


@page(WORK, methods=("POST",), scope=team_in_scope)
def pack(request: HttpRequest, team_id: int) -> HttpResponse:
    """Pack the ticked ones without scanning."""
    team = team_of(team_id)
    ids = ids_of(team_allocations(person(request), team), chosen_ids(request))
    batch = pack_allocations(ids, now=now_of(request), by=person(request))
    log("allocations.packed", request, team, batch)
    if batch.done:
        sentence = ngettext("%(number)d order packed", "%(number)d orders packed", len(batch.done))
        toast(request, sentence % {"number": len(batch.done)})
    tell_refused(request, batch)
    return go(request, "desk:team-pack", team_id)


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 6 else 0


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_datetime(text or "")
    except ValueError:
        return None

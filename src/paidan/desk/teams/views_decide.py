"""What a team has to decide or to know: orders that changed in its hands, and the problems it reported."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from paidan.accounts.changes import record_change
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import refusal
from paidan.allocation.states import LIVE
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .frame import frame, now_of, person
from .queues import MARKED, by_ship_by, intercepts, rows_of, why_intercepted
from .scope import allocation_in_scope, team_in_scope
from .views_queue import SHOWN, WORK


@page(WORK, scope=team_in_scope)
def stops(request: HttpRequest, team_id: int) -> HttpResponse:
    """The orders that changed: stop each, or go on with it."""
    context = frame(request, team_id)
    rows = rows_of(by_ship_by(intercepts(context["allocations"])), SHOWN)
    asked = OrderException.objects.filter(
        kind=ExceptionKind.INTERCEPT, allocation_id__in=[row.id for row in rows], resolved_at=None
    )
    causes = {one.allocation_id: why_intercepted(one.detail) for one in asked}
    context |= {
        "stops": [(row, causes.get(row.id, "")) for row in rows],
        "heading": _("Stop or go on?"),
        "back": reverse("desk:team-accept", args=[team_id]),
    }
    return render(request, "desk/teams/stops.html", context)


@page(WORK, methods=("POST",), scope=allocation_in_scope)
def decide(request: HttpRequest, team_id: int, allocation_id: int, answer: str) -> HttpResponse:
    """Stopped: it is cancelled and its goods go back. Going on: too late, it ships as it is."""
    if answer not in ("stopped", "going-on"):
        raise Http404
    row = rows_of(Allocation.objects.filter(pk=allocation_id))[0]
    by, now = person(request), now_of(request)
    service = confirm_intercepts if answer == "stopped" else refuse_intercepts
    batch = service([allocation_id], now=now, by=by)
    for code in batch.refused.values():
        toast(request, str(refusal(code, row.tail)), bad=True)
    if batch.done:
        action = "intercept.confirmed" if answer == "stopped" else "intercept.refused"
        record_change(action, by=by, now=now, of=Allocation(pk=allocation_id), order=row.number)
        said = (
            _("%(order)s is stopped; put its goods back on the shelf")
            if answer == "stopped"
            else _("%(order)s goes on as it is")
        )
        toast(request, said % {"order": row.tail})
    return go(request, "desk:team-stops", team_id)


@page(WORK, scope=team_in_scope)
def problems(request: HttpRequest, team_id: int) -> HttpResponse:
    """What this team reported or handed back and nobody has solved yet."""
    context = frame(request, team_id)
    live = context["allocations"].filter(state__in=LIVE)
    found = OrderException.objects.filter(
        kind__in=(*MARKED, ExceptionKind.HANDED_BACK), resolved_at=None, allocation_id__in=live.values("id")
    ).select_related("opened_by")
    listed = list(found.order_by("-opened_at")[:SHOWN])
    rows = {row.id: row for row in rows_of(context["allocations"].filter(id__in=[one.allocation_id for one in listed]))}
    context |= {
        "problems": [(one, rows[one.allocation_id]) for one in listed if one.allocation_id in rows],
        "heading": _("Open problems"),
        "back": reverse("desk:team-accept", args=[team_id]),
    }
    return render(request, "desk/teams/problems.html", context)

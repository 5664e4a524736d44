"""One allocation in a team's hands: what is in it, what to do next, a problem, handing back, a wrong waybill number."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from paidan.accounts.changes import record_change
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch, refusal
from paidan.allocation.states import AllocationState
from paidan.allocation.teamwork import correct_shipment, report_problems
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    hand_back_allocations,
    pack_allocations,
    pick_allocations,
)
from paidan.orders.models import Order, OrderException
from paidan.orders.states import ExceptionKind
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .forms import HandBackForm, ProblemForm, WaybillForm
from .frame import frame, now_of, person
from .queues import hold_reasons, rows_of, why_intercepted
from .scope import allocation_in_scope
from .views_queue import WORK

STEPS = {
    AllocationState.ASSIGNED: ("accept", accept_allocations),
    AllocationState.ACCEPTED: ("pick", pick_allocations),
    AllocationState.PICKED: ("pack", pack_allocations),
}
"""What a person may do to one parcel by hand; shipping is scanned, for it wants the waybill."""


@page(WORK, scope=allocation_in_scope)
def parcel(request: HttpRequest, team_id: int, allocation_id: int) -> HttpResponse:
    context = _context(request, team_id, allocation_id)
    row = context["row"]
    problems = OrderException.objects.filter(allocation_id=row.id, resolved_at=None).select_related("opened_by")
    context |= {
        "order": Order.objects.select_related("recipient", "shop").get(pk=row.order_id),
        "next": STEPS.get(row.state, ("", None))[0] if not row.frozen else "",
        "may_hand_back": row.state in (AllocationState.ACCEPTED, AllocationState.PICKED) and not row.frozen,
        "problems": [(one, why_intercepted(one.detail)) for one in problems.order_by("id")],
        "held": hold_reasons([row.order_id]).get(row.order_id, "") if row.frozen else "",
    }
    return render(request, "desk/teams/parcel.html", context)


@page(WORK, methods=("POST",), scope=allocation_in_scope)
def step(request: HttpRequest, team_id: int, allocation_id: int) -> HttpResponse:
    """Move one parcel on, by hand."""
    row = _row(request, team_id, allocation_id)
    if row.state in STEPS:
        word, service = STEPS[row.state]
        batch = service([row.id], now=now_of(request), by=person(request))
        if batch.done:
            _log(request, f"allocation.{word}ed", row)
        for code in batch.refused.values():
            toast(request, str(refusal(code, row.tail)), bad=True)
    return go(request, "desk:team-parcel", team_id, allocation_id)


@page(WORK, methods=("GET", "POST"), scope=allocation_in_scope)
def problem(request: HttpRequest, team_id: int, allocation_id: int) -> HttpResponse:
    """Report what is wrong with a parcel."""
    context = _context(request, team_id, allocation_id)
    row, by, now = context["row"], person(request), now_of(request)

    def save(form: ProblemForm) -> str:
        kind: ExceptionKind = form.cleaned_data["kind"]
        note = form.cleaned_data["note"].strip()
        _single(report_problems([row.id], kind, note=note, now=now, by=by), row.tail)
        _log(request, "allocation.reported", row, reason=note, kind=kind.name.lower())
        return _("%(order)s reported") % {"order": row.tail}

    context |= {"heading": _("Report a problem"), "button": _("Report")}
    return _form(request, ProblemForm, save, context)


@page(WORK, methods=("GET", "POST"), scope=allocation_in_scope)
def hand_back(request: HttpRequest, team_id: int, allocation_id: int) -> HttpResponse:
    """Give it back with a reason; somebody reassigns it."""
    context = _context(request, team_id, allocation_id)
    row, by, now = context["row"], person(request), now_of(request)

    def save(form: HandBackForm) -> str:
        reason = form.reason()
        _single(hand_back_allocations([row.id], now=now, by=by, reason=reason), row.tail)
        _log(request, "allocation.handed_back", row, reason=reason)
        return _("%(order)s handed back; it waits to be reassigned") % {"order": row.tail}

    context |= {"heading": _("Hand back"), "button": _("Hand back")}
    return _form(request, HandBackForm, save, context)


@page(WORK, methods=("GET", "POST"), scope=allocation_in_scope)
def waybill(request: HttpRequest, team_id: int, allocation_id: int) -> HttpResponse:
    """Put a waybill number right that was scanned wrong."""
    context = _context(request, team_id, allocation_id)
    row, by, now = context["row"], person(request), now_of(request)

    def save(form: WaybillForm) -> str:
        carrier, number = form.cleaned_data["carrier"] or row.carrier, form.cleaned_data["tracking_number"]
        _single(correct_shipment(Shipment(row.id, carrier, number), now=now, by=by), row.tail)
        _log(request, "allocation.waybill_corrected", row, was=row.tracking_number, tracking_number=number)
        return _("%(order)s has waybill number %(number)s now") % {"order": row.tail, "number": number}

    context |= {"heading": _("Correct the waybill number"), "button": _("Save number")}
    initial = {"carrier": row.carrier, "tracking_number": row.tracking_number}
    return _form(request, WaybillForm, save, context, initial)


def _form(request: HttpRequest, form: Any, save: Any, context: dict[str, Any], initial: Any = None) -> HttpResponse:
    row = context["row"]
    to = reverse("desk:team-parcel", args=[context["team"].pk, row.id])
    return handle_form(request, form, save=save, to=to, template="desk/teams/form.html", initial=initial, **context)


def _context(request: HttpRequest, team_id: int, allocation_id: int) -> dict[str, Any]:
    row = _row(request, team_id, allocation_id)
    tabs = {state: key for state, (key, _service) in STEPS.items()} | {AllocationState.PACKED: "ship"}
    here = tabs.get(row.state, "ship")
    context = frame(request, team_id, here)
    back = reverse(f"desk:team-{here}", args=[team_id])
    return {**context, "row": row, "heading": row.tail, "back": back, "subject": row}


def _row(request: HttpRequest, team_id: int, allocation_id: int) -> Any:  # noqa: ARG001 - the scope was checked
    return rows_of(Allocation.objects.filter(pk=allocation_id, team_id=team_id))[0]


def _single(batch: Batch, label: str) -> None:
    """A refusal says the number people know."""
    for code in batch.refused.values():
        raise refusal(code, label)


def _log(request: HttpRequest, action: str, row: Any, *, reason: str = "", **more: Any) -> None:
    by, now = person(request), now_of(request)
    record_change(action, by=by, now=now, of=Allocation(pk=row.id), reason=reason, order=row.number, **more)

"""The relieve drawer: ask, preview, apply chunk by chunk, stop, take back. Nothing is written before the button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.models import WarehouseDay
from paidan.allocation.relieve import Destination, ReliefPlan, plan_relief
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.web import formats
from paidan.web.lists import Change
from paidan.web.pages import page

from .columns import work_days
from .effects import changes_between
from .moves import open_move, runs_of
from .relief_form import ReliefForm
from .words import REASONS


def warehouse_in_scope(user: User, warehouse_id: int) -> bool:
    """A warehouse outside somebody's scope is not there for them."""
    return bool(visible_warehouses(user).filter(id=warehouse_id).exists())


@page(Capability.RELIEVE, methods=("GET", "POST"), scope=warehouse_in_scope)
def relieve(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    """GET opens the drawer; POST previews what its form says."""
    source = get_object_or_404(Warehouse, pk=warehouse_id)
    user = cast(User, request.user)
    if request.method == "POST":
        return _preview(request, ReliefForm(request.POST, user=user, source=source), user)
    number = _proposal(source)
    form = ReliefForm(None, user=user, source=source, initial={"number": number, "where": "best"})
    may_force = user.can(Capability.FORCE_REASSIGN)
    context = {
        "form": form,
        "source": source,
        "may_force": may_force,
        "url": reverse("desk:board-relieve", args=[source.pk]),
    }
    return render(request, "desk/board/relieve.html", context)


def _proposal(source: Warehouse) -> int:
    """What lies over the capacity; else a fifth of the day's load."""
    now = timezone.now()
    day, _today = work_days([source], now)[source.id]
    load = WarehouseDay.objects.filter(warehouse=source, day=day).values_list("load_n", flat=True).first() or 0
    over = load - (source.capacity or load)
    return max(1, over if over > 0 else load // 5)


def _preview(request: HttpRequest, form: ReliefForm, user: User) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {"form": form, "source": form.source}
    if form.is_valid():
        try:
            relief = form.relief()
            plan = plan_relief(relief, now=now)
        except Refusal as refusal:
            form.add_error("down_to", str(refusal))
        else:
            targets = list(zip(plan.target_a.tolist(), plan.team_a.tolist(), strict=True))
            batch = open_move(
                user, "relieved", plan.move_a.tolist(), runs_of(targets), now,
                force=relief.accepted_too, capped=True, source=form.source.pk,
            )  # fmt: skip
            context |= {"batch": batch, "plan": plan, "number": len(plan.move_a), "stay": len(plan.stay_a)}
            context |= {"changes": changes_of(plan), "reasons": said(plan.reasons), "bars": _bars(plan)}
            context |= {"effect": effect_of(plan)}
    return render(request, "desk/board/relieve_preview.html", context)


def said(reasons: Iterable[tuple[Reason, int]]) -> list[tuple[str, int]]:
    """Reasons in words, with their numbers."""
    return [(str(REASONS[reason]), number) for reason, number in reasons]


def changes_of(plan: ReliefPlan) -> list[Change]:
    """Before, after, change: freight, mean distance, late, load."""
    rows = changes_between(plan.before, plan.after)
    if plan.source.capacity:
        share, then = plan.load / plan.source.capacity, plan.load_after / plan.source.capacity
        words = _("Load of %(warehouse)s") % {"warehouse": plan.source}
        difference = formats.points(then - share, 0)
        rows.append(Change(words, formats.percent(share), formats.percent(then), difference, then < share or None))
    return rows


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of where they go."""

    place: Warehouse
    number: int
    share: float  # of the largest
    before: str
    after: str


def _bars(plan: ReliefPlan) -> list[Bar]:
    most = max((row.number for row in plan.destinations), default=1)
    return [Bar(row.warehouse, row.number, row.number / most, *_loads(row)) for row in plan.destinations]


def _loads(row: Destination) -> tuple[str, str]:
    capacity = row.warehouse.capacity
    if not capacity:
        return formats.count(row.load), formats.count(row.load_after)
    return formats.percent(row.load / capacity), formats.percent(row.load_after / capacity)


def effect_of(plan: ReliefPlan) -> dict[str, dict[str, Any]]:
    """For the island that hatches the columns' bars: by column, the load afterwards and how it is written."""
    found = {}
    loads = [(row.warehouse, row.load_after) for row in plan.destinations]
    for place, after in [(plan.source, plan.load_after), *loads]:
        if place.capacity:
            found[f"w{place.id}"] = {
                "share": after / place.capacity,
                "words": f"→ {formats.percent(after / place.capacity)}",
            }
    return found

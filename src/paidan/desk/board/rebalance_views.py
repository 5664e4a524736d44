"""The rebalance drawer: what no team has accepted is decided again, looked at, and moved. Nothing is written before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance import RebalancePlan, plan_rebalance
from paidan.allocation.rebalance.asked import Rebalance, count_candidates, within_reach
from paidan.allocation.rebalance.before_after import PlaceSums
from paidan.allocation.rebalance.documents import order_names
from paidan.allocation.rebalance.nightly import nightly
from paidan.allocation.rebalance.planning import Planned
from paidan.allocation.rebalance.previews import apply_some, keep_preview, preview_of, stop
from paidan.allocation.rebalanced import CAUSES
from paidan.allocation.states import AllocationState
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.web import formats
from paidan.web.lists.filters import MOST_NUMBERS
from paidan.web.models import Batch, PastedNumbers
from paidan.web.pages import page
from paidan.web.replies import toast, toasts_only

from .effects import changes_between
from .rebalance_form import RebalanceForm
from .relief_views import said
from .words import refused_in_words

SHOWN = 60
"""Moves the preview lists, the largest savings first."""


@page(Capability.RELIEVE, methods=("GET", "POST"))
def rebalance(request: HttpRequest) -> HttpResponse:
    """GET opens the drawer; POST previews what its form says."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _preview(request, RebalanceForm(request.POST, user=user), user)
    chosen = request.GET.get("warehouse", "")
    form = RebalanceForm(None, user=user, initial={"warehouse": int(chosen) if chosen.isdecimal() else None})
    context = {"form": form, "chosen": chosen, "nightly": nightly(), "may_set": user.can(Capability.CHANGE_NETWORK)}
    return render(request, "desk/board/rebalance.html", context)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move as the preview lists it."""

    number: str
    url: str
    source: Warehouse
    target: Warehouse
    saving: str
    good: bool
    cause: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One warehouse before and after."""

    place: Warehouse
    pairs: tuple[tuple[str, str], ...]  # load, freight, mean distance, late


def _preview(request: HttpRequest, form: RebalanceForm, user: User) -> HttpResponse:
    now = timezone.now()
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        plan = plan_rebalance(form.asked(), now=now)
        context |= {
            "plan": plan,
            "batch": keep_preview(plan, owner=user, asked_by="board", now=now),
            "number": plan.number,
            "saving": formats.money(abs(plan.saving_minor)),
            "costs": plan.saving_minor < 0,
            "stuck": len(plan.stuck),
            "one_place": bool(form.cleaned_data["warehouse"]),
            "reasons": said(plan.reasons),
            "changes": changes_between(plan.before, plan.after),
            "places": [_place_row(row) for row in plan.places],
            "moves": move_rows(plan),
            "more": max(0, plan.number - SHOWN),
            "effect": effect_of(plan.places),
        }
    return render(request, "desk/board/rebalance_preview.html", context)


def move_rows(plan: RebalancePlan) -> list[MoveRow]:
    """The moves that save most, with the order each is of."""
    listed: Sequence[Planned] = sorted(plan.moves, key=lambda move: (-move.saving_minor, move.allocation))[:SHOWN]
    names = order_names([move.allocation for move in listed])
    places = {row.warehouse.id: row.warehouse for row in plan.places}
    return [
        MoveRow(
            number=names[move.allocation]["number"],
            url=reverse("desk:order", args=[names[move.allocation]["order"]]),
            source=places[move.source],
            target=places[move.target],
            saving=formats.money(move.saving_minor),
            good=move.saving_minor > 0,
            cause=str(CAUSES[move.cause]),
        )
        for move in listed
    ]


def _place_row(row: PlaceSums) -> PlaceRow:
    before, after = row.before, row.after
    return PlaceRow(
        row.warehouse,
        (
            (_load(row.load, row.warehouse), _load(row.load_after, row.warehouse)),
            (formats.money(before.freight_minor), formats.money(after.freight_minor)),
            (formats.distance(before.distance_m), formats.distance(after.distance_m)),
            (formats.count(before.late), formats.count(after.late)),
        ),
    )


def _load(load: int, warehouse: Warehouse) -> str:
    return formats.percent(load / warehouse.capacity) if warehouse.capacity else formats.count(load)


def effect_of(places: Sequence[PlaceSums]) -> dict[str, dict[str, Any]]:
    """For the island that hatches the columns' bars: by column, the load afterwards and how it is written."""
    return {
        f"w{row.warehouse.id}": {
            "share": row.load_after / row.warehouse.capacity,
            "words": f"→ {formats.percent(row.load_after / row.warehouse.capacity)}",
        }
        for row in places
        if row.warehouse.capacity and row.load_after != row.load
    }


@page(Capability.RELIEVE, methods=("POST",))
def apply_rebalance(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The next moves; the answer asks for more until all are tried or somebody stopped."""
    user, now = cast(User, request.user), timezone.now()
    found = preview_of(user, batch)
    if found is None:
        raise Http404
    try:
        found = stop(found) if request.POST.get("stop") else apply_some(found, now=now, by=user)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
        return toasts_only(request)
    if found.state in (Batch.State.APPLYING, Batch.State.PREVIEWED):
        again = reverse("desk:board-rebalance-apply", args=[found.pk])
        return render(request, "desk/board/moving.html", {"batch": found, "total": len(found.row_ids), "again": again})
    return _report(request, found, user)


def _report(request: HttpRequest, found: Batch, user: User) -> HttpResponse:
    """How it ended: a toast, and in place of the progress the numbers and the way to what moved."""
    saved: int = found.choices["saved_minor"]
    toast(request, _moved_words(found.done_n, saved), bad=not found.done_n)
    context = {
        "batch": found,
        "total": len(found.row_ids),
        "untried": len(found.row_ids) - found.tried_n,
        "refused": refused_in_words(found.failures),
        "saved": saved,
        "amount": formats.money(abs(saved)),
        "orders_url": _orders_url(found, user),
        "out_of_band": True,
    }
    answer = render(request, "desk/board/rebalanced.html", context)
    answer["HX-Trigger"] = "paidan:moved"
    return answer


def _moved_words(number: int, saved: int) -> str:
    if saved < 0:
        sentence = ngettext(
            "Moved %(number)d order, at %(amount)s more", "Moved %(number)d orders, at %(amount)s more", number
        )
    else:
        sentence = ngettext(
            "Moved %(number)d order, saving %(amount)s", "Moved %(number)d orders, saving %(amount)s", number
        )
    return sentence % {"number": number, "amount": formats.money(abs(saved))}


def _orders_url(found: Batch, user: User) -> str:
    """The order desk with just what moved, as many as a list of numbers holds."""
    moved = Allocation.objects.filter(id__in=found.row_ids, state=AllocationState.REASSIGNED)
    numbers = list(dict.fromkeys(moved.order_by("id").values_list("order__number", flat=True)[:MOST_NUMBERS]))
    if not numbers:
        return ""
    kept = PastedNumbers.objects.create(owner=user, numbers=numbers)
    return f"{reverse('desk:orders')}?numbers=@{kept.pk}"


def suggestion(user: User, warehouse: Warehouse | None = None) -> dict[str, Any]:
    """What to offer after something changed that decisions depend upon: how many could be decided again."""
    if not user.can(Capability.RELIEVE):
        return {}
    asked = Rebalance(warehouse_ids=None if warehouse is None else (warehouse.pk,))
    number = count_candidates(within_reach(asked, user))
    if not number:
        return {}
    url = reverse("desk:board-rebalance") + (f"?warehouse={warehouse.pk}" if warehouse else "")
    words = ngettext(
        "%(number)s order nobody has accepted could be decided again.",
        "%(number)s orders nobody has accepted could be decided again.",
        number,
    )
    return {"sentence": words % {"number": formats.count(number)}, "url": url}


def suggested(answer: HttpResponse, request: HttpRequest, warehouse: Warehouse | None = None) -> HttpResponse:
    """The answer with the line that offers a rebalance above the board; an empty line takes an older one away.

    Ratios are changed from other pages too, which have no place for it.
    """
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if page and page != reverse("desk:board"):
        return answer
    context = {"suggestion": suggestion(cast(User, request.user), warehouse), "out_of_band": True}
    answer.write(render(request, "desk/board/suggestion.html", context).content)
    return answer

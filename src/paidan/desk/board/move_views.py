"""Moving cards: the dialog that previews where they go, and the chunks, stop and undo that relief shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Count, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.relieve import Sums
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.network.scopes import scope_of, visible_teams, visible_warehouses
from paidan.web.models import Batch
from paidan.web.pages import page
from paidan.web.replies import refused, toast, toasts_only

from . import moves
from .effects import changes_between
from .words import REFUSED, refused_in_words

MOST = 500
NEEDED = {"moved": Capability.ASSIGN_ORDERS, "relieved": Capability.RELIEVE}


@dataclass(frozen=True, slots=True)
class Target:
    """Where cards are dropped: a warehouse, or a team (of a warehouse, or wherever each card is)."""

    key: str
    warehouse: Warehouse | None
    team: Team | None

    def __str__(self) -> str:
        return str(self.team or self.warehouse)


@page(Capability.ASSIGN_ORDERS, methods=("POST",))
def move(request: HttpRequest) -> HttpResponse:
    """The dialog for the cards named: choose a target, see what it changes. Writes nothing that stays."""
    user, now = cast(User, request.user), timezone.now()
    ids = visible_ids(user, request.POST.get("ids", ""))
    if not ids:
        toast(request, _("These cards are gone; somebody moved or accepted them."), bad=True)
        return toasts_only(request, changed="paidan:refresh")
    targets = targets_of(user)
    target = next((one for one in targets if one.key == request.POST.get("to")), None)
    context: dict[str, Any] = {"ids": ids, "targets": targets, "target": target, "number": len(ids)}
    context["reason"] = request.POST.get("reason", "")
    if target is not None:
        context |= preview(user, ids, target, now)
    return render(request, "desk/board/move.html", context)


def visible_ids(user: User, text: str) -> list[int]:
    """The ids asked for that lie within the reader's scope."""
    numbers = [int(word) for word in text.split(",") if word.isascii() and word.isdecimal() and len(word) < 19]
    scope = scope_of(user)
    mine = scope.condition(warehouse="warehouse_id", team="team_id", shop="order__shop_id")
    found = Allocation.objects.filter(mine, id__in=numbers[:MOST])
    return list(found.order_by("id").values_list("id", flat=True))


def targets_of(user: User) -> list[Target]:
    """Where this reader may move things to: warehouses, then teams."""
    warehouses = list(visible_warehouses(user))
    teams = visible_teams(user).filter(active=True).select_related("warehouse")
    return [
        *(Target(f"w{one.id}", one, None) for one in warehouses),
        *(Target(f"t{one.id}", one.warehouse, one) for one in teams),
    ]


def preview(user: User, ids: Sequence[int], target: Target, now: datetime) -> dict[str, Any]:
    """Do it and take it back at once: what it says is what the services would do, under their own locks."""
    groups = _groups(ids, target)
    before, after, can, cannot = Sums(0, None, 0), Sums(0, None, 0), list[int](), dict[int, str]()
    with transaction.atomic():
        created: list[int] = []
        for warehouse, group in groups:
            try:
                batch = reassign_allocations(group, warehouse=warehouse, team=target.team, now=now, by=user)
            except Refusal as refusal:
                cannot |= dict.fromkeys(group, refusal.code)
            else:
                can, created = [*can, *batch.done], [*created, *batch.created]
                cannot |= dict(batch.refused)
        before, after = sums_of(can), sums_of(created)
        transaction.set_rollback(True)
    kept = set(can)
    runs = [(warehouse.id, target.team.id if target.team else 0, len(here))
            for warehouse, group in groups if (here := [key for key in group if key in kept])]  # fmt: skip
    batch_row = moves.open_move(user, "moved", can, runs, now, to=target.key)
    return {
        "batch": batch_row,
        "can": len(can),
        "cannot": [
            (REFUSED.get(code, code), list(cannot.values()).count(code)) for code in dict.fromkeys(cannot.values())
        ],
        "cannot_number": len(cannot),
        "changes": changes_between(before, after) if can else [],
    }


def _groups(ids: Sequence[int], target: Target) -> list[tuple[Warehouse, list[int]]]:
    """The ids by the warehouse they would be at: a team without one takes them where they are."""
    if target.warehouse is not None:
        return [(target.warehouse, list(ids))]
    at: dict[int, list[int]] = {}
    for key, warehouse in Allocation.objects.filter(id__in=ids).order_by("id").values_list("id", "warehouse_id"):
        at.setdefault(warehouse, []).append(key)
    warehouses = Warehouse.objects.in_bulk(list(at))
    return [(warehouses[warehouse], group) for warehouse, group in sorted(at.items())]


def sums_of(ids: Sequence[int]) -> Sums:
    """What these allocations cost."""
    late = Count("id", filter=Q(late_s__gt=0))
    found = Allocation.objects.filter(id__in=ids).aggregate(f=Sum("freight_minor"), d=Avg("distance_m"), late=late)
    return Sums(found["f"] or 0, None if found["d"] is None else round(found["d"]), found["late"])


@page(Capability.SEE_BOARD, methods=("POST",))
def apply(request: HttpRequest, batch: UUID) -> HttpResponse:
    """One chunk; the answer asks for the next one until all are tried or somebody stopped."""
    user, now = cast(User, request.user), timezone.now()
    found = own_move(user, batch)
    if found is None:
        return refused(request)
    moves.give_reason(found, request.POST.get("reason", ""))
    found = moves.stop(found) if request.POST.get("stop") else moves.apply_next(found, user, now)
    if found.state in (Batch.State.APPLYING, Batch.State.PREVIEWED):
        again = reverse("desk:board-apply", args=[found.pk])
        return render(request, "desk/board/moving.html", {"batch": found, "total": len(found.row_ids), "again": again})
    return report(request, found, now)


def report(request: HttpRequest, found: Batch, now: datetime) -> HttpResponse:
    """How it ended: a toast with undo, and in place of the progress the numbers."""
    undo = reverse("desk:board-undo", args=[found.pk]) if moves.can_undo(found, now) else ""
    sentence = ngettext("Moved %(number)d order", "Moved %(number)d orders", found.done_n) % {"number": found.done_n}
    toast(request, sentence, undo=undo, bad=not found.done_n)
    context = {
        "batch": found,
        "total": len(found.row_ids),
        "untried": len(found.row_ids) - found.tried_n,
        "refused": refused_in_words(found.failures),
        "out_of_band": True,
    }
    answer = render(request, "desk/board/moved.html", context)
    answer["HX-Trigger"] = "paidan:moved"
    return answer


def own_move(user: User, batch: UUID) -> Batch | None:
    """A move is its owner's alone, and only while the owner may do what it does; None = the role may not."""
    found = get_object_or_404(Batch, pk=batch, owner=user, page=moves.PAGE)
    if found.action not in NEEDED:
        raise Http404
    return found if user.can(NEEDED[found.action]) else None


@page(Capability.SEE_BOARD, methods=("POST",))
def undo(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Bring back what no team has accepted meanwhile."""
    user, now = cast(User, request.user), timezone.now()
    found = own_move(user, batch)
    if found is None:
        return refused(request)
    if not moves.can_undo(found, now):
        toast(request, _("This can no longer be undone."), bad=True)
        return toasts_only(request)
    done, left = moves.undo(found, user, now)
    if left:
        values = {"done": done, "left": left}
        toast(
            request,
            _("%(done)d moved back; %(left)d not, a team has accepted them or the stock is gone.") % values,
            bad=True,
        )
    else:
        toast(request, ngettext("%(number)d order moved back", "%(number)d orders moved back", done) % {"number": done})
    return toasts_only(request, changed="paidan:refresh")

"""What every page of a team shows: its name, the four steps with their counts, what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Role
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.outcomes import Batch
from paidan.allocation.states import AllocationState
from paidan.network.models import Team
from paidan.web.replies import toast

from .queues import intercepts, step_counts
from .scope import team_allocations, team_of


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four tabs."""

    key: str
    word: str
    url: str
    count: int
    here: bool


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def now_of(request: HttpRequest) -> Any:
    return getattr(request, "now", None) or timezone.now()


def frame(request: HttpRequest, team_id: int, here: str = "", **more: Any) -> dict[str, Any]:
    """The context of a team's page; `here` is its step."""
    user = person(request)
    team = team_of(team_id)
    allocations = team_allocations(user, team)
    return {
        "team": team,
        "heading": str(team),
        "steps": steps_of(team, step_counts(allocations), here),
        "to_decide": intercepts(allocations).count(),
        "back": reverse("desk:team") if user.role != Role.TEAM else "",
        "live_topics": ["orders"],
        "allocations": allocations,
        "now": now_of(request),
        **more,
    }


def steps_of(team: Team, counts: dict[AllocationState, int], here: str) -> list[Step]:
    steps = (
        ("accept", _("Accept"), AllocationState.ASSIGNED),
        ("pick", _("Pick"), AllocationState.ACCEPTED),
        ("pack", _("Pack"), AllocationState.PICKED),
        ("ship", _("Ship"), AllocationState.PACKED),
    )
    return [
        Step(key, word, reverse(f"desk:team-{key}", args=[team.pk]), counts[state], key == here)
        for key, word, state in steps
    ]


def log(action: str, request: HttpRequest, team: Team, batch: Batch, **more: Any) -> None:
    """One entry of the change log for what a batch did; none when it did nothing."""
    if batch.done:
        by, now = person(request), now_of(request)
        record_change(action, by=by, now=now, of=team, number=len(batch.done), ids=list(batch.done[:100]), **more)


def tell_refused(request: HttpRequest, batch: Batch) -> None:
    """Say what did not go through, and why it mostly does not."""
    if not batch.refused:
        return
    number = len(batch.refused)
    frozen = sum(1 for code in batch.refused.values() if code == "frozen")
    if frozen == number:
        sentence = ngettext(
            "%(number)d is stopped: its order changed or is on hold.",
            "%(number)d are stopped: their orders changed or are on hold.",
            number,
        )
    else:
        sentence = ngettext(
            "%(number)d was left: it has moved on meanwhile.",
            "%(number)d were left: they have moved on meanwhile.",
            number,
        )
    toast(request, sentence % {"number": number}, bad=True)


def chosen_ids(request: HttpRequest) -> list[int]:
    """The allocations ticked in a form."""
    return [int(value) for value in request.POST.getlist("id") if value.isdecimal() and len(value) < 19]


def chunks(ids: Sequence[int], size: int) -> list[Sequence[int]]:
    return [ids[at : at + size] for at in range(0, len(ids), size)]


def ids_of(allocations: Any, wanted: Sequence[int]) -> list[int]:
    """Of these ids, those within the reader's scope."""
    found: Any = allocations.filter(id__in=wanted).values_list("id", flat=True)
    return list(found)

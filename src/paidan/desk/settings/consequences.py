"""What a change of the network would bring with it, said before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.allocation.models import Allocation, TeamDay, WarehouseDay
from paidan.allocation.states import LIVE, AllocationState
from paidan.network.models import Shop, Team, Warehouse
from paidan.web import formats


@dataclass(frozen=True, slots=True)
class Consequence:
    """One sentence, and where to do something about it first."""

    sentence: str
    url: str = ""
    button: str = ""


def of_warehouse(row: Warehouse, values: dict[str, Any]) -> list[Consequence]:
    """Closing one that has work, or giving it less room than its day already takes."""
    found = []
    if values.get("is_open") is False:
        found += _closing(row)
    elif values.keys() & {"covers", "excludes"} and (waiting := _waiting(warehouse=row)[0]):
        sentence = ngettext(
            "The %(number)s allocation that waits here stays, also if its region is not covered any more.",
            "The %(number)s allocations that wait here stay, also where their region is not covered any more.",
            waiting,
        )
        found.append(Consequence(sentence % {"number": formats.count(waiting)}))
    found += _less_room(values, WarehouseDay.objects.filter(warehouse_id=row.pk))
    return found


def _closing(row: Warehouse) -> list[Consequence]:
    waiting, started = _waiting(warehouse=row)
    if not waiting + started:
        return []
    sentence = ngettext(
        "%(name)s gets nothing new, but keeps %(number)s waiting allocation and %(started)s in progress.",
        "%(name)s gets nothing new, but keeps %(number)s waiting allocations and %(started)s in progress.",
        waiting,
    )
    numbers = {"name": row, "number": formats.count(waiting), "started": formats.count(started)}
    return [Consequence(sentence % numbers, reverse("desk:board"), _("Relieve it first"))]


def of_team(row: Team, values: dict[str, Any]) -> list[Consequence]:
    """Closing or moving one that has work."""
    found = []
    if values.get("active") is False or "warehouse" in values:
        waiting, started = _waiting(team=row)
        if waiting + started:
            sentence = ngettext(
                "%(name)s keeps %(number)s allocation that it has not shipped.",
                "%(name)s keeps %(number)s allocations that it has not shipped.",
                waiting + started,
            )
            numbers = {"name": row, "number": formats.count(waiting + started)}
            found.append(
                Consequence(sentence % numbers, f"{reverse('desk:orders')}?team={row.pk}", _("Reassign them first"))
            )
    return found + _less_room(values, TeamDay.objects.filter(team_id=row.pk))


def of_shop(row: Shop, values: dict[str, Any]) -> list[Consequence]:
    """A promise counts for what comes in from now on; a closed shop still has its orders."""
    found = []
    if "ship_within_h" in values:
        sentence = _("Orders that have come in keep their deadline; the new promise counts from now on.")
        found.append(Consequence(sentence))
    if values.get("active") is False:
        sentence = _("Orders %(name)s has brought in are allocated and shipped as before.")
        found.append(Consequence(sentence % {"name": row}))
    return found


def _waiting(**place: Any) -> tuple[int, int]:
    """Live allocations that nobody has accepted, and those that somebody has; from the index of what is live."""
    assigned = Count("pk", filter=Q(state=AllocationState.ASSIGNED))
    found = Allocation.objects.filter(state__in=LIVE, **place).aggregate(live=Count("pk"), waiting=assigned)
    return found["waiting"], found["live"] - found["waiting"]


def _less_room(values: dict[str, Any], days: Any) -> list[Consequence]:
    capacity = values.get("capacity")
    if capacity is None:
        return []
    full = days.filter(day__gte=timezone.localdate(), load_n__gte=capacity).order_by("day").first()
    if full is None:
        return []
    sentence = _("It is full on %(day)s: %(load)s of %(capacity)s. What it has stays.")
    day = formats.day(full.day, today=timezone.localdate())
    numbers = {"day": day, "load": formats.count(full.load_n), "capacity": formats.count(capacity)}
    return [Consequence(sentence % numbers)]

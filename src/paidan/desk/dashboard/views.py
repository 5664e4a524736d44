"""The dashboard's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.states import AllocationState
from paidan.desk.board.columns import Column, Queue, queues, team_columns, warehouse_columns
from paidan.desk.board.filters import BoardFilter, board_filter
from paidan.desk.board.words import REASONS
from paidan.desk.settings.rows import limited_to_nothing
from paidan.desk.waves.views import next_of
from paidan.web import formats
from paidan.web.pages import page

from .figures import RECENT, Shipped, Stuck, Today, hours, old_exceptions, shipped, stuck, tab_counts
from .flows import as_chart, flows

MANY_TIMES = 10
"""From here on a growth is told as so many times."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number, what it means, and where the orders it counts are."""

    label: str
    value: str
    note: str
    url: str
    tone: str = ""
    delta: str = ""
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team: what waits, what is in hand, and when it will be through at this pace."""

    column: Column
    in_progress: int
    done_at: datetime | None
    after_midnight: bool


@page(None)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Today; whoever has no dashboard is sent to the page they work on."""
    user, now = cast(User, request.user), timezone.now()
    if not user.can(Capability.SEE_DASHBOARD):
        return redirect("web:home")
    return render(request, "desk/dashboard/dashboard.html", context_of(user, request, Today(now)))


def context_of(user: User, request: HttpRequest, today: Today) -> dict[str, Any]:
    """All the page shows; about a dozen queries, whatever the number of orders."""
    now, url = today.now, reverse("desk:orders")
    everything: BoardFilter = board_filter(user, request.GET.__class__(), now)
    found = queues(everything)
    columns = warehouse_columns(user, everything, found, now)
    by_team = team_columns(user, everything, found, now)
    per_hour, out, no_place = hours(user, today), shipped(user, today), stuck(user)
    counts = tab_counts(user, now)
    warehouses = [column.warehouse for column in columns if column.warehouse]
    going = flows(user, {one.id: one for one in warehouses}, today)
    return {
        "heading": _("Today"),
        "live_topics": ["orders", "network", "waves", "rules"],
        **next_of(now),
        "waiting_n": counts["pending"],
        "sees_waves": user.can(Capability.SEE_ORDERS) and limited_to_nothing(user),
        "tiles": [
            _received(per_hour.received, per_hour.yesterday_so_far, url),
            _allocated(per_hour.received, per_hour.placed, going.automatic, url),
            _unallocated(counts["unallocated"], no_place, now, url),
            _in_progress(counts["progress"], found, url),
            _shipped(out, found, today, url),
            _exceptions(counts["exception"], old_exceptions(user, now) if counts["exception"] else 0, url),
            _due(counts["due1"], counts["late"], url),
        ],
        "stuck": no_place,
        "stuck_words": [(REASONS[reason], number, int(reason)) for reason, number in no_place.reasons[:2]],
        "hot": [column for column in columns if column.is_hot],
        "columns": columns,
        "teams": [_team_row(column, out, now) for column in by_team],
        "orders_url": url,
        "until": formats.clock(now),
        "hours": {
            "hour": today.hour,
            "received": per_hour.today[: today.hour + 1],
            "shipped": out.today[: today.hour + 1],
            "yesterday": per_hour.yesterday,
            "words": {"received": _("Received"), "shipped": _("Shipped"), "yesterday": _("Received yesterday")},
        },
        "hour_rows": list(zip(range(24), per_hour.today, out.today, per_hour.yesterday, strict=True)),
        "flows": going,
        "map": as_chart(going, warehouses, url),
    }


def _received(number: int, yesterday: int, url: str) -> Tile:
    times = number / yesterday if yesterday else 0.0
    change = times - 1
    delta = f"×{times:.0f}" if times > MANY_TIMES else ("+" if change > 0 else "") + formats.percent(change)
    if not yesterday:
        return Tile(_("Received"), formats.count(number), _("none yesterday by now"), f"{url}?paid_on=today")
    note = _("against yesterday")
    return Tile(_("Received"), formats.count(number), note, f"{url}?paid_on=today", delta=delta)


def _allocated(received: int, placed: int, automatic: float | None, url: str) -> Tile:
    note = _("%(share)s of today's") % {"share": formats.percent(placed / received if received else None, 1)}
    if automatic is not None:
        values = {"share": formats.percent(placed / received if received else None, 1)}
        values["automatic"] = formats.percent(automatic, 1)
        note = _("%(share)s, %(automatic)s automatic") % values
    return Tile(_("Allocated"), formats.count(placed), note, f"{url}?tab=allocated&paid_on=today")


def _unallocated(number: int, no_place: Stuck, now: datetime, url: str) -> Tile:
    since = no_place.oldest_at
    note = _("oldest %(span)s") % {"span": formats.span(now - since)} if since and number else _("nothing is stuck")
    return Tile(_("Unallocated"), formats.count(number), note, f"{url}?tab=unallocated", tone="bad" if number else "")


def _in_progress(number: int, found: list[Queue], url: str) -> Tile:
    packed = sum(queue.count for queue in found if queue.state == AllocationState.PACKED)
    note = _("%(number)s of them packed") % {"number": formats.count(packed)}
    return Tile(_("In progress"), formats.count(number), note, f"{url}?tab=progress")


def _shipped(out: Shipped, found: list[Queue], today: Today, url: str) -> Tile:
    left, recent = sum(queue.count for queue in found), sum(out.recent_of_team.values())
    done_at = finished_at(left, recent, today.now)
    if done_at is None:
        note = _("%(number)s to go") % {"number": formats.count(left)}
    else:
        note = _("at this pace through %(at)s") % {"at": formats.moment(done_at, now=today.now)}
    return Tile(_("Shipped"), formats.count(sum(out.today)), note, f"{url}?tab=shipped")


def _exceptions(number: int, old: int, url: str) -> Tile:
    note = _("%(number)s open for over 2 hours") % {"number": formats.count(old)}
    return Tile(_("Exceptions"), formats.count(number), note, f"{url}?tab=exception", tone="warn" if number else "")


def _due(number: int, late: int, url: str) -> Tile:
    tone = "bad" if number else ""
    delta = formats.count(late)
    return Tile(_("Due within 1 hour"), formats.count(number), _("overdue"), f"{url}?tab=due1", tone, delta, not late)


def _team_row(column: Column, out: Shipped, now: datetime) -> TeamRow:
    in_progress = sum(column.counts.values()) - column.waiting
    done_at = finished_at(column.waiting + in_progress, out.recent_of_team.get(column.place.pk, 0), now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return TeamRow(column, in_progress, done_at, done_at is not None and done_at > midnight)


def finished_at(left: int, recent: int, now: datetime) -> datetime | None:
    """When so many are through at the pace of the last hours; None when nothing is left or nothing moved."""
    return now + RECENT * (left / recent) if left and recent else None

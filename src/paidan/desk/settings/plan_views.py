"""Ratios and capacities as a grid: a row per warehouse or team, a column per time; what is in force stands beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import dates, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network import plans as planning
from paidan.network.models import Promotion
from paidan.network.plans import NO_LIMIT, NORMAL, Kind, Member, Name, promotion_key, weekday_key
from paidan.network.scopes import visible_teams, visible_warehouses
from paidan.web import formats
from paidan.web.pages import page
from paidan.web.replies import go, toast

INFINITE = "∞"
NO_LIMIT_WORDS = frozenset((INFINITE, "-", "−"))
PROMOTIONS = 4
"""Columns of promotions that run or come, the next first."""


@dataclass(frozen=True, slots=True)
class Time:
    """A column: normally, a weekday, a promotion."""

    key: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the grid: as typed, as it was shown, and what is wrong with it."""

    name: str
    label: str
    typed: str
    shown: str
    in_force: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    member: Member
    live: str
    differs: bool  # set by hand since the planned time began
    cells: tuple[Cell, ...]
    automatic: bool = False  # the normal value follows the advice of the reports


@page(Capability.SEE_NETWORK)
def plans(request: HttpRequest) -> HttpResponse:
    return _show(request, _kind(request.GET), _name(request.GET), {})


@page(Capability.SET_RATIOS, methods=("POST",))
def save(request: HttpRequest) -> HttpResponse:
    """Only fields that were changed are written, so two people who plan different cells do not undo each other."""
    kind, name, user = _kind(request.POST), _name(request.POST), cast(User, request.user)
    errors: dict[str, str] = {}
    cells: dict[tuple[int, str], int | None] = {}
    for field, typed in changed_fields(request.POST):
        member_id, _dash, when = field.partition("/")
        try:
            cells[int(member_id), when] = read_value(typed, name)
        except ValueError:
            errors[field] = _("“%(typed)s” is not a whole number.") % {"typed": typed}
    known = {member.pk for member in _members(user, kind)}
    times = {time.key for time in times_of()}
    cells = {key: value for key, value in cells.items() if key[0] in known and key[1] in times}
    applied: list[planning.Applied] = []
    if not errors:
        following = {key: request.POST.get(f"a-{key}") == "on" for key in known if f"s-{key}" in request.POST}
        planning.set_automatic(kind, name, following, by=user, now=timezone.now())
        try:
            applied = planning.set_planned(kind, name, cells, by=user, now=timezone.now())
        except Refusal as refusal:
            errors[refusal.pointer] = str(refusal)
    if errors:
        return _show(request, kind, name, errors)
    sentence = ngettext("Plan saved; %(number)d value counts at once", "Plan saved; %(number)d values count at once",
                        len(applied))  # fmt: skip
    toast(request, sentence % {"number": len(applied)} if applied else _("Plan saved"))
    return go(request, f"{reverse('desk:settings-plans')}?{urlencode({'of': kind, 'value': name})}")


def changed_fields(posted: QueryDict) -> list[tuple[str, str]]:
    """(member id/time, typed) of the fields that differ from what was shown."""
    fields = [key[2:] for key in posted if key.startswith("c-")]
    pairs = [(field, posted.get(f"c-{field}", "").strip(), posted.get(f"w-{field}", "")) for field in fields]
    return [(field, typed) for field, typed, shown in pairs if typed != shown and field.partition("/")[0].isdecimal()]


def read_value(typed: str, name: Name) -> int | None:
    """A typed value: empty = as normally; for a capacity ∞ or a dash = no limit. ValueError for anything else."""
    if not typed:
        return None
    if name == "capacity" and typed in NO_LIMIT_WORDS:
        return NO_LIMIT
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 12:
        raise ValueError(typed)
    return int(typed)


def times_of() -> list[Time]:
    """Normally, the seven weekdays, and the promotions that run or come."""
    days = [Time(weekday_key(n), str(dates.WEEKDAYS_ABBR[n])) for n in range(7)]
    today = timezone.localdate()
    coming = Promotion.objects.filter(ends_at__gt=timezone.now()).order_by("starts_at", "id")[:PROMOTIONS]
    return [
        Time(NORMAL, _("Normally")),
        *days,
        *(_of_promotion(one, today) for one in coming),
    ]


def _of_promotion(one: Promotion, today: date) -> Time:
    return Time(promotion_key(one.pk), str(one), formats.day(timezone.localdate(one.starts_at), today=today))


def _show(request: HttpRequest, kind: Kind, name: Name, errors: Mapping[str, str]) -> HttpResponse:
    user, times = cast(User, request.user), times_of()
    rows = _rows(request, _members(user, kind), kind, name, times, errors)
    context: dict[str, Any] = {
        "heading": _("Ratios and capacities"),
        "crumbs": [(_("Settings"), reverse("desk:settings"))],
        "of": kind,
        "value": name,
        "tabs": _tabs(kind, name),
        "times": times,
        "rows": rows,
        "sums": _sums(rows) if (kind, name) == ("warehouse", "ratio") else (),
        "errors": errors,
        "may_change": user.can(Capability.SET_RATIOS),
        "live_topics": ["network"],
    }
    return render(request, "desk/settings/plans.html", context, status=422 if errors else 200)


def _tabs(kind: Kind, name: Name) -> list[tuple[str, str, bool]]:
    """(label, address, chosen)"""
    labels: dict[tuple[Kind, Name], str] = {
        ("warehouse", "ratio"): _("Warehouses: ratio"),
        ("warehouse", "capacity"): _("Warehouses: capacity"),
        ("team", "ratio"): _("Teams: ratio"),
        ("team", "capacity"): _("Teams: capacity"),
    }
    base = reverse("desk:settings-plans")
    return [
        (label, f"{base}?of={of}&value={value}", (of, value) == (kind, name)) for (of, value), label in labels.items()
    ]


def _members(user: User, kind: Kind) -> list[Member]:
    if kind == "warehouse":
        return list(visible_warehouses(user).order_by("position", "id"))
    teams = visible_teams(user).filter(active=True).select_related("warehouse")
    return list(teams.order_by("warehouse__position", "warehouse_id", "id"))


def _rows(
    request: HttpRequest,
    members: list[Member],
    kind: Kind,
    name: Name,
    times: list[Time],
    errors: Mapping[str, str],
) -> list[Row]:
    planned = planning.planned(kind, name)
    in_force = {plan.member.pk: plan.in_force for plan in planning.plans_of(kind)}
    following = planning.automatic(kind, name)
    rows = []
    for member in members:
        live = _written(NO_LIMIT if getattr(member, name) is None else getattr(member, name))
        values = planned.get(member.pk, {NORMAL: NO_LIMIT if getattr(member, name) is None else getattr(member, name)})
        when = in_force.get(member.pk, NORMAL)
        cells = []
        for time in times:
            field, shown = f"{member.pk}/{time.key}", _written(values.get(time.key))
            typed = request.POST.get(f"c-{field}", shown) if errors else shown
            label = f"{member} · {time.label}"
            cells.append(Cell(field, label, typed, shown, time.key == when, errors.get(field, "")))
        due = values.get(when, values[NORMAL])
        rows.append(Row(member, live, live != _written(due), tuple(cells), member.pk in following))
    return rows


def _sums(rows: list[Row]) -> list[int]:
    """Per time the sum of the ratios as they would count then."""
    columns = zip(*(row.cells for row in rows), strict=True)
    normal = [_number(row.cells[0].shown) for row in rows]
    return [
        sum(_number(cell.shown) if cell.shown else usual for cell, usual in zip(column, normal, strict=True))
        for column in columns
    ]


def _number(shown: str) -> int:
    return int(shown) if shown.isdecimal() else 0


def _written(value: int | None) -> str:
    return "" if value is None else INFINITE if value == NO_LIMIT else str(value)


def _kind(given: QueryDict) -> Kind:
    return "team" if given.get("of") == "team" else "warehouse"


def _name(given: QueryDict) -> Name:
    return "capacity" if given.get("value") == "capacity" else "ratio"

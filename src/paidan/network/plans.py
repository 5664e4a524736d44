"""Ratios and capacities that are planned: normally, on weekdays, during promotions; and putting them in force.

What counts is always what stands on the warehouse or team. When another planned time begins (a work day, a promotion,
the end of one), the planned values are written there, once: what somebody sets by hand meanwhile stays until the next
such change. A promotion's values come before a weekday's, these before the normal ones; a weekday is that of the work
day a new allocation would count for, so after the cut-off it is already that of the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from paidan.accounts.changes import changed_values, record_change
from paidan.accounts.models import User
from paidan.engine.calendar import work_day
from paidan.kit.errors import Refusal

from .calendars import days_off
from .models import Plan, PlannedValue, Promotion, Team, Warehouse

Kind = Literal["warehouse", "team"]
Name = Literal["ratio", "capacity"]
Member = Warehouse | Team
NORMAL = "normal"
HOME = "Asia/Shanghai"
"""The time zone of a team that belongs to no warehouse."""
NO_LIMIT = -1
"""As a planned capacity: none."""
LARGEST = {"ratio": 1_000_000, "capacity": 1_000_000_000}
EPOCH = date(1970, 1, 1)


def weekday_key(weekday: int) -> str:
    """The time that is a weekday, 0 = Monday."""
    return f"weekday:{weekday}"


def promotion_key(promotion_id: int) -> str:
    return f"promotion:{promotion_id}"


@dataclass(frozen=True, slots=True)
class Applied:
    """One member whose values changed because a planned time began."""

    member: Member
    when: str
    before: dict[str, object]
    after: dict[str, object]


def plans_of(kind: Kind) -> QuerySet[Plan]:
    """The plans of warehouses or of teams, with what is planned and whose it is."""
    whose = "warehouse" if kind == "warehouse" else "team__warehouse"
    found = Plan.objects.exclude(**{f"{kind}_id": None})
    days = "warehouse__days" if kind == "warehouse" else "team__warehouse__days"
    return found.select_related(whose).prefetch_related("values", days)


def planned(kind: Kind, name: Name) -> dict[int, dict[str, int]]:
    """Member id → time → value. Times without a value are absent: as normally."""
    found: dict[int, dict[str, int]] = {}
    for plan in plans_of(kind):
        cells = {NORMAL: _stored(getattr(plan, name), name)}
        for row in plan.values.all():
            value = NO_LIMIT if name == "capacity" and row.unlimited else getattr(row, name)
            if value is not None:
                cells[row.when] = value
        found[plan.member.pk] = cells
    return found


@transaction.atomic
def set_planned(
    kind: Kind, name: Name, cells: Mapping[tuple[int, str], int | None], *, by: User | None, now: datetime
) -> list[Applied]:
    """Plan these values (member id, time) and put in force what is due now; answers what that changed.

    None takes a value back: as normally. A capacity of `NO_LIMIT` is none. A normal value cannot be taken back.
    """
    _check(name, cells)
    model = Warehouse if kind == "warehouse" else Team
    ids = sorted({member_id for member_id, _when in cells})
    for member in model.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        mine = {when: value for (member_id, when), value in cells.items() if member_id == member.pk}
        plan = Plan.objects.filter(**{kind: member}).first()
        if plan is None:
            plan = Plan.objects.create(**{kind: member}, ratio=member.ratio, capacity=member.capacity)
        before = {NORMAL: _stored(getattr(plan, name), name), **_values(plan, name)}
        _write(plan, name, mine)
        after = {NORMAL: _stored(getattr(plan, name), name), **_values(plan, name)}
        was, became = changed_values(before, {**dict.fromkeys(before), **after})
        if became:
            record_change(f"{kind}.planned", by=by, now=now, of=member, before=was, after=became, value=name)
    return apply_due(now, kind, ids)


def _check(name: Name, cells: Mapping[tuple[int, str], int | None]) -> None:
    for (member_id, when), value in cells.items():
        if value is None and when == NORMAL:
            sentence = _("The normal value cannot be empty. Write a number.")
            raise Refusal("normal_missing", sentence, pointer=f"{member_id}/{when}")
        lowest = NO_LIMIT if name == "capacity" else 0
        if value is not None and not lowest <= value <= LARGEST[name]:
            sentence = _("The number must lie between %(low)s and %(high)s.")
            raise Refusal("out_of_range", sentence, pointer=f"{member_id}/{when}", low=0, high=LARGEST[name])


def _write(plan: Plan, name: Name, cells: Mapping[str, int | None]) -> None:
    for when, value in cells.items():
        if when == NORMAL:
            setattr(plan, name, None if value == NO_LIMIT else value)
            continue
        what, _colon, number = when.partition(":")
        key: dict[str, Any] = {"weekday" if what == "weekday" else "promotion_id": int(number)}
        row, _new = PlannedValue.objects.get_or_create(plan=plan, **key)
        setattr(row, name, None if value == NO_LIMIT else value)
        if name == "capacity":
            row.unlimited = value == NO_LIMIT
        row.save()
        if row.is_empty:
            row.delete()
    plan.in_force = ""
    plan.save()


def _values(plan: Plan, name: Name) -> dict[str, int]:
    found = {}
    for row in PlannedValue.objects.filter(plan=plan):
        value = NO_LIMIT if name == "capacity" and row.unlimited else getattr(row, name)
        if value is not None:
            found[row.when] = int(value)
    return found


def _stored(value: int | None, name: Name) -> int:
    return NO_LIMIT if name == "capacity" and value is None else int(value or 0)


def time_of(plan: Plan, now: datetime, running: Iterable[Promotion]) -> str:
    """Which of a plan's times it is: the promotion that began last and has values, else the weekday, else normal."""
    rows = {row.when for row in plan.values.all()}
    for promotion in sorted(running, key=lambda one: (one.starts_at, one.pk), reverse=True):
        if promotion_key(promotion.pk) in rows:
            return promotion_key(promotion.pk)
    today = weekday_key(work_day_of(plan.member, now).weekday())
    return today if today in rows else NORMAL


def work_day_of(member: Member, now: datetime) -> date:
    """The work day a new allocation of the warehouse, or of the team's warehouse, counts for."""
    warehouse = member if isinstance(member, Warehouse) else member.warehouse
    if warehouse is None:
        return now.astimezone(ZoneInfo(HOME)).date()
    local = now.astimezone(ZoneInfo(warehouse.timezone)).date()
    off = frozenset(days_off(warehouse, warehouse.days.all(), local))
    return EPOCH + timedelta(days=work_day(now, warehouse.timezone, warehouse.cutoff, off))


def automatic(kind: Kind, name: Name) -> set[int]:
    """The members whose normal value follows the advice of the reports."""
    found = Plan.objects.filter(**{f"automatic_{name}": True}).exclude(**{f"{kind}_id": None})
    return set(found.values_list(f"{kind}_id", flat=True))


@transaction.atomic
def set_automatic(kind: Kind, name: Name, wanted: Mapping[int, bool], *, by: User | None, now: datetime) -> None:
    """Let the normal values of these members follow the advice of the reports, or no longer."""
    model = Warehouse if kind == "warehouse" else Team
    field = f"automatic_{name}"
    for member in model.objects.select_for_update().filter(pk__in=list(wanted)).order_by("pk"):
        values = {"ratio": member.ratio, "capacity": member.capacity}
        plan, _new = Plan.objects.get_or_create(**{kind: member}, defaults=values)
        if getattr(plan, field) == wanted[member.pk]:
            continue
        setattr(plan, field, wanted[member.pk])
        plan.save(update_fields=[field])
        record_change(f"{kind}.planned", by=by, now=now, of=member, after={"automatic": wanted[member.pk]}, value=name)


def keep_as_normal(member: Member, values: Mapping[str, object]) -> None:
    """A ratio or capacity set in the member's own form is its normal one from now on, where it has a plan."""
    names = {name: values[name] for name in ("ratio", "capacity") if name in values}
    if names:
        Plan.objects.filter(**{"warehouse" if isinstance(member, Warehouse) else "team": member}).update(**names)


@transaction.atomic
def apply_due(now: datetime, kind: Kind | None = None, ids: Iterable[int] | None = None) -> list[Applied]:
    """Put in force what has begun; of all members, or of these. Safe to run by several workers at once."""
    running = list(Promotion.objects.filter(starts_at__lte=now, ends_at__gt=now))
    found = []
    for one in (kind,) if kind else ("warehouse", "team"):
        plans = plans_of(one)
        if ids is not None:
            plans = plans.filter(**{f"{one}_id__in": list(ids)})
        for plan in plans.order_by("pk"):
            when = time_of(plan, now, running)
            if when != plan.in_force and (applied := _put_in_force(plan, when, now)):
                found.append(applied)
    return found


def _put_in_force(plan: Plan, when: str, now: datetime) -> Applied | None:
    """Write the values of a time onto the member; whoever moved `in_force` first did it."""
    if not Plan.objects.filter(pk=plan.pk, in_force=plan.in_force).update(in_force=when, since=now):
        return None
    model = type(plan.member)
    member: Member = model.objects.select_for_update().get(pk=plan.member.pk)
    row = next((row for row in plan.values.all() if row.when == when), None)
    ratio = plan.ratio if row is None or row.ratio is None else row.ratio
    capacity = plan.capacity
    if row is not None and (row.unlimited or row.capacity is not None):
        capacity = None if row.unlimited else row.capacity
    before, after = changed_values(
        {"ratio": member.ratio, "capacity": member.capacity}, {"ratio": ratio, "capacity": capacity}
    )
    if not after:
        return None
    member.ratio, member.capacity = ratio, capacity
    member.save(update_fields=["ratio", "capacity"])
    kind = "warehouse" if isinstance(member, Warehouse) else "team"
    record_change(f"{kind}.plan_applied", by=None, now=now, of=member, before=before, after=after, when=when)
    return Applied(member, when, before, after)

"""The rows of a report: figures with names, order, change against the days beside, load and share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from paidan.allocation.models import TeamDay, WarehouseDay
from paidan.kit.errors import Refusal
from paidan.network.models import Shop, Team, Warehouse
from paidan.network.ratios import as_percent
from paidan.web import formats

from .asking import Asked
from .dimensions import Dimension
from .figures import Figures
from .periods import Days
from .questions import counts_over_time, figures, figures_by_day
from .words import names_of, rule_codes

D = Dimension
SPARK_STEPS = 14
TRENDED = ("auto_n", "hand_n")
STUCK = ("received_n",)


@dataclass(slots=True)
class Row:
    """One line of the table. `value` is how the order list's filter says it, `position` a warehouse's place."""

    key: int
    name: str
    value: str
    now: Figures
    before: Figures | None = None
    trend: Sequence[float] = ()
    position: int = 0
    load: float | None = None  # of capacity, the mean of its days
    target: float | None = None  # share of the ratios
    share: float | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole table: rows in order, the total, and that of the days beside."""

    asked: Asked
    rows: Sequence[Row]
    total: Row
    shares: bool = False
    loads: bool = False
    missing: Sequence[str] = field(default_factory=tuple)


def report_of(asked: Asked) -> Report:
    """Read and arrange one report."""
    if asked.by == "reason" and not asked.of_orders:
        sentence = _("Why orders are stuck is not of a warehouse, team or rule: take these filters out.")
        raise Refusal("reason_of_place", sentence)
    total = Row(0, "", "", _total(asked, asked.days), _total(asked, asked.beside) if asked.beside else None)
    if asked.by == "day":
        rows = _days(asked)
    else:
        now = figures(asked.question())
        before = figures(asked.question(days=asked.beside)) if asked.beside else {}
        trends = counts_over_time(asked.question(), STUCK if asked.by == "reason" else TRENDED, SPARK_STEPS)
        rows = _platforms(now, before, trends) if asked.by == "platform" else _rows(asked, now, before, trends)
    if asked.by == "reason":  # of all orders only those that are stuck have one
        total.now = sum((row.now for row in rows), Figures())
        total.before = sum((row.before for row in rows if row.before), Figures()) if asked.beside else None
    total.trend = [float(sum(step)) for step in zip(*(row.trend for row in rows if row.trend), strict=False)]
    for row in rows:
        row.share = row.now.parcels / total.now.parcels if total.now.parcels else None
    places = asked.by in ("warehouse", "team")
    if places:
        _loads(asked, rows)
    targets = asked.by == "warehouse" and any(row.target is not None for row in rows)
    return Report(asked, rows, total, targets, any(row.load is not None for row in rows))


def _total(asked: Asked, days: Days | None) -> Figures:
    return figures(asked.question(D.NONE, days)).get(0, Figures())


def _rows(
    asked: Asked, now: Mapping[int, Figures], before: Mapping[int, Figures], trends: Mapping[int, list[int]]
) -> list[Row]:
    keys = sorted({key for key, one in [*now.items(), *before.items()] if not one.is_empty})
    if asked.by == "hour":
        keys = list(range(24))
    names, codes = names_of(asked.dimension, keys), rule_codes() if asked.by == "rule" else {}
    rows = [
        Row(
            key,
            names.get(key, f"#{key}"),
            codes.get(key, "") if asked.by == "rule" else str(key or ("0" if asked.by in ("hour", "reason") else "")),
            now.get(key, Figures()),
            before.get(key, Figures()) if asked.beside else None,
            trends.get(key, ()),
        )
        for key in keys
    ]
    if asked.by == "hour":
        return rows
    if asked.by == "warehouse":
        return _in_order(rows)
    return sorted(rows, key=lambda row: (-row.now.parcels, -row.now.n["received_n"], row.name))


def _in_order(rows: list[Row]) -> list[Row]:
    """Warehouses as everywhere: by position, with their hue and their target."""
    known = {one.pk: (at, one) for at, one in enumerate(Warehouse.objects.order_by("position", "id"), 1)}
    shares = as_percent({key: one.ratio for key, (_at, one) in known.items()})
    any_ratio = any(one.ratio for _at, one in known.values())
    for row in rows:
        row.position = known[row.key][0] if row.key in known else 0
        row.target = shares[row.key] / 100 if any_ratio and row.key in known else None
    return sorted(rows, key=lambda row: (row.position or 10**6, row.key))


def _platforms(now: Mapping[int, Figures], before: Mapping[int, Figures], trends: Mapping[int, list[int]]) -> list[Row]:
    rows: dict[str, Row] = {}
    platform_of = dict(Shop.objects.values_list("pk", "platform"))
    for key in sorted({*now, *before}):
        name = platform_of.get(key, "")
        row = rows.setdefault(name, Row(0, name or formats.DASH, name, Figures(), Figures() if before else None))
        row.now += now.get(key, Figures())
        if row.before is not None:
            row.before += before.get(key, Figures())
        steps = trends.get(key, [])
        row.trend = (
            [a + b for a, b in zip(row.trend, steps, strict=True)] if row.trend and steps else row.trend or steps
        )
    return sorted(rows.values(), key=lambda row: (-row.now.parcels, row.name))


def _days(asked: Asked) -> list[Row]:
    """A row per day, the days beside in the same order."""
    now = figures_by_day(asked.question(D.NONE))
    before = figures_by_day(asked.question(D.NONE, asked.beside)) if asked.beside else {}
    today = timezone.localdate()
    rows = []
    for at in range(asked.days.number):
        day = asked.days.first + timedelta(days=at)
        other = asked.beside.first + timedelta(days=at) if asked.beside else None
        beside = before.get(other, Figures()) if other else None
        one = now.get(day, Figures())
        if not one.is_empty or asked.days.number <= 62:
            rows.append(Row(at, formats.day(day, today=today), day.isoformat(), one, beside, on=day))
    return rows


def _loads(asked: Asked, rows: Sequence[Row]) -> None:
    """The mean load of the work days that had any, against the capacity of today."""
    model: Any = WarehouseDay if asked.by == "warehouse" else TeamDay
    place: Any = Warehouse if asked.by == "warehouse" else Team
    name = f"{asked.by}_id"
    days = model.objects.filter(day__range=(asked.days.first, asked.days.last))
    summed = days.values(name).annotate(load=Sum("load_n"), days=Count("day", filter=Q(load_n__gt=0)))
    mean = {row[name]: row["load"] / row["days"] for row in summed if row["days"]}
    capacity = dict(place.objects.filter(capacity__gt=0).values_list("pk", "capacity"))
    for row in rows:
        if row.key in mean and row.key in capacity:
            row.load = mean[row.key] / capacity[row.key]

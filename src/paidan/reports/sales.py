"""Promotions beside each other and beside ordinary days: how much, how fast, what went wrong, what was by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db.models import Count, Q, Sum, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils import timezone

from paidan.network.models import Promotion
from paidan.orders.models import Event, OrderException
from paidan.orders.states import EventKind, ExceptionKind

from .figures import Figures
from .models import WorkHour
from .periods import Days, midnight, of_promotion
from .questions import Question, figures_by_day
from .rates import Rate
from .spans import EDGES_S
from .speeds import Hours, hours_between

ORDINARY_DAYS = 28
MOST_HOURS = 24 * 100


@dataclass(frozen=True, slots=True)
class Sale:
    """One promotion, or the ordinary days (no promotion): its days, its figures and the work of its hours."""

    promotion: Promotion | None
    days: Sequence[date]
    figures: Figures
    hours: Hours
    work: Mapping[str, int]
    problems: Sequence[tuple[ExceptionKind, int]]
    moved: Mapping[str, int]  # by hand, by the reason somebody gave ("" = none)

    def per_day(self, number: float) -> float:
        return number / len(self.days) if self.days else 0.0

    def per_thousand(self, number: float) -> float | None:
        return number / self.figures.parcels * 1000 if self.figures.parcels else None

    def rate(self, warehouse_id: int, team_id: int = 0) -> Rate:
        return self.hours.of_team(team_id) if team_id else self.hours.of_warehouse(warehouse_id)

    @property
    def curve(self) -> list[tuple[float, float]]:
        """(hours since payment, share of the shipped parcels that had left by then), at every bucket's end."""
        counts = self.figures.spans["whole"]
        if not counts.sum():
            return []
        shares = np.cumsum(counts) / counts.sum()
        return [(float(edge) / 3600, float(share)) for edge, share in zip(EDGES_S[1:], shares, strict=False)]


def sale_of(promotion: Promotion) -> Sale:
    """Everything about one promotion: its whole days for what was paid, its own hours for what was done."""
    days = of_promotion(promotion)
    last = min(days.last, timezone.localdate())
    every = [days.first + timedelta(days=at) for at in range((last - days.first).days + 1)]
    return _sale(promotion, every, promotion.starts_at, promotion.ends_at)


def ordinary_before(promotions: Iterable[Promotion], until: date) -> Sale:
    """The days of the four weeks before `until` that no promotion touches and that had any orders."""
    busy = set[date]()
    for one in promotions:
        days = of_promotion(one)
        busy.update(days.first + timedelta(days=at) for at in range(days.number))
    every = [until - timedelta(days=at) for at in range(ORDINARY_DAYS, 0, -1)]
    quiet = [day for day in every if day not in busy]
    return _sale(None, quiet, midnight(every[0]), midnight(until))


def _sale(promotion: Promotion | None, days: Sequence[date], starts_at: datetime, ends_at: datetime) -> Sale:
    by_day = figures_by_day(Question(days[0], days[-1])) if days else {}
    if promotion is None:
        days = [day for day in days if day in by_day]
    total = sum((by_day[day] for day in days if day in by_day), Figures())
    first = starts_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    now = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = max(first, min(ends_at.astimezone(UTC), now, first + timedelta(hours=MOST_HOURS)))
    end = end.replace(minute=0, second=0, microsecond=0)
    within = WorkHour.objects.filter(_on(days))
    sums = within.aggregate(**{name: Sum(name, default=0) for name in ("shipped_n", "back_n", "out_n", "out_hand_n")})
    kinds = OrderException.objects.filter(_on(days, "opened_at"), order__isnull=False).values_list("kind")
    counted = kinds.annotate(number=Count("id")).order_by("-number", "kind")
    problems = [(ExceptionKind(kind), number) for kind, number in counted]
    return Sale(promotion, days, total, hours_between(first, end), sums, problems, moved_by_hand(days))


def moved_by_hand(days: Sequence[date]) -> dict[str, int]:
    """Allocations people moved on these days, by the reason they gave; an index holds just these events.

    What was decided again (rebalanced) is not among them: the engine chose the place.
    """
    moved = Event.objects.filter(_on(days, "at"), kind=EventKind.REASSIGNED, by__isnull=False)
    told = moved.annotate(why=_detail("reason"), cause=_detail("cause")).exclude(cause="rebalanced")
    counted = told.order_by().values("why").annotate(number=Count("id"))
    return {row["why"]: row["number"] for row in counted}


def _detail(key: str) -> Coalesce:
    """A value an event keeps, empty where it keeps none."""
    return Coalesce(KeyTextTransform(key, "detail"), Value(""), output_field=TextField())


def _on(days: Sequence[date], field: str = "hour") -> Q:
    """Instants of these days, joined where they follow each other."""
    found = Q(**{f"{field}__in": []})
    for run in _runs(days):
        found |= Q(**{f"{field}__gte": midnight(run.first), f"{field}__lt": midnight(run.last + timedelta(days=1))})
    return found


def _runs(days: Sequence[date]) -> list[Days]:
    runs: list[Days] = []
    for day in days:
        if runs and (day - runs[-1].last).days == 1:
            runs[-1] = Days(runs[-1].first, day)
        else:
            runs.append(Days(day, day))
    return runs

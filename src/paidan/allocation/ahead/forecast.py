"""How many orders are to come, from the days that were: level, weekdays, promotions. Plain arithmetic on counts.

Every order of the past weeks stands for some of the orders to come, so who orders what together, and from where, is
taken as it was. An order counts by the age of its day; one of a promotion's days counts as much less as that day was
above an ordinary one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from paidan.engine.problem import F64, I64

TRAINED_DAYS = 28
LEAST_DAYS = 7
"""With fewer ordinary days nothing is expected: a weekday that was never seen cannot be foreseen."""
HALF_LIFE_DAYS = 14.0
BELIEF = 1.0
"""So many days as large as all others are thought to have been seen of each weekday."""
_YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class Sale:
    """A promotion: which days it touches, and the kind it is of (its code without the year)."""

    code: str
    first: date
    last: date

    @property
    def kind(self) -> str:
        return _YEAR.sub("", self.code).strip("-_ .").casefold()

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Past:
    """What was: the first day, orders per day, promotions (coming ones too), how a day's orders fall on its hours."""

    first: date
    count_d: I64
    sales: tuple[Sale, ...]
    uplift: Mapping[str, float]  # by kind of promotion; "" is any other kind
    hour_share: F64  # (24,)

    def day(self, d: int) -> date:
        return self.first + timedelta(days=d)

    def sale_on(self, day: date) -> Sale | None:
        return next((one for one in self.sales if one.covers(day)), None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Orders expected until a horizon, and how many of them each order of a past day stands for."""

    total: float
    weight_d: F64
    level: float  # of an ordinary day
    weekday_j: F64  # Monday first, mean 1


def foresee(past: Past, now: datetime, days: int) -> Forecast | None:
    """What is expected from `now` (local time) for so many days, from the whole days before it; None: too few.

    level = Σ r n / f ÷ Σ r over the ordinary days, r halving every 14 days, f the weekday's factor;
    a day to come brings level x f x uplift of its promotion, the first and the last in part.
    """
    known = min(len(past.count_d), (now.date() - past.first).days)
    recent = range(max(0, known - TRAINED_DAYS), known)
    begun = next((d for d in recent if past.count_d[d] > 0), known)
    trained = [d for d in recent if d >= begun]
    ordinary = [d for d in trained if past.sale_on(past.day(d)) is None]
    if len(ordinary) < LEAST_DAYS:
        return None
    age = {d: 0.5 ** ((known - 1 - d) / HALF_LIFE_DAYS) for d in trained}
    weekday_j = weekdays(past, ordinary, age)
    weights = sum(age[d] for d in ordinary)
    level = sum(age[d] * past.count_d[d] / weekday_j[past.day(d).weekday()] for d in ordinary) / weights

    def usual(day: date) -> float:
        return float(level * weekday_j[day.weekday()])

    total = 0.0
    for ahead, part in enumerate(parts_of_days(past, now, days)):
        day = now.date() + timedelta(days=ahead)
        total += part * usual(day) * uplift_on(past, day)
    weight_d = np.zeros(len(past.count_d))
    for d in trained:
        above = past.count_d[d] / usual(past.day(d)) if past.sale_on(past.day(d)) and usual(past.day(d)) > 0 else 1.0
        weight_d[d] = age[d] / max(1.0, above)
    stood_for = float((weight_d * past.count_d).sum())
    return Forecast(total, weight_d * (total / stood_for if stood_for else 0.0), float(level), weekday_j)


def weekdays(past: Past, ordinary: Sequence[int], age: Mapping[int, float]) -> F64:
    """Each weekday's orders ÷ an average day's, drawn towards 1 by `BELIEF` days; mean 1."""
    mean = sum(age[d] * past.count_d[d] for d in ordinary) / sum(age[d] for d in ordinary)
    if mean <= 0:
        return np.ones(7)
    sums_j, weights_j = np.full(7, BELIEF * mean), np.full(7, BELIEF)
    for d in ordinary:
        sums_j[past.day(d).weekday()] += age[d] * past.count_d[d]
        weights_j[past.day(d).weekday()] += age[d]
    factor_j = sums_j / weights_j / mean
    return np.asarray(factor_j / factor_j.mean())


def parts_of_days(past: Past, now: datetime, days: int) -> list[float]:
    """How much of each day from today on lies before the horizon; the last is what today has already gone of."""
    gone = float(past.hour_share[: now.hour].sum()) + float(past.hour_share[now.hour]) * now.minute / 60
    return [1.0 - gone, *([1.0] * (days - 1)), gone]


def uplift_on(past: Past, day: date) -> float:
    """How many times an ordinary day's orders a day brings: 1 without a promotion, else as those of its kind did."""
    sale = past.sale_on(day)
    return 1.0 if sale is None else past.uplift.get(sale.kind, past.uplift.get("", 1.0))


def uplifts(
    sales: Sequence[Sale], today: date, count_on: Callable[[date, date], Mapping[date, int]]
) -> dict[str, float]:
    """The uplift of each kind of promotion from those that are over: a day of it ÷ an ordinary day of the weeks before.

    `count_on(first, last)` answers the orders of each day. "" is the mean of all, for a kind that never was.
    """
    found: dict[str, list[float]] = {}
    for sale in (one for one in sales if one.last < today):
        before = count_on(sale.first - timedelta(days=TRAINED_DAYS), sale.first - timedelta(days=1))
        usual = [n for day, n in before.items() if n and not any(one.covers(day) for one in sales)]
        during = list(count_on(sale.first, sale.last).values())
        if len(usual) >= LEAST_DAYS and during:
            found.setdefault(sale.kind, []).append((sum(during) / len(during)) / (sum(usual) / len(usual)))
    means = {kind: sum(several) / len(several) for kind, several in found.items()}
    return means | ({"": sum(means.values()) / len(means)} if means else {})

"""Which days a report is of: the last ones, a promotion's, or any two; and those it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import pgettext

from paidan.network.models import Promotion
from paidan.web import formats

LONGEST_DAYS = 1100
SHOWN_PROMOTIONS = 2


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both included; `key` is how the address says it, empty for any two days."""

    first: date
    last: date
    key: str = ""
    name: str = ""

    @property
    def number(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Days:
        """As many days right before."""
        return Days(self.first - timedelta(days=self.number), self.first - timedelta(days=1))

    def words(self) -> str:
        return self.name or formats.day_range(self.first, self.last, today=timezone.localdate())

    def same_as(self, other: Days) -> bool:
        return (self.first, self.last) == (other.first, other.last)


def midnight(day: date) -> datetime:
    """The moment a day begins on the business's clock."""
    return timezone.make_aware(datetime.combine(day, time.min))


def usual(today: date) -> list[Days]:
    """The ranges that stand in the bar: the usual ones and the latest promotions that have begun."""
    yesterday = today - timedelta(days=1)
    found = [
        Days(today, today, "today", pgettext("days of a report", "Today")),
        Days(yesterday, yesterday, "yesterday", pgettext("days of a report", "Yesterday")),
        Days(today - timedelta(days=7), yesterday, "7", pgettext("days of a report", "7 days")),
        Days(today - timedelta(days=30), yesterday, "30", pgettext("days of a report", "30 days")),
    ]
    latest = Promotion.objects.filter(starts_at__lte=timezone.now()).order_by("-starts_at")
    return found + [of_promotion(one) for one in latest[:SHOWN_PROMOTIONS]]


def of_promotion(one: Promotion) -> Days:
    """The whole days a promotion touches."""
    last = timezone.localtime(one.ends_at - timedelta(microseconds=1)).date()
    return Days(timezone.localtime(one.starts_at).date(), last, f"p{one.pk}", str(one))


def chosen(query: Mapping[str, str], today: date, prefix: str = "", otherwise: str = "7") -> Days:
    """The days the address asks for: `range`, or `from` and `to`; what makes no sense is as good as not there."""
    first, last = (_day(query.get(f"{prefix}{end}", "")) for end in ("from", "to"))
    if first or last:
        first, last = sorted((first or last or today, last or first or today))
        return Days(max(first, last - timedelta(days=LONGEST_DAYS)), last)
    key = query.get(f"{prefix}range", "")
    if key.startswith("p") and key[1:].isdecimal() and len(key) < 10:
        one = Promotion.objects.filter(pk=int(key[1:])).first()
        if one is not None:
            return of_promotion(one)
    known = {one.key: one for one in usual(today)}
    return known.get(key) or known[otherwise]


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word.strip())
    except ValueError:
        return None

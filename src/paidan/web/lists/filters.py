"""What a list can be filtered by: each filter reads the address, narrows the rows, and says itself in words.

A filter that reads nothing or nonsense is not active: an address somebody saved long ago still opens.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from paidan.web import formats
from paidan.web.models import PastedNumbers

Words = str | Promise
Rows = QuerySet[Any]
Narrow = Callable[[Rows, Any], Rows]
Choices = Iterable[tuple[object, object]]
MOST_NUMBERS = 2_000


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Base of all: `field` is the lookup it narrows by, unless `narrow` says how; `common` ones stand in the bar."""

    key: str
    label: Words
    field: str = ""
    narrow: Narrow | None = None
    common: bool = False
    form: ClassVar[str] = "text"

    def read(self, query: QueryDict) -> Any:
        """The value in the address, or None."""
        return query.get(self.key, "").strip() or None

    def apply(self, rows: Rows, value: Any) -> Rows:
        return self.narrow(rows, value) if self.narrow else rows.filter(self.condition(value))

    def condition(self, value: Any) -> Q:
        return Q(**{self.field or self.key: value})

    def words(self, value: Any) -> str:
        """The value as the pill says it."""
        return str(value)

    def keys(self) -> tuple[str, ...]:
        """The address's keys this filter owns."""
        return (self.key,)

    def raw(self, query: QueryDict) -> dict[str, Any]:
        """What its form fields hold now."""
        return {"value": query.get(self.key, "")}


@dataclass(frozen=True, kw_only=True)
class TextFilter(Filter):
    """Contains this text, or however `lookup` compares."""

    lookup: str = "icontains"

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field or self.key}__{self.lookup}": value})


@dataclass(frozen=True, kw_only=True)
class ChoiceFilter(Filter):
    """One or several of a list. `choices` is a function, so that its query runs when the form is opened."""

    choices: Callable[[], Choices] = field(default=tuple)
    integers: bool = True
    form: ClassVar[str] = "choice"

    def read(self, query: QueryDict) -> list[Any] | None:
        given = [word for values in query.getlist(self.key) for word in values.split(",") if word]
        if self.integers:
            return [int(word) for word in given if word.isdecimal() and len(word) < 10] or None
        return given or None

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field or self.key}__in": value})

    def words(self, value: Any) -> str:
        names = {key: str(name) for key, name in self.choices()}
        named = [names.get(key, str(key)) for key in value]
        if len(named) <= 2:
            return _(", ").join(named)
        return _("%(first)s and %(further)d more") % {"first": named[0], "further": len(named) - 1}

    def raw(self, query: QueryDict) -> dict[str, Any]:
        chosen = set(self.read(query) or ())
        return {"options": [(key, name, key in chosen) for key, name in self.choices()]}


@dataclass(frozen=True, kw_only=True)
class PresetFilter(Filter):
    """One of a few ready-made ranges: each is (key, words, function (rows, now) -> rows)."""

    presets: Sequence[tuple[str, Words, Callable[[Rows, datetime], Rows]]] = ()
    form: ClassVar[str] = "preset"

    def read(self, query: QueryDict) -> str | None:
        given = query.get(self.key)
        return given if given in {key for key, _words, _narrow in self.presets} else None

    def apply(self, rows: Rows, value: Any) -> Rows:
        narrow = next(narrow for key, _words, narrow in self.presets if key == value)
        return narrow(rows, timezone.now())

    def words(self, value: Any) -> str:
        return str(next(words for key, words, _narrow in self.presets if key == value))

    def raw(self, query: QueryDict) -> dict[str, Any]:
        return {"options": [(key, words, key == query.get(self.key)) for key, words, _narrow in self.presets]}


@dataclass(frozen=True, kw_only=True)
class FlagFilter(Filter):
    """Yes or no."""

    form: ClassVar[str] = "flag"

    def read(self, query: QueryDict) -> bool | None:
        return {"1": True, "0": False}.get(query.get(self.key, ""))

    def words(self, value: Any) -> str:
        return _("yes") if value else _("no")


@dataclass(frozen=True, kw_only=True)
class NumberFilter(Filter):
    """From … to …; `scale` turns what people type into the stored unit (kilograms to grams: 1000)."""

    scale: int = 1
    unit: Words = ""
    form: ClassVar[str] = "range"

    def read(self, query: QueryDict) -> tuple[int | None, int | None] | None:
        ends = (self._number(query.get(f"{self.key}_from", "")), self._number(query.get(f"{self.key}_to", "")))
        return ends if any(end is not None for end in ends) else None

    def condition(self, value: Any) -> Q:
        low, high = value
        found = Q()
        if low is not None:
            found &= Q(**{f"{self.field or self.key}__gte": low})
        if high is not None:
            found &= Q(**{f"{self.field or self.key}__lte": high})
        return found

    def words(self, value: Any) -> str:
        low, high = (None if end is None else self.written(end) for end in value)
        if low is not None and high is not None:
            return f"{low}–{high}"
        return f"≥ {low}" if low is not None else f"≤ {high}"

    def written(self, stored: int) -> str:
        number = f"{Decimal(stored) / self.scale:,f}"
        return f"{number} {self.unit}" if self.unit else number

    def keys(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def raw(self, query: QueryDict) -> dict[str, Any]:
        return {"low": query.get(f"{self.key}_from", ""), "high": query.get(f"{self.key}_to", ""), "unit": self.unit}

    def _number(self, word: str) -> int | None:
        try:
            number = int(Decimal(word.strip().replace(",", "")) * self.scale)
        except (InvalidOperation, ValueError, OverflowError):
            return None
        return number if abs(number) < 2**62 else None


@dataclass(frozen=True, kw_only=True)
class MoneyFilter(NumberFilter):
    """Money in the major unit, stored in minor units."""

    scale: int = 100
    unit: Words = "¥"

    def written(self, stored: int) -> str:
        return formats.money(stored)


@dataclass(frozen=True, kw_only=True)
class DayFilter(Filter):
    """From day to day, both included, of an instant in the reader's time zone (or of a date with `instant=False`)."""

    instant: bool = True
    form: ClassVar[str] = "days"

    def read(self, query: QueryDict) -> tuple[date | None, date | None] | None:
        ends = (_day(query.get(f"{self.key}_from", "")), _day(query.get(f"{self.key}_to", "")))
        return ends if any(ends) else None

    def condition(self, value: Any) -> Q:
        first, last = value
        name, found = self.field or self.key, Q()
        if first is not None:
            found &= Q(**{f"{name}__gte": _midnight(first) if self.instant else first})
        if last is not None and self.instant:
            found &= Q(**{f"{name}__lt": _midnight(last + timedelta(days=1))})
        elif last is not None:
            found &= Q(**{f"{name}__lte": last})
        return found

    def words(self, value: Any) -> str:
        first, last = value
        today = timezone.localdate()
        if first and last:
            return formats.day_range(first, last, today=today)
        if first:
            return _("from %(day)s") % {"day": formats.day(first, today=today)}
        return _("until %(day)s") % {"day": formats.day(last, today=today)}

    def keys(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def raw(self, query: QueryDict) -> dict[str, Any]:
        return {"low": query.get(f"{self.key}_from", ""), "high": query.get(f"{self.key}_to", "")}


@dataclass(frozen=True, kw_only=True)
class NumbersFilter(Filter):
    """A pasted list of up to 2,000 numbers, one a line or with commas, spaces or tabs between them."""

    form: ClassVar[str] = "numbers"

    def read(self, query: QueryDict) -> list[str] | None:
        given = query.get(self.key, "")
        if given.startswith("@"):
            kept = PastedNumbers.objects.filter(pk=given[1:]).first() if is_uuid(given[1:]) else None
            return kept.numbers if kept else None
        return split_numbers(given)[:MOST_NUMBERS] or None

    def condition(self, value: Any) -> Q:
        return Q(**{f"{self.field or self.key}__in": value})

    def words(self, value: Any) -> str:
        return value[0] if len(value) == 1 else _("%(number)d numbers") % {"number": len(value)}


def split_numbers(pasted: str) -> list[str]:
    """The numbers in a pasted text, each once, in order."""
    return list(dict.fromkeys(word for word in re.split(r"[\s,;，；、]+", pasted) if 0 < len(word) <= 100))


def is_uuid(word: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", word))


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word.strip())
    except ValueError:
        return None


def _midnight(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time.min))

"""Keyset pagination: the page after (or before) a row, by the sort key and the id, at the same cost at any depth.

Order is PostgreSQL's own (nulls last ascending, first descending), so that an index of (field, id) serves it.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Sort:
    """By one field, then by id in the same direction. An empty field is by id alone."""

    field: str
    descending: bool = False

    @property
    def order(self) -> list[str]:
        sign = "-" if self.descending else ""
        return [f"{sign}{self.field}", f"{sign}pk"] if self.field else [f"{sign}pk"]

    def reversed(self) -> "Sort":
        return Sort(self.field, not self.descending)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page and the cursors of its neighbours (empty where there is none)."""

    rows: Sequence[Row]
    before: str
    after: str


def page_of(rows: "QuerySet[Row]", sort: Sort, *, size: int, after: str = "", before: str = "") -> "Page[Row]":
    """One page in one query. A cursor that cannot be read is the first page, for links grow old."""
    place = read_cursor(before or after)
    backwards = bool(before) and place is not None
    walk = sort.reversed() if backwards else sort
    found = rows.order_by(*walk.order)
    if place is not None:
        found = found.filter(_beyond(walk, *place))
    window = list(found[: size + 1])
    further = len(window) > size
    window = window[:size]
    if backwards:
        window.reverse()
    has_before = further if backwards else place is not None
    has_after = True if backwards else further
    return Page(
        window,
        cursor_of(window[0], sort) if window and has_before else "",
        cursor_of(window[-1], sort) if window and has_after else "",
    )


def cursor_of(row: Model, sort: Sort) -> str:
    """Where a row stands in the order, as a short opaque word."""
    value = _value(row, sort.field) if sort.field else None
    if isinstance(value, datetime | date):
        value = value.isoformat()
    return base64.urlsafe_b64encode(json.dumps([value, row.pk]).encode()).decode().rstrip("=")


def read_cursor(word: str) -> tuple[Any, Any] | None:
    """The place a cursor names; nothing for what is no cursor of ours."""
    if not word:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
    except (ValueError, TypeError):
        return None
    if not isinstance(key, int) or not (value is None or isinstance(value, str | int | float)):
        return None
    return value, key


def _beyond(sort: Sort, value: Any, key: Any) -> Q:
    """Strictly further along the order than (value, key); null counts as larger than anything."""
    step = "lt" if sort.descending else "gt"
    further_key = Q(**{f"pk__{step}": key})
    field = sort.field
    if not field:
        return further_key
    if value is None:
        same = Q(**{f"{field}__isnull": True}) & further_key
        return same | Q(**{f"{field}__isnull": False}) if sort.descending else same
    beyond = Q(**{f"{field}__{step}": value}) | (Q(**{field: value}) & further_key)
    if sort.descending:
        # The plain bound lets the index start at the right place; the rest is only a filter on the first few rows.
        return Q(**{f"{field}__lte": value}) & beyond
    return beyond | Q(**{f"{field}__isnull": True})


def _value(row: Any, field: str) -> Any:
    for name in field.split("__"):
        row = getattr(row, name)
    return row

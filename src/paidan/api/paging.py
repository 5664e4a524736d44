"""Pages by key: `after` is the last row's id, so nothing is skipped or repeated while rows come in."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Query

from .problems import Problem

MOST = 500
LIMIT: int = Query(100, ge=1, le=MOST)  # type: ignore[type-arg]
"""The parameter `limit` of every list."""
SINCE: str = Query(  # type: ignore[type-arg]
    "",
    max_length=8000,
    pattern=r"^[^\x00-\x1f\x7f]*$",
    description="Follow changes: `start`, `now`, or the `next` of the last page. Each once per page, as it is now.",
)
"""The parameter of a feed."""
WORD: str = Query("", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")  # type: ignore[type-arg]
"""A parameter that is a code, a number or a word; empty = any."""


def page_of(rows: QuerySet[Any], after: str, limit: int) -> tuple[list[Any], str | None]:
    """The next rows by id, and what to send for those after them."""
    if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise Problem(422, "bad_cursor", _("“after” is what the last page called “next”."), pointer="after")
    found = list(rows.filter(pk__gt=int(after or 0)).order_by("pk")[: limit + 1])
    more = len(found) > limit
    return found[:limit], str(found[limit - 1].pk) if more else None

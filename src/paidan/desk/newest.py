"""Lists of what runs in the background, the newest first, a stretch at a time."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)
SHOWN = 50


def newest(found: QuerySet[Row], request: HttpRequest) -> tuple[list[Row], int | None]:
    """The rows before the one the address names, or the newest; and where the next stretch begins, if there is one."""
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: SHOWN + 1])
    return rows[:SHOWN], rows[SHOWN - 1].pk if len(rows) > SHOWN else None

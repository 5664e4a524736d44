"""Pages by number, as these protocols have them: the total with the first page only."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from .calls import Call


def paged(call: Call, rows: QuerySet[Any], name: str, told: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """One page of rows that are in a fixed order."""
    page, size = call.page()
    found = [told(row) for row in rows[page * size : (page + 1) * size]]
    return {**({"total_count": rows.count()} if page == 0 else {}), name: found}

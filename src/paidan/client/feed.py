"""Pages of lists, and following what changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .transport import Transport

PAGE = 500


def every(transport: Transport, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """All rows of a list, read a page at a time as they are asked for."""
    after: str | None = ""
    while after is not None:
        page = transport.get(path, after=after, limit=PAGE, **filters)
        yield from page["items"]
        after = page["next"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has happened since a cursor: rows as they are now, and the cursor to keep for the next time."""

    items: list[dict[str, Any]]
    cursor: str


def changes(transport: Transport, path: str, cursor: str, **filters: Any) -> Iterator[Changes]:
    """Page after page of what has changed since, until nothing more is there at the moment.

    Keep `cursor` when a page is worked through: after a crash the same page comes again, and nothing is missed.
    """
    more = True
    while more:
        page = transport.get(path, updated_since=cursor, limit=PAGE, **filters)
        cursor, more = page["next"], page["more"]
        yield Changes(page["items"], cursor)

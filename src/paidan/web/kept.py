"""What is read often and changes seldom, kept in memory for as long as nobody changes it.

Statement triggers note every change of some tables as a mark of one topic (docs/adr/0010-kept-terms.md); what was read
under the same state of the topic is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from paidan.kit.arrays import array_cursor

Mark = tuple[str, int, int, int]
"""The database, and of a topic's marks: how many, the newest, and a sum that tells any two sets of them apart."""
T = TypeVar("T")

_MARK = """
SELECT current_database(), count(*), coalesce(max(id), 0), coalesce(sum(hashint8extended(id, 0)), 0)::numeric
FROM web_changemark WHERE topic = %s
"""


def state_of(topic: str) -> Mark:
    """The state of the topic as this transaction sees it; different after every change of its tables."""
    row = array_cursor().execute(_MARK, (topic,)).fetchone()
    assert row is not None
    name, count, newest, mixed = row
    return str(name), int(count), int(newest), int(mixed)


class Kept(Generic[T]):
    """Something read from a topic's tables: read again only when its mark is another than when it was read.

    The mark is taken before reading, so what is kept is never older than its mark says. Without any mark (tables that
    were just made or emptied) nothing is kept.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: tuple[Mark, T] | None = None

    def at(self, mark: Mark) -> T:
        """As it is under this mark; what is answered is shared and must not be changed."""
        kept = self._kept
        if kept is not None and kept[0] == mark:
            return kept[1]
        found = self._read()
        self._kept = (mark, found) if mark[1] else None
        return found

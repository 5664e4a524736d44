"""Following the event log without missing what commits late: which events are settled, and from where to go on.

Ids come from a sequence, transactions end in any order: an event with a lower id may appear after one with a higher.
Every writer holds a lock on the log from before it draws an id until it has ended, and who holds one can be seen. So
when everybody who held it at a moment has let go, whatever was below the highest id of that moment is there for good
(docs/adr/0007-feed.md).
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

START, NOW = "start", "now"
WINDOW = 5_000
"""The most events one page looks at."""
PATIENCE = 100
PAUSE_S = 0.02

_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})\.((?:-?\d{1,10}/\d{1,10}(?:_|$))*)")
_NEWEST = "SELECT coalesce(max(id), 0) FROM orders_event"
_WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'orders_event'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
"""
_EVENTS = """
SELECT id, {column} FROM orders_event WHERE id > %s AND id <= %s ORDER BY id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is: told everything up to `last`; up to `mark` there is no more to come once `writers` ended."""

    last: int = 0
    mark: int = 0
    writers: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.last}.{self.mark}.{'_'.join(sorted(self.writers))}"


@dataclass(frozen=True, slots=True)
class Touched:
    """The orders or allocations that something happened to, each once, and where to go on; `more` waits already."""

    ids: Sequence[int]
    following: Position
    more: bool


def position_of(text: str) -> Position:
    """What a reader sent: `start`, `now`, or where the last page ended."""
    if text == START:
        return Position()
    if text == NOW:
        return present()
    found = _CURSOR.fullmatch(text)
    if found is None:
        sentence = _("“updated_since” is “start”, “now”, or what the last page called “next”.")
        raise Refusal("bad_cursor", sentence, pointer="updated_since")
    last, mark, writers = found.groups()
    return Position(int(last), int(mark), frozenset(one for one in writers.split("_") if one))


def present() -> Position:
    """The position after all that has happened: waits for those who are writing, as their events may lie before it."""
    mark, waiting = newest(), writing()
    for _attempt in range(PATIENCE):
        if not waiting:
            return Position(mark, mark)
        time.sleep(PAUSE_S)
        waiting &= writing()
    raise Refusal("still_writing", _("Somebody has been writing for long. Ask again in a moment."))


def touched_since(position: Position, what: Literal["order_id", "allocation_id"], limit: int) -> Touched:
    """What happened after `position`, at most `limit` orders or allocations.

    1. Read the newest id, and only then who is writing. 2. What is settled: all of it if nobody is; up to the mark if
    those who were writing then have ended. 3. Read up to there, in a statement that sees what they committed.
    """
    top = newest()
    if position.last > top:
        sentence = _("This is ahead of what has happened here, as after restoring an older backup. Read from “start”.")
        raise Refusal("cursor_ahead", sentence, pointer="updated_since")
    waiting = writing()
    held_up = position.writers & waiting
    settled = top if not waiting else position.last if held_up else max(position.mark, position.last)
    if waiting:
        ahead = Position(settled, position.mark, held_up) if held_up else Position(settled, top, frozenset(waiting))
    else:
        ahead = Position(top, top)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS.format(column=what), (position.last, settled, WINDOW))
        rows = cursor.fetchall()
    found: dict[int, None] = {}
    before = position.last
    for event_id, key in rows:
        if key is not None and key not in found:
            if len(found) == limit:
                return Touched(list(found), Position(before, settled), True)
            found[key] = None
        before = event_id
    if len(rows) == WINDOW and before < settled:
        return Touched(list(found), Position(before, settled), True)
    return Touched(list(found), ahead, False)


def newest() -> int:
    """The highest id that is committed: an id that was only drawn may be drawn again after a crash."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        return int(cursor.fetchone()[0])


def writing() -> set[str]:
    """The open transactions of others that may have drawn ids."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS)
        return {row[0] for row in cursor.fetchall()}

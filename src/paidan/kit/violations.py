"""What a check of the stored data finds: which invariant, where, what should be and what is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant. `code` names it, `place` the row ("order 17"), the rest are values, never sentences."""

    code: str
    place: str
    expected: object
    found: object


def violations_of(code: str, query: str, parameters: Sequence[Any] = ()) -> Iterator[Violation]:
    """Run a check: a query that answers (place, expected, found) for every row that breaks the invariant."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        for place, expected, found in cursor.fetchall():
            yield Violation(code, place, expected, found)

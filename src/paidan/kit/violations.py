"""What a check of the stored data finds: which invariant, where, what should be and what is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant. `code` names it, `place` the row ("order 17"), the rest are values, never sentences."""

    code: str
    place: str
    expected: object
    found: object


def run_checks(checks: Mapping[str, str]) -> Iterator[Violation]:
    """Run queries by code; each answers (place, expected, found) for every row that breaks its invariant."""
    for code, query in checks.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            for place, expected, found in cursor.fetchall():
                yield Violation(code, place, expected, found)


def dangling(table: str, column: str, target: str, place: str = "id") -> str:
    """The check of a reference without a constraint: rows of `table` that point to no row of `target`."""
    return f"""
        SELECT concat('{table} ', r.{place}), '{target}', r.{column} FROM {table} r
        WHERE r.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = r.{column})
    """

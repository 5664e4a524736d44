"""What a check of the stored data finds: which invariant, where, what should be and what is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, transaction


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
        for place, expected, found in _answers(query):
            yield Violation(code, place, expected, found)


def _answers(query: str) -> list[tuple[str, object, object]]:
    """Read whole tables by hash: after a large load, before the first ANALYZE, the planner takes them for empty.

    It would then loop over one table within the other, and minutes become hours.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_nestloop'), set_config('enable_nestloop', 'off', true)")
        (before, _now) = cursor.fetchone()
        cursor.execute(query)
        found: list[tuple[str, object, object]] = cursor.fetchall()
        cursor.execute("SELECT set_config('enable_nestloop', %s, true)", [before])
    return found


def dangling(table: str, column: str, target: str, place: str = "id") -> str:
    """The check of a reference without a constraint: rows of `table` that point to no row of `target`."""
    return f"""
        SELECT concat('{table} ', r.{place}), '{target}', r.{column} FROM {table} r
        WHERE r.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {target} t WHERE t.id = r.{column})
    """

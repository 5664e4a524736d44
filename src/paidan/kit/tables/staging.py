"""Puts columns into PostgreSQL: COPY into a table, and insert-or-update of keyed entries through a temporary one."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from django.db import connection

from .report import Outcome

_NULL = "\\N"


def copy_frame(table: str, frame: pl.DataFrame) -> None:
    """Append the rows of a frame to the columns of the same names. Lists must already be array texts (`array_text`)."""
    if frame.is_empty():
        return
    names = ", ".join(f'"{name}"' for name in frame.columns)
    # Every text is quoted, so no text can be taken for the mark of null.
    body = frame.write_csv(include_header=False, quote_style="non_numeric", null_value=_NULL).encode()
    statement = f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '{_NULL}')"
    with connection.cursor() as cursor, cursor.copy(statement) as out:
        for start in range(0, len(body), 1 << 20):
            out.write(body[start : start + (1 << 20)])


def array_text(lists: pl.Series) -> pl.Series:
    """Lists of texts in PostgreSQL's array notation; null becomes the empty array."""
    if lists.null_count() == len(lists):
        return pl.Series(lists.name, ["{}"]).new_from_index(0, len(lists))
    escaped = lists.list.eval(
        '"' + pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True) + '"'
    )
    return ("{" + escaped.list.join(",").fill_null("") + "}").alias(lists.name)


def stage(name: str, like: str, frame: pl.DataFrame) -> None:
    """Fill a temporary table that has the columns of `like` and ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        columns = ", ".join(f'"{column}"' for column in frame.columns)
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT {columns} FROM {like} WITH NO DATA")
    copy_frame(f"pg_temp.{name}", frame)


def upsert(table: str, frame: pl.DataFrame, key: Sequence[str], defaults: dict[str, Any]) -> Outcome:
    """Insert entries whose key is new, update those that differ in a column of the frame, leave the others alone.

    `defaults` fill the columns of new entries that the frame does not have.
    """
    if frame.is_empty():
        return Outcome()
    stage("intake_entries", table, frame.sort(key))
    rest = [name for name in frame.columns if name not in key]
    same_key = " AND ".join(f'kept."{name}" = said."{name}"' for name in key)
    changed = 0
    with connection.cursor() as cursor:
        if rest:
            sets = ", ".join(f'"{name}" = said."{name}"' for name in rest)
            cursor.execute(
                f"UPDATE {table} kept SET {sets} FROM pg_temp.intake_entries said WHERE {same_key}"
                f" AND ROW({_list('kept.', rest)}) IS DISTINCT FROM ROW({_list('said.', rest)})"
            )
            changed = cursor.rowcount
        added = {name: value for name, value in defaults.items() if name not in frame.columns}
        values = ", ".join([_list("said.", frame.columns), *["%s"] * len(added)])
        cursor.execute(
            f"INSERT INTO {table} ({_list('', [*frame.columns, *added])}) SELECT {values}"
            f" FROM pg_temp.intake_entries said WHERE NOT EXISTS (SELECT FROM {table} kept WHERE {same_key})"
            f" ORDER BY {_list('said.', key)} ON CONFLICT ({_list('', key)}) DO NOTHING",
            list(added.values()),
        )
        created = cursor.rowcount
    return Outcome(created, changed, frame.height - created - changed)


def _list(prefix: str, names: Sequence[str]) -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)

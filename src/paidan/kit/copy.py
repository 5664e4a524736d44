"""Columns to and from PostgreSQL as NumPy arrays, no Python object per row: folded arrays out, binary COPY in.

In binary COPY every field is a 4-byte length and its bytes, big-endian. When all columns are fixed-width and none is
null, every row has the same size, so a load is one `tobytes`; `copy_in_nullable` takes the other columns.
Source: PostgreSQL documentation, COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Connection

from .arrays import array_cursor

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
POSTGRES_EPOCH_S = 946_684_800
"""2000-01-01T00:00Z in seconds since 1970: PostgreSQL counts instants from there, in microseconds."""
POSTGRES_EPOCH_DAY = 10_957
"""2000-01-01 in days since 1970-01-01: PostgreSQL counts dates from there."""

Column = npt.NDArray[Any]
_WIDTHS = {"i2": 2, "i4": 4, "i8": 8, "f8": 8, "b1": 1}


def _row_dtype(kinds: Mapping[str, str]) -> np.dtype[np.void]:
    """The packed layout of one row; `kinds` maps column names to i2, i4, i8, f8 or b1."""
    fields: list[tuple[str, str]] = [("_fields", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"_len_{name}", ">i4"), (name, "?" if kind == "b1" else f">{kind}")]
    return np.dtype(fields)


def select_columns(
    connection: Connection[object],
    select: str,
    kinds: Mapping[str, str],
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> dict[str, Column]:
    """Run `select` and answer its columns as native arrays, named and typed by `kinds`.

    The server folds each column into one array (`array_agg`), so a million rows are one row with one value per column:
    COPY would hand them over one message, and one Python object, at a time. Every selected column must be not null and
    of exactly the named width; otherwise ValueError.
    """
    columns = ", ".join(f"array_agg(c{n})" for n in range(len(kinds)))
    names = ", ".join(f"c{n}" for n in range(len(kinds)))
    cursor = array_cursor(connection)
    cursor.execute(f"SELECT {columns} FROM ({select}) folded ({names})", parameters, binary=True)
    result = cursor.pgresult
    assert result is not None
    return {name: _unfolded(result.get_value(0, n), kind) for n, (name, kind) in enumerate(kinds.items())}


def _unfolded(array: bytes | None, kind: str) -> Column:
    """The elements of one binary PostgreSQL array: 20 bytes of header, then a length and a value each."""
    value = np.dtype("?" if kind == "b1" else f">{kind}")
    if array is None:
        return np.zeros(0, value.newbyteorder("="))
    dimensions, has_null, _type, rows, _first = np.frombuffer(array, ">i4", 5)
    cells = np.dtype([("size", ">i4"), ("value", value)])
    if dimensions != 1 or has_null or len(array) != 20 + int(rows) * cells.itemsize:
        raise ValueError("a column was null or not of the width asked for")
    return np.frombuffer(array, cells, int(rows), 20)["value"].astype(value.newbyteorder("="))


def copy_in(connection: Connection[object], table: str, kinds: Mapping[str, str], columns: Mapping[str, Column]) -> int:
    """Append rows of fixed-width, not-null columns to `table`; answers how many."""
    rows = len(next(iter(columns.values())))
    packed = np.empty(rows, _row_dtype(kinds))
    packed["_fields"] = len(kinds)
    for name, kind in kinds.items():
        packed[f"_len_{name}"] = _WIDTHS[kind]
        packed[name] = columns[name]
    _write(connection, table, kinds, packed.tobytes())
    return rows


def copy_in_nullable(
    connection: Connection[object],
    table: str,
    kinds: Mapping[str, str],
    columns: Mapping[str, Column],
    present: Mapping[str, npt.NDArray[np.bool_]],
) -> int:
    """Like `copy_in` for columns that may be null (`present` says where not) or vary in length.

    Kinds are those of `copy_in`, and ``S<n>`` for bytes or UTF-8 text of at most n bytes given as uint8 (rows, n) with
    a lengths column named ``<name>_n``. Rows are laid out at full width, then the absent bytes are dropped by one mask.
    """
    rows = len(columns[next(iter(kinds))])
    widths = {name: int(kind[1:]) if kind[0] == "S" else _WIDTHS[kind] for name, kind in kinds.items()}
    cells = np.zeros((rows, 2 + sum(4 + width for width in widths.values())), np.uint8)
    keep = np.ones(cells.shape, np.bool_)
    cells[:, :2] = np.frombuffer(len(kinds).to_bytes(2, "big"), np.uint8)
    at = 2
    for name, kind in kinds.items():
        width = widths[name]
        if kind[0] == "S":
            lengths = columns[f"{name}_n"].astype(">i4")
            cells[:, at + 4 : at + 4 + width] = columns[name]
            keep[:, at + 4 : at + 4 + width] = np.arange(width) < lengths[:, None]
        else:
            lengths = np.full(rows, width, ">i4")
            value = np.ascontiguousarray(columns[name].astype("?" if kind == "b1" else f">{kind}"))
            cells[:, at + 4 : at + 4 + width] = value.view(np.uint8).reshape(rows, width)
        if name in present:
            lengths = np.where(present[name], lengths, -1).astype(">i4")
            keep[:, at + 4 : at + 4 + width] &= present[name][:, None]
        cells[:, at : at + 4] = np.ascontiguousarray(lengths).view(np.uint8).reshape(rows, 4)
        at += 4 + width
    _write(connection, table, kinds, cells[keep].tobytes())
    return rows


def _write(connection: Connection[object], table: str, kinds: Mapping[str, str], body: bytes) -> None:
    names = ", ".join(f'"{name}"' for name in kinds)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)") as out,
    ):
        out.write(SIGNATURE)
        for start in range(0, len(body), 1 << 20):
            out.write(body[start : start + (1 << 20)])
        out.write(TRAILER)


def instants(seconds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Seconds since 1970 as PostgreSQL's timestamptz (microseconds since 2000)."""
    return (seconds - POSTGRES_EPOCH_S) * 1_000_000


def seconds(instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """PostgreSQL's timestamptz as seconds since 1970, rounded down."""
    return instants // 1_000_000 + POSTGRES_EPOCH_S


def next_ids(connection: Connection[object], table: str, count: int) -> npt.NDArray[np.int64]:
    """Draw `count` fresh ids from the identity sequence of `table`, ascending."""
    sequence = "SELECT nextval(pg_get_serial_sequence('{}', 'id')) FROM generate_series(1, {})"
    drawn = select_columns(connection, sequence.format(table, int(count)), {"id": "i8"})["id"]
    return np.sort(drawn.astype(np.int64))

"""Entries of a simple table, one row each: references looked up, one row per key, rows without a fault."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection

from .flaws import SAME_KEY, Flaw
from .sheet import ROW, Sheet


def ids_by_code(table: str, codes: Iterable[str]) -> dict[str, int]:
    """Ids of those codes that exist in a table with the columns id and code."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code, id FROM {table} WHERE code = ANY(%s)", [list(codes)])
        return dict(cursor.fetchall())


def look_up(sheet: Sheet, rows: pl.DataFrame, name: str, table: str, flaw: Flaw) -> pl.Series:
    """The ids of what a column names by code; a code that does not exist is a fault."""
    codes = rows[name]
    id_of = ids_by_code(table, codes.drop_nulls().unique())
    ids = codes.replace_strict(id_of, default=None, return_dtype=pl.Int32)
    note(sheet, rows, codes.is_not_null() & ids.is_null(), name, flaw)
    return ids.alias(f"{name}_id")


def note(sheet: Sheet, rows: pl.DataFrame, mask: pl.Series, name: str, flaw: Flaw, **values: object) -> None:
    """Note a flaw in the rows of a mask (null = no)."""
    if mask.any():
        sheet.faults.add(rows[ROW].filter(mask), name, flaw, **values)


def faultless(sheet: Sheet, rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Rows without a fault, one per key; rows that say different things of one key are all at fault."""
    rows = rows.filter(~pl.col(ROW).is_in(list(sheet.faults.rows())))
    repeated = rows.filter(pl.struct(key).is_duplicated())
    if repeated.is_empty():
        return rows
    said = [name for name in rows.columns if name != ROW]
    unlike = repeated.unique(said).filter(pl.struct(key).is_duplicated()).select(key).unique()
    for _, same in repeated.join(unlike, on=key, how="semi").group_by(key, maintain_order=True):
        lines = sorted(sheet.line(row) for row in same[ROW])
        sheet.faults.add(same[ROW], key[0], SAME_KEY, lines=", ".join(map(str, lines[:10])))
    return rows.join(unlike, on=key, how="anti").unique(key, keep="first", maintain_order=True)


def given(rows: pl.DataFrame, columns: Mapping[str, Any]) -> pl.DataFrame:
    """Those of the columns (with what an empty cell stands for; None: with nothing) that the file has."""
    return rows.select(
        pl.col(name) if default is None else pl.col(name).fill_null(default)
        for name, default in columns.items()
        if name in rows.columns
    )

"""Reads the first sheet of a workbook (XLSX, XLSM, XLS, ODS) that has the headings asked for, as text cells."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from paidan.kit.errors import Refusal

from .fields import Field
from .headings import LOOK_AT_ROWS, find_headings
from .instants import EXCEL_EPOCH
from .raw import RawTable, column_names

EXACT_DIGITS = 15
"""A spreadsheet's number keeps this many digits; what was longer when it was typed has lost its end."""


def read_workbook(raw: bytes, fields: Sequence[Field], mapping: Mapping[str, str]) -> RawTable:
    """The first sheet with a heading row that names all required fields; the refusal of the first sheet otherwise."""
    refused: Refusal | None = None
    for name, rows in _sheets(raw):
        try:
            return _sheet(rows, name, fields, mapping)
        except Refusal as refusal:
            refused = refused or refusal
    raise refused or Refusal("empty_table", _("The workbook has no sheet with cells in it."))


def _sheets(raw: bytes) -> list[tuple[str, list[list[Any]]]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        return [(name, _cells(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        raise Refusal(
            "not_a_workbook",
            _("The workbook cannot be opened (%(detail)s). Save it again as XLSX or as CSV UTF-8."),
            detail=str(error)[:200],
        ) from error


def _cells(sheet: CalamineSheet) -> list[list[Any]]:
    """All cells; merged ones all have the value that is shown across them."""
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
    return rows


def _sheet(rows: list[list[Any]], name: str, fields: Sequence[Field], mapping: Mapping[str, str]) -> RawTable:
    top = [[_text(cell) for cell in row] for row in rows[:LOOK_AT_ROWS]]
    matched = find_headings(top, fields, mapping)
    body = rows[matched.row + 1 :]
    names = column_names(len(matched.cells))
    columns = zip(*body, strict=True) if body else [()] * len(names)
    cells = {column: [_text(cell) for cell in values] for column, values in zip(names, columns, strict=True)}
    return RawTable(
        headings=matched.cells,
        column_of=matched.column_of,
        ignored=tuple(matched.ignored()),
        cells=pl.DataFrame(cells, dict.fromkeys(names, pl.String)),
        lines=pl.Series("line", range(matched.row + 2, matched.row + 2 + len(body)), dtype=pl.Int64),
        encoding=f"xlsx: {name}",
        suspicious=True,
    )


def _text(cell: object) -> str:
    """A cell as the text a person would have typed; a number with lost digits as Excel shows it, 1.2E+17."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, dt.datetime):
        # A date is a fraction of days, so a full second may come back a few microseconds short.
        return (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str((EXCEL_EPOCH + cell).time()) if cell < dt.timedelta(days=1) else str(cell)
    return str(cell)


def _number(number: float) -> str:
    if abs(number) >= 10**EXACT_DIGITS:
        return f"{number:.{EXACT_DIGITS - 1}E}"
    if number == int(number):
        return str(int(number))
    # Sums in a spreadsheet carry binary noise beyond its 15 digits: 1204.5 is stored as 1204.4999999999998.
    return format(number, f".{EXACT_DIGITS}g")

"""Reads comma, semicolon or tab separated text.

A clean file is cut by polars; one with stray quotation marks or rows of uneven length is cut line by line, so that a
broken row costs itself and not its neighbours.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from .encoding import REPLACEMENT, Decoded
from .fields import Field
from .flaws import OPEN_QUOTE, TOO_MANY_CELLS, Faults
from .headings import LOOK_AT_ROWS, Matched, find_headings, match_fields
from .raw import RawTable, column_names

SEPARATORS = ",;\t|"
MOST_LINES_OF_A_CELL = 200
A_ROW_FOR_SURE = 4
"""Columns from which on a line with the right number of separators is a row and not prose in a cell."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
csv.field_size_limit(1 << 24)


def read_delimited(decoded: Decoded, fields: Sequence[Field], mapping: Mapping[str, str]) -> RawTable:
    """Cut the text into rows and cells below its heading row."""
    text = _line_feeds_only(decoded.text)
    separator = _separator(text, fields, mapping)
    top = _first_rows(text, separator)
    matched = find_headings([cells for _, _, cells in top], fields, mapping)
    line, offset = (top[matched.row][0], top[matched.row][1]) if top else (0, len(text))
    body = text[offset:]
    cut = _cut_fast(body, separator, matched) or _cut_carefully(body, separator, matched)
    suspicious = REPLACEMENT in body or _CONTROL.search(body) is not None
    return RawTable(
        headings=matched.cells,
        column_of=matched.column_of,
        ignored=tuple(matched.ignored()),
        cells=cut.cells,
        lines=(cut.lines + line).rename("line"),
        encoding=decoded.encoding,
        suspicious=suspicious,
        faults=cut.faults,
        whole_lines=cut.whole_lines,
    )


def _line_feeds_only(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff")


def _separator(text: str, fields: Sequence[Field], mapping: Mapping[str, str]) -> str:
    """The separator under which some row among the first names most fields; ties: that which cuts most cells."""
    first = text.split("\n", 1)[0]
    if first.startswith("sep=") and len(first) == 5:
        return first[4]
    lines = text[: 1 << 16].split("\n")[:LOOK_AT_ROWS]

    def fit(separator: str) -> tuple[int, int]:
        rows = [next(csv.reader([line], delimiter=separator), []) for line in lines]
        return max((len(match_fields(row, fields, mapping)) for row in rows), default=0), max(map(len, rows), default=0)

    return max(SEPARATORS, key=fit)


def _first_rows(text: str, separator: str) -> list[tuple[int, int, list[str]]]:
    """The first rows, each with the number of its last line and where the text after it begins."""
    head = text[: 1 << 16].split("\n")[: LOOK_AT_ROWS * 3]
    reader = csv.reader((line + "\n" for line in head), delimiter=separator)
    rows: list[tuple[int, int, list[str]]] = []
    for cells in reader:
        taken = reader.line_num
        rows.append((taken, sum(len(line) + 1 for line in head[:taken]), cells))
        if len(rows) == LOOK_AT_ROWS:
            break
    return rows


@dataclass(frozen=True)
class Cut:
    """Cells, line numbers from 1, rows that could not be cut, and the text of those whose cells are not as meant."""

    cells: pl.DataFrame
    lines: pl.Series
    faults: Faults = field(default_factory=Faults)
    whole_lines: dict[int, str] = field(default_factory=dict)


def _cut_fast(body: str, separator: str, matched: Matched) -> Cut | None:
    """Let polars cut a body in which every line has an even number of quotation marks; None where it cannot."""
    if '"' in body and _odd_lines(body).any():
        return None
    names = column_names(len(matched.cells))
    if not body:
        return Cut(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), pl.Series([], dtype=pl.Int64))
    try:
        cells = pl.read_csv(
            io.BytesIO(body.encode()),
            has_header=False,
            separator=separator,
            schema=dict.fromkeys(names, pl.String),
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError:
        return None
    if cells.height != body.count("\n") + (not body.endswith("\n")):
        return None
    return Cut(cells, pl.Series(range(1, cells.height + 1), dtype=pl.Int64))


def _odd_lines(body: str) -> pl.Series:
    return pl.Series(body.split("\n")).str.count_matches('"', literal=True) % 2 == 1


def _cut_carefully(body: str, separator: str, matched: Matched) -> Cut:
    """Cut record by record; a record is one line, or several where a quoted cell runs over lines."""
    width = len(matched.cells)
    rows: list[list[str]] = []
    lines: list[int] = []
    faults = Faults()
    whole_lines: dict[int, str] = {}
    for line, record, closed in _records(body, separator, width):
        cells = next(_rows_of(record, separator), []) if closed else record.split(separator)
        if not closed:
            faults.add([len(rows)], "", OPEN_QUOTE)
        elif len(cells) > width and any(cells[width:]):
            faults.add([len(rows)], "", TOO_MANY_CELLS, found=len(cells), expected=width)
        if len(cells) > width and any(cells[width:]):
            whole_lines[len(rows)] = record
        rows.append((cells + [""] * width)[:width])
        lines.append(line)
    columns = zip(*rows, strict=True) if rows else [()] * width
    frame = pl.DataFrame(
        dict(zip(column_names(width), map(list, columns), strict=True)), dict.fromkeys(column_names(width), pl.String)
    )
    return Cut(frame, pl.Series(lines, dtype=pl.Int64), faults, whole_lines)


def _records(body: str, separator: str, width: int) -> Iterator[tuple[int, str, bool]]:
    """First line number, text, and whether its quotation marks are closed, of every record.

    A line with an odd number of marks opens a cell of several lines, unless it stands on its own as a row and so does
    the line after it: then the mark is a stray one and swallows nothing.
    """
    lines = body.removesuffix("\n").split("\n") if body else []
    index = 0
    while index < len(lines):
        line = lines[index]
        taken = 1
        closed = line.count('"') % 2 == 0
        if not closed and not _stray(lines, index, separator, width):
            taken = _closing(lines, index, separator, width)
            closed = taken > 0
        yield index + 1, "\n".join(lines[index : index + max(taken, 1)]), closed
        index += max(taken, 1)


def _stray(lines: Sequence[str], index: int, separator: str, width: int) -> bool:
    """Whether the line is a whole row by itself and is followed by one, or by the end."""
    if lines[index].count(separator) < width - 1:
        return False
    return index + 1 == len(lines) or lines[index + 1].count(separator) >= width - 1


def _closing(lines: Sequence[str], index: int, separator: str, width: int) -> int:
    """How many lines from `index` on close all quotation marks; 0 if none of the next do before another row."""
    marks = 0
    for taken, line in enumerate(lines[index : index + MOST_LINES_OF_A_CELL], start=1):
        marks += line.count('"')
        is_row = taken > 1 and width >= A_ROW_FOR_SURE and '"' not in line and line.count(separator) == width - 1
        if is_row:
            return 0
        if marks % 2 == 0:
            record = "\n".join(lines[index : index + taken])
            return taken if len(list(_rows_of(record, separator))) == 1 else 0
    return 0


def _rows_of(record: str, separator: str) -> Iterator[list[str]]:
    """What a reader of CSV makes of some lines; one row, if they are a record."""
    return csv.reader((line + "\n" for line in record.split("\n")), delimiter=separator)

"""What a command prints: records as a table or JSON on standard output, messages on standard error."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from paidan.cli.language import ngettext

MISSING = "—"
GAP = 2
LONGEST_WORD = 16
PIPE_WIDTH = 200
"""How wide a table may be where no terminal says so: wide enough that nothing is cut in a file or a pipe."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the record's key, its head, and how its cells are set."""

    key: str
    title: str
    align: Literal["left", "right"] = "left"
    fold: bool = False  # in a narrow terminal takes several lines, while codes and figures stay whole
    wide: bool = False  # is left out where the terminal has no room for it; never in a pipe or a file


@cache
def out() -> Console:
    """The console of the data."""
    return Console(width=_width(sys.stdout), highlight=False, emoji=False, markup=False, soft_wrap=False)


@cache
def err() -> Console:
    """The console of the messages."""
    return Console(stderr=True, width=_width(sys.stderr), highlight=False, emoji=False, markup=False)


def forget_consoles() -> None:
    """Look at the standard streams anew at the next print; for a process that runs several commands."""
    out.cache_clear()
    err.cache_clear()


def _width(stream: Any) -> int | None:
    """The terminal's own width; shells export COLUMNS, which says nothing about a pipe."""
    return None if stream.isatty() else PIPE_WIDTH


def say(sentence: str, style: str = "") -> None:
    """One message to the reader, beside the data."""
    err().print(Text(sentence, style), soft_wrap=True)


def _plain(value: object) -> object:
    """What JSON has no form for: moments as ISO 8601, words of an enumeration, else the text."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else str(value)


def write_json(document: object) -> None:
    """One JSON document; ends with a line feed."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def write_records(records: Iterable[Record]) -> None:
    """A JSON array with one object per line, written as it is read: a million rows need no memory."""
    separator = "["
    for record in records:
        print(separator, json.dumps(record, ensure_ascii=False, default=_plain), sep="\n ", end="")
        separator = ","
    print("[]" if separator == "[" else "\n]")


def write_list(
    records: Sequence[Record], columns: Sequence[Column], *, total: int, as_json: bool, empty: str = ""
) -> None:
    """A list in the form asked for, and beside it how many more there are."""
    if as_json:
        write_records(records)
    elif records:
        out().print(table_of(records, columns))
    elif empty:
        say(empty)
    left = total - len(records)
    if left > 0:
        say(
            ngettext(
                "%(shown)s shown, %(left)s more: --all shows it, --limit chooses how many.",
                "%(shown)s shown, %(left)s more: --all shows them, --limit chooses how many.",
                left,
            )
            % {"shown": f"{len(records):,}", "left": f"{left:,}"},
            "dim",
        )


def table_of(records: Iterable[Record], columns: Sequence[Column]) -> Table:
    """The records as a table: numbers to the right with separators, what is missing as a dash.

    What does not fit the terminal gives way: `fold` columns take several lines, then `wide` columns go, last first.
    """
    rows = [[cell(record.get(column.key)) for column in columns] for record in records]
    shown = _fitting(columns, rows)
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for at in shown:
        column = columns[at]
        least = _least_width(column, [row[at] for row in rows])
        table.add_column(column.title, justify=column.align, overflow="fold", no_wrap=not column.fold, min_width=least)
    for row in rows:
        table.add_row(*(row[at] for at in shown))
    return table


def _fitting(columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> list[int]:
    """The columns that have room beside each other, by their index."""
    shown = list(range(len(columns)))
    least = [_least_width(column, [row[at] for row in rows]) + GAP for at, column in enumerate(columns)]
    while sum(least[at] for at in shown) > out().width:
        wide = [at for at in shown if columns[at].wide]
        if not wide:
            break
        shown.remove(wide[-1])
    return shown


def _least_width(column: Column, cells: Sequence[Text]) -> int:
    """A column is never narrower than this: its longest word where it folds (but no novel), else its longest cell."""
    texts = [column.title, *(text.plain for text in cells)]
    if not column.fold:
        return max(cell_len(line) for text in texts for line in text.split("\n"))
    return min(max((cell_len(word) for text in texts for word in text.split()), default=1), LONGEST_WORD)


def cell(value: object) -> Text:
    """One value as it stands in a table."""
    if isinstance(value, Text):
        return value
    if value is None or value == "":
        return Text(MISSING, "dim")
    if isinstance(value, bool):
        return Text("✓" if value else "✗")
    if isinstance(value, int):
        return Text(f"{value:,}")
    if isinstance(value, (list, tuple)):
        return Text(", ".join(map(str, value)) or MISSING)
    return Text(str(value))

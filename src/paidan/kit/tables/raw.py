"""A table as it was read: all cells as text, nothing understood yet but which row holds the headings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from .flaws import Faults


@dataclass(frozen=True)
class RawTable:
    """`cells` has one text column ``c0``, ``c1``, … per column of the file, without the heading row.

    `lines` are the file's line numbers of the rows, from 1. `faults` are rows that could not be cut into cells.
    `whole_lines` is the text of those whose cells may not be what was meant. `suspicious` says that unreadable or
    control characters occur somewhere.
    """

    headings: tuple[str, ...]
    column_of: Mapping[str, int]
    ignored: tuple[str, ...]
    cells: pl.DataFrame
    lines: pl.Series
    encoding: str
    suspicious: bool
    faults: Faults = field(default_factory=Faults)
    whole_lines: Mapping[int, str] = field(default_factory=dict)


def column_names(count: int) -> list[str]:
    return [f"c{index}" for index in range(count)]

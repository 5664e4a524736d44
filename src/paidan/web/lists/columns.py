"""A column of a list: its head, its cell, what it sorts by, what it exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

Cell = Callable[[Any, datetime], object]
"""(row, now) -> text (escaped) or safe HTML, made with paidan.web.components."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `sort` is the field of the rows it sorts by, which needs an index of (field, id). `export` gives the plain value
    for a spreadsheet (None = not exported). `width` is CSS; the one column without takes what is left. `wide`
    columns show from 1600 px on. `shown` ones are there until the user chooses otherwise.
    """

    key: str
    label: str | Promise
    cell: Cell
    sort: str = ""
    export: Callable[[Any], object] | None = None
    width: str = ""
    width_en: str = ""
    number: bool = False
    wide: bool = False
    shown: bool = True
    title: Callable[[Any], object] | None = None

    @property
    def style(self) -> str:
        return " ".join(word for word, on in (("n", self.number), ("wide", self.wide)) if on)

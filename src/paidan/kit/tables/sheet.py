"""Opens a file or stream as a sheet: its cells named by field, read as values on demand, its faults kept by row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from . import flaws
from .cells import clean, read_column
from .delimited import read_delimited
from .encoding import decode
from .fields import Field
from .flaws import Faults
from .raw import RawTable
from .workbook import read_workbook

ROW = "_row"
"""The column that numbers the rows of a sheet from 0."""

Source = str | Path | IO[bytes]
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x7fELF")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


@dataclass
class Sheet:
    """A table of one kind. `texts` has the column ``_row`` and a text column per field found in the file."""

    raw: RawTable
    fields: Sequence[Field]
    texts: pl.DataFrame
    zone: ZoneInfo
    faults: Faults

    @property
    def rows(self) -> int:
        return self.texts.height

    def has(self, name: str) -> bool:
        return name in self.raw.column_of

    def heading(self, name: str) -> str:
        """What the file calls a field."""
        return self.raw.headings[self.raw.column_of[name]] if name in self.raw.column_of else name

    def line(self, row: int) -> int:
        """The file's line of a row."""
        return int(self.raw.lines[row])

    def text(self, row: int, name: str) -> str:
        """The cell as it stands in the file."""
        if name not in self.raw.column_of:
            return ""
        return self.raw.cells[row, self.raw.column_of[name]] or ""

    def read(self, texts: pl.DataFrame) -> pl.DataFrame:
        """The values of some rows of `texts`, by field; what cannot be read is null and noted in `faults`."""
        values = {ROW: texts[ROW]}
        for field in self.fields:
            if field.name in texts.columns:
                column = read_column(texts[field.name], field, self.zone)
                values[field.name] = column.values
                for mask, flaw, says in column.flawed:
                    if mask.any():
                        self.faults.add(texts[ROW].filter(mask), field.name, flaw, **says)
        return pl.DataFrame(values)


def open_sheet(source: Source, fields: Sequence[Field], mapping: Mapping[str, str], zone: ZoneInfo) -> Sheet:
    """Read all cells of a file as text under the names of their fields; blank rows are left out.

    Refuses what is no table at all or lacks a column it must have.
    """
    raw = _read_raw(source, fields, mapping)
    columns = {ROW: pl.Series(ROW, range(raw.cells.height), dtype=pl.Int64)}
    kinds = {field.name: field.kind for field in fields}
    for name, index in raw.column_of.items():
        columns[name] = clean(raw.cells.to_series(index), kinds[name]).alias(name)
    texts = pl.DataFrame(columns)
    if texts.width > 1:
        texts = texts.filter(~pl.all_horizontal(pl.all().exclude(ROW).is_null()))
    faults = Faults(list(raw.faults.found))
    sheet = Sheet(raw, fields, texts, zone, faults)
    if raw.suspicious:
        _find_unreadable(sheet)
    return sheet


def _read_raw(source: Source, fields: Sequence[Field], mapping: Mapping[str, str]) -> RawTable:
    content = _bytes_of(source)
    if content.startswith(_WORKBOOKS):
        return read_workbook(content, fields, mapping)
    decoded = decode(content)
    head = decoded.text[:4096]
    if content.startswith(_NO_TABLES) or len(re.findall(_CONTROL, head)) * 20 > len(head):
        raise Refusal("not_a_table", _("The file is neither a text table (CSV) nor a workbook (XLSX)."))
    return read_delimited(decoded, fields, mapping)


def _bytes_of(source: Source) -> bytes:
    if not isinstance(source, str | Path):
        content = source.read()
        return content.encode() if isinstance(content, str) else content
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise Refusal(
            "unreadable_file",
            _('The file "%(path)s" cannot be read: %(detail)s.'),
            path=str(source),
            detail=error.strerror or str(error),
        ) from error


def _find_unreadable(sheet: Sheet) -> None:
    """Note cells with characters that no database or reader could take."""
    for name in sheet.texts.columns[1:]:
        texts = sheet.texts[name]
        lost = texts.str.contains("\ufffd", literal=True)
        if lost.any():
            rows = sheet.texts[ROW].filter(lost)
            sheet.faults.add(rows, name, flaws.UNREADABLE, encoding=sheet.raw.encoding)
        control = texts.str.contains(_CONTROL)
        if control.any():
            sheet.faults.add(sheet.texts[ROW].filter(control), name, flaws.CONTROL_CHARACTER)

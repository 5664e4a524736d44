"""Rows as a CSV or XLSX download that no spreadsheet takes for formulas."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def download(kind: str, name: str, heads: Sequence[str], lines: Iterable[Sequence[object]]) -> HttpResponseBase:
    """CSV is streamed; XLSX is written to a temporary file first, as its format wants."""
    answer: HttpResponseBase
    if kind == "csv":
        answer = StreamingHttpResponse(csv_chunks(heads, lines), content_type=TYPES[kind])
    else:
        answer = FileResponse(xlsx_file(heads, lines), content_type=TYPES[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["Cache-Control"] = "no-store"
    return answer


def csv_chunks(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """UTF-8 with the mark Excel needs to see that it is."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(heads)
    for number, line in enumerate(lines, 1):
        writer.writerow([safe(value) for value in line])
        if number % 500 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_file(heads: Sequence[str], lines: Iterable[Sequence[object]]) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(heads))
    for line in lines:
        sheet.append([_cell(sheet, value) for value in line])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def safe(value: object) -> object:
    """What a cell of a text file may hold: text that begins like a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return "'" + value
    return value


def _cell(sheet: Any, value: object) -> object:
    """Text stays text: in XLSX the type says so, no apostrophe needed."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, int | float | date | time):
        return value
    cell = WriteOnlyCell(sheet, value=str(value))
    cell.data_type = "s"
    return cell

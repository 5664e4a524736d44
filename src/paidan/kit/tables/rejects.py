"""Writes the rejected rows as a table that can be mended and imported again."""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from .flaws import Fault
from .report import Reject, Rejects
from .sheet import Sheet

SAMPLE = 20
_FORMULA = re.compile(r"[=+\-@'\t\r]")
_DIGITS = re.compile(r"0\d+|\d{12,}")


def as_reject(sheet: Sheet, fault: Fault) -> Reject:
    """A fault in words, with the line, heading and cell it was found in."""
    return Reject(
        line=sheet.line(fault.row),
        column=sheet.heading(fault.field) if fault.field else "",
        value=sheet.text(fault.row, fault.field),
        code=fault.flaw.code,
        reason=fault.reason,
        remedy=fault.remedy,
    )


def summarise(sheet: Sheet, withheld: str) -> Rejects:
    """Counts and the first faults; `withheld` is the code of rows that have no fault of their own."""
    faults_of = sheet.faults.by_row()
    codes_of = {row: {fault.flaw.code for fault in faults} for row, faults in faults_of.items()}
    at_fault = sum(codes != {withheld} for codes in codes_of.values())
    all_faults = [fault for faults in faults_of.values() for fault in faults]
    first = sorted(all_faults, key=lambda fault: (fault.flaw.code == withheld, fault.row))[:SAMPLE]
    return Rejects(
        rows=at_fault,
        withheld=len(codes_of) - at_fault,
        by_code=dict(Counter(code for codes in codes_of.values() for code in sorted(codes)).most_common()),
        sample=tuple(as_reject(sheet, fault) for fault in first),
    )


def write_rejects(sheet: Sheet, path: Path) -> None:
    """All rejected rows with their own columns, then line, column, value, reason and remedy of what is wrong.

    Written as CSV that a spreadsheet opens without running a formula or rounding a long number; what protects the
    cells is taken off again when the file is imported.
    """
    path.write_bytes(rejects_text(sheet).encode("utf-8-sig"))


def rejects_text(sheet: Sheet) -> str:
    """The rejects file's content."""
    faults_of = sheet.faults.by_row()
    headings = sheet.raw.headings
    added = added_headings()
    kept = [index for index, heading in enumerate(headings) if heading not in added]
    cells = sheet.raw.cells[list(faults_of)].select(f"c{index}" for index in kept).fill_null("")
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([*(headings[index] for index in kept), *_added()])
    for row, own, faults in zip(faults_of, cells.rows(), faults_of.values(), strict=True):
        # What was cut wrongly would look mended, so its line stands in the first cell as it came.
        whole = sheet.raw.whole_lines.get(row)
        kept_cells = own if whole is None else (whole, *[""] * (len(kept) - 1))
        writer.writerow([_protected(cell) for cell in (*kept_cells, *_said(sheet, faults))])
    return file.getvalue()


def keep_rejects(sheet: Sheet, beside: Path | None, kind: str) -> Path:
    """Write the rejects beside their file under a name nobody has used for others, else among the temporary files.

    Somebody may be mending the rejects of an earlier import, so a file with other content is not overwritten.
    """
    content = rejects_text(sheet).encode("utf-8-sig")
    try:
        if beside is not None:
            return _write_beside(content, beside)
    except OSError:
        pass  # a folder that may be read but not written
    number, name = mkstemp(prefix=f"paidan-{kind}-", suffix=".rejects.csv")
    with os.fdopen(number, "wb") as file:
        file.write(content)
    return Path(name)


def _write_beside(content: bytes, source: Path) -> Path:
    for number in count(1):
        path = source.with_name(f"{source.stem}.rejects{'' if number == 1 else f'-{number}'}.csv")
        if not path.exists():
            path.write_bytes(content)
        if path.read_bytes() == content:
            return path
    raise AssertionError("unreachable")


def _added() -> list[str]:
    return [_("reject: line"), _("reject: column"), _("reject: value"), _("reject: reason"), _("reject: remedy")]


def added_headings() -> set[str]:
    """The headings a former rejects file added to a table, which are not its own."""
    added: set[str] = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            added.update(_added())
    return added


def _said(sheet: Sheet, faults: Sequence[Fault]) -> list[str]:
    rejects = [as_reject(sheet, fault) for fault in faults]
    columns = ("column", "value", "reason", "remedy")
    joined = [" / ".join(dict.fromkeys(str(getattr(reject, name)) for reject in rejects)) for name in columns]
    return [str(rejects[0].line), *joined]


def _protected(cell: str) -> str:
    if _DIGITS.fullmatch(cell):
        return f'="{cell}"'
    return f"'{cell}" if _FORMULA.match(cell) and not cell.startswith(('="', "'")) else cell

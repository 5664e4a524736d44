"""Which column of a file is which field: headings in either language, a mapping of the user's own, the heading row."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .fields import Field

LOOK_AT_ROWS = 20
"""How far down the heading row may stand."""

_NOISE = re.compile(r"[\s_\-*:.\"'#\u200b\ufeff]+")
_IN_BRACKETS = re.compile(r"\(.*?\)$")


@dataclass(frozen=True)
class Matched:
    """The heading row (counted from 0 in what was looked at), its cells, and the column each field is found in."""

    row: int
    cells: tuple[str, ...]
    column_of: Mapping[str, int]

    def ignored(self) -> list[str]:
        used = set(self.column_of.values())
        return [cell for index, cell in enumerate(self.cells) if cell and index not in used]


def plain(heading: str) -> str:
    """A heading without what people vary: case, width, blanks, underscores, hyphens, marks of duty."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading)).lower()


def match_fields(cells: Sequence[str], fields: Sequence[Field], mapping: Mapping[str, str]) -> dict[str, int]:
    """The column of each field found in a heading row; the user's mapping first, then a field's headings in order.

    A heading mapped to nothing ("") is left out, whatever field it might be.
    """
    columns: dict[str, int] = {}
    for index in reversed(range(len(cells))):
        columns[plain(cells[index])] = index
        # 实付金额(元) is 实付金额, unless the bracketed heading itself is one of a field's.
        columns.setdefault(_IN_BRACKETS.sub("", plain(cells[index])), index)
    found = {name: columns[plain(heading)] for heading, name in mapping.items() if name and plain(heading) in columns}
    taken = set(found.values())
    taken.update(columns[plain(heading)] for heading, name in mapping.items() if not name and plain(heading) in columns)
    for field in fields:
        names = [plain(name) for name in field.names]
        free = [columns[name] for name in names if name in columns and columns[name] not in taken]
        if field.name not in found and free:
            found[field.name] = free[0]
            taken.add(free[0])
    return found


def find_headings(rows: Sequence[Sequence[str]], fields: Sequence[Field], mapping: Mapping[str, str]) -> Matched:
    """The heading row: of the first rows that which names most fields. Refuses a table without what it must have."""
    check_mapping(fields, mapping)
    best = Matched(0, (), {})
    for index, row in enumerate(rows[:LOOK_AT_ROWS]):
        cells = tuple(cell.strip() for cell in row)
        found = match_fields(cells, fields, mapping)
        if len(found) > len(best.column_of) or not any(best.cells):
            best = Matched(index, cells, found)
    if not any(best.cells):
        raise Refusal(
            "empty_table",
            _("The file is empty. It needs a row of headings and a row for each entry."),
        )
    missing = [field for field in fields if field.required and field.name not in best.column_of]
    if missing:
        raise Refusal(
            "missing_column",
            _(
                "Row %(row)d has no column for %(missing)s (found: %(found)s). "
                "Name the columns as in the documentation of the import, or say which column it is with "
                '--map "heading=field".'
            ),
            pointer=f"/{best.row + 1}",
            row=best.row + 1,
            missing=", ".join(" / ".join(field.names[:3]) for field in missing),
            found=", ".join(cell for cell in best.cells if cell)[:500],
        )
    check_headings_of(mapping, best.cells)
    return best


def check_mapping(fields: Sequence[Field], mapping: Mapping[str, str]) -> None:
    """Refuse a mapping to a field that does not exist."""
    names = [field.name for field in fields]
    for heading, name in mapping.items():
        if name and name not in names:
            raise Refusal(
                "unknown_field",
                _('There is no field "%(field)s" to map "%(heading)s" to. The fields are: %(fields)s.'),
                field=name,
                heading=heading,
                fields=", ".join(names),
            )


def check_headings_of(mapping: Mapping[str, str], cells: Sequence[str]) -> None:
    """Refuse a mapping of a heading that the file does not have."""
    known = {plain(cell) for cell in cells}
    for heading in mapping:
        if plain(heading) not in known:
            raise Refusal(
                "unknown_heading",
                _('The file has no column "%(heading)s". Its headings are: %(found)s.'),
                heading=heading,
                found=", ".join(cell for cell in cells if cell)[:500],
            )

"""Looking at a file before it is imported: which kind it is, which column is which field, its first rows."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.imports import KINDS
from paidan.kit.errors import Refusal
from paidan.kit.tables.fields import Field
from paidan.kit.tables.headings import plain
from paidan.kit.tables.rejects import added_headings, as_reject
from paidan.kit.tables.sheet import ROW, Sheet, open_sheet
from paidan.web import formats
from paidan.web.models import Upload

SHOWN_ROWS = 20
REMEMBERED = 20
"""So many earlier imports of a kind are asked for the mapping they used."""
ZONE = ZoneInfo("Asia/Shanghai")
HAN = re.compile("[\u4e00-\u9fff]")

_NEEDS = {"order": Capability.IMPORT_FILES, "shop_sku": Capability.CHANGE_ORDERS, "stock": Capability.ADJUST_STOCK}
LIMITED_KINDS = {"order": "shop", "shop_sku": "shop", "stock": "warehouse"}
"""What somebody with a scope may import, and the column that says what a row belongs to."""


def kinds_for(user: User, *, limited: bool) -> list[str]:
    """The kinds this user may import: nothing they could not do by hand, but for the integrator, who does it all by
    files and the API. A row of another kind belongs to everybody, so it is not for those with a scope."""
    found = [
        name for name in KINDS if user.can(_NEEDS.get(name, Capability.CHANGE_NETWORK)) or user.can(Capability.USE_API)
    ]
    return [name for name in found if not limited or name in LIMITED_KINDS]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file looks like as one kind of table; `refused` says why it is none."""

    kind: str
    headings: Sequence[str] = ()
    field_of: Mapping[str, str] = None  # type: ignore[assignment]
    rows: Sequence[Any] = ()
    number: int = 0
    encoding: str = ""
    refused: str = ""
    missing: Sequence[str] = ()


def field_label(field: Field) -> str:
    """What a form calls a field: the first heading it is known by in the reader's language."""
    if formats.chinese():
        return next((name for name in field.names if HAN.search(name)), field.name)
    return field.name


def labels_of(kind: str) -> dict[str, str]:
    return {field.name: field_label(field) for field in KINDS[kind].fields}


def wildcard(kind: str) -> tuple[Field, ...]:
    """The kind's fields, none required: so that a file can be looked at whose columns nobody has named yet."""
    return tuple(Field(f.name, f.kind, f.headings, False, f.least, f.most) for f in KINDS[kind].fields)


def open_loosely(body: bytes, kind: str, mapping: Mapping[str, str]) -> Sheet:
    return open_sheet(io.BytesIO(body), wildcard(kind), mapping, ZONE)


def guess_kind(body: bytes, kinds: Sequence[str]) -> str:
    """The kind that has all it needs and knows the largest part of the columns; the first of equals."""
    best, points = (kinds[0] if kinds else ""), (-1, -1.0)
    for kind in kinds:
        try:
            sheet = open_loosely(body, kind, {})
        except Refusal:
            continue
        own = [heading for heading in sheet.raw.headings if heading and heading not in added_headings()]
        # What platforms let sellers download does not say whose it is: that is asked afterwards.
        needed = [field.name for field in KINDS[kind].fields if field.required and field.name != "shop"]
        had = sum(name in sheet.raw.column_of for name in needed)
        score = (int(had == len(needed)), len(sheet.raw.column_of) / max(1, len(own)))
        if score > points:
            best, points = kind, score
    return best


def remembered_mapping(user: User, kind: str, headings: Sequence[str]) -> dict[str, str]:
    """How the columns were named the last time a file of this kind with these headings came in."""
    known = {plain(heading) for heading in headings}
    done = Upload.objects.filter(kind=kind, owner=user, state=Upload.State.DONE).exclude(mapping={})
    for mapping in done.order_by("-id").values_list("mapping", flat=True)[:REMEMBERED]:
        if {plain(heading) for heading in mapping} <= known:
            return dict(mapping)
    return {}


def mapping_of_shop(kind: str, shop_code: str, headings: Sequence[str]) -> dict[str, str]:
    """How the columns were named the last time a file of this shop with these headings came in, by whomever."""
    known = {plain(heading) for heading in headings}
    done = Upload.objects.filter(kind=kind, shop_code=shop_code, state=Upload.State.DONE).exclude(mapping={})
    for mapping in done.order_by("-id").values_list("mapping", flat=True)[:REMEMBERED]:
        if {plain(heading) for heading in mapping} == known:
            return dict(mapping)
    return {}


def look(body: bytes, kind: str, mapping: Mapping[str, str]) -> Looked:
    """The first rows with what is wrong with them; a needed column nobody named is missing, not refused."""
    try:
        sheet = open_loosely(body, kind, mapping)
    except Refusal as refusal:
        return Looked(kind, field_of={}, refused=str(refusal))
    missing = [field.name for field in KINDS[kind].fields if field.required and not sheet.has(field.name)]
    first = sheet.texts.head(SHOWN_ROWS)
    sheet.fields = KINDS[kind].fields
    sheet.read(first)
    shown = {int(row) for row in first[ROW]}
    faults: dict[int, dict[str, str]] = {}
    for fault in sheet.faults.found:
        if fault.row in shown:
            said = as_reject(sheet, fault)
            faults.setdefault(fault.row, {})[said.column] = f"{said.reason} {said.remedy}"
    headings = sheet.raw.headings
    rows = []
    for row in first[ROW]:
        wrong = faults.get(row, {})
        cells = [
            (text or "", wrong.get(heading, ""))
            for heading, text in zip(headings, sheet.raw.cells.row(row), strict=True)
        ]
        rows.append((sheet.line(row), cells, wrong.get("", "")))
    field_of = {headings[index]: name for name, index in sheet.raw.column_of.items()}
    return Looked(kind, headings, field_of, rows, sheet.rows, sheet.raw.encoding, "", missing)

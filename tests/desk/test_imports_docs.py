"""docs/import.md tells every kind, column, heading and reason, and its examples come in."""

import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from paidan.catalog import intake as catalog
from paidan.desk import imports
from paidan.desk.imports import KINDS
from paidan.kit.tables import flaws
from paidan.kit.tables.flaws import Flaw
from paidan.kit.tables.sheet import open_sheet
from paidan.network import intake_fields as network
from paidan.orders import intake_fields as orders
from paidan.stock import intake as stock

DOCUMENT = (Path(__file__).parents[2] / "docs" / "import.md").read_text("utf-8")


def section(kind: str) -> str:
    """What the document says of one kind."""
    [found] = re.findall(rf"^## {kind} · .*?(?=^## )", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_and_heading_of_a_kind_is_documented(kind):
    rows = dict(re.findall(r"^\| \**`(\w+)`\**(.*)\|$", section(kind), re.MULTILINE))
    assert list(rows) == [field.name for field in KINDS[kind].fields]
    for field in KINDS[kind].fields:
        assert field.required == ("(needed)" in rows[field.name]), field.name
        assert ", ".join(field.headings.split()) in rows[field.name]


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_a_faultless_table(kind):
    [example] = re.findall(r"```csv\n(.*?)```", section(kind), re.DOTALL)
    sheet = open_sheet(io.BytesIO(example.encode()), KINDS[kind].fields, {}, ZoneInfo("Asia/Shanghai"))
    sheet.read(sheet.texts)
    assert sheet.rows > 0
    assert sheet.raw.ignored == ()
    assert sheet.faults.found == []


def test_every_reason_of_rejection_is_documented():
    known = {
        flaw.code
        for module in (flaws, orders, network, catalog, stock, imports)
        for flaw in vars(module).values()
        if isinstance(flaw, Flaw)
    }
    documented = DOCUMENT[DOCUMENT.index("## Why a row is rejected") :]
    assert set(re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE)) == known

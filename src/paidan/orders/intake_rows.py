"""Rows that come as values, not as a file, made into the same sheet every order file is read from."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import polars as pl

from paidan.kit.tables.flaws import Faults
from paidan.kit.tables.raw import RawTable, column_names
from paidan.kit.tables.sheet import ROW, Sheet

from .intake_fields import FIELDS

ALWAYS = ("shop", "number", "sku", "qty")
Row = Mapping[str, str | None]


def sheet_of_rows(rows: Sequence[Row], zone: ZoneInfo) -> Sheet:
    """A row per order line, by the names of the fields; columns that nothing stands in are left out."""
    columns = {field.name: [row.get(field.name) for row in rows] for field in FIELDS}
    used = [name for name, column in columns.items() if any(column) or name in ALWAYS]
    texts = pl.DataFrame(
        {ROW: pl.Series(ROW, range(len(rows)), dtype=pl.Int64)}
        | {name: pl.Series(name, columns[name], dtype=pl.String) for name in used}
    )
    cells = pl.DataFrame({key: texts[name] for key, name in zip(column_names(len(used)), used, strict=True)})
    raw = RawTable(
        headings=tuple(used),
        column_of={name: at for at, name in enumerate(used)},
        ignored=(),
        cells=cells,
        lines=pl.Series("line", range(1, len(rows) + 1)),
        encoding="json",
        suspicious=False,
    )
    return Sheet(raw, FIELDS, texts, zone, Faults())


def money(minor: int | None) -> str | None:
    """Minor units as a file would write them."""
    return None if minor is None else f"{minor // 100}.{minor % 100:02d}"

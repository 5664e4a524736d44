"""From rows of a file to whole orders: what must hold between the rows of one order, and orders without a fault.

Pure columns; no database. Orders are numbered by the row they begin with (`_order`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import polars as pl

from paidan.kit.tables.cells import ROUNDED
from paidan.kit.tables.entries import note
from paidan.kit.tables.flaws import TOO_FINE, Faults
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.kit.tables.staging import array_text

from . import intake_fields as said
from .intake_address import region_number, resolve_addresses
from .intake_fields import LINE_FIELDS, MOST_LINES, ORDER_FIELDS

ORDER = "_order"
_ORDER_NAMES = [field.name for field in ORDER_FIELDS]
_LINE_NAMES = [field.name for field in LINE_FIELDS]
WITHOUT_SUBUNIT = ["JPY", "KRW", "VND", "CLP", "ISK"]
_CURRENCY_WORDS = {"人民币": "CNY", "RMB": "CNY", "¥": "CNY", "元": "CNY", "美元": "USD", "$": "USD", "港币": "HKD"}
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Shops:
    """The shops by code and, where it is nobody else's, by name; and the hours each promises to ship within."""

    id_of: Mapping[str, int]
    promise_h: Mapping[int, int]


@dataclass(frozen=True)
class OrderBatch:
    """Orders without a fault and their lines, both by `_order`; `given` are the fields the file has."""

    orders: pl.DataFrame
    lines: pl.DataFrame
    given: frozenset[str]


def number_orders(texts: pl.DataFrame, shops: Shops) -> pl.DataFrame:
    """Add `_order` and bring the rows of each order together, orders as they first appear.

    A row that does not say its order, or whose number a spreadsheet has rounded to that of others, stands alone. One
    that says neither shop nor number looks like a further line of the order above: it is at fault, and that order
    must not come in without it.
    """
    # By the shop itself: one row may give its code and the next its name.
    shop = texts["shop"].replace_strict(dict(shops.id_of), default=None, return_dtype=pl.Int32)
    rounded = pl.col("number").str.contains(ROUNDED)
    alone = pl.col("_shop").is_null() | pl.col("number").is_null() | rounded
    nameless = pl.col("shop").is_null() & pl.col("number").is_null()
    first = (
        pl.when(nameless)
        .then(None)
        .when(alone)
        .then(pl.col(ROW))
        .otherwise(pl.col(ROW).min().over("_shop", "number"))
        .forward_fill()
        .fill_null(pl.col(ROW))
    )
    return texts.with_columns(shop.alias("_shop")).with_columns(first.alias(ORDER)).drop("_shop").sort(ORDER, ROW)


def whole_orders(sheet: Sheet, texts: pl.DataFrame, shops: Shops, broken: set[int]) -> OrderBatch:
    """Read some rows (all of each order) and keep the orders in which nothing is wrong; `broken` rows are known."""
    before = len(sheet.faults.found)
    rows = _complete(sheet.read(texts).with_columns(texts[ORDER]))
    tags = rows["tags"]
    rows = rows.with_columns(array_text(tags).set(tags.is_null(), None).alias("tags"), tags.alias("tag_list"))
    rows = _in_minor_units(sheet, _with_shop(sheet, rows, shops))
    _find_half_places(sheet, texts)
    _find_unlike_rows(sheet, rows)
    _find_repeated_lines(sheet, rows)
    at_fault = {fault.row for fault in sheet.faults.found[before:]} | broken
    rejected = withhold(sheet, sheet.faults, rows, at_fault)
    rows = rows.filter(~pl.col(ORDER).is_in(list(rejected)))
    lines = rows.select(ROW, ORDER, *_LINE_NAMES)
    orders = _orders_of(rows, lines, shops)
    return OrderBatch(orders, lines, frozenset(texts.columns))


def _complete(rows: pl.DataFrame) -> pl.DataFrame:
    """With a column for every field, null where the file has none."""
    kinds: dict[str, Any] = {"qty": pl.Int64, "lat": pl.Float64, "lng": pl.Float64, "tags": pl.List(pl.String)}
    kinds |= dict.fromkeys(["amount", "amount_minor", "line_amount", "priority"], pl.Int64)
    kinds |= dict.fromkeys(["paid_at", "ship_by"], pl.Datetime("us", "UTC"))
    missing = [name for name in _ORDER_NAMES + _LINE_NAMES if name not in rows.columns]
    return rows.with_columns(pl.lit(None, dtype=kinds.get(name, pl.String)).alias(name) for name in missing)


def _with_shop(sheet: Sheet, rows: pl.DataFrame, shops: Shops) -> pl.DataFrame:
    """Add the shop's id and the region named by code; refuse rows of shops and regions that do not exist."""
    shop_id = rows["shop"].replace_strict(dict(shops.id_of), default=None, return_dtype=pl.Int32)
    note(sheet, rows, rows["shop"].is_not_null() & shop_id.is_null(), "shop", said.UNKNOWN_SHOP)
    codes = rows["region"].drop_nulls().unique()
    number_by_code = {code: region_number(code) for code in codes}
    unknown = [code for code, number in number_by_code.items() if number is None]
    note(sheet, rows, rows["region"].is_in(unknown), "region", said.UNKNOWN_REGION)
    region = rows["region"].replace_strict(number_by_code, default=None, return_dtype=pl.Int32).fill_null(0)
    return rows.with_columns(shop_id.alias("shop_id"), region.alias("given_region"))


def _in_minor_units(sheet: Sheet, rows: pl.DataFrame) -> pl.DataFrame:
    """Currency as three letters and amounts in its smallest unit, which is the hundredth or the whole."""
    currency = rows["currency"].str.to_uppercase().replace(_CURRENCY_WORDS)
    note(sheet, rows, ~currency.str.contains("^[A-Z]{3}$"), "currency", said.NOT_A_CURRENCY)
    rows = rows.with_columns(currency.alias("currency"))
    whole = currency.is_in(WITHOUT_SUBUNIT).fill_null(value=False)
    if whole.any():
        for name in ("amount", "line_amount"):
            note(sheet, rows, whole & (rows[name] % 100 != 0), name, TOO_FINE)
            rows = rows.with_columns((rows[name] // 100).zip_with(whole, rows[name]).alias(name))
    return rows.with_columns(pl.coalesce("amount_minor", "amount").alias("amount_minor"))


def _find_half_places(sheet: Sheet, texts: pl.DataFrame) -> None:
    """Note rows with only one of the coordinates, under the one that is missing."""
    for name, other in (("lat", "lng"), ("lng", "lat")):
        if other in texts.columns:
            alone = texts[other].is_not_null()
            note(
                sheet, texts, alone & texts[name].is_null() if name in texts.columns else alone, name, said.HALF_A_PLACE
            )


def _find_unlike_rows(sheet: Sheet, rows: pl.DataFrame) -> None:
    """Note rows that say of their order something else than the first row that says anything."""
    names = [name for name in _ORDER_NAMES if sheet.has(name) and name not in ("shop", "number")]
    several = rows.filter(pl.col(ORDER).is_duplicated())
    if several.is_empty() or not names:
        return
    first = several.group_by(ORDER, maintain_order=True).agg(pl.col(name).drop_nulls().first() for name in names)
    both = several.join(first, on=ORDER, how="left", maintain_order="left", suffix="_first")
    for name in names:
        unlike = both[name].is_not_null() & (both[name] != both[f"{name}_first"])
        if not unlike.any():
            continue
        says = several.filter(pl.col(name).is_not_null()).unique(ORDER, keep="first", maintain_order=True)
        first_row = dict(zip(says[ORDER], says[ROW], strict=True))
        for row, order in both.filter(unlike).select(ROW, ORDER).iter_rows():
            line, here = sheet.line(first_row[order]), sheet.line(row)
            sheet.faults.add([row], name, said.CONTRADICTS, line=line, here=here)


def _find_repeated_lines(sheet: Sheet, rows: pl.DataFrame) -> None:
    """Note line numbers given twice within an order, and orders of too many lines."""
    if sheet.has("line_number"):
        numbered = rows.filter(pl.col("line_number").is_not_null())
        twice = numbered.filter(~pl.struct(ORDER, "line_number").is_first_distinct())
        if not twice.is_empty():
            first = numbered.unique([ORDER, "line_number"], keep="first").select(ORDER, "line_number", first=ROW)
            for row, first_row in twice.join(first, on=[ORDER, "line_number"]).select(ROW, "first").iter_rows():
                sheet.faults.add([row], "line_number", said.LINE_TWICE, line=sheet.line(first_row))
    if rows.height > MOST_LINES:
        long = rows.filter((pl.len().over(ORDER) > MOST_LINES) & pl.col(ORDER).is_first_distinct())
        sheet.faults.add(long[ROW], "number", said.TOO_MANY_LINES, most=MOST_LINES)


def withhold(sheet: Sheet, faults: Faults, rows: pl.DataFrame, at_fault: set[int]) -> set[int]:
    """The orders that a row at fault belongs to; their other rows are noted as rejected with it."""
    is_bad = pl.col(ROW).is_in(list(at_fault))
    first_bad = dict(rows.filter(is_bad).group_by(ORDER).agg(pl.col(ROW).min()).iter_rows())
    others = rows.filter(pl.col(ORDER).is_in(list(first_bad)) & ~is_bad)
    for row, order in others.select(ROW, ORDER).iter_rows():
        faults.add([row], "", said.WITHHELD, line=sheet.line(first_bad[order]))
    return set(first_bad)


def _orders_of(rows: pl.DataFrame, lines: pl.DataFrame, shops: Shops) -> pl.DataFrame:
    """One row per order with its resolved address, deadline and content hash."""
    names = [name for name in _ORDER_NAMES if name not in ("shop", "region", "amount")]
    said_once = rows.group_by(ORDER, maintain_order=True).agg(
        pl.col("shop_id", "given_region", "tag_list").first(), pl.col(names).drop_nulls().first()
    )
    orders = said_once.with_columns(content_hashes(said_once, lines))
    amount = pl.col("line_amount")
    summed = pl.when(amount.count() > 0).then(amount.sum()).alias("sum")
    sums = lines.group_by(ORDER, maintain_order=True).agg(summed)["sum"]
    hours = orders["shop_id"].replace_strict(dict(shops.promise_h), default=0, return_dtype=pl.Int64)
    promised = (orders["paid_at"].dt.epoch("us") + hours * _HOUR_US).cast(pl.Datetime("us", "UTC"))
    orders = orders.with_columns(
        pl.coalesce("amount_minor", sums).alias("amount_minor"),
        pl.coalesce("ship_by", promised.alias("promised")).alias("ship_by"),
    )
    return resolve_addresses(orders)


def content_hashes(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.Series:
    """A 64-bit hash of all a source says of each order, whatever the sequence of its columns and lines; never 0."""
    line_texts = lines.select(ORDER, _said_text(lines, _LINE_NAMES).alias("text"))
    of_lines = (
        line_texts.group_by(ORDER, maintain_order=True)
        .agg(pl.col("text").sort())
        .select(pl.col("text").list.join("\x1e"))
    )
    names = [name for name in orders.columns if name not in (ORDER, "shop_id", "number", "tag_list")]
    texts = orders.select(_said_text(orders, names).alias("text"))["text"] + "\x1d" + of_lines["text"]
    hashes = (int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True) for text in texts)
    return pl.Series("content_hash", [value or 1 for value in hashes], dtype=pl.Int64)


def _said_text(frame: pl.DataFrame, names: list[str]) -> pl.Expr:
    """`name=value` of all that is said in a row, joined; instants as numbers, for they are quicker to write."""
    parts = []
    for name in names:
        column = pl.col(name)
        text = column.dt.epoch("s").cast(pl.String) if frame.schema[name].is_temporal() else column.cast(pl.String)
        if frame[name].null_count() < frame.height:
            parts.append(pl.lit(f"{name}=") + text)
    return pl.concat_str(parts, separator="\x1f", ignore_nulls=True) if parts else pl.lit("").repeat_by(1).list.first()

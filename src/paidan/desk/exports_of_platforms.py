"""Files sellers download from platforms: every order the shop ever had, shipped ones too, and no word of the shop."""

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from paidan.kit.tables.fields import Field
from paidan.kit.tables.headings import plain
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.orders.models import OrderLine

STATES = ("订单状态", "交易状态", "售后状态", "退款状态", "financial status", "fulfillment status")
"""The columns in which platforms say where an order or a line of it stands."""
SHIPPED = re.compile("已发货|已签收|已完成|交易成功|交易完成|^fulfilled$")
GONE = re.compile(
    "等待买家付款|待付款|待支付|未支付|未付款|交易关闭|已关闭|已取消|退款成功|全额退款|^(pending|authorized|voided|refunded|expired)$"
)
"""Unpaid, closed or refunded: nothing to ship, whoever shipped the rest."""


def without_shop(fields: Sequence[Field]) -> list[Field]:
    """The fields of a file all of whose rows are of one shop."""
    return [replace(field, required=False) if field.name == "shop" else field for field in fields]


def give_shop(sheet: Sheet, code: str) -> None:
    """Every row that names no shop is of this one."""
    if sheet.has("shop"):
        sheet.texts = sheet.texts.with_columns(pl.col("shop").fill_null(code))
    else:
        sheet.texts = sheet.texts.with_columns(pl.lit(code).alias("shop"))


def leave_out(sheet: Sheet) -> int:
    """Take the rows away that a platform says are nothing to ship; answers how many. They are no faults.

    A shipped row of a line we have stays: taken away, it would be a line the buyer gave up.
    """
    known = {plain(name) for name in STATES}
    places = [at for at, heading in enumerate(sheet.raw.headings) if plain(heading) in known]
    if not places:
        return 0
    said = sheet.raw.cells.select(pl.concat_str(pl.nth(*places).str.strip_chars(), separator="\n", ignore_nulls=True))
    texts = [text or "" for text in said.to_series().to_list()]
    gone = {row for row, text in enumerate(texts) if _says(GONE, text)}
    shipped = {row for row, text in enumerate(texts) if _says(SHIPPED, text)} - gone
    if shipped:
        shipped -= _kept(sheet, shipped)
    before = sheet.texts.height
    sheet.texts = sheet.texts.filter(~pl.col(ROW).is_in(sorted(gone | shipped)))
    return before - sheet.texts.height


def _says(pattern: re.Pattern[str], texts: str) -> bool:
    return any(pattern.search(text.strip().lower()) for text in texts.split("\n"))


def _kept(sheet: Sheet, rows: set[int]) -> set[int]:
    """Those of the rows whose line is one of ours: by its number where the file has one, else by its SKU code."""
    field = "line_number" if sheet.has("line_number") else "sku"
    if not (sheet.has("number") and sheet.has(field)):
        return set()
    said = sheet.texts.filter(pl.col(ROW).is_in(sorted(rows))).select(ROW, "number", field).rows()
    numbers = [number for _row, number, _line in said if number]
    column = "number" if field == "line_number" else "shop_code"
    ours = set(OrderLine.objects.filter(order__number__in=numbers).values_list("order__number", column))
    return {row for row, number, line in said if (number, line) in ours}

"""Writes new orders of a file: the order itself through a temporary table, all that hangs on it by COPY."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
from django.db import connection

from paidan.accounts.models import User
from paidan.kit.copy import next_ids
from paidan.kit.tables.staging import copy_frame, stage

from .checking.findings import check_new
from .intake_check import ORDER
from .states import EventKind, OrderState

_RECIPIENT = ["buyer", "name", "phone", "country", "province", "city", "district", "address"]


class TakenMeanwhile(Exception):
    """Somebody else brought one of these orders in at the same moment: look again."""


def insert_orders(orders: pl.DataFrame, lines: pl.DataFrame, *, now: datetime, by: User | None) -> Sequence[int]:
    """Insert pending, queued orders with their recipients, lines and first event; check them; answers their ids.

    Ids are drawn first, so that what belongs to an order can be written without reading it back. Raises
    `TakenMeanwhile` where an order turns out to exist; the transaction must then be rolled back.
    """
    if orders.is_empty():
        return []
    connection.ensure_connection()
    ids = next_ids(connection.connection, "orders_order", orders.height)
    received = pl.Series("received_at", [now.astimezone(UTC)], pl.Datetime("us", "UTC"))
    orders = orders.with_columns(pl.Series("id", ids), received.new_from_index(0, orders.height))
    _insert_order_rows(orders)
    copy_frame("orders_recipient", orders.select(pl.col("id").alias("order_id"), pl.col(_RECIPIENT).fill_null("")))
    copy_frame("orders_orderline", _line_rows(orders, lines))
    copy_frame(
        "orders_queuedorder",
        orders.select(order_id="id", priority=pl.col("priority").fill_null(0), ship_by_at="ship_by"),
    )
    copy_frame(
        "orders_event",
        orders.select(
            pl.col("received_at").alias("at"),
            pl.col("id").alias("order_id"),
            pl.lit(by.pk if by else None, dtype=pl.Int64).alias("by_id"),
            pl.lit(EventKind.RECEIVED.value).alias("kind"),
            pl.lit(OrderState.PENDING.value).alias("state"),
        ),
    )
    check_new(orders, now=now, by=by)
    return [int(key) for key in ids]


def _insert_order_rows(orders: pl.DataFrame) -> None:
    rows = orders.select(
        "id", "received_at", "paid_at", pl.col("ship_by").alias("ship_by_at"), pl.col("amount_minor").fill_null(0),
        "shop_id", "region", pl.col("priority").fill_null(0), pl.lit(1).alias("version"), "lat", "lng",
        pl.lit(OrderState.PENDING.value).alias("state"), pl.lit(0).alias("reason"), "address_state", "number",
        pl.col("currency").fill_null("CNY"), pl.col("payment", "delivery").fill_null(""),
        pl.col("tags").fill_null("{}"), pl.col("buyer_remark", "seller_remark").fill_null(""), "content_hash",
    )  # fmt: skip
    stage("intake_orders", "orders_order", rows)
    names = ", ".join(rows.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order ({names}) SELECT {names} FROM pg_temp.intake_orders ORDER BY id"
            " ON CONFLICT (number, shop_id) DO NOTHING"
        )
        if cursor.rowcount != rows.height:
            raise TakenMeanwhile


def _line_rows(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    lines = lines.join(orders.select(ORDER, order_id="id"), on=ORDER, how="inner", maintain_order="left")
    return lines.select(
        "order_id",
        "qty",
        pl.lit(0).alias("cancelled_qty"),
        "sku_id",
        "bundle_id",
        pl.col("line_amount").fill_null(0).alias("amount_minor"),
        pl.int_range(1, pl.len() + 1).over(ORDER).alias("position"),
        pl.lit(0).alias("reason"),
        pl.col("line_number").fill_null("").alias("number"),
        pl.col("sku").alias("shop_code"),
    )

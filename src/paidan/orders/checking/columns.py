"""A batch of orders as the checks see it: columns, from an intake that has them at hand or from the database."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from paidan.kit.arrays import array_cursor

INSTANT = pl.Datetime("us", "UTC")
TEXTS = ("payment", "buyer_remark", "seller_remark", "buyer", "name", "phone", "place", "address")
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "shop_id": pl.Int32,
    "paid_at": INSTANT,
    "ship_by_at": INSTANT,
    "amount_minor": pl.Int64,
    "region": pl.Int32,
    "address_state": pl.Int16,
    "located": pl.Boolean,
    "tags": pl.List(pl.String),
    **dict.fromkeys(TEXTS, pl.String),
}
"""`place` is province, city and district together; `located` says whether coordinates came with the order."""

_SELECT = """
SELECT o.id, o.shop_id, o.paid_at, o.ship_by_at, o.amount_minor, o.region, o.address_state, o.lat IS NOT NULL, o.tags,
       o.payment, o.buyer_remark, o.seller_remark, coalesce(r.buyer, ''), coalesce(r.name, ''), coalesce(r.phone, ''),
       coalesce(r.province || r.city || r.district, ''), coalesce(r.address, '')
FROM orders_order o LEFT JOIN orders_recipient r ON r.order_id = o.id WHERE o.id = ANY(%s) ORDER BY o.id
"""


def columns_of_intake(orders: pl.DataFrame) -> pl.DataFrame:
    """From the frame of an intake, whose orders have their ids already."""
    place = pl.concat_str(pl.col("province", "city", "district").fill_null("")).alias("place")
    texts = [pl.col(name).fill_null("") for name in TEXTS if name != "place"]
    return orders.select(
        "id",
        "shop_id",
        "paid_at",
        pl.col("ship_by").alias("ship_by_at"),
        pl.col("amount_minor").fill_null(0),
        "region",
        "address_state",
        pl.col("lat").is_not_null().alias("located"),
        pl.col("tag_list").fill_null([]).alias("tags"),
        place,
        *texts,
    ).cast({"id": pl.Int64, "tags": pl.List(pl.String)})


def columns_of_orders(ids: npt.NDArray[np.int64]) -> pl.DataFrame:
    """From the database."""
    rows = array_cursor().execute(_SELECT, (ids,)).fetchall()
    return pl.DataFrame(rows, SCHEMA, orient="row")

"""What a file says differently about orders that are already known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection

from .intake_check import ORDER

_PLAIN = {
    "paid_at": "o.paid_at",
    "ship_by": "o.ship_by_at",
    "amount_minor": "o.amount_minor",
    "currency": "o.currency",
    "priority": "o.priority",
    "lat": "o.lat",
    "lng": "o.lng",
}
_TEXTS = {
    "payment": "o.payment",
    "delivery": "o.delivery",
    "tags": "o.tags::text",
    "buyer_remark": "o.buyer_remark",
    "seller_remark": "o.seller_remark",
    **{name: f"r.{name}" for name in ("buyer", "name", "phone", "country", "province", "city", "district", "address")},
}
_LINES = """
SELECT l.order_id, array_agg(concat_ws(%s, l.number, l.shop_code, l.qty) ORDER BY concat_ws(%s, l.number, l.shop_code, l.qty) COLLATE "C")
FROM orders_orderline l WHERE l.order_id = ANY(%s) GROUP BY l.order_id
"""  # noqa: E501
_MARK = "\x1f"


@dataclass(frozen=True)
class OrderChange:
    """A known order of which the file says something new: the fields that differ, and all its lines if they do.

    `fields` carry the names of the file's fields and its values; texts that the file leaves empty are "".
    """

    order_id: int
    row: int
    number: str
    fields: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]] | None
    content_hash: int


def find_changes(orders: pl.DataFrame, lines: pl.DataFrame, given: frozenset[str]) -> list[OrderChange]:
    """Compare known orders (with `order_id`) and their exploded lines with what is stored, field by field.

    Only fields that the file has are compared; an empty number or date says nothing, an empty text says "none".
    """
    if orders.is_empty():
        return []
    stored = _stored(orders["order_id"].to_list())
    both = orders.join(stored, on="order_id", how="left", maintain_order="left", suffix="_now")
    differing: dict[str, list[bool]] = {}
    for name in [*_PLAIN, *_TEXTS]:
        if name not in given and not (name == "amount_minor" and "amount" in given):
            continue
        wanted = both[name].fill_null("{}" if name == "tags" else "") if name in _TEXTS else both[name]
        differs = wanted.is_not_null() & wanted.ne_missing(both[f"{name}_now"])
        if differs.any():
            differing[name] = differs.to_list()
    unlike_lines = _unlike_lines(orders, lines)
    changes = []
    for at, order in enumerate(orders.iter_rows(named=True)):
        fields = {name: order[name] if order[name] is not None else "" for name, mask in differing.items() if mask[at]}
        wanted_lines = None
        if order["order_id"] in unlike_lines:
            wanted_lines = lines.filter(pl.col(ORDER) == order[ORDER]).to_dicts()
        if fields or wanted_lines is not None:
            changes.append(
                OrderChange(
                    order["order_id"], order[ORDER], order["number"], fields, wanted_lines, order["content_hash"]
                )
            )
    return changes


def _stored(order_ids: list[int]) -> pl.DataFrame:
    columns = {**_PLAIN, **_TEXTS}
    picked = ", ".join(f"{column} AS {name}_now" for name, column in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id AS order_id, {picked} FROM orders_order o"
            " LEFT JOIN orders_recipient r ON r.order_id = o.id WHERE o.id = ANY(%s)",
            [order_ids],
        )
        rows = cursor.fetchall()
    schema: dict[str, Any] = {"order_id": pl.Int64} | {f"{name}_now": pl.String for name in columns}
    schema |= {f"{name}_now": pl.Datetime("us", "UTC") for name in ("paid_at", "ship_by")}
    schema |= {"amount_minor_now": pl.Int64, "priority_now": pl.Int64, "lat_now": pl.Float64, "lng_now": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row")


def _unlike_lines(orders: pl.DataFrame, lines: pl.DataFrame) -> set[int]:
    """Ids of orders whose stored lines (number, code, pieces, in any sequence) are not those of the file."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [_MARK, _MARK, orders["order_id"].to_list()])
        stored = dict(cursor.fetchall())
    text = pl.concat_str(pl.col("line_number").fill_null(""), "sku", "qty", separator=_MARK)
    wanted = lines.group_by(ORDER, maintain_order=True).agg(text.sort().alias("texts"))
    wanted = wanted.join(orders.select(ORDER, "order_id"), on=ORDER)
    return {
        order_id for order_id, texts in wanted.select("order_id", "texts").iter_rows() if stored.get(order_id) != texts
    }

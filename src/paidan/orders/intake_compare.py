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
SELECT order_id, array_agg(text ORDER BY text COLLATE "C")
FROM (SELECT order_id, concat_ws(%s, number, shop_code, qty) AS text FROM orders_orderline WHERE order_id = ANY(%s)) l
GROUP BY order_id
"""
_MARK = "\x1f"


@dataclass(frozen=True)
class Difference:
    """A known order of which the file says something new.

    `said` is all the file says of it, `fields` the names of what differs, with the file's values (a text that the
    file leaves empty is ""); `lines` are all its lines if they differ, bundles exploded.
    """

    order_id: int
    row: int
    said: Mapping[str, Any]
    fields: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]] | None


def find_differences(orders: pl.DataFrame, lines: pl.DataFrame, given: frozenset[str]) -> list[Difference]:
    """Compare known orders (with `order_id`) and their exploded lines with what is stored, field by field.

    Only fields that the file has are compared; an empty number or date says nothing, an empty text says "none".
    """
    if orders.is_empty():
        return []
    both = orders.join(_stored(orders["order_id"].to_list()), on="order_id", how="left", maintain_order="left")
    differing = {name: mask for name in _compared(given) if any(mask := _differs(both, name))}
    unlike_lines = _unlike_lines(orders, lines)
    differences = []
    for at, said in enumerate(orders.iter_rows(named=True)):
        fields = {name: said[name] if said[name] is not None else "" for name, mask in differing.items() if mask[at]}
        wanted = None
        if said["order_id"] in unlike_lines:
            wanted = lines.filter(pl.col(ORDER) == said[ORDER]).to_dicts()
        if fields or wanted is not None:
            differences.append(Difference(said["order_id"], said[ORDER], said, fields, wanted))
    return differences


def _compared(given: frozenset[str]) -> list[str]:
    if given & {"amount", "line_amount"}:
        given = given | {"amount_minor"}
    return [name for name in (*_PLAIN, *_TEXTS) if name in given]


def _differs(both: pl.DataFrame, name: str) -> list[bool]:
    wanted = both[name].fill_null("{}" if name == "tags" else "") if name in _TEXTS else both[name]
    return (wanted.is_not_null() & wanted.ne_missing(both[f"{name}_now"])).to_list()


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
        cursor.execute(_LINES, [_MARK, orders["order_id"].to_list()])
        stored = dict(cursor.fetchall())
    text = pl.concat_str(pl.col("line_number").fill_null(""), "sku", "qty", separator=_MARK)
    wanted = lines.group_by(ORDER, maintain_order=True).agg(text.sort().alias("texts"))
    wanted = wanted.join(orders.select(ORDER, "order_id"), on=ORDER)
    return {
        order_id for order_id, texts in wanted.select("order_id", "texts").iter_rows() if stored.get(order_id) != texts
    }

"""Which SKU each line of a file means: the shop's own code, else ours, else none yet; bundles become their parts."""

from typing import Any

import polars as pl
from django.db import connection

from paidan.kit.tables.flaws import Faults
from paidan.kit.tables.sheet import ROW

from .intake_check import ORDER
from .intake_fields import TOO_MANY_PIECES
from .models import MAX_PIECES


def with_skus(lines: pl.DataFrame, shop_of: pl.DataFrame) -> pl.DataFrame:
    """Add `shop_id` and `sku_id` to lines; `shop_of` has the shop of every `_order`."""
    lines = lines.join(shop_of, on=ORDER, how="left", maintain_order="left")
    codes = lines["sku"].unique().to_list()
    ours = _rows(
        "SELECT code, id FROM catalog_sku WHERE code = ANY(%s)", [codes], {"sku": pl.String, "our_id": pl.Int32}
    )
    shops = shop_of["shop_id"].unique().to_list()
    theirs = _rows(
        "SELECT shop_id, code, sku_id FROM network_shopsku WHERE code = ANY(%s) AND shop_id = ANY(%s)",
        [codes, shops],
        {"shop_id": pl.Int32, "sku": pl.String, "their_id": pl.Int32},
    )
    lines = lines.join(ours, on="sku", how="left", maintain_order="left")
    lines = lines.join(theirs, on=["shop_id", "sku"], how="left", maintain_order="left")
    return lines.with_columns(pl.coalesce("their_id", "our_id").alias("sku_id")).drop("their_id", "our_id")


def exploded(lines: pl.DataFrame, faults: Faults) -> pl.DataFrame:
    """Lines with bundles replaced by their parts, in the order of the file; `bundle_id` says where a part is from.

    A line's amount is spread over the pieces of its parts, the rest of the division on the first part. A line that
    would ask for too many pieces is noted; the caller leaves its order out.
    """
    parts = _rows(
        "SELECT bundle_id, component_id, qty FROM catalog_bundlecomponent WHERE bundle_id = ANY(%s) ORDER BY id",
        [lines["sku_id"].drop_nulls().unique().to_list()],
        {"bundle_id": pl.Int32, "part_id": pl.Int32, "part_qty": pl.Int64},
    )
    if parts.is_empty():
        return lines.with_columns(pl.lit(None, dtype=pl.Int32).alias("bundle_id"))
    lines = lines.join(
        parts, left_on="sku_id", right_on="bundle_id", how="left", coalesce=False, maintain_order="left_right"
    )
    sum_qty = pl.col("part_qty").sum().over(ROW)
    # amount × part ÷ sum, in two steps that stay within 64 bits
    amount, part = pl.col("line_amount"), pl.col("part_qty")
    share = amount // sum_qty * part + amount % sum_qty * part // sum_qty
    rest = pl.when(pl.col(ROW).is_first_distinct()).then(pl.col("line_amount") - share.sum().over(ROW)).otherwise(0)
    is_part = pl.col("part_id").is_not_null()
    lines = lines.with_columns(
        pl.when(is_part).then(share + rest).otherwise("line_amount").alias("line_amount"),
        pl.when(is_part).then(pl.col("qty") * pl.col("part_qty")).otherwise("qty").alias("qty"),
        pl.when(is_part).then("part_id").otherwise("sku_id").alias("sku_id"),
    )
    too_many = lines.filter(pl.col("qty") > MAX_PIECES)
    if not too_many.is_empty():
        faults.add(too_many[ROW].unique(), "qty", TOO_MANY_PIECES, most=MAX_PIECES)
    return lines.drop("part_id", "part_qty")


def _rows(query: str, parameters: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return pl.DataFrame(cursor.fetchall(), schema, orient="row")

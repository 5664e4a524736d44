"""The prices in force: which were solved last, whether they may be used, and those an earlier wave used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from paidan.engine.problem import Prices, Rule
from paidan.kit.arrays import array_cursor

from ..models import LookAhead, ScarcityPrices

FRESH = timedelta(hours=6)
"""Older prices are not used: no worker solves them any more, and nobody knows what is left."""
KEPT = timedelta(days=45)
"""So long past prices are kept, for the explanations of orders and for replays."""
_PIECES = """
SELECT p.sku, p.warehouse, p.minor, p.free, p.region
FROM allocation_scarcityprices s,
     unnest(s.sku_ids, s.warehouse_ids, s.minor, s.free_qty, s.region) AS p (sku, warehouse, minor, free, region)
WHERE s.id = %s AND p.sku = ANY(%s::int[])
"""


@dataclass(frozen=True, slots=True)
class PiecePrice:
    """What a piece was worth, how many were free then, and where it is needed most (0: nowhere in particular)."""

    minor: int
    free_qty: int
    region: int


def settings() -> LookAhead:
    """The one row of how looking ahead is set; as by default where nobody ever set it."""
    return LookAhead.objects.filter(pk=1).first() or LookAhead()


def look_ahead_asked(rules: Iterable[Rule]) -> bool:
    return any(rule.then.look_ahead for rule in rules)


def last_solved() -> ScarcityPrices | None:
    return ScarcityPrices.objects.order_by("-solved_at", "-id").first()


def in_force(now: datetime) -> int | None:
    """The id of the prices a wave uses; None where they are switched off, not trusted or too old."""
    row = settings()
    if not (row.on and row.trusted):
        return None
    fresh = ScarcityPrices.objects.filter(solved_at__gt=now - FRESH)
    return fresh.order_by("-solved_at", "-id").values_list("id", flat=True).first()


def prices_for(key: int, sku_ids: npt.NDArray[Any], warehouse_ids: Sequence[int]) -> Prices:
    """The prices `key` along the engine's axes; 0 for what has none."""
    prices = Prices(np.zeros((len(sku_ids), len(warehouse_ids)), np.int64), np.zeros(len(warehouse_ids), np.int64))
    sku_row = {int(sku): row for row, sku in enumerate(sku_ids)}
    warehouse_row = {warehouse: row for row, warehouse in enumerate(warehouse_ids)}
    for (sku, warehouse), price in pieces_of(key, list(sku_row)).items():
        if warehouse in warehouse_row:
            prices.price_sw[sku_row[sku], warehouse_row[warehouse]] = price.minor
    for warehouse, minor in slots_of(key).items():
        if warehouse in warehouse_row:
            prices.slot_w[warehouse_row[warehouse]] = minor
    return prices


def pieces_of(key: int, sku_ids: Sequence[int]) -> dict[tuple[int, int], PiecePrice]:
    """By (SKU, warehouse), of some SKUs."""
    rows = array_cursor().execute(_PIECES, (key, list(sku_ids))).fetchall()
    return {(sku, warehouse): PiecePrice(minor, free, region) for sku, warehouse, minor, free, region in rows}


def slots_of(key: int) -> dict[int, int]:
    found = ScarcityPrices.objects.filter(pk=key).values_list("slot_warehouse_ids", "slot_minor").first()
    return dict(zip(*found, strict=True)) if found else {}


def forget_old(now: datetime) -> None:
    ScarcityPrices.objects.filter(solved_at__lt=now - KEPT).delete()

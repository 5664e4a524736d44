"""How stock would lie if it followed demand: pieces that should be moved to where the orders are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from paidan.catalog.models import Sku
from paidan.network.models import Warehouse

from .places import distances

DAYS = 7
LATEST = 100_000
"""Of more allocations than these only the latest are looked at."""
SHORT_DAYS = 3.0
FEWEST_PIECES = 10
SHOWN = 20
LISTED = 5_000
"""Transfers in the file."""
_DEMAND = f"""
SELECT p.sku_id, o.region / 10000 * 10000, sum(p.qty)::bigint
FROM allocation_allocation a JOIN allocation_allocationline p ON p.allocation_id = a.id
JOIN orders_order o ON o.id = a.order_id
WHERE a.id > (SELECT max(id) FROM allocation_allocation) - {LATEST} AND a.created_at >= %s AND a.state <= 5
GROUP BY 1, 2
"""
_STOCK = """
SELECT sku_id, warehouse_id, greatest(0, on_hand_qty - reserved_qty - safety_qty) FROM stock_stock
WHERE sku_id = ANY(%s) AND warehouse_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Pieces of a SKU that lie too long in one warehouse and would soon be missing in another."""

    sku: Sku
    source: Warehouse
    target: Warehouse
    pieces: int
    source_days: float
    target_days: float


def transfers(warehouses: Sequence[Warehouse], now: datetime, most: int = SHOWN) -> list[Transfer]:
    """Per SKU: from the warehouse furthest above its share of demand to the one furthest below, if that runs out soon.

    Demand is of the warehouse nearest to the buyer's province, whoever served it.
    """
    open_ones = {one.pk: one for one in warehouses if one.is_open and one.lat is not None}
    nearest = {
        number: min(row, key=lambda key: (row[key], key)) for number, row in distances(list(open_ones.values())).items()
        if row
    }  # fmt: skip
    demand: dict[int, dict[int, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND, [now - timedelta(days=DAYS)])
        for sku, number, pieces in cursor.fetchall():
            if number in nearest:
                row = demand.setdefault(sku, {})
                row[nearest[number]] = row.get(nearest[number], 0.0) + pieces / DAYS
        cursor.execute(_STOCK, [list(demand), list(open_ones)])
        free: dict[int, dict[int, int]] = {}
        for sku, warehouse, pieces in cursor.fetchall():
            free.setdefault(sku, {})[warehouse] = pieces
    found = [one for sku in demand if (one := _transfer(sku, demand[sku], free.get(sku, {}))) is not None]
    found.sort(key=lambda one: (-one[3], one[0]))
    skus = Sku.objects.in_bulk([one[0] for one in found[:most]])
    return [
        Transfer(skus[sku], open_ones[source], open_ones[target], pieces, *days)
        for sku, source, target, pieces, days in found[:most]
    ]


def _transfer(
    sku: int, demand: dict[int, float], free: dict[int, int]
) -> tuple[int, int, int, int, tuple[float, float]] | None:
    total, each_day = sum(free.values()), sum(demand.values())
    if not total or not each_day:
        return None
    keys = {*free, *demand}
    above = {key: free.get(key, 0) - total * demand.get(key, 0.0) / each_day for key in keys}
    source, target = (pick(above, key=lambda key: (above[key], -key)) for pick in (max, min))
    pieces = int(min(above[source], -above[target]))
    target_days = free.get(target, 0) / demand[target] if demand.get(target) else float("inf")
    if pieces < FEWEST_PIECES or target_days >= SHORT_DAYS:
        return None
    source_days = free[source] / demand[source] if demand.get(source) else float("inf")
    return sku, source, target, pieces, (source_days, target_days)

"""Solving the prices: the forecast and the free stock of now become what a piece and a slot are worth, and are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection

from paidan.engine.lookahead.expecting import expect, kept_for
from paidan.engine.lookahead.pricing import prices_of
from paidan.engine.problem import F64, I64, UNLIMITED, Prices, Problem, Warehouses
from paidan.network.columns import network_at
from paidan.rules.queries import published_rules

from ..models import ScarcityPrices
from ..snapshot import available_of, with_loads_t, with_loads_w
from .demand import Demand, local, read_demand
from .force import last_solved, look_ahead_asked, settings
from .forecast import Forecast, foresee

EVERY = timedelta(hours=2)
"""Prices are solved again after so long: twelve times a day."""
SURE = 0.8
"""What a piece is worth to an order that is only expected counts for so much.

At the full price whoever needs a piece just enough to get it would pay as much as it costs him elsewhere, and a
rounding would leave the last pieces to nobody: so they go to whoever comes first of those who need them most.
"""
LEAST_SEEN = 20
"""A SKU that fewer orders of the past weeks wanted has no price: where the next few go cannot be foreseen."""
LEAST = 0.05
"""A price below this part of what serving an order usually costs is none: the stock is not really scarce."""
# More came or went by a count or an adjustment than a fifth of what is there now, or half of what had a price is gone.
_MOVED = """
SELECT EXISTS (
    SELECT FROM stock_stockmovement m WHERE m.at > %(since)s AND m.kind <> 3
    AND abs(m.delta_qty) >= greatest(10, m.on_hand_qty / 5)
) OR EXISTS (
    SELECT FROM allocation_scarcityprices s,
         unnest(s.sku_ids, s.warehouse_ids, s.free_qty) AS p (sku, warehouse, free)
    JOIN stock_stock k ON k.sku_id = p.sku AND k.warehouse_id = p.warehouse
    WHERE s.id = %(key)s AND p.free >= 4
    AND abs(k.on_hand_qty - k.reserved_qty - k.safety_qty - p.free) * 2 > p.free
)
"""


@dataclass(frozen=True, slots=True)
class Solved:
    """Prices along the axes of a demand, with the outlook's figures. `region_of`: where a piece is needed most."""

    prices: Prices
    region_of: dict[tuple[int, int], int]
    kinds: int
    expected: float


def solve(demand: Demand, forecast: Forecast, problem: Problem, slots_w: I64) -> Solved:
    """The prices of what is expected; pure but for time."""
    expected_k = demand.expected(forecast.weight_d)
    found = expect(problem, expected_k, slots_w)
    skus, warehouses = problem.available_sw.shape
    if not len(found.kind_k):
        nothing = Prices(np.zeros((skus, warehouses), np.int64), np.zeros(warehouses, np.int64))
        return Solved(nothing, {}, 0, float(expected_k.sum()))
    pricing = prices_of(found.outlook)
    needed = kept_for(found.outlook, pricing, demand.group_k[found.kind_k])
    least = LEAST * float(np.median(found.outlook.parcel_kv.min(axis=1)))
    prices = Prices(_dependable(pricing.price_sw, least), _dependable(pricing.slot_w, least))
    prices.price_sw[demand.seen(forecast.weight_d) < LEAST_SEEN] = 0
    return Solved(prices, needed, len(found.kind_k), float(expected_k.sum()))


def _dependable(prices: F64, least: float) -> I64:
    return np.where(prices < least, 0, np.rint(SURE * prices)).astype(np.int64)


def slots_until(warehouses: Warehouses, days: int) -> I64:
    """The parcels each warehouse can still take until the horizon; −1 = any number."""
    free = np.maximum(0, warehouses.capacity_w * days - warehouses.load_w)
    return np.where(warehouses.capacity_w == UNLIMITED, UNLIMITED, free)


def solve_prices(*, now: datetime) -> ScarcityPrices | None:
    """Solve the prices of now and keep them; None where too little is known to expect anything."""
    began = perf_counter()
    rules, network, row = published_rules(now), network_at(now), settings()
    demand = read_demand(now, network, rules.rules)
    forecast = foresee(demand.past, local(now), row.horizon_days)
    if forecast is None:
        return None
    warehouses, _key = with_loads_w(network)
    teams, _key = with_loads_t(network, warehouses)
    warehouse_ids = [one.id for one in network.warehouses]
    available_sw = available_of(demand.skus.ids, warehouse_ids)
    problem = demand.problem(network, warehouses, teams, rules.rules, available_sw, rules.objective)
    solved = solve(demand, forecast, problem, slots_until(warehouses, row.horizon_days))
    statistics = {
        "expected": round(forecast.total), "kinds": solved.kinds, "level": round(float(forecast.level), 1),
        "days": row.horizon_days, "seconds": round(perf_counter() - began, 2),
    }  # fmt: skip
    return ScarcityPrices.objects.create(
        solved_at=now, statistics=statistics, **_columns(solved, demand.skus.ids, warehouse_ids, available_sw)
    )


def _columns(solved: Solved, sku_ids: Any, warehouse_ids: list[int], available_sw: I64) -> dict[str, list[int]]:
    sku, at = np.nonzero(solved.prices.price_sw)
    slots = np.flatnonzero(solved.prices.slot_w)
    pairs = list(zip(sku.tolist(), at.tolist(), strict=True))
    return {
        "sku_ids": [int(sku_ids[s]) for s, _w in pairs],
        "warehouse_ids": [warehouse_ids[w] for _s, w in pairs],
        "minor": solved.prices.price_sw[sku, at].tolist(),
        "free_qty": available_sw[sku, at].tolist(),
        "region": [solved.region_of.get(pair, 0) for pair in pairs],
        "slot_warehouse_ids": [warehouse_ids[w] for w in slots.tolist()],
        "slot_minor": solved.prices.slot_w[slots].tolist(),
    }


def solving_due(now: datetime) -> bool:
    """Whether the last prices are two hours old, or stock has changed much since."""
    last = last_solved()
    if last is None or now - last.solved_at >= EVERY:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"since": last.solved_at, "key": last.pk})
        return bool(cursor.fetchone()[0])


def somebody_looks_ahead(now: datetime) -> bool:
    """Whether it is switched on and a rule in force asks for it."""
    return settings().on and look_ahead_asked(published_rules(now).rules)

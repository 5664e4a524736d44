"""A made-up seller in PostgreSQL for the measures: warehouses, teams, SKUs, stock, rules, and orders by the million.

Seeded, so that every run measures the same work. Orders go in by COPY: filling the tables is not what is measured.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from paidan.catalog.models import Sku
from paidan.geo import children
from paidan.kit.copy import copy_in, instants, next_ids
from paidan.network.models import FreightRate, Shop, Team, Warehouse
from paidan.rules.models import Rule, RuleSetVersion, VersionState

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
CITIES = ((23.13, 113.26), (39.9, 116.4), (30.57, 104.07), (30.59, 114.3), (31.23, 121.47), (34.34, 108.94),
          (36.06, 120.38), (41.8, 123.43), (28.23, 112.94), (26.07, 119.3), (22.82, 108.32), (25.04, 102.72),
          (43.83, 87.62), (38.04, 114.51), (34.75, 113.63), (31.82, 117.23), (32.06, 118.79), (30.27, 120.16),
          (45.8, 126.53), (36.65, 117.12))  # fmt: skip
LINES_OF = (0.6, 0.25, 0.1, 0.05)  # chances of 1, 2, 3, 4 lines: 1.6 on average


def districts() -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Every district of the mainland, as region numbers."""
    codes = [d.code for p in children("CN") for c in children(p.code) for d in children(c.code)]
    return np.array(sorted({int(code) for code in codes if code.isdigit() and len(code) == 6}), np.int32)


def make_network(rng: np.random.Generator, *, orders: int, skus: int, stock_ratio: float) -> None:
    """Twenty warehouses with two teams each, five shops, freight, SKUs and uneven, scarce stock."""
    warehouses = Warehouse.objects.bulk_create(
        Warehouse(code=f"w{n:02}", position=n + 1, lat=lat, lng=lng, ratio=5, capacity=int(orders * 0.07))
        for n, (lat, lng) in enumerate(CITIES)
    )
    shops = Shop.objects.bulk_create(Shop(code=f"s{n}", platform="taobao" if n % 2 else "jd") for n in range(5))
    teams = Team.objects.bulk_create(
        Team(code=f"{w.code}-{n}", warehouse=w, ratio=6 - 2 * n, skills=["vip"] if n else [])
        for w in warehouses
        for n in range(2)
    )
    for team in teams[::7]:
        team.shops.add(shops[1])
    FreightRate.objects.bulk_create(
        FreightRate(warehouse=w, carrier=c, first_minor=f, next_minor=n, transit_s=t)
        for w in warehouses
        for c, f, n, t in (("sf", 1800, 700, 86_400), ("yto", 900, 400, 172_800))
    )
    goods = Sku.objects.bulk_create(Sku(code=f"K{n:05}", weight_g=int(rng.integers(50, 3000))) for n in range(skus))
    _make_stock(rng, [s.id for s in goods], [w.id for w in warehouses], orders, stock_ratio)


def _make_stock(
    rng: np.random.Generator, sku_ids: list[int], warehouse_ids: list[int], orders: int, stock_ratio: float
) -> None:
    popularity = _popularity(len(sku_ids))
    total_s = np.ceil(stock_ratio * 1.6 * 1.2 * orders * popularity)
    share_sw = rng.dirichlet(np.full(len(warehouse_ids), 0.3), len(sku_ids))
    on_hand = np.floor(total_s[:, None] * share_sw).astype(np.int64).ravel()
    rows = len(on_hand)
    columns = {
        "sku_id": np.repeat(np.array(sku_ids), len(warehouse_ids)),
        "warehouse_id": np.tile(np.array(warehouse_ids), len(sku_ids)),
        "on_hand_qty": on_hand,
        "reserved_qty": np.zeros(rows, np.int64),
        "safety_qty": np.zeros(rows, np.int64),
        "changed_at": np.full(rows, _instant(NOW)),
    }
    kinds = {"sku_id": "i4", "warehouse_id": "i4", "on_hand_qty": "i8", "reserved_qty": "i8", "safety_qty": "i8"}
    copy_in(connection.connection, "stock_stock", {**kinds, "changed_at": "i8"}, columns)


def make_rules(count: int = 50) -> None:
    """A published rule set: most rules nearest, some cheapest, by ratio or in parcels, and the catch-all."""
    version = RuleSetVersion.objects.create(number=1, state=VersionState.PUBLISHED, created_at=NOW)
    strategies = (["nearest"], ["nearest"], ["cheapest"], ["ratio", "nearest"], ["fewest_parcels", "nearest"])
    rules = []
    for n in range(count - 1):
        when = {"shop": [f"s{n % 5}"], "amount_minor": [n * 400, n * 400 + 399]}
        then = {"strategies": strategies[n % 5], "split": "by_line" if n % 5 == 4 else "never", "otherwise": "next"}
        rules.append(Rule(version=version, code=f"r{n}", priority=n + 1, when=when, then=then))
    rules.append(Rule(version=version, code="last", priority=count, then={"strategies": ["nearest"]}))
    Rule.objects.bulk_create(rules)


def make_orders(rng: np.random.Generator, count: int) -> None:
    """So many pending, queued orders with 1.6 lines each, of real districts and a Zipf law of SKUs."""
    raw = connection.connection
    shop_ids = np.array(list(Shop.objects.order_by("id").values_list("id", flat=True)))
    sku_ids = np.array(list(Sku.objects.order_by("id").values_list("id", flat=True)))
    ids = next_ids(raw, "orders_order", count)
    region_o = rng.choice(districts(), count)
    shop_o = rng.choice(shop_ids, count)
    # Orders come in about as they are paid, some a few minutes late.
    paid_o = _instant(NOW) - np.linspace(86_400, 600, count).astype(np.int64) * 1_000_000
    paid_o -= rng.integers(0, 300, count) * 1_000_000
    _copy_orders(ids, region_o, shop_o, paid_o, rng.integers(0, 30_000, count))
    lines_o = rng.choice(np.arange(1, 5), count, p=LINES_OF)
    order_l = np.repeat(ids, lines_o)
    position_l = np.arange(len(order_l)) - np.repeat(np.cumsum(lines_o) - lines_o, lines_o) + 1
    sku_l = rng.choice(sku_ids, len(order_l), p=_popularity(len(sku_ids)))
    qty_l = rng.choice([1, 2, 3], len(order_l), p=[0.85, 0.1, 0.05])
    _copy_lines(order_l, position_l, sku_l, qty_l)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders_queuedorder (order_id, priority, ship_by_at) "
            "SELECT id, priority, ship_by_at FROM orders_order"
        )


def _copy_orders(
    ids: np.ndarray, region_o: np.ndarray, shop_o: np.ndarray, paid_o: np.ndarray, amount_o: np.ndarray
) -> None:  # type: ignore[type-arg]
    raw = connection.connection
    ship_by = int(timedelta(hours=48).total_seconds()) * 1_000_000
    kinds = {"id": "i8", "paid": "i8", "ship_by": "i8", "amount": "i8", "shop": "i4", "region": "i4"}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE new_orders (id bigint, paid timestamptz, ship_by timestamptz, amount bigint, "
            "shop integer, region integer)"
        )
        columns = {
            "id": ids, "paid": paid_o, "ship_by": paid_o + ship_by, "amount": amount_o, "shop": shop_o,
            "region": region_o,
        }  # fmt: skip
        copy_in(raw, "new_orders", kinds, columns)
        cursor.execute(
            "INSERT INTO orders_order (id, received_at, paid_at, ship_by_at, amount_minor, shop_id, region, priority, "
            "version, state, reason, address_state, number, currency, payment, delivery, tags, buyer_remark, "
            "seller_remark) SELECT id, paid, paid, ship_by, amount, shop, region, 0, 1, 1, 0, 1, "
            "'N' || lpad(id::text, 12, '0'), 'CNY', '', '', '{}', '', '' FROM new_orders ORDER BY id"
        )
        cursor.execute("DROP TABLE new_orders")


def _copy_lines(order_l: np.ndarray, position_l: np.ndarray, sku_l: np.ndarray, qty_l: np.ndarray) -> None:  # type: ignore[type-arg]
    raw = connection.connection
    rows = len(order_l)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_orderline ALTER number SET DEFAULT '', ALTER shop_code SET DEFAULT ''")
    kinds = {"id": "i8", "order_id": "i8", "qty": "i4", "cancelled_qty": "i4", "sku_id": "i4", "amount_minor": "i8"}
    columns = {
        "id": next_ids(raw, "orders_orderline", rows),
        "order_id": order_l,
        "qty": qty_l,
        "cancelled_qty": np.zeros(rows, np.int64),
        "sku_id": sku_l,
        "amount_minor": np.zeros(rows, np.int64),
        "position": position_l,
        "reason": np.zeros(rows, np.int64),
    }
    copy_in(raw, "orders_orderline", {**kinds, "position": "i2", "reason": "i2"}, columns)


def _popularity(skus: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    weights = 1.0 / np.arange(1, skus + 1) ** 0.9
    return weights / weights.sum()


def _instant(moment: datetime) -> int:
    return int(instants(np.array([moment.timestamp()], np.int64))[0])

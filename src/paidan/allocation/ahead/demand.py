"""The orders of the past weeks as kinds: where to, what together, by which rule; and how many of each on each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db import connection

from paidan.engine.match_kernel import first_matches
from paidan.engine.matching import build_index
from paidan.engine.problem import F64, I32, I64, Objective, Orders, Problem, Rule, Teams, Warehouses
from paidan.kit.arrays import array_cursor
from paidan.kit.copy import select_columns
from paidan.network.columns import Network
from paidan.network.models import Promotion
from paidan.orders.states import AddressState, OrderState

from ..snapshot import LINE_COLUMNS, SkuAxis, Source, orders_of, skus_of
from .forecast import TRAINED_DAYS, Past, Sale, uplifts

MOST_ORDERS = 400_000
"""Of more orders a part is read, and each counts for several."""
MOST_SALES = 4
"""Past promotions whose days are counted, the latest."""
_GONE = f"{int(OrderState.CANCELLED)}, {int(OrderState.MERGED)}"
_CAME = f"""
SELECT o.* , o.paid_at AS came_at FROM orders_order o
WHERE o.paid_at >= %(start)s AND o.paid_at < %(end)s AND o.state NOT IN ({_GONE})
UNION ALL
SELECT o.*, o.received_at AS came_at FROM orders_order o
WHERE o.paid_at IS NULL AND o.received_at >= %(start)s AND o.received_at < %(end)s AND o.state NOT IN ({_GONE})
"""
_LOCAL = "(c.came_at AT TIME ZONE %(zone)s)"
_COUNTS = f"SELECT {_LOCAL}::date, count(*) FROM ({_CAME}) c GROUP BY 1 ORDER BY 1"
_ORDERS = f"""
SELECT c.id, c.shop_id, c.region, c.priority, c.amount_minor, c.address_state,
       {_LOCAL}::date - %(first)s, extract(hour FROM {_LOCAL})::int4
FROM ({_CAME}) c WHERE c.id %% %(every)s = 0
"""
_ORDER_KINDS = {
    "id": "i8", "shop": "i4", "region": "i4", "priority": "i4", "amount": "i8", "address_state": "i2", "day": "i4",
    "hour": "i4",
}  # fmt: skip
_LINES = """
SELECT l.order_id, l.id, l.position, coalesce(l.sku_id, -1), l.qty - l.cancelled_qty
FROM orders_orderline l WHERE l.order_id = ANY(%s) AND l.qty > l.cancelled_qty
"""
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Demand:
    """Axes: k kinds (rows of `orders`), n (day, kind) pairs that occurred. Each counted order stands for `every`."""

    past: Past
    orders: Orders
    skus: SkuAxis
    group_k: I32  # the region a kind goes to, as a number: its city
    day_n: I32
    kind_n: I32
    count_n: I64
    every: int

    def expected(self, weight_d: F64) -> F64:
        """How many of each kind are expected, if an order of each past day stands for so many."""
        weights = weight_d[self.day_n] * self.count_n * self.every
        return np.bincount(self.kind_n, weights, len(self.group_k)).astype(np.float64)

    def seen(self, weight_d: F64) -> F64:
        """How many orders of the days that have a weight wanted each SKU."""
        count_n = self.count_n * self.every * (weight_d[self.day_n] > 0)
        count_k = np.bincount(self.kind_n, count_n, len(self.group_k))
        kind_l = np.repeat(np.arange(len(self.group_k)), np.diff(self.orders.ptr))
        return np.bincount(self.orders.sku_l, count_k[kind_l], len(self.skus.ids)).astype(np.float64)

    def came(self, first: int, last: int) -> F64:
        """How many of each kind came from one day of the past to another, both included."""
        chosen = (self.day_n >= first) & (self.day_n <= last)
        found = np.bincount(self.kind_n[chosen], self.count_n[chosen] * self.every, len(self.group_k))
        return found.astype(np.float64)

    def problem(
        self, network: Network, warehouses: Warehouses, teams: Teams, rules: tuple[Rule, ...], available_sw: I64,
        objective: Mapping[str, int],
    ) -> Problem:  # fmt: skip
        """The kinds as the orders of a problem."""
        return Problem(
            warehouses, teams, network.freight_columns, self.skus.columns, available_sw, rules, self.orders,
            Objective(**objective),
        )  # fmt: skip


def read_demand(now: datetime, network: Network, rules: tuple[Rule, ...], days: int = TRAINED_DAYS) -> Demand:
    """Read the whole days before today, as many as asked, on the business's clock. Cancelled orders are no demand."""
    today = local(now).date()
    first = today - timedelta(days=days)
    counts = _counts(first, today - timedelta(days=1))
    every = max(1, -(-sum(counts.values()) // MOST_ORDERS))
    bounds = {"start": midnight(first), "end": midnight(today), "zone": settings.DISPLAY_TIME_ZONE}
    values = {**bounds, "first": first, "every": every}
    columns = select_columns(connection.connection, _ORDERS, _ORDER_KINDS, values)
    by_id = np.argsort(columns["id"], kind="stable")
    columns = {name: column[by_id] for name, column in columns.items()}
    lines = _lines(columns["id"].astype(np.int64))
    wanted = np.isin(columns["id"], lines["order"])
    columns = {name: column[wanted] for name, column in columns.items()}
    orders, skus = _orders(columns, lines, rules)
    past = _past(first, today, counts, columns["hour"])
    group_o = _city(columns["region"].astype(np.int64))
    kind_o, chosen = _kinds(orders, skus, network, rules, group_o)
    day_kind, count_n = np.unique(columns["day"].astype(np.int64) * (len(chosen) + 1) + kind_o, return_counts=True)
    return Demand(
        past=past,
        orders=_only(orders, chosen),
        skus=skus,
        group_k=group_o[chosen].astype(np.int32),
        day_n=(day_kind // (len(chosen) + 1)).astype(np.int32),
        kind_n=(day_kind % (len(chosen) + 1)).astype(np.int32),
        count_n=count_n.astype(np.int64),
        every=every,
    )


def local(at: datetime) -> datetime:
    """A moment on the business's clock, whoever asks."""
    return at.astimezone(ZoneInfo(settings.DISPLAY_TIME_ZONE))


def midnight(day: date) -> datetime:
    """When a day begins there."""
    return datetime.combine(day, datetime.min.time(), ZoneInfo(settings.DISPLAY_TIME_ZONE))


def _counts(first: date, last: date) -> dict[date, int]:
    """Orders of each day that were not cancelled; days without any are left out."""
    bounds = {"start": midnight(first), "end": midnight(last + timedelta(days=1))}
    cursor = array_cursor().execute(_COUNTS, {**bounds, "zone": settings.DISPLAY_TIME_ZONE})
    return dict(cursor.fetchall())


def _past(first: date, today: date, counts: Mapping[date, int], hour_o: npt.NDArray[Any]) -> Past:
    sales = [_sale(one) for one in Promotion.objects.order_by("-starts_at")]
    over = [one for one in sales if one.last < today][:MOST_SALES]
    coming = [one for one in sales if one.last >= first]
    share = np.bincount(hour_o, minlength=24).astype(np.float64)[:24] + 1.0
    return Past(
        first=first,
        count_d=np.array([counts.get(first + timedelta(days=d), 0) for d in range((today - first).days)], np.int64),
        sales=tuple(coming),
        uplift=uplifts(over, today, _counts) if over else {},
        hour_share=share / share.sum(),
    )


def _sale(one: Promotion) -> Sale:
    return Sale(one.code, local(one.starts_at).date(), local(one.ends_at - timedelta(microseconds=1)).date())


def _lines(order_ids: I64) -> dict[str, npt.NDArray[Any]]:
    lines = select_columns(connection.connection, _LINES, LINE_COLUMNS, [order_ids])
    at = np.lexsort((lines["position"], lines["order"]))
    return {name: column[at] for name, column in lines.items()}


def _orders(
    columns: dict[str, npt.NDArray[Any]], lines: dict[str, npt.NDArray[Any]], rules: tuple[Rule, ...]
) -> tuple[Orders, SkuAxis]:
    """The orders as a wave would see them, but for a deadline and coordinates of their own."""
    ids = columns["id"].astype(np.int64)
    skus, sku_l = skus_of(lines["sku"])
    ptr = np.searchsorted(lines["order"], np.append(ids, _NEVER)).astype(np.int64)
    source = Source("o.id", "FROM orders_order o WHERE o.id = ANY(%s)", ids)
    nowhere, never = np.full(len(ids), np.nan), np.full(len(ids), _NEVER)
    seen = {**columns, "lat": nowhere, "lng": nowhere, "ship_by": never, "paid": never}
    orders = orders_of(source, seen, lines, ptr, sku_l, rules)
    resolved = ~np.isin(columns["address_state"], (AddressState.AMBIGUOUS, AddressState.UNRESOLVED))
    return replace(orders, unresolved_o=~resolved), skus


def _city(region_o: I64) -> I64:
    """The city of a region's number; what has none (another country, an unknown place) stays as it is."""
    return np.where(region_o >= 100_000, region_o // 100 * 100, region_o)


def _kinds(orders: Orders, skus: SkuAxis, network: Network, rules: tuple[Rule, ...], group_o: I64) -> tuple[I64, I64]:
    """The kind of each order, and an order of each kind: alike are those of one rule, city and basket."""
    none_sw = np.zeros((len(skus.ids), len(network.warehouses)), np.int64)
    problem = Problem(
        network.warehouse_columns, network.team_columns, network.freight_columns, skus.columns, none_sw, rules, orders
    )
    rule_o = first_matches(build_index(problem), orders.ptr, orders.sku_l) if len(orders.shop_o) else group_o
    order_l = np.repeat(np.arange(len(orders.shop_o)), np.diff(orders.ptr))
    with np.errstate(over="ignore"):
        mixed_l = _mixed(orders.sku_l.astype(np.uint64) * np.uint64(1_000_003) + orders.qty_l.astype(np.uint64))
        basket_o = np.zeros(len(orders.shop_o), np.uint64)
        np.add.at(basket_o, order_l, mixed_l)
        key_o = _mixed(basket_o + _mixed(group_o.astype(np.uint64) * np.uint64(4_096) + rule_o.astype(np.uint64)))
    _keys, chosen, kind_o = np.unique(key_o, return_index=True, return_inverse=True)
    return kind_o.astype(np.int64), chosen.astype(np.int64)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers scattered over 64 bits (SplitMix64's last step), so that sums of different ones hardly ever agree."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _only(orders: Orders, chosen: I64) -> Orders:
    counts = np.diff(orders.ptr)[chosen]
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lines = np.repeat(orders.ptr[chosen] - ptr[:-1], counts) + np.arange(ptr[-1])
    per_order = {
        name: getattr(orders, name)[chosen]
        for name in orders.__dataclass_fields__
        if name.endswith("_o") and name != "id_o"
    }
    return replace(orders, ptr=ptr, sku_l=orders.sku_l[lines], qty_l=orders.qty_l[lines], **per_order)

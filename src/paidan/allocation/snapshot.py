"""What a wave decides upon: its claimed orders, their lines, stock, loads and rules, read in one consistent snapshot.

Everything per order or line comes as columns by binary COPY; Python objects exist only per warehouse, team, SKU, rule
and distinct text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from django.db import connection

from paidan.engine.problem import F64, I32, I64, NEVER_DUE, Objective, Orders, Problem, Skus, Teams, Warehouses
from paidan.engine.problem import Rule as EngineRule
from paidan.geo import coordinates
from paidan.geo.codes import code_of
from paidan.kit.arrays import array_cursor
from paidan.kit.copy import POSTGRES_EPOCH_DAY, seconds, select_columns
from paidan.network.columns import Network, network_at, shops_by_id
from paidan.network.kept import Mark, terms_mark
from paidan.orders.states import AddressState, OrderState
from paidan.rules.queries import RuleSet, published_rules

from .ahead.force import in_force, look_ahead_asked, prices_for

_FOREVER = np.iinfo(np.int64).max
MANY = 5_000
"""From so many claimed orders on, nested loops are the wrong plan, whatever stale statistics say."""

ORDER_COLUMNS = {
    "id": "i8",
    "version": "i4",
    "shop": "i4",
    "region": "i4",
    "priority": "i4",
    "amount": "i8",
    "ship_by": "i8",
    "paid": "i8",
    "lat": "f8",
    "lng": "f8",
    "state": "i2",
    "reason": "i2",
    "address_state": "i2",
}
ORDERS = """
SELECT o.id, o.version, o.shop_id, o.region, o.priority, o.amount_minor, coalesce(o.ship_by_at, 'infinity'),
       coalesce(o.paid_at, 'infinity'), coalesce(o.lat, 'NaN'), coalesce(o.lng, 'NaN'), o.state, o.reason,
       o.address_state
FROM orders_queuedorder q JOIN orders_order o ON o.id = q.order_id WHERE q.wave_id = %s
"""
CLAIMED = "FROM orders_queuedorder q JOIN orders_order o ON o.id = q.order_id WHERE q.wave_id = %s"
LINE_COLUMNS = {"order": "i8", "id": "i8", "position": "i2", "sku": "i4", "qty": "i4"}
LINES = """
SELECT l.order_id, l.id, l.position, coalesce(l.sku_id, -1), l.qty - l.cancelled_qty
FROM orders_queuedorder q JOIN orders_orderline l ON l.order_id = q.order_id WHERE q.wave_id = %s
"""
SERVED = """
SELECT p.line_id, p.live_qty + p.shipped_qty
FROM orders_queuedorder q JOIN orders_order o ON o.id = q.order_id AND o.state = %s
JOIN allocation_line_pieces p ON p.order_id = o.id WHERE q.wave_id = %s
"""
SKUS = "SELECT id, code, category, tags, weight_g, volume_cm3 FROM catalog_sku WHERE id = ANY(%s)"
STOCK = "SELECT sku_id, warehouse_id, on_hand_qty - reserved_qty - safety_qty FROM stock_stock WHERE sku_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem's orders come from in SQL: which column is their id, FROM and WHERE with orders as `o`."""

    id: str
    of: str
    parameter: object


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem, and which database rows its axes stand for."""

    problem: Problem
    network: Network
    rules: RuleSet
    id_o: I64
    version_o: I32
    tried_o: npt.NDArray[np.bool_]  # tried before: an older decision may be replaced
    live_o: npt.NDArray[np.bool_]  # something of it is already live or shipped
    line_id_l: I64
    sku_id_s: I32
    credit_key_w: int
    credit_key_t: int
    prices_id: int | None = None  # the scarcity prices its rules look at


def take_snapshot(
    wave_id: int, count: int, now: datetime, *, rules: RuleSet | None = None, mark: Mark | None = None
) -> Snapshot:
    """Read all a wave needs; call it inside one repeatable-read transaction. `mark` is that of the terms, if known."""
    raw = connection.connection
    claimed = Source("o.id", CLAIMED, wave_id)
    if count > MANY:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
    mark = mark or terms_mark()
    network = network_at(now, mark)
    rules = rules or published_rules(now, mark)
    orders = select_columns(raw, ORDERS, ORDER_COLUMNS, [wave_id])
    by_id = np.argsort(orders["id"], kind="stable")
    orders = {name: column[by_id] for name, column in orders.items()}
    lines = _lines(wave_id, orders)
    ptr = np.searchsorted(lines["order"], np.append(orders["id"], _FOREVER)).astype(np.int64)
    skus, sku_l = skus_of(lines["sku"])
    warehouse_columns, key_w = with_loads_w(network)
    team_columns, key_t = with_loads_t(network, warehouse_columns)
    warehouse_ids = [w.id for w in network.warehouses]
    prices_id = in_force(now) if look_ahead_asked(rules.rules) else None
    return Snapshot(
        problem=Problem(
            warehouses=warehouse_columns,
            teams=team_columns,
            freight=network.freight_columns,
            skus=skus.columns,
            available_sw=available_of(skus.ids, warehouse_ids),
            rules=rules.rules,
            orders=orders_of(claimed, orders, lines, ptr, sku_l, rules.rules, mark),
            objective=Objective(**rules.objective),
            prices=None if prices_id is None else prices_for(prices_id, skus.ids, warehouse_ids),
        ),
        network=network,
        rules=rules,
        id_o=orders["id"],
        version_o=orders["version"],
        tried_o=(orders["state"] != OrderState.PENDING) | (orders["reason"] != 0),
        live_o=orders["state"] == OrderState.PARTIAL,
        line_id_l=lines["id"],
        sku_id_s=skus.ids,
        credit_key_w=key_w,
        credit_key_t=key_t,
        prices_id=prices_id,
    )


def _lines(wave_id: int, orders: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Lines by (order, position) with the pieces that are still open."""
    raw = connection.connection
    lines = select_columns(raw, LINES, LINE_COLUMNS, [wave_id])
    order = np.lexsort((lines["position"], lines["order"]))
    lines = {name: column[order] for name, column in lines.items()}
    lines["qty"] = lines["qty"].astype(np.int64)
    if (orders["state"] == OrderState.PARTIAL).any():
        kinds = {"line": "i8", "qty": "i4"}
        served = select_columns(raw, SERVED, kinds, [int(OrderState.PARTIAL), wave_id])
        by_id = np.argsort(lines["id"])
        at = by_id[np.searchsorted(lines["id"], served["line"], sorter=by_id)]
        lines["qty"][at] -= served["qty"]
    return lines


@dataclass(frozen=True, slots=True)
class SkuAxis:
    ids: I32
    columns: Skus


def skus_of(sku_id_l: npt.NDArray[Any]) -> tuple[SkuAxis, I32]:
    """Only the SKUs the wave's lines name; −1 (an unmapped code) is one more, unknown SKU."""
    ids, sku_l = np.unique(sku_id_l.astype(np.int32), return_inverse=True)
    rows = {row[0]: row[1:] for row in array_cursor().execute(SKUS, (ids,)).fetchall()}
    nothing: tuple[str, str, list[str], int, int] = ("", "", [], 0, 0)
    listed = [rows.get(int(key), nothing) for key in ids]
    return (
        SkuAxis(
            ids,
            Skus(
                id_s=tuple(code or f"#{key}" for key, (code, *_rest) in zip(ids, listed, strict=True)),
                weight_g_s=np.array([row[3] for row in listed], np.int64),
                volume_cm3_s=np.array([row[4] for row in listed], np.int64),
                category_s=tuple(row[1] for row in listed),
                tags_s=tuple(tuple(row[2]) for row in listed),
                known_s=ids >= 0,
            ),
        ),
        sku_l.astype(np.int32),
    )


def available_of(sku_ids: I32, warehouse_ids: Sequence[int]) -> I64:
    """Free pieces, int64 (skus, warehouses); what has no stock row is 0."""
    return np.maximum(free_of(sku_ids, warehouse_ids), 0)


def free_of(sku_ids: I32, warehouse_ids: Sequence[int]) -> I64:
    """On hand − reserved − safety, int64 (skus, warehouses); below 0 where more is promised than that."""
    kinds = {"sku": "i4", "warehouse": "i4", "free": "i8"}
    rows = select_columns(connection.connection, STOCK, kinds, [sku_ids])
    free = np.zeros((len(sku_ids), len(warehouse_ids)), np.int64)
    by_id = np.argsort(warehouse_ids)
    column = by_id[np.searchsorted(np.asarray(warehouse_ids), rows["warehouse"], sorter=by_id)]
    free[np.searchsorted(sku_ids, rows["sku"]), column] = rows["free"]
    return free


def _day(number: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(number))


def ratio_key(ratios: Iterable[tuple[int, int]]) -> int:
    """A number that stands for these (id, ratio) pairs: credits earned under other ratios do not count."""
    return crc32(repr(sorted(ratios)).encode())


_LOADS = """
SELECT {key}, day, load_n, credit, credit_key FROM {table} WHERE day = ANY(%s::date[])
"""


def _loads(key: str, table: str, days: Collection[date]) -> dict[tuple[int, date], tuple[int, float, int]]:
    """Load, credit and the credit's key by warehouse or team and work day."""
    rows = array_cursor().execute(_LOADS.format(key=key, table=table), (list(set(days)),)).fetchall()
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def with_loads_w(network: Network) -> tuple[Warehouses, int]:
    key = ratio_key((w.id, w.ratio) for w in network.warehouses)
    columns = network.warehouse_columns
    load, credit = np.zeros(len(network.warehouses), np.int64), np.zeros(len(network.warehouses))
    days = [_day(day) for day in columns.work_day_w]
    rows = _loads("warehouse_id", "allocation_warehouseday", days)
    for at, warehouse in enumerate(network.warehouses):
        if row := rows.get((warehouse.id, days[at])):
            load[at], earned, earned_key = row
            credit[at] = earned if earned_key == key else 0.0
    return replace(columns, load_w=load, credit_w=credit), key


def with_loads_t(network: Network, warehouses: Warehouses) -> tuple[Teams, int]:
    key = ratio_key((t.id, t.ratio) for t in network.teams)
    columns = network.team_columns
    load, credit = np.zeros(len(network.teams), np.int64), np.zeros(len(network.teams))
    today = int(warehouses.work_day_w.min()) if len(warehouses.work_day_w) else 0
    days = [_day(warehouses.work_day_w[w] if w >= 0 else today) for w in columns.warehouse_t]
    rows = _loads("team_id", "allocation_teamday", days)
    for at, team in enumerate(network.teams):
        if row := rows.get((team.id, days[at])):
            load[at], earned, earned_key = row
            credit[at] = earned if earned_key == key else 0.0
    return replace(columns, load_t=load, credit_t=credit), key


def orders_of(
    source: Source,
    orders: dict[str, npt.NDArray[Any]],
    lines: dict[str, npt.NDArray[Any]],
    ptr: I64,
    sku_l: I32,
    rules: tuple[EngineRule, ...],
    mark: Mark | None = None,
) -> Orders:
    shop_ids, shop_o = np.unique(orders["shop"], return_inverse=True)
    shops = shops_by_id(mark)
    platforms = sorted({shops[int(key)].platform for key in shop_ids})
    platform_of = np.array([platforms.index(shops[int(key)].platform) for key in shop_ids], np.int32)
    numbers, region_o = np.unique(orders["region"], return_inverse=True)
    texts = _Texts(source, orders["id"], rules)
    tagset_o, tagsets = texts.column("tags", "o.tags", "o.tags <> '{}'", ("tag",))
    remark = "concat_ws(E'\\n', nullif(o.buyer_remark, ''), nullif(o.seller_remark, ''))"
    remark_o, remarks = texts.column("remark", remark, "o.buyer_remark <> '' OR o.seller_remark <> ''", ("remark",))
    payment_o, payments = texts.column("payment", "o.payment", "o.payment <> ''", ("payment",))
    delivery_o, deliveries = texts.column("delivery", "o.delivery", "o.delivery <> ''", ("delivery",))
    lat, lng = _places(orders)
    return Orders(
        ptr=ptr,
        sku_l=sku_l,
        qty_l=lines["qty"].astype(np.int64),
        shop_o=shop_o.astype(np.int32),
        shops=[shops[int(key)].code for key in shop_ids],
        platform_o=platform_of[shop_o] if len(shop_ids) else np.zeros(0, np.int32),
        platforms=platforms,
        region_o=np.where(numbers[region_o] == 0, -1, region_o).astype(np.int32),
        regions=[code_of(int(number)) or "" for number in numbers],
        lat_o=lat,
        lng_o=lng,
        unresolved_o=np.isin(orders["address_state"], (AddressState.AMBIGUOUS, AddressState.UNRESOLVED)),
        amount_minor_o=orders["amount"].astype(np.int64),
        priority_o=orders["priority"].astype(np.int64),
        ship_by_o=_instant(orders["ship_by"]),
        paid_at_o=_instant(orders["paid"]),
        tagset_o=tagset_o,
        tagsets=[tuple(tags) for tags in tagsets],
        remark_o=remark_o,
        remarks=[str(text) for text in remarks],
        payment_o=payment_o,
        payments=[str(text) for text in payments],
        delivery_o=delivery_o,
        deliveries=[str(text) for text in deliveries],
    )


def _instant(column: npt.NDArray[Any]) -> I64:
    instants = column.astype(np.int64)
    return np.where(instants == _FOREVER, NEVER_DUE, seconds(instants))


def _places(orders: dict[str, npt.NDArray[Any]]) -> tuple[F64, F64]:
    """The order's own coordinates, else those of its region, else NaN."""
    lat, lng = coordinates(orders["region"].astype(np.int32))
    own = ~np.isnan(orders["lat"].astype(np.float64))
    return np.where(own, orders["lat"], lat), np.where(own, orders["lng"], lng)


class _Texts:
    """Interned text columns of a wave's orders, read only where a rule asks for them."""

    def __init__(self, source: Source, id_o: npt.NDArray[Any], rules: tuple[EngineRule, ...]) -> None:
        self.source, self.id_o = source, id_o
        self.asked = {
            name
            for rule in rules
            for when in (rule.when, rule.excepted)
            for name in ("tag", "remark", "payment", "delivery")
            if getattr(when, name)
        }

    def column(self, name: str, text: str, where: str, fields: Sequence[str]) -> tuple[I32, list[Any]]:
        """Indices into the distinct values (−1 = none) and the values; the same ORDER BY numbers both."""
        index_o = np.full(len(self.id_o), -1, np.int32)
        if not self.asked.intersection(fields):
            return index_o, []
        of, key = f"{self.source.of} AND ({where})", [self.source.parameter]
        found = array_cursor().execute(f"SELECT DISTINCT {text} AS {name} {of} ORDER BY 1", key)
        values = [row[0] for row in found.fetchall()]
        ranked = f"SELECT {self.source.id}, dense_rank() OVER (ORDER BY {text}) {of}"
        rows = select_columns(connection.connection, ranked, {"id": "i8", "rank": "i8"}, key)
        index_o[np.searchsorted(self.id_o, rows["id"])] = rows["rank"] - 1
        return index_o, values


def work_day_of(columns: Warehouses, warehouse: int) -> date:
    """The work day a new allocation of the warehouse (axis index) counts for."""
    return _day(columns.work_day_w[warehouse])


def postgres_days(days: I32) -> npt.NDArray[np.int32]:
    """Days since 1970 as PostgreSQL's date."""
    return (days - POSTGRES_EPOCH_DAY).astype(np.int32)

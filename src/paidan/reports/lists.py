"""The plain lists (shops, warehouses, teams, SKUs, stock, orders, allocations) as records in the design's words.

Each answers an iterator that reads as it goes, so that a list of millions needs no memory, and `count` beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from paidan.allocation.models import TeamDay, WarehouseDay
from paidan.allocation.states import AllocationState
from paidan.engine.codes import Reason
from paidan.geo.codes import code_of
from paidan.network.columns import network_at
from paidan.network.models import Shop
from paidan.orders.states import OrderState

Record = dict[str, Any]


def shops() -> Iterator[Record]:
    """All shops with the teams that list them."""
    for shop in Shop.objects.prefetch_related("teams").order_by("code"):
        yield {
            "code": shop.code,
            "name": shop.name,
            "platform": shop.platform,
            "ship_within_h": shop.ship_within_h,
            "teams": [team.code for team in shop.teams.all()],
            "active": shop.active,
        }


def warehouses(now: datetime) -> Iterator[Record]:
    """All warehouses with the load of the work day a new allocation would count for."""
    network = network_at(now)
    days = network.warehouse_columns.work_day_w.astype("datetime64[D]").tolist()
    loads = {(row.warehouse_id, row.day): row.load_n for row in WarehouseDay.objects.filter(day__in=set(days))}
    for warehouse, day in zip(network.warehouses, days, strict=True):
        yield {
            "code": warehouse.code,
            "name": warehouse.name,
            "open": warehouse.is_open,
            "region": code_of(warehouse.region),
            "capacity": warehouse.capacity,
            "load": loads.get((warehouse.id, day), 0),
            "work_day": day.isoformat(),
            "ratio": warehouse.ratio,
            "cutoff": warehouse.cutoff and warehouse.cutoff.strftime("%H:%M"),
            "timezone": warehouse.timezone,
            "covers": warehouse.covers,
            "excludes": warehouse.excludes,
            "lat": warehouse.lat,
            "lng": warehouse.lng,
            "position": warehouse.position,
        }


def teams(now: datetime, *, warehouse: str = "") -> Iterator[Record]:
    """All active teams, or those of one warehouse, with the load of their work day."""
    network = network_at(now)
    days = network.warehouse_columns.work_day_w.astype("datetime64[D]").tolist()
    day_of = {row.id: day for row, day in zip(network.warehouses, days, strict=True)}
    codes = {row.id: row.code for row in network.warehouses}
    loads = {(row.team_id, row.day): row.load_n for row in TeamDay.objects.filter(day__in=set(days))}
    for team in network.teams:
        of = codes.get(team.warehouse_id or 0)
        if warehouse and of != warehouse:
            continue
        day = day_of.get(team.warehouse_id or 0, min(days, default=None))
        yield {
            "code": team.code,
            "name": team.name,
            "warehouse": of,
            "shops": [shop.code for shop in team.shops.all()],
            "skills": team.skills,
            "ratio": team.ratio,
            "capacity": team.capacity,
            "load": loads.get((team.id, day), 0) if day else 0,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """One list in SQL: what is read of each row, which rows, in which order; `parameters` fill `where`.

    `details` are joins that only the shown rows need, so counting does without them.
    """

    columns: tuple[str, ...]
    select: str
    source: str
    order: str
    details: str = ""
    where: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def only(self, condition: str, **parameters: Any) -> None:
        """Narrow the list."""
        self.where.append(condition)
        self.parameters.update(parameters)

    def count(self) -> int:
        """How many rows there are."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {self.source} {self._filter()}", self.parameters)
            return int(cursor.fetchone()[0])

    def records(self, limit: int | None) -> Iterator[Record]:
        """The rows as records, at most `limit` of them."""
        rows_of = f"{self.source} {self.details} {self._filter()}"
        statement = f"SELECT {self.select} FROM {rows_of} ORDER BY {self.order}"
        if limit is not None:
            statement += f" LIMIT {int(limit)}"
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, self.parameters)
            while rows := cursor.fetchmany(2_000):
                for row in rows:
                    yield dict(zip(self.columns, row, strict=True))

    def _filter(self) -> str:
        return f"WHERE {' AND '.join(self.where)}" if self.where else ""


def skus(*, category: str = "", search: str = "") -> Query:
    """SKUs with what is free of them in all warehouses together."""
    # Sums per row shown, not a join over all stock: the list is read from the top.
    sums = """CROSS JOIN LATERAL (SELECT coalesce(sum(on_hand_qty), 0)::bigint AS on_hand,
        coalesce(sum(reserved_qty), 0)::bigint AS reserved,
        coalesce(sum(greatest(0, on_hand_qty - reserved_qty - safety_qty)), 0)::bigint AS available
        FROM stock_stock WHERE sku_id = k.id) t"""
    query = Query(
        ("code", "name", "category", "tags", "weight_g", "volume_cm3", "on_hand", "reserved", "available"),
        "k.code, k.name, k.category, k.tags, k.weight_g, k.volume_cm3, t.on_hand, t.reserved, t.available",
        "catalog_sku k",
        "k.code",
        sums,
    )
    if category:
        query.only("k.category = %(category)s", category=category)
    if search:
        query.only("(k.code ILIKE %(like)s OR k.name ILIKE %(like)s)", like=f"%{search}%")
    return query


def stock(*, warehouse: str = "", sku: str = "", short: bool = False) -> Query:
    """Stock per SKU and warehouse; `short` = only where nothing is available."""
    query = Query(
        ("sku", "name", "warehouse", "on_hand", "reserved", "safety", "available"),
        """k.code, k.name, w.code, s.on_hand_qty, s.reserved_qty, s.safety_qty,
        greatest(0, s.on_hand_qty - s.reserved_qty - s.safety_qty)""",
        "stock_stock s JOIN catalog_sku k ON k.id = s.sku_id JOIN network_warehouse w ON w.id = s.warehouse_id",
        "k.code, w.position, w.id",
    )
    if warehouse:
        query.only("w.code = %(warehouse)s", warehouse=warehouse)
    if sku:
        query.only("k.code = %(sku)s", sku=sku)
    if short:
        query.only("s.on_hand_qty - s.reserved_qty - s.safety_qty <= 0")
    return query


ORDER_COLUMNS = (
    *("shop", "order", "state", "reason", "held", "paid_at", "ship_by", "amount_minor", "priority", "tags", "region"),
    *("pieces", "warehouses", "teams", "allocations"),
)
ORDER_SELECT = """
s.code, o.number, o.state, o.reason, h.reason, o.paid_at, o.ship_by_at, o.amount_minor, o.priority, o.tags, o.region,
l.pieces, coalesce(a.warehouses, '{}'), coalesce(a.teams, '{}'), coalesce(a.ids, '{}')
"""
PARTS = """
LEFT JOIN LATERAL (SELECT reason FROM orders_hold WHERE order_id = o.id AND released_at IS NULL
    ORDER BY id LIMIT 1) h ON true
LEFT JOIN LATERAL (SELECT coalesce(sum(qty - cancelled_qty), 0)::bigint AS pieces FROM orders_orderline
    WHERE order_id = o.id) l ON true
LEFT JOIN LATERAL (SELECT array_agg(w.code ORDER BY a.id) AS warehouses, array_agg(a.id ORDER BY a.id) AS ids,
    array_remove(array_agg(t.code ORDER BY a.id), NULL) AS teams
    FROM allocation_allocation a JOIN network_warehouse w ON w.id = a.warehouse_id
    LEFT JOIN network_team t ON t.id = a.team_id WHERE a.order_id = o.id AND a.state <= 5) a ON true
"""
PLACED = "SELECT 1 FROM allocation_allocation x WHERE x.order_id = o.id AND x.state <= 5"


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders to list; empty = any. `state` may be `held`, which is a row beside the state."""

    state: str = ""
    reason: str = ""
    shop: str = ""
    warehouse_id: int = 0
    team_id: int = 0
    sku: str = ""
    late_at: datetime | None = None


def orders(wanted: OrderFilter) -> Query:
    """Orders with where they are: the most urgent first where they wait, else the newest."""
    waiting = wanted.state in ("pending", "unallocated", "partial")
    query = Query(
        ORDER_COLUMNS,
        ORDER_SELECT,
        "orders_order o JOIN network_shop s ON s.id = o.shop_id",
        "o.ship_by_at, o.id" if waiting else "o.id DESC",
        PARTS,
    )
    if wanted.state == "held":
        query.only("EXISTS (SELECT 1 FROM orders_hold x WHERE x.order_id = o.id AND x.released_at IS NULL)")
    elif wanted.state:
        query.only("o.state = %(state)s", state=OrderState[wanted.state.upper()].value)
    if wanted.reason:
        query.only("o.reason = %(reason)s", reason=Reason[wanted.reason.upper()].value)
    if wanted.shop:
        query.only("s.code = %(shop)s", shop=wanted.shop)
    if wanted.warehouse_id:
        query.only(f"EXISTS ({PLACED} AND x.warehouse_id = %(warehouse)s)", warehouse=wanted.warehouse_id)
    if wanted.team_id:
        query.only(f"EXISTS ({PLACED} AND x.team_id = %(team)s)", team=wanted.team_id)
    if wanted.sku:
        of_sku = "SELECT 1 FROM orders_orderline y JOIN catalog_sku k ON k.id = y.sku_id WHERE y.order_id = o.id"
        query.only(f"EXISTS ({of_sku} AND k.code = %(sku)s)", sku=wanted.sku)
    if wanted.late_at:
        query.only("o.ship_by_at < %(late)s AND o.state IN (1, 2, 3, 4)", late=wanted.late_at)
    return query


def spoken(record: Record) -> Record:
    """An order's record with the stored numbers turned into the design's words."""
    return record | {
        "state": OrderState(record["state"]).code,
        "reason": Reason(record["reason"]).code if record["reason"] else None,
        "region": code_of(record["region"]),
    }


ALLOCATION_COLUMNS = (
    *("allocation", "shop", "order", "warehouse", "team", "state", "frozen", "state_at", "carrier", "distance_m"),
    *("freight_minor", "tracking_number", "lines"),
)
LINES = """
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('line', l.number, 'sku', k.code, 'qty', p.qty) ORDER BY l.position)
           AS lines
    FROM allocation_allocationline p JOIN orders_orderline l ON l.id = p.line_id JOIN catalog_sku k ON k.id = p.sku_id
    WHERE p.allocation_id = a.id
) l
"""


def allocations(*, state: str = "", warehouse_id: int = 0, team_id: int = 0) -> Query:
    """Allocations, those longest in their state first."""
    query = Query(
        ALLOCATION_COLUMNS,
        """a.id, s.code, o.number, w.code, t.code, a.state, a.frozen, a.state_at, a.carrier, a.distance_m,
        a.freight_minor, a.tracking_number, l.lines""",
        """allocation_allocation a JOIN orders_order o ON o.id = a.order_id JOIN network_shop s ON s.id = o.shop_id
        JOIN network_warehouse w ON w.id = a.warehouse_id LEFT JOIN network_team t ON t.id = a.team_id""",
        "a.id",
        LINES,
    )
    if state:
        query.only("a.state = %(state)s", state=AllocationState[state.upper()].value)
    if warehouse_id:
        query.only("a.warehouse_id = %(warehouse)s", warehouse=warehouse_id)
    if team_id:
        query.only("a.team_id = %(team)s", team=team_id)
    return query


def spoken_allocation(record: Record) -> Record:
    """An allocation's record with the stored state turned into the design's word."""
    return record | {"state": AllocationState(record["state"]).code}

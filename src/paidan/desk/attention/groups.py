"""What waits for a person, in groups: unallocated orders by reason, open exceptions by kind; and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils.functional import Promise

from paidan.accounts.models import User
from paidan.desk.orders.queries import held, visible_orders
from paidan.desk.orders.rows import REASON_WORDS
from paidan.engine.codes import Reason
from paidan.network.models import Shop, Warehouse
from paidan.network.scopes import scope_of, visible_warehouses
from paidan.orders.models import Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState

LOOKED_AT = 2_000
"""Missing goods are summed over so many orders of a group, the most urgent first."""
SHOWN_GOODS = 8
SHOWN_CODES = 8
ONE_BY_ONE = frozenset({Reason.ADDRESS_UNRESOLVED, Reason.NO_RULE})
"""Reasons that no button mends for many at once."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of the list at the left."""

    key: int
    words: str | Promise
    number: int
    oldest_at: datetime | None
    share: float  # of the largest group, for its bar
    in_batch: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """One SKU that stuck orders ask for, and what each warehouse has of it."""

    sku_id: int
    code: str
    name: str
    orders: int
    wanted_qty: int
    free_w: Sequence[int]
    held_qty: int

    @property
    def short_qty(self) -> int:
        return max(0, self.wanted_qty - sum(self.free_w))


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A code of a shop that no SKU is known for, and the orders that wait for it."""

    shop: Shop
    code: str
    orders: int
    pieces: int


def stuck_orders(user: User) -> QuerySet[Order]:
    """Orders that were tried without success and that no hold keeps back, within the reader's scope."""
    return visible_orders(user).filter(~held(), state__in=[OrderState.UNALLOCATED, OrderState.PARTIAL])


def stuck_count(user: User) -> int:
    """For the badge in the navigation."""
    return stuck_orders(user).order_by().values("pk")[:10_000].count()


def visible_exceptions(user: User) -> QuerySet[OrderException]:
    """Exceptions of orders the reader sees; those of a stock row by its warehouse."""
    scope = scope_of(user)
    rows = OrderException.objects.all()
    if scope.is_everything:
        return rows
    of_stock = Q(order=None) & scope.condition(warehouse="warehouse_id")
    if scope.shops is not None or scope.teams is not None:
        of_stock = Q(pk__in=[])
    return rows.filter(Q(order_id__in=visible_orders(user).values("pk")) | of_stock)


def reason_groups(user: User) -> list[Group]:
    """Stuck orders by reason, largest first."""
    rows = stuck_orders(user).order_by().values_list("reason").annotate(n=Count("pk"), oldest=Min("received_at"))
    return _groups([(key, REASON_WORDS.get(key, ""), n, at, key not in ONE_BY_ONE) for key, n, at in rows])


def kind_groups(user: User) -> list[Group]:
    """Open exceptions by kind, largest first."""
    rows = visible_exceptions(user).filter(resolved_at=None).order_by().values_list("kind")
    counted = rows.annotate(n=Count("pk"), oldest=Min("opened_at"))
    return _groups([(key, ExceptionKind(key).label, n, at, True) for key, n, at in counted])


def _groups(rows: list[tuple[int, Any, int, datetime | None, bool]]) -> list[Group]:
    rows.sort(key=lambda row: (-row[2], row[0]))
    most = max((row[2] for row in rows), default=1)
    return [Group(key, words, n, at, n / most, in_batch) for key, words, n, at, in_batch in rows]


_GOODS = """
WITH asked AS (
    SELECT p.order_id, p.sku_id, p.open_qty FROM allocation_line_pieces p
    WHERE p.order_id = ANY(%s) AND p.open_qty > 0 AND p.sku_id IS NOT NULL
)
SELECT k.id, k.code, k.name, a.orders, a.pieces FROM (
    SELECT sku_id, count(DISTINCT order_id) AS orders, sum(open_qty)::bigint AS pieces FROM asked GROUP BY sku_id
) a JOIN catalog_sku k ON k.id = a.sku_id ORDER BY a.orders DESC, k.id
"""
_FREE = """
SELECT sku_id, warehouse_id, greatest(0, on_hand_qty - reserved_qty - safety_qty) FROM stock_stock
WHERE sku_id = ANY(%s)
"""
_HELD = """
SELECT part.sku_id, sum(part.qty)::bigint FROM orders_hold h
JOIN allocation_allocation a ON a.order_id = h.order_id AND a.state = 1
JOIN allocation_allocationline part ON part.allocation_id = a.id
WHERE h.released_at IS NULL AND part.sku_id = ANY(%s) GROUP BY part.sku_id
"""


def missing_goods(rows: QuerySet[Order], warehouses: Sequence[Warehouse]) -> list[Missing]:
    """The SKUs these orders lack somewhere, those that stop most orders first."""
    ids = list(rows.order_by("ship_by_at", "pk").values_list("pk", flat=True)[:LOOKED_AT])
    with connection.cursor() as cursor:
        cursor.execute(_GOODS, [ids])
        asked = cursor.fetchall()
        skus = [row[0] for row in asked]
        cursor.execute(_FREE, [skus])
        free = {(sku, warehouse): qty for sku, warehouse, qty in cursor.fetchall()}
        cursor.execute(_HELD, [skus])
        kept = dict(cursor.fetchall())
    found = [
        Missing(sku, code, name, orders, pieces, [free.get((sku, w.pk), 0) for w in warehouses], kept.get(sku, 0))
        for sku, code, name, orders, pieces in asked
    ]
    # What is short in all first; then what many orders ask for.
    found.sort(key=lambda row: (-row.short_qty, -row.orders, row.sku_id))
    return found[:SHOWN_GOODS]


_CODES = """
SELECT o.shop_id, l.shop_code, count(DISTINCT o.id), sum(l.qty - l.cancelled_qty)::bigint
FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
WHERE l.sku_id IS NULL AND l.qty > l.cancelled_qty AND o.id = ANY(%s)
GROUP BY o.shop_id, l.shop_code ORDER BY 3 DESC, 1, 2 LIMIT %s
"""


def unmapped_codes(rows: QuerySet[Order]) -> list[Unmapped]:
    """The codes these orders wait for, those that stop most orders first."""
    ids = list(rows.order_by("ship_by_at", "pk").values_list("pk", flat=True)[:LOOKED_AT])
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [ids, SHOWN_CODES])
        found = cursor.fetchall()
    shops = Shop.objects.in_bulk([row[0] for row in found])
    return [Unmapped(shops[shop], code, orders, pieces) for shop, code, orders, pieces in found]


def places(user: User) -> list[Warehouse]:
    """The warehouses whose stock is shown beside what is missing."""
    return list(visible_warehouses(user)[:8])

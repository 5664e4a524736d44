"""Which orders somebody sees, which of them stand under which tab, and how many, cheaply however many there are."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.states import COUNTED, STARTED
from paidan.network.scopes import scope_of
from paidan.orders.models import Hold, Order, OrderException
from paidan.orders.states import OrderState

Orders = QuerySet[Order]

COUNTED_UP_TO = 50_000
"""A tab's number is counted no further: beyond it “50,000+” says as much, at a twentieth of a second."""
TO_SHIP = (OrderState.PENDING, OrderState.UNALLOCATED, OrderState.PARTIAL, OrderState.ALLOCATED)
"""States in which a deadline still counts."""
IN_HANDS = (OrderState.PARTIAL, OrderState.ALLOCATED)
"""States in which a team can have something of an order in its hands."""
DUE_HOURS = (1, 2, 4, 8, 24)


def visible_orders(user: User) -> Orders:
    """The orders within a user's scope: of their shops, and with work at their warehouses or teams."""
    scope = scope_of(user)
    found = Order.objects.filter(scope.condition(shop="shop_id"))
    if scope.warehouses is not None or scope.teams is not None:
        mine = scope.condition(warehouse="warehouse_id", team="team_id")
        found = found.filter(id__in=Allocation.objects.filter(mine, state__in=COUNTED).values("order_id"))
    return found


def may_see(user: User, order_id: int) -> bool:
    """Whether this order lies within the user's scope."""
    return visible_orders(user).filter(pk=order_id).exists()


def held() -> Exists:
    return Exists(Hold.objects.filter(order_id=OuterRef("pk"), released_at=None))


def begun() -> Exists:
    return Exists(Allocation.objects.filter(order_id=OuterRef("pk"), state__in=STARTED))


def of_tab(rows: Orders, tab: str, now: datetime) -> Orders:
    """The orders of one tab; what is held stands under “held” and not under its state."""
    match tab:
        case "pending":
            return rows.filter(~held(), state=OrderState.PENDING)
        case "unallocated":
            return rows.filter(~held(), state__in=[OrderState.UNALLOCATED, OrderState.PARTIAL])
        case "held":
            return rows.filter(id__in=Hold.objects.filter(released_at=None).values("order_id"))
        case "allocated":
            return rows.filter(~held(), ~begun(), state=OrderState.ALLOCATED)
        case "progress":
            started = Allocation.objects.filter(state__in=STARTED)
            return rows.filter(state__in=IN_HANDS, id__in=started.values("order_id"))
        case "shipped":
            return rows.filter(state=OrderState.FULFILLED)
        case "exception":
            open_ones = OrderException.objects.filter(resolved_at=None, order__isnull=False)
            return rows.filter(id__in=open_ones.values("order_id"))
        case "late":
            return rows.filter(state__in=TO_SHIP, ship_by_at__lt=now)
        case _ if tab.startswith("due"):
            return rows.filter(due_within(int(tab.removeprefix("due")), now))
    return rows


def due_within(hours: int, now: datetime) -> Q:
    """Still to ship, and due within so many hours; what is late already is not meant."""
    return Q(state__in=TO_SHIP, ship_by_at__gte=now, ship_by_at__lt=now + timedelta(hours=hours))


def counts_of_tabs(user: User, tabs: Iterable[str], now: datetime) -> dict[str, int]:
    """How many orders stand under each tab."""
    rows = visible_orders(user)
    parts: dict[str, QuerySet[Any]] = {tab: of_tab(rows, tab, now).values("pk") for tab in tabs}
    if "progress" in parts and scope_of(user).is_everything:
        # Whoever sees everything need not be joined with the orders.
        parts["progress"] = Allocation.objects.filter(state__in=STARTED).values("order_id").distinct()
    return bounded_counts(parts)


def bounded_counts(parts: Mapping[str, QuerySet[Any]], limit: int = COUNTED_UP_TO) -> dict[str, int]:
    """How many rows each of several choices has, in one query, none counted beyond `limit`."""
    pieces: list[str] = []
    parameters: list[Any] = []
    for rows in parts.values():
        sql, values = rows.order_by()[:limit].query.sql_with_params()
        pieces.append(f"(SELECT count(*) FROM ({sql}) AS counted)")
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(pieces), parameters)
        return dict(zip(parts, cursor.fetchone(), strict=True))

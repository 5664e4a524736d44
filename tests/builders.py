"""Tiny builders of database rows for tests: every argument has a plain default, every name is the domain's word.

Rows are made as intake would leave them: an order is pending, queued, and has its "received" event.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from paidan.accounts.models import User
from paidan.catalog.models import BundleComponent, Sku
from paidan.geo.codes import number_of
from paidan.network.models import CalendarDay, FreightRate, Promotion, Shop, ShopSku, Team, Warehouse
from paidan.orders.models import Event, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import AddressState, EventKind, OrderState
from paidan.stock.models import Stock

NOW = datetime(2026, 11, 11, 0, 0, tzinfo=UTC)
"""08:00 in Shanghai on a Wednesday that is no holiday."""

GUANGZHOU = {"lat": 23.13, "lng": 113.26}
BEIJING = {"lat": 39.90, "lng": 116.41}
SHANGHAI = {"lat": 31.23, "lng": 121.47}

_numbers = count(1)


def make_user(username: str = "lin", **fields: Any) -> User:
    return User.objects.create(username=username, **fields)


def make_shop(code: str = "shop", **fields: Any) -> Shop:
    return Shop.objects.get_or_create(code=code, defaults=fields)[0]


def make_warehouse(code: str = "gz", **fields: Any) -> Warehouse:
    return Warehouse.objects.create(code=code, **{"position": Warehouse.objects.count() + 1, **fields})


def make_team(code: str = "t1", warehouse: Warehouse | None = None, shops: Sequence[Shop] = (), **fields: Any) -> Team:
    team = Team.objects.create(code=code, warehouse=warehouse, **fields)
    team.shops.set(shops)
    return team


def make_sku(code: str = "A", **fields: Any) -> Sku:
    return Sku.objects.get_or_create(code=code, defaults=fields)[0]


def make_bundle(code: str, components: Mapping[str, int]) -> Sku:
    bundle = make_sku(code)
    for component, qty in components.items():
        BundleComponent.objects.create(bundle=bundle, component=make_sku(component), qty=qty)
    return bundle


def make_shop_sku(shop: Shop, code: str, sku: Sku | str) -> ShopSku:
    return ShopSku.objects.create(shop=shop, code=code, sku=make_sku(sku) if isinstance(sku, str) else sku)


def make_stock(warehouse: Warehouse, sku: Sku | str = "A", on_hand: int = 10, safety: int = 0) -> Stock:
    return Stock.objects.create(
        sku=make_sku(sku) if isinstance(sku, str) else sku,
        warehouse=warehouse,
        on_hand_qty=on_hand,
        safety_qty=safety,
        changed_at=NOW,
    )


def make_freight(warehouse: Warehouse, carrier: str = "sf", region: str | None = None, **fields: Any) -> FreightRate:
    prices = {"first_minor": 1200, "next_minor": 500, "transit_s": 172_800, **fields}
    return FreightRate.objects.create(warehouse=warehouse, carrier=carrier, region=number_of(region), **prices)


def make_day_off(warehouse: Warehouse, day: Any) -> CalendarDay:
    return CalendarDay.objects.create(warehouse=warehouse, day=day, working=False)


def make_promotion(code: str = "1111", starts_at: datetime = NOW, hours: int = 24) -> Promotion:
    return Promotion.objects.create(code=code, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def make_order(
    lines: Mapping[str, int] | Sequence[tuple[str, int]] = (("A", 1),),
    *,
    shop: Shop | None = None,
    number: str | None = None,
    region: str | None = None,
    unmapped: Sequence[str] = (),
    recipient: Mapping[str, str] | None = None,
    queued: bool = True,
    now: datetime = NOW,
    **fields: Any,
) -> Order:
    """A pending order of (SKU code, pieces); codes in `unmapped` stay a shop's code without a SKU."""
    wanted = list(lines.items() if isinstance(lines, Mapping) else lines)
    shop = shop or make_shop()
    if region is not None:
        fields = {"region": number_of(region), "address_state": AddressState.RESOLVED, **fields}
    fields = {"received_at": now, "paid_at": now, "ship_by_at": now + timedelta(hours=48), **fields}
    order = Order.objects.create(shop=shop, number=number or f"{next(_numbers):08d}", **fields)
    Recipient.objects.create(order=order, **(recipient or {}))
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            number=str(position),
            shop_code=code,
            sku=None if code in unmapped else make_sku(code),
            qty=qty,
        )
        for position, (code, qty) in enumerate(wanted, 1)
    )
    Event.objects.create(at=now, order=order, kind=EventKind.RECEIVED, state=OrderState.PENDING)
    if queued:
        QueuedOrder.objects.create(order=order, priority=order.priority, ship_by_at=order.ship_by_at)
    return order

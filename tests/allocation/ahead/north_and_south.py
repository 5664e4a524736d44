"""A story with scarce stock: Beijing and Guangzhou have goods; what the south gets from Guangzhou is dear.

A parcel to Beijing costs 5 yuan from Beijing and 7 from Guangzhou; one to Guangzhou 8 from Beijing and 20 from
Guangzhou. So what Beijing has is worth 12 yuan to the south and 2 to the north, who is nearer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.builders import BEIJING, GUANGZHOU, NOW, make_freight, make_shop, make_sku, make_stock, make_warehouse

from paidan.geo.codes import number_of
from paidan.network.models import Warehouse
from paidan.orders.models import Event, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import AddressState, EventKind, OrderState
from paidan.rules.services import publish_rules

NORTH, SOUTH = "110105", "440106"
MORNING = NOW  # 08:00 in Shanghai
LOOKING = {"strategies": ["nearest"], "look_ahead": True}


def make_network(beijing: int, guangzhou: int = 1_000) -> tuple[Warehouse, Warehouse]:
    bj, gz = make_warehouse("bj", name="Beijing", **BEIJING), make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    for warehouse, north, south, pieces in ((bj, 500, 800, beijing), (gz, 700, 2_000, guangzhou)):
        make_freight(warehouse, region="110000", first_minor=north)
        make_freight(warehouse, region="440000", first_minor=south)
        make_stock(warehouse, "A", pieces)
    return bj, gz


def publish(then=LOOKING, now: datetime = NOW) -> None:
    publish_rules({"rules": [{"id": "all", "then": dict(then)}]}, now=now)


def come(at: datetime, places: Sequence[str], *, queued: bool = False) -> list[Order]:
    """An order of one A to each place, by bulk: hundreds are made in a test."""
    shop, sku = make_shop(), make_sku("A")
    first = Order.objects.count()
    orders = Order.objects.bulk_create(
        Order(
            shop=shop, number=f"past-{first + n}", region=number_of(place), address_state=AddressState.RESOLVED,
            received_at=at, paid_at=at, ship_by_at=at + timedelta(days=9), state=OrderState.PENDING,
        )
        for n, place in enumerate(places)
    )  # fmt: skip
    Recipient.objects.bulk_create(Recipient(order=order) for order in orders)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=1, number="1", shop_code="A", sku=sku, qty=1) for order in orders
    )
    Event.objects.bulk_create(
        Event(at=at, order=order, kind=EventKind.RECEIVED, state=OrderState.PENDING) for order in orders
    )
    if queued:
        QueuedOrder.objects.bulk_create(
            QueuedOrder(order=order, priority=0, ship_by_at=order.ship_by_at) for order in orders
        )
    return orders


def weeks_before(now: datetime, north: int, south: int, days: int = 28, until: int = 0) -> None:
    """So many orders a day of the days before, all at once each noon; the last `until` days left out."""
    for back in range(days, until, -1):
        come(now - timedelta(days=back) + timedelta(hours=4), [NORTH] * north + [SOUTH] * south)

"""The filters that ask something of an order's allocations, and of one and the same."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from tests.desk.orders.test_order_list import LIST, on_page

from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.desk.orders.parcels import KINDS
from paidan.desk.orders.regions import bounds
from paidan.network.models import Warehouse
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order
from paidan.orders.states import ExceptionKind

SHANGHAI = ZoneInfo("Asia/Shanghai")


def lived(desk):
    """A parcel to accept, one begun, one shipped late, one moved to Beijing and in trouble, one overdue."""
    now = timezone.now()
    orders = {}
    for name in ("waiting", "begun", "shipped", "moved", "overdue"):
        back = -1 if name in ("shipped", "overdue") else 24
        orders[name] = desk.assigned(ship_by_at=now + timedelta(hours=back))
    keys = {name: allocation for name, (_order, allocation) in orders.items()}
    accept_allocations([keys["begun"], keys["shipped"]], now=now)
    pick_allocations([keys["shipped"]], now=now)
    pack_allocations([keys["shipped"]], now=now)
    ship_allocations([Shipment(keys["shipped"], carrier="sf", tracking_number="SF1")], now=now)
    [there] = reassign_allocations([keys["moved"]], warehouse=desk.bj, now=now).created
    for _ in range(2):
        report_exception(ExceptionKind.DAMAGED, order_id=orders["moved"][0].id, allocation_id=there, now=now)
    return {name: order for name, (order, _allocation) in orders.items()}


def test_each_kind_finds_its_orders(desk):
    orders, lead = lived(desk), desk.people()["lead"]
    wanted = {
        "any": {*orders},
        "automatic": set(),
        "by_hand": {*orders},
        "waiting": {"waiting", "moved", "overdue"},
        "in_progress": {"begun"},
        "accepted": {"begun", "shipped"},
        "shipped": {"shipped"},
        "late": {"shipped"},
        "overdue": {"overdue"},
        "split": set(),
        "exceptions": {"moved"},
        "out": {"moved"},
        "in": {"moved"},
        "gone": set(),
    }
    assert set(wanted) == set(KINDS)
    found = {kind: set(on_page(lead, parcels=kind)) for kind in wanted}
    assert found == {kind: {orders[name].id for name in names} for kind, names in wanted.items()}


def test_kind_and_place_must_be_of_one_and_the_same_allocation(desk):
    orders, lead = lived(desk), desk.people()["lead"]
    assert on_page(lead, parcels="out", warehouse=desk.gz.id) == [orders["moved"].id]
    assert on_page(lead, parcels="out", warehouse=desk.bj.id) == []
    assert on_page(lead, parcels="waiting", team=desk.t2.id) == [orders["moved"].id]
    assert on_page(lead, warehouse=desk.gz.id, team=desk.t2.id) == []
    assert set(on_page(lead, rule="-")) == {order.id for order in orders.values()}
    assert on_page(lead, team="0") == []


def test_the_foot_says_both_numbers(desk):
    lived(desk)
    client = desk.people()["lead"].client
    assert "4 allocations of 4 orders" in client.get(LIST, {"parcels": "any", "warehouse": desk.gz.id}).context["sums"]
    assert "2 exceptions of 1 order" in client.get(LIST, {"parcels": "exceptions"}).context["sums"]
    assert "allocation" not in client.get(LIST, {"warehouse": desk.gz.id}).context["sums"]


def test_an_order_counts_for_the_day_it_was_paid_else_received(desk):
    lead, today = desk.people()["lead"], timezone.localdate(timezone=SHANGHAI)
    paid, received, earlier = (desk.assigned()[0] for _ in range(3))
    noon = timezone.localtime(timezone=SHANGHAI).replace(hour=12, minute=0, second=0, microsecond=0)
    Order.objects.filter(id=paid.id).update(paid_at=noon, received_at=noon - timedelta(days=9))
    Order.objects.filter(id=earlier.id).update(paid_at=noon - timedelta(days=1), received_at=noon)
    days = {"came_from": today, "came_to": today}
    assert on_page(lead, **days) == [paid.id]
    Order.objects.filter(id=received.id).update(paid_at=None, received_at=noon)
    assert set(on_page(lead, **days)) == {paid.id, received.id}
    assert set(on_page(lead, **days, hour="12")) == {paid.id, received.id}
    assert on_page(lead, **days, hour="13") == []


def test_at_a_warehouse_its_own_clock_says_which_day_it_is(desk):
    lead, today = desk.people()["lead"], timezone.localdate(timezone=SHANGHAI)
    here, there = desk.assigned()[0], desk.assigned(warehouse=desk.bj)[0]
    Warehouse.objects.filter(id=desk.bj.id).update(timezone="America/New_York")
    Order.objects.update(paid_at=timezone.localtime(timezone=SHANGHAI).replace(hour=8, minute=0))
    days = {"came_from": today, "came_to": today}
    assert set(on_page(lead, **days)) == {here.id, there.id}
    assert on_page(lead, **days, parcels="any") == [here.id]
    yesterday = today - timedelta(days=1)
    assert on_page(lead, came_from=yesterday, came_to=yesterday, parcels="any") == [there.id]


def test_split_parcels_are_those_of_orders_with_several(desk):
    order, first = desk.assigned()
    desk.assigned()
    one = Allocation.objects.get(id=first)
    one.pk = None
    one.save(force_insert=True)
    assert on_page(desk.people()["lead"], parcels="split") == [order.id]
    one.delete()


def test_a_country_is_itself_alone():
    assert bounds(440_000) == (440_000, 449_999)
    assert bounds(0) == (0, 0)
    assert bounds(20_000) == (20_000, 20_000)

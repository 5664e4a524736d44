"""What is told of each transition, to whom, and that nothing is kept for nobody."""

# ruff: noqa: ARG001 - fixtures that only set the place up

import numpy as np
import pytest
from tests.builders import NOW, make_order, make_shop, make_stock, make_warehouse

from paidan.alerts.models import Delivery
from paidan.alerts.webhooks.events import WebhookEvent
from paidan.alerts.webhooks.relay import relay
from paidan.alerts.webhooks.services import change_endpoint, drop_endpoint, switch_endpoint
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.counts import count_stock
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    cancel_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.trying import try_now
from paidan.allocation.wave import run_wave
from paidan.orders.exceptions import report_exception
from paidan.orders.models import AnnouncedKind, Announcement
from paidan.orders.states import ExceptionKind
from paidan.stock.models import Stock

pytestmark = pytest.mark.django_db


def told():
    relay(NOW)
    import json

    return [(row.event, json.loads(row.body)["data"]) for row in Delivery.objects.order_by("id")]


def test_while_nobody_listens_no_word_is_left(place):
    make_order({"A": 1})
    run_wave(now=NOW)
    assert Allocation.objects.count() == 1
    assert not Announcement.objects.exists()


def test_a_wave_leaves_one_word_for_all_its_allocations(place, listener):
    listener()
    orders = [make_order({"A": 1}, shop=make_shop("jd", platform="jd")) for _ in range(5)]
    run_wave(now=NOW)
    assert Announcement.objects.count() == 1
    found = told()
    assert [event for event, _data in found] == ["allocation.created"] * 5
    assert [data["order"]["number"] for _event, data in found] == [order.number for order in orders]
    data = found[0][1]
    assert data["order"] == {"id": orders[0].pk, "number": orders[0].number, "shop": "jd", "platform": "jd"}
    assert (data["allocation"]["warehouse"], data["allocation"]["team"]) == ("gz", "t1")
    assert data["allocation"]["lines"] == [{"number": "1", "sku": "A", "qty": 1}]
    assert not Announcement.objects.exists()


def test_the_way_of_an_allocation_is_told_step_by_step(place, listener):
    listener()
    north = make_warehouse("bj")
    make_stock(north, "A", 10)
    first = assign_by_hand(make_order({"A": 2}).pk, warehouse=place, now=NOW)
    reassign_allocations([first], warehouse=north, now=NOW)
    second = Allocation.objects.get(replaces_id=first).pk
    accept_allocations([second], now=NOW)
    pick_allocations([second], now=NOW)
    pack_allocations([second], now=NOW)
    ship_allocations([Shipment(second, "sf", "SF123")], now=NOW)
    found = told()
    assert [event for event, _data in found] == [
        "allocation.created",
        "allocation.reassigned",
        "allocation.created",
        "allocation.shipped",
    ]
    parts = [data["allocation"] for _event, data in found]
    assert [part["id"] for part in parts] == [first, first, second, second]
    assert (parts[1]["replaced_by"], parts[2]["replaces"]) == (second, first)
    assert (parts[3]["carrier"], parts[3]["tracking_number"], parts[3]["warehouse"]) == ("sf", "SF123", "bj")


def test_a_cancelled_allocation_is_told_and_the_order_beside_it_is_not(place, listener):
    listener()
    key = assign_by_hand(make_order({"A": 1}).pk, warehouse=place, now=NOW)
    cancel_allocations([key], now=NOW, reason="by mistake")
    [_created, (event, data)] = told()
    assert event == "allocation.cancelled"
    assert (data["allocation"]["id"], data["allocation"]["reason"]) == (key, "by mistake")


def test_an_unallocated_order_is_told_once_however_often_it_is_tried(place, listener):
    listener()
    order = make_order({"A": 1000})
    for _ in range(3):
        try_now([order.pk], now=NOW)
    [(event, data)] = told()
    assert (event, data["reason"], data["order"]["id"]) == ("order.unallocated", "stock_short", order.pk)


def test_an_exception_is_told_with_its_kind_and_note(place, listener):
    listener(events=["exception.opened"])
    order = make_order({"A": 1})
    key = assign_by_hand(order.pk, warehouse=place, now=NOW)
    row = report_exception(ExceptionKind.DAMAGED, order_id=order.pk, allocation_id=key, note="wet", now=NOW)
    [(event, data)] = told()
    assert event == "exception.opened"
    assert data["exception"] == {"id": row.pk, "kind": "damaged", "note": "wet"}
    assert data["allocation"]["warehouse"] == "gz"


def test_a_shortage_is_told_though_it_belongs_to_no_order(place, listener):
    listener(events=["exception.opened"])
    key = assign_by_hand(make_order({"A": 60}).pk, warehouse=place, now=NOW)
    accept_allocations([key], now=NOW)
    sku = Stock.objects.get().sku_id
    count_stock(*(np.array([value]) for value in (sku, place.pk, 10)), now=NOW)
    [(_event, data)] = told()
    assert data["order"] is None
    assert (data["exception"]["kind"], data["exception"]["sku"], data["exception"]["warehouse"]) == (
        "shortage",
        "A",
        "gz",
    )


def test_only_events_and_shops_that_are_wanted_are_told(place, listener):
    jd, tmall = make_shop("jd"), make_shop("tmall")
    listener("created of jd", ["allocation.created"], [jd])
    listener("all shipped", ["allocation.shipped"])
    for shop in (jd, tmall):
        make_order({"A": 1}, shop=shop)
    run_wave(now=NOW)
    relay(NOW)
    [row] = Delivery.objects.select_related("endpoint")
    assert (row.endpoint.name, row.event) == ("created of jd", "allocation.created")


def test_what_is_announced_follows_the_endpoints(place, listener):
    def announced():
        return set(AnnouncedKind.objects.values_list("kind", flat=True))

    row = listener(events=["allocation.shipped"])
    assert announced() == {8}
    row.events = ["allocation.created", "order.unallocated"]
    change_endpoint(row, shops=[], now=NOW, by=None)
    assert announced() == {3, 4}
    switch_endpoint(row, on=False, now=NOW, by=None)
    assert announced() == set()
    switch_endpoint(row, on=True, now=NOW, by=None)
    assert announced() == {3, 4}
    drop_endpoint(row, now=NOW, by=None)
    assert announced() == set()


def test_every_event_has_a_transition_that_tells_it():
    from paidan.alerts.webhooks.events import EVENT_OF, kinds_of
    from paidan.orders.announcing import ANNOUNCED

    assert set(EVENT_OF.values()) == set(WebhookEvent)
    assert kinds_of(WebhookEvent.values) == ANNOUNCED

"""The dashboard: its numbers are those of the desk it links to, its questions as many for any number of orders."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.builders import GUANGZHOU, make_order, make_shop, make_stock, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.engine.codes import Reason
from paidan.orders.models import Order
from paidan.orders.states import OrderState


@pytest.fixture
def place(db):  # noqa: ARG001 - it needs the database
    warehouse = make_warehouse("gz", name="Guangzhou", capacity=10, **GUANGZHOU)
    make_team("t1", warehouse)
    make_stock(warehouse, "A", 10_000)
    return warehouse


def received(number, **fields):
    now = timezone.now()
    return [make_order({"A": 1}, now=now, region="440106", **fields) for _n in range(number)]


def assigned(place, number):
    return [assign_by_hand(order.id, warehouse=place, now=timezone.now()) for order in received(number)]


def tiles(client):
    return {tile.label: tile for tile in client.get("/").context["tiles"]}


def test_the_tiles_count_today(place):
    ids = assigned(place, 4)
    accept_allocations(ids[:2], now=timezone.now())
    [stuck] = received(1)
    Order.objects.filter(id=stuck.id).update(state=OrderState.UNALLOCATED, reason=Reason.STOCK_SHORT)
    [soon] = received(1)
    Order.objects.filter(id=soon.id).update(ship_by_at=timezone.now() + timedelta(minutes=30))
    found = tiles(sign_in_as(Role.LEAD).client)
    values = {label: tile.value for label, tile in found.items()}
    assert values == {
        "Received": "6",
        "Allocated": "4",
        "Unallocated": "1",
        "In progress": "2",
        "Shipped": "0",
        "Exceptions": "0",
        "Due within 1 hour": "1",
    }
    assert found["Unallocated"].url == "/orders/?tab=unallocated"


def test_every_tile_opens_the_desk_with_as_many_orders(place):
    assigned(place, 3)
    [stuck] = received(1)
    Order.objects.filter(id=stuck.id).update(state=OrderState.UNALLOCATED, reason=Reason.STOCK_SHORT)
    client = sign_in_as(Role.LEAD).client
    for label, tile in tiles(client).items():
        page = client.get(tile.url)
        assert page.status_code == 200
        if label in ("Received", "Unallocated"):
            assert page.content.decode().count("<tr data-id") == int(tile.value), label


def test_shipped_today_and_the_flows(place):
    ids = assigned(place, 3)
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step(ids[:1], now=timezone.now())
    ship_allocations([Shipment(ids[0])], now=timezone.now())
    page = sign_in_as(Role.LEAD).client.get("/")
    assert {tile.label: tile.value for tile in page.context["tiles"]}["Shipped"] == "1"
    [flow] = page.context["flows"].largest
    assert (str(flow.warehouse), flow.city, flow.number) == ("Guangzhou", "广州", 3)
    assert page.context["map"]["flows"][0]["url"].startswith("/orders/?warehouse=")
    assert sum(page.context["hours"]["received"]) == 3


def test_trouble_is_said_at_the_top(place):
    assigned(place, 11)
    [stuck] = received(1)
    Order.objects.filter(id=stuck.id).update(state=OrderState.UNALLOCATED, reason=Reason.STOCK_SHORT)
    text = sign_in_as(Role.LEAD).client.get("/").content.decode()
    assert "1 order is not allocated" in text
    assert "stock short 1" in text
    assert "Guangzhou 110%" in text


def test_four_people(place):
    assigned(place, 2)
    assert tiles(sign_in_as(Role.LEAD).client)["Received"].value == "2"
    assert tiles(sign_in_as(Role.VIEWER).client)["Received"].value == "2"
    assert tiles(sign_in_as(Role.CLERK, shops=[make_shop("other")]).client)["Received"].value == "0"
    other = make_warehouse("bj")
    elsewhere = sign_in_as(Role.LEAD, warehouses=[other]).client.get("/")
    assert elsewhere.context["flows"].number == 0
    assert [str(column.place) for column in elsewhere.context["columns"]] == ["bj"]
    member = sign_in_as(Role.TEAM, member_of=list(place.teams.all())).client.get("/")
    assert (member.status_code, member["Location"]) == (302, "/home/")


def test_as_many_queries_for_20_orders_as_for_200(place):
    client = sign_in_as(Role.LEAD).client
    queries = []
    for many in (20, 180):
        assigned(place, many)
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 22

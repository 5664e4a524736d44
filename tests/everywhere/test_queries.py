"""What a page asks of the database: never more than the table beside this says, however many rows it shows.

`queries.csv` is renewed with PAIDAN_RENEW=1; a number that grew wants a reason.
"""

import csv
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.builders import (
    make_bundle,
    make_order,
    make_promotion,
    make_shop,
    make_shop_sku,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.accounts.changes import record_change
from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import ApiToken, Protocol, User
from paidan.alerts.models import Delivery
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.trying import try_now
from paidan.orders.exceptions import report_exception
from paidan.orders.states import ExceptionKind
from paidan.stock.models import MovementKind, StockMovement

from .world import World, address, list_pages, make_world, pages

TABLE = Path(__file__).with_name("queries.csv")


@pytest.fixture
def world(db) -> World:  # noqa: ARG001 - it needs the database
    return make_world()


def queries_of(world: World, url: str, *, warm: bool = False) -> int:
    """How many queries a page takes, what is kept in memory forgotten."""
    client = world.people["administrator"].client
    if warm:
        client.get(url)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer.status_code < 500, url
    return len(captured)


def test_no_page_asks_more_than_it_did(world):
    """The first request of each page warms what a process reads once."""
    admin = world.people["administrator"].user
    found = {
        one.name: queries_of(world, address(one, world, admin), warm=True)
        for one in pages()
        if one.rule and "GET" in one.rule.methods and one.name
    }
    if os.environ.get("PAIDAN_RENEW"):
        lines = [f"{name},{number}" for name, number in found.items()]
        TABLE.write_text("\n".join(["page,queries", *lines]) + "\n", encoding="utf-8")
    with TABLE.open(encoding="utf-8", newline="") as file:
        kept = {row["page"]: int(row["queries"]) for row in csv.DictReader(file)}
    assert set(found) == set(kept)
    assert {name: number for name, number in found.items() if number > kept[name]} == {}


def more_orders(world: World, number: int) -> None:
    for at in range(number):
        make_order({"1001": 1}, shop=world.mine.shop, region="440106", now=timezone.now() - timedelta(seconds=at))
        if at % 3 == 0:
            order = make_order({"1001": 1}, shop=world.other.shop, region="110105", now=timezone.now())
            assign_by_hand(order.id, warehouse=world.mine.warehouse, now=timezone.now())


def more_stuck(world: World, number: int) -> None:
    orders = [make_order({"1001": 999}, shop=world.mine.shop, region="440106") for _ in range(number)]
    try_now([order.id for order in orders], now=timezone.now())


def more_exceptions(world: World, number: int) -> None:
    for _ in range(number):
        order = make_order({"1001": 1}, shop=world.mine.shop, region="440106")
        report_exception(ExceptionKind.DAMAGED, order_id=order.id, now=timezone.now())


def more_movements(world: World, number: int) -> None:
    who, stock = world.people["administrator"].user, world.mine.stock
    place = {"sku_id": stock.sku_id, "warehouse_id": stock.warehouse_id}
    StockMovement.objects.bulk_create(
        StockMovement(**place, kind=MovementKind.COUNT, delta_qty=0, on_hand_qty=at, by=who, at=timezone.now())
        for at in range(number)
    )


def more_tokens(world: World, number: int) -> None:
    owner, now = world.people["administrator"].user, timezone.now()
    ApiToken.objects.bulk_create(
        ApiToken(name=f"{at}", owner=owner, prefix=f"q{at}{number}", digest="x", scopes=[], created_at=now)
        for at in range(number)
    )


def more_credentials(world: World, number: int) -> None:
    owner, now = world.people["administrator"].user, timezone.now()
    for at in range(number):
        add_credential(Protocol.WDT, Keys(f"{number}-{at}", "1", "1"), owner=owner, now=now, by=owner)


def more_changes(world: World, number: int) -> None:
    who, now = world.people["administrator"].user, timezone.now()
    for at in range(number):
        of = world.mine.warehouse if at % 2 else world.other.shop
        record_change("warehouse.paused" if at % 2 else "shop.changed", by=who, now=now, of=of, after={"name": "x"})


def more_users(world: World, number: int) -> None:  # noqa: ARG001 - all of them alike
    for at in range(number):
        User.objects.create(username=f"{number}-{at}", role=Role.CLERK)


def more_deliveries(world: World, number: int) -> None:
    known = {"endpoint_id": world.rows["endpoint"], "event": "allocation.created", "body": "{}", "state": 3}
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(**known, message=f"q{number}-{at}", key=at, created_at=now, next_at=now) for at in range(number)
    )


MORE = {
    "deliveries": more_deliveries,
    "orders": more_orders,
    "stuck": more_stuck,
    "exceptions": more_exceptions,
    "movements": more_movements,
    "tokens": more_tokens,
    "credentials": more_credentials,
    "changes": more_changes,
    "users": more_users,
    "skus": lambda _world, number: [make_sku(f"Q{number}-{at}") for at in range(number)],
    "bundles": lambda _world, number: [make_bundle(f"B{number}-{at}", {"1001": 1}) for at in range(number)],
    "mapped-codes": lambda world, number: [
        make_shop_sku(world.mine.shop, f"C{number}-{at}", "1001") for at in range(number)
    ],
    "stock": lambda world, number: [make_stock(world.mine.warehouse, f"Z{number}-{at}") for at in range(number)],
    "settings-shops": lambda _world, number: [make_shop(f"s{number}-{at}") for at in range(number)],
    "settings-teams": lambda world, number: [
        make_team(f"u{number}-{at}", world.mine.warehouse) for at in range(number)
    ],
    "settings-warehouses": lambda _world, number: [
        make_warehouse(f"w{number}-{at}", lat=30.0, lng=110.0) for at in range(number)
    ],
    "settings-promotions": lambda _world, number: [make_promotion(f"p{number}-{at}") for at in range(number)],
}
"""How each list gets more rows; a new list page says it here."""


def test_every_list_is_measured():
    assert set(list_pages()) == set(MORE)


@pytest.mark.parametrize("key", sorted(MORE))
def test_a_list_takes_the_same_queries_for_twenty_rows_and_two_hundred(world, key, monkeypatch):
    page = list_pages()[key]
    url, taken = page.url(), []
    for size, more in ((20, 20), (200, 180)):
        MORE[key](world, more)
        monkeypatch.setattr(type(page), "page_size", size)
        taken.append(queries_of(world, url, warm=True))
        shown = world.people["administrator"].client.get(url).context["rows"]
        assert len(shown) == size
    assert taken[0] == taken[1]

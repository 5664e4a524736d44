"""One of everything, twice: what is "mine" and what is somebody else's; and the addresses of every page of the map.

A page whose address captures a name that `captured` does not know fails the tests of this folder: say there what it
stands for. Nothing else is needed for a new page to be covered.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    make_bundle,
    make_freight,
    make_order,
    make_promotion,
    make_shop,
    make_shop_sku,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.web.clients import SignedIn, sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.changes import record_change
from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import ApiToken, Protocol, User
from paidan.alerts.models import Channel, Delivery, Endpoint, Message, Reminder, ReminderRule, ReportSubscription
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import JointRun, Wave, WaveMove
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.transitions import Shipment, accept_allocations, pack_allocations, pick_allocations
from paidan.allocation.transitions import ship_allocations as ship
from paidan.allocation.trying import try_now
from paidan.desk.board.moves import open_move
from paidan.network.models import Shop, ShopSku, Team, Warehouse
from paidan.network.scopes import limit_user
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order
from paidan.orders.states import ExceptionKind
from paidan.reports.refresh import refresh
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock
from paidan.web.models import Batch, SavedView, Upload, UploadContent
from paidan.web.pages import RegisteredPage, registered_pages
from paidan.whatif.models import Move, WhatIf

Words = dict[str, str]
NAMES: dict[str, Words] = {
    "en": {"gz": "South", "bj": "North", "t1": "First", "t2": "Second", "jd": "Corner", "tm": "Market", "sku": "Mug"},
    "zh-hans": {"gz": "广州仓", "bj": "北京仓", "t1": "一组", "t2": "二组", "jd": "京店", "tm": "猫店", "sku": "杯子"},
}


@dataclass
class Side:
    """One warehouse with its team, one shop, and orders in every state."""

    warehouse: Warehouse
    team: Team
    shop: Shop
    code: ShopSku
    stock: Stock
    orders: dict[str, Order] = field(default_factory=dict)
    allocations: dict[str, int] = field(default_factory=dict)
    upload: Upload | None = None


@dataclass
class World:
    """Both sides, and who works there."""

    mine: Side
    other: Side
    people: dict[str, SignedIn]
    rows: dict[str, int]


def make_world(language: str = "en") -> World:
    """Everything a page can show, in names of one language."""
    names, now = NAMES[language], timezone.now()
    make_sku("1001", name=names["sku"], weight_g=300)
    bundle = make_bundle("2001", {"1001": 2})
    publish_rules({"rules": []}, now=now)
    rule = {"id": "kept", "name": "1", "when": {"shop": ["jd"], "amount_minor": [100, None]}, "then": {"max_km": 900}}
    publish_rules({"rules": [rule]}, now=now)
    mine = make_side("gz", "t1", "jd", GUANGZHOU, "440106", names)
    other = make_side("bj", "t2", "tm", BEIJING, "110105", names)
    people = make_people(mine, other, language)
    admin = people["administrator"].user
    promotion = make_promotion("1111", now - timedelta(hours=1))
    token = ApiToken.objects.create(
        name="7", owner=admin, prefix="77", digest="x" * 64, scopes=["orders:read"], created_at=now
    )
    admin.refresh_from_db()
    program = add_credential(Protocol.WDT, Keys("7", "7", "7"), owner=admin, now=now, by=admin)
    record_change("warehouse.paused", by=admin, now=now, of=mine.warehouse)
    mine.upload = make_upload(people["lead of mine"].user, now)
    invited = User.objects.create(username="99", role=Role.VIEWER, language=language)
    channel = Channel.objects.create(name="8", service="webhook", address="json://127.0.0.1/8")
    watch = ReminderRule.objects.create(kind="silent", limit=60)
    watch.channels.add(channel)
    times = {"since_at": now, "opened_at": now, "seen_at": now}
    reminder = Reminder.objects.create(rule=watch, group="s", shop=mine.shop, **times)
    report = ReportSubscription.objects.create(name="9", owner=admin, channel=channel, query="by=shop", at=time(8))
    Message.objects.create(channel=channel, at=now, state="failed", text="8", problem="8").reminders.add(reminder)
    endpoint = make_endpoint(now)
    rows = {
        "endpoint": endpoint.pk,
        "promotion": promotion.pk,
        "token": token.pk,
        "credential": program.pk,
        "bundle": bundle.pk,
        "user": invited.pk,
        "channel": channel.pk,
        "watch": watch.pk,
        "reminder": reminder.pk,
        "report": report.pk,
        "what_if": make_what_if(admin, mine, other, now).pk,
        "wave": make_wave(mine, other, now).pk,
    }
    refresh(now=now)
    return World(mine, other, people, rows)


def make_endpoint(now: datetime) -> Endpoint:
    """A webhook that does not get through, with a message in every state."""
    known = {"name": "6", "url": "https://203.0.113.6/6", "events": ["allocation.created"], "secrets": ["whsec_Ng=="]}
    row = Endpoint.objects.create(created_at=now, failing_since_at=now, **known)
    for state in Delivery.State:
        sent = {"event": "allocation.created", "order_number": "66", "body": "{}", "problem": "6", "status": 500}
        times = {"created_at": now, "next_at": now, "done_at": now}
        Delivery.objects.create(endpoint=row, message=f"66{state}", key=6, state=state, **sent, **times)
    return row


def make_what_if(owner: User, mine: Side, other: Side, now: datetime) -> WhatIf:
    """One that is worked out, with an order that would go to the other side."""
    figures = {"orders": 2, "served": 2, "parcels": 2, "split": 0, "late": 1, "freight_minor": 900, "distance_m": 9000}
    loads = {"load_w": [[mine.warehouse.pk, 20000, 2]], "load_t": [[mine.team.pk, 20000, 2]]}
    before = figures | {"measured": 2, "unserved": {}} | loads
    times = {"created_at": now, "finished_at": now, "since": now - timedelta(days=2), "until": now}
    after = before | {"served": 1, "unserved": {"1": 1}}
    assumed = {"paused": [mine.warehouse.pk], "ratio_w": {str(mine.warehouse.pk): 2}}
    state = {"state": WhatIf.State.DONE, "seconds": 1.5, "moved_n": 1, "assumed": assumed}
    what_if = WhatIf.objects.create(owner=owner, before=before, after=after, **state, **times)
    places = {"before_id": mine.warehouse.pk, "after_id": other.warehouse.pk}
    Move.objects.create(what_if=what_if, order=mine.orders["assigned"], freight_minor=100, distance_m=900, **places)
    return what_if


def make_wave(mine: Side, other: Side, now: datetime) -> Wave:
    """A joint one that is done, with prices of each kind and an order that went to the other side."""
    sums = {"parcels": 2, "split": 0, "late": 1, "freight_minor": 900, "distance_m": 9000, "measured": 2}
    worse = sums | {"orders": 2, "served": 1, "unserved": 1, "objective_minor": 200_000}
    plans = {"nearest": worse, "rules": worse, "joint": worse | {"served": 2, "unserved": 0, "objective_minor": 900}}
    figures = {"objective_minor": 900, "bound_minor": 890, "gap": 0.011, "ended": "stopped", "kept": 1, "moved": 1}
    times = {"started_at": now, "finished_at": now}
    kind = {"mode": WaveMode.JOINT, "state": WaveState.DONE}
    statistics = {"orders": 2, "allocated": 2, "freight_minor": 900, "solve_s": 1.5, "seconds": 2.5, "joint": figures}
    wave = Wave.objects.create(worker="5", statistics=statistics, **times, **kind)
    place, sku = mine.warehouse.pk, mine.stock.sku_id
    prices = [[sku, place, 0, 900], [0, place, 0, 700], [0, 0, mine.team.pk, 500]]
    chart = [[0.1, 200_000, None], [0.5, 890, 880], [1.5, 900, 890]]
    JointRun.objects.create(
        wave=wave, orders_n=2, seconds=20, gap=0.001, plans=plans, prices=prices, chart=chart, moved_n=1
    )
    places = {"before_id": place, "after_id": other.warehouse.pk}
    WaveMove.objects.create(wave=wave, order=mine.orders["assigned"], freight_minor=100, distance_m=900, **places)
    return wave


def make_side(place: str, team: str, shop: str, where: dict[str, float], region: str, names: Words) -> Side:
    now = timezone.now()
    warehouse = make_warehouse(place, name=names[place], capacity=500, **where)
    make_freight(warehouse, "sf")
    stock = make_stock(warehouse, "1001", 100)
    crew, front = make_team(team, warehouse, name=names[team]), make_shop(shop, name=names[shop])
    side = Side(warehouse, crew, front, make_shop_sku(front, "88", "1001"), stock)
    there = {"shop": front, "region": region, "now": now}

    def assigned(name: str, *steps: Any) -> None:
        side.orders[name] = order = make_order({"1001": 1}, **there)
        side.allocations[name] = key = assign_by_hand(order.id, warehouse=warehouse, team=crew, now=now)
        for step in steps:
            step([key], now=now)

    def shipped(keys: list[int], *, now: Any) -> None:
        ship([Shipment(keys[0], "sf", f"99{keys[0]:08d}")], now=now)

    steps = (accept_allocations, pick_allocations, pack_allocations, shipped)
    for at, name in enumerate(("assigned", "accepted", "picked", "packed", "shipped")):
        assigned(name, *steps[:at])
    side.orders["pending"] = make_order({"1001": 1}, **there)
    side.orders["short"] = make_order({"1001": 900}, **there)
    side.orders["unknown"] = make_order({"77": 1}, unmapped=["77"], **there)
    try_now([side.orders["short"].id, side.orders["unknown"].id], now=now)
    side.orders["held"] = make_order({"1001": 1}, **there)
    hold_orders([side.orders["held"].id], reason="", until_at=None, give_back=False, now=now)
    side.orders["cancelled"] = make_order({"1001": 1}, **there)
    cancel_orders([side.orders["cancelled"].id], reason="", now=now)
    assigned("damaged", accept_allocations)
    damaged = {"order_id": side.orders["damaged"].id, "allocation_id": side.allocations["damaged"]}
    report_exception(ExceptionKind.DAMAGED, **damaged, note="", now=now)
    return side


def make_people(mine: Side, other: Side, language: str) -> dict[str, SignedIn]:
    """Every role without limits, and those who are limited to one side."""
    people = {str(role): sign_in_as(role, language=language) for role in Role if role != Role.TEAM}
    people["team of mine"] = sign_in_as(Role.TEAM, member_of=[mine.team], language=language)
    people["team of other"] = sign_in_as(Role.TEAM, member_of=[other.team], language=language)
    for name, side in (("lead of mine", mine), ("lead of other", other)):
        people[name] = sign_in_as(Role.LEAD, language=language)
        limit_user(people[name].user, warehouses=[side.warehouse], teams=[side.team], shops=[side.shop])
    for number, person in enumerate(people.values()):
        # A name that is no word in either language.
        User.objects.filter(pk=person.user.pk).update(username=f"{number}", first_name=f"{number}")
    return people


def make_upload(owner: User, now: Any) -> Upload:
    upload = Upload.objects.create(owner=owner, created_at=now, name="1", size_bytes=9, kind="sku")
    UploadContent.objects.create(upload=upload, body=b"code,name\n3,4\n", rejects=b"code\n3\n")
    return upload


def pages() -> list[RegisteredPage]:
    """Every address of the product's map."""
    return [found for found in registered_pages() if found.rule is not None]


def address(found: RegisteredPage, world: World, user: User) -> str:
    """The address of a page on my side, as this user would ask for it."""
    if not found.name or not captured_names(found):
        return f"/{found.route}" if not found.name else reverse(found.name)
    names = captured_names(found)
    return reverse(found.name, kwargs={name: captured(name, found.name, world, user) for name in names})


def captured_names(found: RegisteredPage) -> list[str]:
    return [part.split(">")[0].split(":")[-1] for part in found.route.split("<")[1:]]


ROW_OF = {"settings-shop": "shop", "settings-team": "team", "settings-warehouse": "warehouse"}


def captured(name: str, page: str, world: World, user: User) -> Any:
    """What a name in an address stands for."""
    mine = world.mine
    page = page.partition(":")[2].removesuffix("-edit")
    if name == "kind" and page == "options":
        return "region"
    if name == "row_id":
        return getattr(mine, ROW_OF[page]).pk if page in ROW_OF else world.rows["promotion"]
    if name == "order_id":
        return mine.orders["assigned"].pk
    if name == "allocation_id":
        return mine.allocations["assigned"]
    if name == "sku_id":
        return world.rows["bundle"] if page == "bundle" else mine.stock.sku_id
    if name == "batch":
        return own_batch(page, world, user).pk
    if name == "view":
        return SavedView.objects.get_or_create(owner=user, page=page.removesuffix("-view-delete"), name="v")[0].pk
    if name == "action":
        return actions_of(page.removesuffix("-batch"))[0] if actions_of(page.removesuffix("-batch")) else "none"
    if name == "kind" and page == "advice-capacity":
        return "warehouse"
    known: dict[str, Any] = {
        "place_id": mine.warehouse.pk,
        "endpoint_id": world.rows["endpoint"],
        "channel_id": world.rows["channel"],
        "watch_id": world.rows["watch"],
        "reminder_id": world.rows["reminder"],
        "subscription_id": world.rows["report"],
        "what_if_id": world.rows["what_if"],
        "wave_id": world.rows["wave"],
        "user_id": world.rows["user"],
        "token_id": world.rows["token"],
        "credential_id": world.rows["credential"],
        "method": "trade_query",
        "warehouse_id": mine.warehouse.pk,
        "team_id": mine.team.pk,
        "shop_id": mine.shop.pk,
        "code_id": mine.code.pk,
        "upload_id": mine.upload.pk if mine.upload else 0,
        "key": "nothing",
        "shop_code": mine.shop.code,
        "platform": "shopify",
        "carrier": "sf",
        "kind": "csv",
        "step": "ship",
        "answer": "refuse",
        "code": "kept",
        "number": 1,
    }
    return known[name]


def list_pages() -> dict[str, Any]:
    """Every list page of the map by its key."""
    found = {}
    for one in pages():
        view = getattr(one.view, "__wrapped__", None)
        owner = getattr(view, "__self__", None)
        if owner is not None and hasattr(owner, "columns") and one.name == f"{owner.namespace}:{owner.key}":
            found[owner.key] = owner
    return found


def actions_of(key: str) -> list[str]:
    page = list_pages().get(key)
    return [action.key for action in page.actions] if page else []


def own_batch(page: str, world: World, user: User) -> Batch:
    """A batch of this user, just opened, on a row of my side."""
    key = page.split("-batch-", maxsplit=1)[0]
    if page.startswith("board-rebalance"):
        kept, place = world.mine.allocations["assigned"], world.mine.warehouse.pk
        return Batch.objects.create(
            owner=user,
            page="rebalance",
            action="board",
            created_at=timezone.now(),
            state=Batch.State.PREVIEWED,
            row_ids=[kept],
            undo=[[place, place, 0, 0, "saving"]],
            choices={"steps": [[1, False]], "saved_minor": 0},
        )
    if page.startswith("board-"):
        kept = world.mine.allocations["assigned"]
        place = world.mine.warehouse.pk
        return open_move(user, "moved", [kept], [(place, 0, 1)], timezone.now(), to=f"w{place}")
    action = (actions_of(key) or ["none"])[0]
    return Batch.objects.create(
        id=uuid.uuid4(),
        owner=user,
        page=key,
        action=action,
        created_at=timezone.now(),
        row_ids=[world.mine.orders["pending"].pk],
        state=Batch.State.OPENED,
    )

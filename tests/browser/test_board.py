"""The dispatch board and the dashboard in a real browser: drag, keyboard, relief beside a working worker."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import BEIJING, GUANGZHOU, make_shop, make_sku, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.wave import run_waves
from paidan.network.models import Warehouse
from paidan.orders.models import Event, Order, OrderLine, QueuedOrder, Recipient
from paidan.orders.states import AddressState, EventKind, OrderState
from paidan.rules.services import publish_rules

BOTH = pytest.mark.parametrize("language", ["en", "zh-Hans"])


@pytest.fixture
def network(transactional_db):  # noqa: ARG001 - what follows must be committed
    gz = make_warehouse("gz", name="广州仓", ratio=40, **GUANGZHOU)
    bj = make_warehouse("bj", name="北京仓", ratio=60, **BEIJING)
    make_team("t1", gz, name="广州一组")
    make_team("t2", bj, name="北京一组")
    make_stock(gz, make_sku("A", name="抽纸 24 包"), 100_000)
    make_stock(bj, "A", 100_000)
    publish_rules({"rules": []}, now=timezone.now())
    return gz, bj


def receive(count, first=0, *, mixed=False, goods=("A",)):
    """Orders as intake would leave them, many at once; `mixed` ones differ in place, goods, deadline and buyer."""
    now, shop = timezone.now(), make_shop("jd")
    goods = [f"S{n}" for n in range(len(GOODS))] if mixed else goods
    skus = [make_sku(code) for code in goods]
    orders = Order.objects.bulk_create(
        Order(
            shop=shop,
            number=f"{first + n:08d}",
            region=CITIES[n * 7 % len(CITIES)] if mixed else 440106,
            address_state=AddressState.RESOLVED,
            received_at=now,
            paid_at=now - timedelta(minutes=n * 11 % 420) if mixed else now,
            ship_by_at=now + (timedelta(minutes=(n * 37) % 1_900 - 20) if mixed else timedelta(hours=30)),
            tags=["VIP"] if mixed and n % 13 == 0 else [],
        )
        for n in range(count)
    )
    Recipient.objects.bulk_create(Recipient(order=order) for order in orders)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=1, sku=skus[n % len(skus)], shop_code=skus[n % len(skus)].code, qty=1)
        for n, order in enumerate(orders)
    )
    Event.objects.bulk_create(
        Event(at=now, order=order, kind=EventKind.RECEIVED, state=OrderState.PENDING) for order in orders
    )
    QueuedOrder.objects.bulk_create(QueuedOrder(order=order, ship_by_at=order.ship_by_at) for order in orders)


def waiting(warehouse):
    return Allocation.objects.filter(warehouse=warehouse, state=AllocationState.ASSIGNED).count()


class Worker(threading.Thread):
    """Allocates what comes in, a wave after another, until told to stop."""

    def __init__(self):
        super().__init__()
        self.stopped, self.allocated = threading.Event(), 0

    def run(self):
        first = 1_000_000
        try:
            while not self.stopped.is_set():
                receive(40, first)
                first += 40
                self.allocated += sum(report.outcomes.allocated for report in run_waves(now=timezone.now()))
        finally:
            connection.close()


def test_relieve_3000_while_a_worker_allocates(site, make_member, network):
    gz, _bj = network
    receive(3_400)
    run_waves(now=timezone.now())
    Warehouse.objects.filter(id=gz.id).update(capacity=3_000)
    assert waiting(gz) == 3_400
    page = site.look(make_member(Role.LEAD)).open("/board/")
    page.set_default_timeout(60_000)
    worker = Worker()
    worker.start()
    try:
        page.locator(f"[data-column=w{gz.id}] .bd-relieve").click()
        page.get_by_label("How many").fill("3000")
        page.get_by_label("How many").blur()
        page.get_by_role("button", name="Move 3,000 orders").click()
        expect(page.locator("[data-moved]")).to_have_text("moved 3,000 / 3,000", timeout=120_000)
    finally:
        worker.stopped.set()
        worker.join()
    assert worker.allocated > 0
    assert Allocation.objects.filter(state=AllocationState.REASSIGNED, warehouse=gz).count() == 3_000
    assert list(all_violations()) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3000 orders moved back")).to_be_visible(timeout=60_000)
    assert list(all_violations()) == []


def test_cards_are_dragged_one_or_many(site, make_member, network):
    gz, bj = network
    receive(4)
    run_waves(now=timezone.now())
    page = site.look(make_member(Role.CLERK)).open("/board/")
    here = page.locator(f"[data-column=w{gz.id}] article")
    there = page.locator(f"[data-column=w{bj.id}] [data-cards]")
    here.nth(0).click()
    here.nth(2).click()
    expect(page.get_by_text("2 selected")).to_be_visible()
    here.nth(2).drag_to(there)
    page.get_by_role("button", name="Reassign 2 orders").click()
    expect(page.locator("dialog [data-moved]")).to_have_text("moved 2 / 2")
    page.locator("dialog [data-close-moved]").click()
    expect(page.locator(f"[data-column=w{bj.id}] article")).to_have_count(2)
    expect(here).to_have_count(2)
    assert (waiting(gz), waiting(bj)) == (2, 2)


def test_the_keyboard_moves_cards_too(site, make_member, network):
    gz, bj = network
    receive(3)
    run_waves(now=timezone.now())
    page = site.look(make_member(Role.CLERK)).open("/board/")
    page.locator("article").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.keyboard.press("m")
    expect(page.get_by_label("To")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('#dialog .htmx-added')")  # htmx has taken the dialog over
    page.get_by_label("To").select_option(f"w{bj.id}")
    page.get_by_role("button", name="Reassign 2 orders").click()
    expect(page.locator("dialog [data-moved]")).to_have_text("moved 2 / 2")
    assert (waiting(gz), waiting(bj)) == (1, 2)


def test_what_comes_in_elsewhere_appears_and_keeps_the_selection(site, make_member, network):
    gz, _bj = network
    receive(2)
    run_waves(now=timezone.now())
    page = site.look(make_member(Role.CLERK)).open("/board/")
    page.locator("article").first.click()
    page.locator("body").press("Tab")
    receive(3, 100)
    run_waves(now=timezone.now())
    expect(page.locator(f"[data-column=w{gz.id}] .qs b").first).to_have_text("5")
    expect(page.locator("article.pick")).to_have_count(1)


def test_ratio_sliders_always_sum_to_a_hundred(site, make_member, network):
    gz, bj = network
    page = site.look(make_member(Role.LEAD)).open("/board/")
    page.get_by_role("button", name="Set ratios…").click()
    page.locator(f"#r{gz.id}").fill("75")
    expect(page.locator(f"output[for=r{bj.id}]")).to_have_text("25%")
    page.get_by_role("button", name="Save ratios").click()
    expect(page.get_by_text("Ratios saved")).to_be_visible()
    assert dict(Warehouse.objects.values_list("code", "ratio")) == {"gz": 75, "bj": 25}


def test_pausing_from_the_menu(site, make_member, network):
    gz, _bj = network
    page = site.look(make_member(Role.LEAD)).open("/board/")
    column = page.locator(f"[data-column=w{gz.id}]")
    column.locator("summary").click()
    column.get_by_role("button", name="Pause").click()
    expect(column.locator(".tag", has_text="paused")).to_be_visible()
    assert not Warehouse.objects.get(id=gz.id).is_open


PLACES = (
    ("ks", "昆山仓", "昆山一组", 31.39, 120.98, 160),
    ("gz", "广州仓", "广州一组", 23.13, 113.26, 300),
    ("wh", "武汉仓", "武汉一组", 30.59, 114.30, 120),
    ("cd", "成都仓", "成都一组", 30.57, 104.07, 90),
    ("tj", "天津仓", "天津一组", 39.13, 117.20, 100),
    ("xa", "西安仓", "西安一组", 34.34, 108.94, 50),
)
GOODS = ("抽纸 24 包", "餐具 4 件套", "电热水壶 1.7L", "瑜伽垫 6mm", "儿童书包 中号", "护眼台灯", "保温杯 500ml 雾蓝")
CITIES = (
    *(440305, 440106, 441900, 450103, 430104, 350203, 440703) * 4,
    *(310115, 320508, 330203, 320106, 340104, 330106) * 2,
    *(420602, 420106, 360102, 410105, 510704, 500112, 530102, 110105, 370202, 210102, 130102, 610404, 620102),
)


@pytest.fixture
def busy(transactional_db):  # noqa: ARG001 - what follows must be committed
    """A busy morning: six warehouses, one of them swamped, and orders in every state."""
    warehouses = []
    for at, (code, name, team, lat, lng, capacity) in enumerate(PLACES):
        warehouses.append(make_warehouse(code, name=name, lat=lat, lng=lng, capacity=capacity, ratio=30 - 4 * at))
        make_team(f"{code}-a", warehouses[-1], name=team)
        for n, goods in enumerate(GOODS):
            make_stock(warehouses[-1], make_sku(f"S{n}", name=goods), 10_000)
    publish_rules({"rules": []}, now=timezone.now())
    receive(900, mixed=True)
    for queued in range(900, 904):
        receive(1, queued, goods=("S9",))
    Warehouse.objects.filter(code="gz").update(capacity=1_000)
    run_waves(now=timezone.now())
    Warehouse.objects.filter(code="gz").update(capacity=300)
    steps = (accept_allocations, pick_allocations, pack_allocations)
    for warehouse in warehouses:
        mine = list(Allocation.objects.filter(warehouse=warehouse, state=1).order_by("id").values_list("id", flat=True))
        for step, share in zip(steps, (0.5, 0.35, 0.25), strict=True):
            step(mine[: int(len(mine) * share)], now=timezone.now())
        ship_allocations([Shipment(one) for one in mine[: len(mine) // 5]], now=timezone.now())
    return warehouses


@BOTH
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_pages_in_every_look(site, make_member, busy, language, theme):
    assert len(busy) == 6
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    for name, path in (("board", "/board/"), ("dashboard", "/")):
        page = screen.open(path)
        if name == "board":
            page.locator(".bd-relieve").click()
            expect(page.locator("#relieve-foot button")).to_be_visible()
        else:
            expect(page.locator("[data-outline] canvas").first).to_be_visible()
        assert screen.violations() == []
        assert not screen.scrolls_sideways()
        if theme == "light":
            screen.picture(name)

"""The order desk in a browser: batch-assign with preview and undo, clear a stuck order, a VIP to the VIP team."""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_freight,
    make_order,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.allocation.doctor import all_violations
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.trying import try_now
from paidan.network.models import Warehouse
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.services import publish_rules

MANY = 500


@pytest.fixture
def place(site):  # noqa: ARG001 - it needs the live server's database
    """Guangzhou with a VIP team, Beijing, plenty of A, and rules that send VIPs to the VIP team."""
    gz, bj = make_warehouse("gz", name="广州仓", **GUANGZHOU), make_warehouse("bj", name="北京仓", **BEIJING)
    make_team("t1", gz, name="广州一组")
    make_team("vip", gz, name="贵宾组", skills=["vip"])
    make_team("t2", bj, name="北京一组")
    for at in (gz, bj):
        make_stock(at, "A", 5_000)
        make_freight(at)
    vip = {"id": "vip", "when": {"tag": ["VIP"]}, "then": {"team": "skill:vip"}}
    publish_rules({"rules": [vip, {"id": "rest", "then": {"team": "warehouse"}}]}, now=NOW)
    return {"gz": gz, "bj": bj, "shop": make_shop("tmall", name="天猫旗舰店")}


def choose_warehouse(page, **option):
    """Choose in the assign dialog, once htmx has taken it over."""
    select = page.locator("#dialog form:not(.htmx-added) select[name=warehouse]")
    expect(select).to_be_visible()
    page.wait_for_function("() => !document.querySelector('#dialog .htmx-added')")
    select.select_option(**option)


def test_five_hundred_orders_are_assigned_previewed_and_undone(site, place, make_member):
    for _number in range(MANY):
        make_order({"A": 1}, shop=place["shop"], region="440106")
    screen = site.look(make_member(Role.LEAD))
    page = screen.open("/orders/?tab=pending")
    page.locator("[data-all]").check()
    page.locator("[data-select-all]").click()
    page.keyboard.press("w")
    dialog = page.locator("#dialog")
    choose_warehouse(page, value=str(place["bj"].pk))
    expect(dialog.locator(".pd-figure").first).to_have_text(str(MANY))
    assert not Allocation.objects.exists()
    dialog.get_by_role("button", name=f"Assign {MANY} orders").click()
    toast = page.locator(".pd-toast").filter(has_text=f"{MANY} orders go to 北京仓")
    expect(toast).to_be_visible()
    live = Allocation.objects.filter(state=AllocationState.ASSIGNED)
    assert live.filter(warehouse=place["bj"]).count() == MANY
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".pd-toast").filter(has_text=f"{MANY} undone")).to_be_visible()
    assert not live.exists()
    assert Order.objects.filter(state=OrderState.PENDING).count() == MANY
    assert list(all_violations()) == []


def test_a_stuck_order_is_cleared_by_its_remedy(site, place, make_member):
    make_stock(place["gz"], "S", 1)
    make_stock(place["bj"], "S", 2)
    order = make_order({"S": 3}, shop=place["shop"], region="440106")
    try_now([order.pk], now=NOW)
    screen = site.look(make_member(Role.CLERK))
    page = screen.open(f"/orders/?tab=unallocated&numbers={order.number}")
    page.get_by_role("link", name=order.number, exact=True).click()
    expect(page.get_by_role("heading", name="Why is it stuck")).to_be_visible()
    assert screen.violations() == []
    page.get_by_role("button", name="Split", exact=True).click()
    expect(page.locator(".pd-toast").filter(has_text="Split into 2 parcels.")).to_be_visible()
    expect(page.get_by_role("heading", name="Why is it here")).to_be_visible()
    assert Order.objects.get(pk=order.pk).state == OrderState.ALLOCATED


def test_an_order_tagged_vip_goes_to_the_vip_team(site, place, make_member):
    order = make_order({"A": 1}, shop=place["shop"], region="440106")
    screen = site.look(make_member(Role.LEAD))
    page = screen.open(f"/orders/{order.pk}/")
    page.locator(".pd-bar summary").click()
    page.get_by_role("button", name="Tag…").click()
    page.locator("#dialog input[name=tag]").fill("VIP")
    page.locator("#dialog").get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator(".pd-bar .tag.vip")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("贵宾组").first).to_be_visible()
    assert Allocation.objects.get(order=order).team.code == "vip"


def test_a_dialog_shows_what_is_wrong_and_the_buyer_only_after_a_reason(site, place, make_member):
    order = make_order({"A": 1}, shop=place["shop"], recipient={"name": "王小明", "phone": "13800005678"})
    page = site.look(make_member(Role.CLERK)).open(f"/orders/{order.pk}/")
    assert "王小明" not in page.content()
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator("#dialog input[name=reason]").fill("the carrier asked")
    page.locator("#dialog").get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#dialog")).to_contain_text("13800005678")


GOODS = (("BWB-500", "保温杯 500ml 雾蓝", 7_900, 380), ("XYN-60", "洗衣凝珠 60 颗", 5_980, 1_250))
MORE_GOODS = (
    ("CJ-4", "餐具 4 件套", 8_900, 760),
    ("YJD-6", "瑜伽垫 6mm", 9_900, 1_100),
    ("HYD-1", "护眼台灯", 19_900, 980),
)
SHOPS = (("tmall", "天猫旗舰店", "tmall"), ("pdd", "拼多多专营", "pdd"), ("douyin", "抖音小店", "douyin"))
PLACES = (("hz", "杭州仓", 30.27, 120.16), ("wh", "武汉仓", 30.59, 114.31), ("cd", "成都仓", 30.57, 104.07))
CITIES = ("430104", "310115", "110105", "350203", "330203", "500112", "360702", "440305")
TO = {"name": "陈一鸣", "phone": "13800006021", "province": "湖南省", "city": "长沙市", "district": "岳麓区"}


@pytest.fixture
def busy(place):
    """An afternoon at the desk: five warehouses, three shops, orders due soon, late, stuck, held, begun and odd."""
    now = timezone.now()
    shops = [make_shop(code, name=name, platform=platform) for code, name, platform in SHOPS]
    places = [place["gz"], place["bj"]]
    for code, name, lat, lng in PLACES:
        at = make_warehouse(code, name=name, lat=lat, lng=lng, capacity=60)
        make_team(f"{code}1", at, name="A 组")
        make_freight(at, first_minor=900)
        places.append(at)
    Warehouse.objects.filter(capacity=None).update(capacity=40)
    goods = [make_sku(code, name=name, weight_g=weight) for code, name, _price, weight in (*GOODS, *MORE_GOODS)]
    for number, (at, sku) in enumerate(product(places, goods)):
        make_stock(at, sku, 1 if sku == goods[0] else 20 + number)
    orders = []
    for number in range(60):
        first, second = goods[1 + number % 4], goods[1 + (number + 1) % 4]
        lines = {first.code: number % 3 + 1} | ({second.code: 1} if number % 4 == 0 else {})
        orders.append(
            make_order(
                lines,
                shop=shops[number % 3],
                number=f"2411{number * 7919 % 100_000:05d}{number:04d}",
                region=CITIES[number % 8],
                amount_minor=8_900 + number * 731,
                tags=["VIP"] if number % 9 == 0 else [],
                buyer_remark="送人，尽快发" if number % 7 == 0 else "",
                now=now - timedelta(minutes=15 * number),
                ship_by_at=now + timedelta(minutes=37 * number - 60),
                recipient=TO,
            )
        )
    stuck = make_order(
        {"BWB-500": 2, "XYN-60": 1},
        shop=shops[0],
        number="2411878409751540",
        region="430104",
        amount_minor=21_780,
        tags=["VIP"],
        buyer_remark="送人，尽快发，谢谢",
        now=now - timedelta(minutes=44),
        ship_by_at=now + timedelta(minutes=88),
        recipient={**TO, "address": "麓谷街道 8 号"},
    )
    try_now([order.pk for order in orders[:52]] + [stuck.pk], now=now)
    hold_orders([orders[5].pk, orders[17].pk, orders[57].pk], reason="等买家改地址", now=now)
    report_exception(ExceptionKind.NOT_FOUND, order_id=orders[3].pk, note="货架上少 1 件", now=now)
    begun = list(Allocation.objects.filter(frozen=False, order__in=orders[6:16]).values_list("pk", flat=True))
    accept_allocations(begun, now=now)
    pick_allocations(begun[:6], now=now)
    pack_allocations(begun[:3], now=now)
    ship_allocations([Shipment(key, tracking_number=f"SF{key:010d}") for key in begun[:1]], now=now)
    return stuck


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_clean_in_both_languages_and_themes(site, busy, make_member, language, theme):
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    for name, path in (("orders", "/orders/?tab=all"), ("order", f"/orders/{busy.pk}/")):
        page = screen.open(path)
        expect(page.locator("main")).to_be_visible()
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        screen.picture(f"{name}-{theme}")
    page = screen.open("/orders/?tab=allocated")
    page.locator("[data-all]").check()
    page.keyboard.press("w")
    choose_warehouse(page, label="武汉仓")
    expect(page.locator("#dialog .pd-figure").first).to_be_visible()
    assert screen.violations() == []
    screen.picture(f"orders-assign-{theme}")

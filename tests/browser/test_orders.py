"""The order desk in a browser: batch-assign with preview and undo, clear a stuck order, a VIP to the VIP team."""

import re

import pytest
from playwright.sync_api import expect
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_freight,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.trying import try_now
from paidan.orders.models import Order
from paidan.orders.states import OrderState
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


def test_five_hundred_orders_are_assigned_previewed_and_undone(site, place, make_member):
    for _number in range(MANY):
        make_order({"A": 1}, shop=place["shop"], region="440106")
    screen = site.look(make_member(Role.LEAD))
    page = screen.open("/orders/?tab=pending")
    page.locator("[data-all]").check()
    page.locator("[data-select-all]").click()
    page.keyboard.press("w")
    dialog = page.locator("#dialog")
    dialog.locator("select[name=warehouse]").select_option(str(place["bj"].pk))
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


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_clean_in_both_languages_and_themes(site, place, make_member, language, theme):
    shop = place["shop"]
    for number in range(30):
        make_order(
            {"A": number % 4 + 1}, shop=shop, region="440106", recipient={"name": "陈一", "phone": "13800001111"}
        )
    stuck = make_order({"S": 2}, shop=shop, region="440106", tags=["VIP"], buyer_remark="送人，尽快发")
    make_stock(place["gz"], "S", 1)
    try_now([*Order.objects.values_list("pk", flat=True)[:20], stuck.pk], now=NOW)
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    for name, path in (("orders", "/orders/"), ("order", f"/orders/{stuck.pk}/")):
        page = screen.open(path)
        expect(page.locator("main")).to_be_visible()
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        screen.picture(f"{name}-{theme}")
        if language == "en":
            untranslated = re.findall(r">[^<]*(?:订单行|未分配|怎么办)[^<]*<", page.content())
            assert untranslated == []

"""What needs a person, in a browser: a group is cleared by its remedy, a code mapped, an exception settled."""

import pytest
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
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.trying import try_now
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.services import publish_rules

SPLIT = {"en": "Allow a split once", "zh-Hans": "允许拆单一次"}


@pytest.fixture
def place(site):  # noqa: ARG001 - it needs the live server's database
    """A little of S in two warehouses, a code nobody knows, and orders that are stuck for both."""
    gz, bj = make_warehouse("gz", name="广州仓", **GUANGZHOU), make_warehouse("bj", name="北京仓", **BEIJING)
    for at, code in ((gz, "t1"), (bj, "t2")):
        make_team(code, at)
        make_freight(at)
    make_stock(gz, make_sku("S", name="保温杯 500ml 雾蓝"), 40)
    make_stock(bj, make_sku("T", name="电热水壶 1.7L"), 40)
    publish_rules({"rules": []}, now=NOW)
    shop = make_shop("tmall", name="天猫旗舰店")
    orders = [make_order({"S": 1, "T": 1}, shop=shop, region="440106") for _ in range(12)]
    orders += [make_order({"NEW-CUP": 1}, shop=shop, unmapped=["NEW-CUP"]) for _ in range(3)]
    orders += [make_order({"S": 1}, shop=shop, address_state=3) for _ in range(2)]
    try_now([order.pk for order in orders], now=NOW)
    return {"gz": gz, "shop": shop}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_group_is_cleared_by_its_remedy(site, place, make_member, language):  # noqa: ARG001
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    page = screen.open("/stuck/")
    assert screen.violations() == []
    page.locator(".at-groups a").first.click()
    expect(page.locator(".at-ways tbody tr").first).to_contain_text(SPLIT[language])
    expect(page.locator(".at-ways tbody tr").first.locator("td").nth(2)).to_have_text("12")
    assert screen.violations() == []
    assert not screen.scrolls_sideways()
    screen.picture("unallocated")
    page.locator(".at-ways [data-action]").first.click()
    expect(page.locator("#dialog .pd-figure").first).to_have_text("12")
    page.locator("#dialog .btn-primary").click()
    expect(page.locator(".at-groups a")).to_have_count(2)
    assert Allocation.objects.count() == 24
    assert list(all_violations()) == []


def test_only_the_ticked_orders_are_acted_upon(site, place, make_member):  # noqa: ARG001
    page = site.look(make_member(Role.LEAD)).open("/stuck/?reason=1")
    page.locator("[data-list] input[name=id]").nth(0).check()
    page.locator("[data-list] input[name=id]").nth(1).check()
    page.locator(".at-ways [data-action]").first.click()
    expect(page.locator("#dialog .pd-figure").first).to_have_text("2")


def test_a_code_is_mapped_for_the_whole_group(site, place, make_member):  # noqa: ARG001
    page = site.look(make_member(Role.CLERK)).open("/stuck/?reason=12")
    page.get_by_label("The SKU that NEW-CUP is").fill("S")
    page.get_by_role("button", name="Map").click()
    expect(page.locator(".pd-toast").filter(has_text="3 orders are tried again")).to_be_visible()
    assert Order.objects.filter(state=OrderState.PENDING).count() == 3


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_an_exception_is_settled_with_a_note(site, place, make_member, language):
    order = make_order({"S": 1}, shop=place["shop"])
    allocation = assign_by_hand(order.pk, warehouse=place["gz"], now=NOW)
    report_exception(ExceptionKind.DAMAGED, order_id=order.pk, allocation_id=allocation, note="外箱破损", now=NOW)
    report_exception(ExceptionKind.NOT_FOUND, order_id=order.pk, allocation_id=allocation, note="货架上没有", now=NOW)
    screen = site.look(make_member(Role.CLERK, language=language), language=language)
    page = screen.open("/exceptions/")
    assert screen.violations() == []
    screen.picture("exceptions")
    page.locator("[data-list] input[name=id]").nth(0).check()
    page.keyboard.press("s")
    field = page.locator("#dialog form:not(.htmx-added) input[name=resolution]")
    expect(field).to_be_visible()
    page.wait_for_function("() => !document.querySelector('#dialog .htmx-added')")
    field.fill("补发")
    field.press("Enter")
    expect(page.locator("#dialog .pd-figure").first).to_have_text("1")
    page.locator("#dialog .btn-primary").click()
    expect(page.locator("[data-list] tbody tr")).to_have_count(1)
    assert OrderException.objects.filter(resolution="补发").count() == 1

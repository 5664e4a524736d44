"""Goods in a browser: adjust stock and an order goes out, map a code and its orders go out; both languages, axe."""

import pytest
from playwright.sync_api import expect
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_bundle,
    make_freight,
    make_order,
    make_shop,
    make_shop_sku,
    make_sku,
    make_stock,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.allocation.counts import count_stock
from paidan.allocation.doctor import all_violations
from paidan.allocation.trying import try_now
from paidan.allocation.wave import run_wave
from paidan.network.models import ShopSku
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules

GOODS = (("BWB-500", "保温杯 500ml 雾蓝", 380), ("XYN-60", "洗衣凝珠 60 颗", 1_250), ("YJD-6", "瑜伽垫 6mm", 1_100))


@pytest.fixture
def shelf(site):  # noqa: ARG001 - it needs the live server's database
    """Two warehouses with a few goods, a bundle, a shop with codes of its own."""
    gz, bj = make_warehouse("gz", name="广州仓", **GUANGZHOU), make_warehouse("bj", name="北京仓", **BEIJING)
    shop = make_shop("tmall", name="天猫旗舰店")
    for code, name, weight in GOODS:
        sku = make_sku(code, name=name, weight_g=weight, category="家居", tags=["新品"])
        make_shop_sku(shop, f"TM-{code}", sku)
        for place in (gz, bj):
            make_stock(place, sku, 0)
            count_stock([sku.pk], [place.pk], [40], [5], now=NOW, reason="盘点")
    make_freight(gz)
    make_freight(bj)
    make_bundle("SET-1", {"BWB-500": 2, "YJD-6": 1})
    publish_rules({"rules": []}, now=NOW)
    yield {"gz": gz, "bj": bj, "shop": shop, "cup": make_sku("BWB-500")}
    assert list(all_violations()) == []


def test_stock_is_adjusted_with_a_reason_and_the_waiting_order_goes_out(site, shelf, make_member):
    order = make_order({"BWB-500": 60}, shop=shelf["shop"], region="440106")
    try_now([order.pk], now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.UNALLOCATED
    screen = site.look(make_member(Role.LEAD))
    page = screen.open(f"/skus/{shelf['cup'].pk}/")
    expect(page.get_by_role("link", name=order.number)).to_be_visible()
    page.get_by_role("button", name="Adjust 广州仓").click()
    dialog = page.locator("#dialog")
    dialog.locator("input[name=number]").fill("100")
    dialog.locator("input[name=reason]").fill("goods came in")
    dialog.get_by_role("button", name="Preview", exact=True).click()
    expect(dialog.get_by_text("1 order that waits for it is tried again.")).to_be_visible()
    assert screen.violations() == []
    screen.picture("stock-adjust")
    dialog.get_by_role("button", name="Adjust stock").click()
    expect(page.locator(".pd-toast").filter(has_text="40 → 100 on hand")).to_be_visible()
    run_wave(now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.ALLOCATED
    expect(page.get_by_text("No order waits for it.")).to_be_visible()


def test_a_code_is_mapped_and_the_orders_that_waited_go_out(site, shelf, make_member):
    for _number in range(3):
        make_order({"B-BLUE": 1}, shop=shelf["shop"], unmapped=["B-BLUE"], region="440106")
    screen = site.look(make_member(Role.CLERK))
    page = screen.open("/shop-codes/")
    field = page.get_by_label("The SKU that B-BLUE is")
    field.press_sequentially("保温")
    expect(page.locator("#sku-options option[value='BWB-500']")).to_be_attached()
    field.fill("BWB-500")
    page.get_by_role("button", name="Map", exact=True).click()
    expect(page.locator(".pd-toast").filter(has_text="3 orders are tried again")).to_be_visible()
    assert ShopSku.objects.get(code="B-BLUE").sku == shelf["cup"]
    run_wave(now=NOW)
    assert Order.objects.filter(state=OrderState.ALLOCATED).count() == 3


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_page_of_goods_in_both_languages(site, shelf, make_member, language):
    for code in ("B-BLUE", "B-RED"):
        make_order({code: 2}, shop=shelf["shop"], unmapped=[code])
    waiting = make_order({"BWB-500": 90}, shop=shelf["shop"])
    try_now([waiting.pk], now=NOW)
    cup = shelf["cup"].pk
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    pages = {
        "skus": "/skus/",
        "sku": f"/skus/{cup}/",
        "sku-change": f"/skus/{cup}/change/",
        "bundles": "/bundles/",
        "bundle": f"/bundles/{make_sku('SET-1').pk}/",
        "shop-codes": "/shop-codes/",
        "mapped-codes": "/shop-codes/mapped/",
        "stock": "/stock/",
        "movements": "/stock/movements/",
    }
    for name, address in pages.items():
        screen.open(address)
        assert screen.violations() == [], name
        assert not screen.scrolls_sideways(), name
        screen.picture(name)

"""Settings of the network in a real browser: by keyboard, on the map, in both languages, wide and narrow."""

import pytest
from playwright.sync_api import expect
from tests.builders import BEIJING, GUANGZHOU, SHANGHAI, make_freight, make_promotion, make_shop, make_team
from tests.builders import make_warehouse as build_warehouse

from paidan.accounts.capabilities import Role
from paidan.network.models import FreightRate, Shop, Warehouse

BOTH = pytest.mark.parametrize("language", ["en", "zh-Hans"])


@pytest.fixture
def network(transactional_db):  # noqa: ARG001 - the server must see it
    gz = build_warehouse("gz", name="广州仓", capacity=3_000, ratio=40, region=440111, cutoff="16:00", **GUANGZHOU)
    covers = {"covers": ["310000", "320000", "330000"], "excludes": ["330900"]}
    sh = build_warehouse("sh", name="上海仓", capacity=2_000, ratio=35, region=310115, **covers, **SHANGHAI)
    bj = build_warehouse("bj", name="北京仓", ratio=25, is_open=False, region=110108, **BEIJING)
    shops = [make_shop(code, name=name, platform=of) for code, name, of in (
        ("tm", "天猫旗舰店", "taobao"), ("jd", "京东自营", "jd"), ("dy", "抖音小店", "douyin"))]  # fmt: skip
    make_team("gz1", gz, name="广州一组", ratio=60, capacity=800)
    make_team("vip", gz, shops[:1], name="VIP 组", skills=["VIP"], capacity=200)
    make_team("sh1", sh, shops[1:], name="上海一组")
    for warehouse in (gz, sh, bj):
        for carrier, first in (("sf", 1300), ("yto", 450)):
            make_freight(warehouse, carrier, first_minor=first)
            make_freight(warehouse, carrier, "440000", first_minor=first - 100, transit_s=86_400)
            make_freight(warehouse, carrier, "650000", first_minor=first + 900, transit_s=345_600)
    make_promotion("1111")
    return gz


@BOTH
def test_every_page_looks_right(site, make_member, network, language):
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    narrow = site.look(make_member(Role.VIEWER, language=language), language=language, phone=True)
    pages = {
        "settings": "/settings/",
        "settings-shops": "/settings/shops/",
        "settings-shop": f"/settings/shops/{Shop.objects.first().pk}/",
        "settings-warehouses": "/settings/warehouses/",
        "settings-warehouse": f"/settings/warehouses/{Warehouse.objects.get(code='sh').pk}/",
        "settings-teams": "/settings/teams/",
        "settings-team": f"/settings/teams/{network.teams.get(code='vip').pk}/",
        "settings-promotions": "/settings/promotions/",
        "settings-freight": "/settings/freight/?kg=2&to=广东省",
        "settings-rates": f"/settings/freight/{network.pk}/see/sf",
    }
    for name, url in pages.items():
        page = screen.open(url)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if name == "settings-warehouse":
            expect(page.locator(".se-map[data-ready]")).to_be_visible()
        assert not screen.scrolls_sideways(), name
        assert screen.violations() == [], name
        screen.picture(name)
        narrow.open(url)
        assert not narrow.scrolls_sideways(), f"{name} on a phone"


def test_dark_and_the_lower_half_of_a_warehouse(site, make_member, network):
    screen = site.look(make_member(Role.LEAD), theme="dark")
    page = screen.open(f"/settings/warehouses/{network.pk}/")
    expect(page.locator(".se-map[data-ready]")).to_be_visible()
    page.get_by_role("button", name="Divisions of 广东省").click()
    page.get_by_role("checkbox", name="深圳市").click()
    expect(page.get_by_role("checkbox", name="深圳市")).to_have_attribute("aria-checked", "false")
    expect(page.get_by_role("checkbox", name="深圳市")).to_be_in_viewport()
    expect(page.get_by_role("checkbox", name="广东省")).to_have_attribute("aria-checked", "mixed")
    page.locator("#days").scroll_into_view_if_needed()
    assert screen.violations() == []
    screen.picture("settings-warehouse-dark")


def test_a_warehouse_is_added_by_keyboard_alone(site, make_member, transactional_db):  # noqa: ARG001
    page = site.look(make_member(Role.LEAD)).open("/settings/warehouses/")
    page.get_by_role("link", name="New warehouse").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".se-map[data-ready]")).to_be_visible()
    page.get_by_label("Code").focus()
    page.keyboard.type("cd")
    page.get_by_label("Region", exact=False).first.focus()
    page.keyboard.type("成都市")
    page.get_by_role("button", name="Find on the map").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Latitude")).not_to_have_value("")
    page.get_by_role("checkbox", name="Everywhere").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("nothing yet")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Everywhere")).to_be_focused()
    page.get_by_role("searchbox", name="Find a region").focus()
    page.keyboard.type("四川")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="四川省", exact=True).focus()
    page.keyboard.press("Space")
    expect(page.locator("#coverage .tok")).to_have_text("四川省")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("cd saved")).to_be_visible()
    found = Warehouse.objects.get(code="cd")
    assert (found.region, found.covers) == (510100, ["510000"])
    assert 30 < found.lat < 31.5


def test_a_click_on_the_map_sets_the_place(site, make_member, network):
    page = site.look(make_member(Role.LEAD)).open(f"/settings/warehouses/{network.pk}/")
    expect(page.locator(".se-map[data-ready]")).to_be_visible()
    before = page.locator("#id_lat").input_value()
    box = page.locator(".se-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#id_lat")).not_to_have_value(before)
    assert 15 < float(page.locator("#id_lat").input_value()) < 55
    assert 73 < float(page.locator("#id_lng").input_value()) < 136


def test_a_day_off_by_a_click_and_a_rate_in_the_grid(site, make_member, network):
    page = site.look(make_member(Role.LEAD)).open(f"/settings/warehouses/{network.pk}/")
    day = page.locator("#days button:enabled").nth(5)
    was = day.get_attribute("aria-pressed")
    day.click()
    expect(page.locator("#days .differs")).to_have_count(1)
    expect(page.locator("#days button:enabled").nth(5)).to_have_attribute(
        "aria-pressed", "false" if was == "true" else "true"
    )
    page.goto(f"/settings/freight/{network.pk}/see/sf")
    page.get_by_label("First weight (¥) 1").fill("11.50")
    page.get_by_role("button", name="Save the table").click()
    expect(page.get_by_text("1 line of sf changed")).to_be_visible()
    assert FreightRate.objects.filter(first_minor=1150).count() == 1

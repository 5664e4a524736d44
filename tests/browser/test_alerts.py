"""The bell: it rings for an order ten minutes without a warehouse and stops when it has one; the pages behind it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import GUANGZHOU, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.alerts.models import Channel, Kind, Message, ReminderRule
from paidan.alerts.watching import begin_watching, look
from paidan.allocation.by_hand import assign_by_hand
from paidan.rules.services import publish_rules


def test_the_bell_rings_for_an_order_unallocated_for_ten_minutes_and_stops_when_it_is_allocated(site, make_member):
    now = timezone.now()
    warehouse = make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    make_team("t1", warehouse)
    make_stock(warehouse, "A", 10)
    publish_rules([], now=now)
    ReminderRule.objects.create(kind=Kind.UNALLOCATED, limit=10)
    page = site.look(make_member(Role.LEAD)).open("/board/")
    bell = page.locator(".al-bell > summary")
    expect(bell).to_have_attribute("aria-label", "0 reminders")
    order = make_order({"A": 1}, shop=make_shop("jd", name="JD"), region="440106", now=now)
    look(now + timedelta(minutes=9))
    page.wait_for_timeout(6_000)
    expect(bell).to_have_attribute("aria-label", "0 reminders")
    look(now + timedelta(minutes=10))
    expect(bell).to_have_attribute("aria-label", "1 reminder")
    assert page.locator("[data-bell]").get_attribute("data-rang") == "1"
    bell.click()
    expect(page.get_by_role("link", name="JD: 1 order without a warehouse")).to_be_visible()
    page.keyboard.press("Escape")
    assign_by_hand(order.id, warehouse=warehouse, now=timezone.now())
    look(now + timedelta(minutes=11))
    expect(bell).to_have_attribute("aria-label", "0 reminders")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_the_reminders(site, make_member, language, theme):
    now, chinese = timezone.now(), language == "zh-Hans"
    begin_watching()
    names = ("京东自营店", "天猫旗舰店", "抖音直播间") if chinese else ("JD store", "Tmall store", "Douyin live")
    for at, name in enumerate(names):
        for _number in range(7 * at + 3):
            make_order({"A": 1}, shop=make_shop(f"s{at}", name=name), now=now - timedelta(minutes=25 * at + 14))
    hook = {"service": "webhook", "address": "json://127.0.0.1/x"}
    Channel.objects.create(
        name="运营群" if chinese else "Operations", service="dingtalk", address="dingtalk://ABCDEFGH12/"
    )
    broken = Channel.objects.create(name="值班" if chinese else "On duty", **hook)
    problem = "连接被拒绝" if chinese else "Connection refused"
    Message.objects.create(channel=broken, at=now, state="failed", text="", problem=problem)
    look(now)
    screen = site.look(make_member(Role.LEAD, language=language), language=language, theme=theme)
    for name, address in (
        ("reminders", "/alerts/"),
        ("reminders-settings", "/alerts/settings/"),
        ("channel", "/alerts/channels/new/"),
    ):
        page = screen.open(address)
        expect(page.locator(".al-bell sup")).to_be_visible()
        if name == "reminders":
            page.locator(".al-bell > summary").click()
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        if theme == "light":
            screen.picture(name)

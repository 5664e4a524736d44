"""Reports in a browser: the allocation report of practice days with its charts, and a ratio changed from there."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import BEIJING, GUANGZHOU, make_order, make_stock, make_team, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave, run_waves
from paidan.desk.practice import month
from paidan.network.models import Warehouse
from paidan.reports.refresh import refresh
from paidan.rules.services import publish_rules

DAYS = 3


@pytest.fixture
def lived(transactional_db, tmp_path):  # noqa: ARG001
    now = timezone.now()
    month.load_network(tmp_path, now, DAYS)
    month.play(tmp_path, now, lambda _done, _total: None, DAYS)
    run_waves(now=now)
    refresh(now=now)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_allocation_report_of_some_days(site, lived, make_member, language):  # noqa: ARG001
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page = screen.open("/reports/")
    expect(page.locator(".rp-trend canvas").first).to_be_visible()
    expect(page.locator(".rp-map canvas").first).to_be_visible()
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    screen.picture("report")
    screen.follow(page.locator(".rp-bar .seg a[href*='by=shop']"))
    expect(page.locator(".rp-table tbody tr").first).to_be_visible()
    page.locator(".rp-bar summary").nth(1).click()
    assert screen.violations() == []
    first = page.locator(".rp-table tbody tr a").first
    number = first.inner_text()
    screen.follow(first)
    expect(page.locator("[data-live=foot-count]")).to_contain_text(number)


@pytest.fixture
def unequal(transactional_db):  # noqa: ARG001
    """Two warehouses by ratio, all of it to the smaller one."""
    now = timezone.now()
    for code, capacity, ratio, where in (("bj", 4, 100, BEIJING), ("gz", 400, 0, GUANGZHOU)):
        place = make_warehouse(code, capacity=capacity, ratio=ratio, **where)
        make_team(f"t-{code}", place)
        make_stock(place, "A", 500)
    publish_rules([{"id": "r", "then": {"strategies": ["ratio"]}}], now=now)
    for _ in range(4):
        make_order(now=now - timedelta(minutes=1), region="440106")
    run_wave(now=now)
    refresh(now=now)


def test_the_lead_changes_a_ratio_from_the_report_and_the_next_wave_follows(site, unequal, make_member):  # noqa: ARG001
    screen = site.look(make_member(Role.LEAD))
    page = screen.open("/reports/?range=today")
    expect(page.locator(".rp-table tbody tr").first).to_contain_text("100%")
    page.locator("[hx-get*=ratios]").click()
    smaller, larger = Warehouse.objects.order_by("code")
    page.locator(f"#r{larger.pk}").fill("100")
    expect(page.locator(f"output[for=r{smaller.pk}]")).to_have_text("0%")
    page.get_by_role("button", name="Save ratios").click()
    expect(page.get_by_text("Ratios saved")).to_be_visible()
    larger.refresh_from_db()
    assert larger.ratio == 100
    now = timezone.now()
    order = make_order(now=now, region="440106")
    run_wave(now=now)
    assert Allocation.objects.get(order=order).warehouse == larger

"""Reports in a browser: the allocation report of practice days with its charts, and a ratio changed from there."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import BEIJING, GUANGZHOU, make_order, make_stock, make_team, make_warehouse
from tests.reports.test_advice import worked

from paidan.accounts.capabilities import Role
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave, run_waves
from paidan.desk.practice import month
from paidan.network.models import Team, Warehouse
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
    for name in ("advice", "promotions"):
        screen.open(f"/reports/{name}/")
        expect(page.locator(".pd-table").first).to_be_visible()
        if name == "advice":
            expect(page.locator("#rp-stock table, #rp-stock p.mut").first).to_be_visible()
        assert not screen.scrolls_sideways()
        assert screen.violations() == []
        screen.picture(f"report-{name}")
    screen.open("/reports/?from=2026-01-01&to=2027-03-01")
    expect(page.locator(".rp-heat .heat")).to_be_visible()
    expect(page.locator(".rp-map canvas").first).to_be_visible()
    screen.open("/reports/")
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


@pytest.fixture
def swamped(transactional_db):  # noqa: ARG001
    """Two teams of one warehouse: all of it to the one that can take two a day."""
    now = timezone.now()
    place = make_warehouse("bj", name="北京仓", **BEIJING)
    make_stock(place, "A", 500)
    teams = [
        make_team("one", place, name="一组", ratio=100, capacity=2),
        make_team("two", place, name="二组", capacity=50),
    ]
    publish_rules([], now=now)
    for _ in range(2):
        make_order(now=now - timedelta(minutes=1), region="110105")
    run_wave(now=now)
    Team.objects.filter(code="one").update(capacity=1)
    return teams


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_an_overloaded_team_gets_less_from_the_next_wave_on(site, swamped, make_member, language):
    first, second = swamped
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    page = screen.open("/reports/teams/")
    expect(page.locator("tr.rp-hot")).to_contain_text("一组")
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    screen.picture("report-teams")
    page.locator("[hx-get*='/ratios/']").last.click()
    page.locator(f"#r{second.pk}").fill("100")
    expect(page.locator(f"output[for=r{first.pk}]")).to_have_text("0%")
    assert screen.violations() == []
    page.locator("#team-ratios .btn-primary").click()
    expect(page.locator("#team-ratios")).to_have_count(0)
    order = make_order(now=timezone.now(), region="110105")
    run_wave(now=timezone.now())
    assert Allocation.objects.get(order=order).team == second
    screen.open("/reports/teams/?wall=1")
    expect(page.locator(".pd-rail")).to_be_hidden()
    assert not screen.scrolls_sideways()
    screen.picture("report-teams-wall")


@pytest.fixture
def measured(transactional_db):  # noqa: ARG001
    """Two teams of one warehouse, the one twice as fast, with equal ratios."""
    place = make_warehouse("gz", name="South", ratio=100, capacity=300, **GUANGZHOU)
    teams = [make_team("slow", place, ratio=50), make_team("fast", place, ratio=50)]
    refresh(now=timezone.now())
    for seed, (team, rate) in enumerate(zip(teams, (50, 100), strict=True)):
        worked(place, team, rate, seed)
    return teams


def test_ratios_that_are_refused_say_why_beside_the_button(site, measured, make_member):  # noqa: ARG001
    screen = site.look(make_member(Role.LEAD))
    page = screen.open("/reports/advice/")
    form = page.locator("form[hx-post*='/ratios/']")
    form.locator("input[name^=r]").first.evaluate("each => { each.value = '90'; }")
    form.get_by_role("button").click()
    expect(form.locator(".rp-refused")).to_contain_text("not to 100")
    screen.open("/reports/advice/")
    form.get_by_role("button").click()
    expect(page.get_by_text("Ratios saved")).to_be_visible()
    assert not screen.scrolls_sideways()

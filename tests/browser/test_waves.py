"""A joint wave in a browser: set in the form, published, watched while it runs, stopped, and its page with charts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    SHANGHAI,
    make_freight,
    make_order,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.accounts.capabilities import Role
from paidan.allocation.joint import Jointly, begin_joint
from paidan.allocation.models import JointRun, Wave
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.turns import run_next
from paidan.rules.services import publish_rules

NAMES = {"zh-Hans": ("北京仓", "广州仓", "杯子"), "en": ("North", "South", "Mug")}


@pytest.fixture
def scarce(transactional_db, request):  # noqa: ARG001
    """A cup that two orders want, in the warehouse nearest to both."""
    now, (north, south, mug) = timezone.now(), NAMES[request.getfixturevalue("language")]
    make_sku("A", name=mug)
    bj, gz = make_warehouse("bj", name=north, **BEIJING), make_warehouse("gz", name=south, **GUANGZHOU)
    for place, price in ((bj, 1000), (gz, 1200)):
        make_team(f"t{place.code}", place)
        make_freight(place, "sf", first_minor=price)
    make_freight(gz, "sf", region="110000", first_minor=9000)
    make_stock(bj, "A", 1), make_stock(gz, "A", 5)
    publish_rules([{"id": "r", "then": {"strategies": ["nearest"]}}], now=now - timedelta(hours=3))
    make_order(number="1", region="310115", now=now, **SHANGHAI)
    make_order(number="2", region="110105", now=now, **BEIJING)
    return now


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_joint_wave_is_set_run_and_looked_at(site, scarce, make_member, language):  # noqa: ARG001
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page = screen.page
    screen.open("/rules/")
    screen.follow(page.locator("a[href='/rules/waves/']").first)
    expect(page.locator("#id_every_minutes")).to_be_hidden()
    page.locator("label:has(input[name=mode][value=joint])").click()
    page.locator("#id_every_minutes").fill("60")
    page.locator("#id_seconds").fill("5")
    assert screen.violations() == []
    screen.picture("how-waves-decide")
    screen.follow(page.locator(".pd-form-foot button.btn-primary"))
    expect(page.locator(".rl-draft")).to_be_visible()
    screen.open("/rules/difference/")
    screen.follow(page.locator("#publish button.btn-primary"))
    screen.open("/waves/")
    screen.follow(page.locator("form[action='/waves/now/'] button"))
    report = run_next(now=timezone.now())
    assert report.outcomes.allocated == 2
    screen.open(f"/waves/{report.wave_id}/")
    expect(page.locator(".wv-verdict")).to_be_visible()
    expect(page.locator(".wv-gap canvas").first).to_be_visible()
    expect(page.locator(".wv-map:has(canvas)")).to_have_count(2)
    expect(page.locator(".wv-moves tbody tr")).to_have_count(2)
    expect(page.locator(".wv-prices tbody tr").first).to_be_visible()
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    screen.picture("wave")


@pytest.mark.parametrize("language", ["en"])
def test_a_wave_under_way_is_watched_and_stopped(site, scarce, make_member, language):
    wave = Wave.objects.create(worker="5", started_at=scarce, mode=WaveMode.JOINT)
    begin_joint(wave, 2, Jointly())
    JointRun.objects.filter(pk=wave.pk).update(chart=[[0.1, 3000, 1000], [0.4, 2300, 2200]])
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    page = screen.page
    screen.open(f"/waves/{wave.pk}/")
    expect(page.locator("#busy")).to_contain_text("4.55%")
    expect(page.locator(".wv-gap canvas").first).to_be_visible()
    assert screen.violations() == []
    screen.follow(page.locator("#busy button"))
    assert JointRun.objects.get(pk=wave.pk).stop_asked_at is not None
    Wave.objects.filter(pk=wave.pk).update(state=WaveState.FAILED)
    screen.open(f"/waves/{wave.pk}/")
    expect(page.locator(".wv-state .note")).to_be_visible()

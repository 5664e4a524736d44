"""Looking ahead in a browser: asked for, tested on the past days, in use, and told on the page of an order."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.allocation.ahead.north_and_south import NORTH, SOUTH, come, make_network, publish, weeks_before
from tests.builders import make_order

from paidan.accounts.capabilities import Role
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.whatif import jobs


@pytest.fixture
def past(transactional_db):  # noqa: ARG001
    """Three weeks of orders to the north and the south, then one that was allocated without looking ahead."""
    now = timezone.now()
    make_network(66)
    publish(now=now - timedelta(days=40))
    weeks_before(now, 8, 8, days=28, until=7)
    for back in range(7, 0, -1):
        then = now - timedelta(days=back)
        come(then, [NORTH] * 8 + [SOUTH] * 8, queued=True)
        run_wave(now=then)
    return now


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_it_is_tested_used_and_told(site, past, make_member, language):  # noqa: ARG001
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page = screen.page
    screen.open("/rules/looking-ahead/")
    expect(page.locator("form[action='/rules/looking-ahead/test/'] button")).to_be_visible()
    screen.follow(page.locator("form[action='/rules/looking-ahead/test/'] button"))
    assert jobs.test_look_ahead.func() == "better"
    screen.open("/rules/looking-ahead/")
    expect(page.locator("[data-live=state] .note")).to_have_class("note s-shipped")
    expect(page.locator(".rl-chart canvas")).to_be_visible()
    expect(page.locator("[data-live=prices] tbody tr").first).to_contain_text("¥")
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    screen.picture("looking-ahead")
    order = make_order(region=NORTH)
    run_wave(now=timezone.now())
    assert Allocation.objects.get(order=order).warehouse.code == "gz"
    screen.open(f"/orders/{order.pk}/")
    expect(page.locator("body")).to_contain_text({"zh-Hans": "预计", "en": "expected"}[language])
    assert screen.violations() == []

"""A what-if in a browser, on days of the practice month: stopped once, finished once, with its charts."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from paidan.accounts.capabilities import Role
from paidan.allocation.wave import run_waves
from paidan.desk.practice import month
from paidan.network.models import Warehouse
from paidan.whatif.models import WhatIf
from paidan.whatif.running import work_out

DAYS = 2


@pytest.fixture
def lived(transactional_db, tmp_path):  # noqa: ARG001
    now = timezone.now()
    month.load_network(tmp_path, now, DAYS)
    month.play(tmp_path, now, lambda _done, _total: None, DAYS)
    run_waves(now=now)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_warehouse_closed_for_the_practice_days_stopped_once_finished_once(site, lived, make_member, language):  # noqa: ARG001
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page, busiest = screen.page, Warehouse.objects.get(code="gz")
    for ending in ("stop", "finish"):
        screen.open("/what-if/")
        screen.follow(page.locator("main a.btn-primary, .pd-bar a.btn-primary").first)
        page.locator("#id_since").fill(str(timezone.localdate() - timedelta(days=DAYS + 1)))
        page.locator("#id_until").fill(str(timezone.localdate() + timedelta(days=1)))
        page.locator(f"[name=open_{busiest.pk}]").select_option("closed")
        assert screen.violations() == []
        screen.follow(page.locator("form.pd-form button.btn-primary"))
        expect(page.locator("#busy")).to_be_visible()
        if ending == "stop":
            screen.follow(page.locator("#busy button"))
            expect(page.locator("#busy")).to_have_count(0)
            expect(page.locator(".wi-state .note")).to_be_visible()
            continue
        work_out(WhatIf.objects.latest("id").pk)
        expect(page.locator(".wi-verdict")).to_be_visible()
    assert list(WhatIf.objects.order_by("id").values_list("state", flat=True)) == ["stopped", "done"]
    expect(page.locator(".wi-peaks canvas").first).to_be_visible()
    expect(page.locator(".wi-map canvas").first).to_be_visible()
    expect(page.locator(".wi-moves tbody tr").first).to_be_visible()
    assert not screen.scrolls_sideways()
    assert screen.violations() == []
    screen.picture("what-if")

"""Noon of the promotion day: a warehouse is paused, and what no team has accepted there finds other places."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from paidan.accounts.capabilities import Role
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState, Origin
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.wave import run_waves
from paidan.desk.practice import month
from paidan.network.models import Warehouse

DAYS = 1


@pytest.fixture
def noon(monkeypatch):
    """It is always noon in China when this begins: clocks go on from there."""
    real = timezone.now
    began = real()
    twelve = began.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: real() + (twelve - began))
    return twelve


@pytest.fixture
def promotion(transactional_db, tmp_path, noon):  # noqa: ARG001
    """The practice data with its promotion allocated at noon; teams have begun to accept."""
    month.load_network(tmp_path, noon, DAYS)
    month.play(tmp_path, noon, lambda _done, _total: None, DAYS)
    run_waves(now=noon)
    for place in Warehouse.objects.all():
        waiting = Allocation.objects.filter(warehouse=place, state=AllocationState.ASSIGNED).order_by("id")
        accept_allocations(list(waiting.values_list("id", flat=True)[:10]), now=noon + timedelta(seconds=1))


def begun():
    """What teams have in their hands, and where."""
    rows = Allocation.objects.exclude(state__in=[AllocationState.ASSIGNED, AllocationState.REASSIGNED])
    return set(rows.values_list("id", "state", "warehouse_id", "team_id", "state_at"))


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.usefixtures("promotion")
def test_a_warehouse_pauses_at_noon_and_what_waits_there_goes_elsewhere(site, make_member, language):
    cd = Warehouse.objects.get(code="cd")
    in_hands = begun()
    here = Allocation.objects.filter(warehouse=cd, state=AllocationState.ASSIGNED)
    before = here.count()
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page = screen.open("/board/")
    page.set_default_timeout(60_000)
    column = page.locator(f"[data-column=w{cd.id}]")
    column.locator("summary").click()
    column.locator(f"[hx-post='/board/pause/{cd.id}/']").click()
    page.locator(".bd-suggestion button").click()
    move = page.locator("#relieve-foot button")
    expect(move).to_be_visible(timeout=60_000)
    expect(page.locator(".bd-moves tbody tr").first).to_be_visible()
    expect(page.locator(".bd-places tbody tr").first).to_be_visible()
    assert screen.violations() == []
    screen.picture("rebalance")
    move.click()
    expect(page.locator("[data-moved]")).to_be_visible(timeout=60_000)
    moved = Allocation.objects.filter(origin=Origin.REBALANCED)
    assert moved.count() > 0
    assert not moved.filter(warehouse=cd).exists()
    assert here.count() == before - moved.count()
    assert begun() == in_hands
    assert list(all_violations()) == []
    screen.follow(page.locator("#relieve-foot a"))
    expect(page.locator("main")).to_contain_text(f"{moved.values('order').distinct().count()}")
    screen.follow(page.locator("main tbody a").first)
    expect(page.locator("main")).to_contain_text("¥")
    assert screen.violations() == []

"""The test of looking ahead decides whether prices are used; replays see the prices their waves saw."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.allocation.ahead.north_and_south import (
    LOOKING,
    MORNING,
    NORTH,
    SOUTH,
    come,
    make_network,
    publish,
    weeks_before,
)

from paidan.allocation.ahead.force import in_force, last_solved, settings
from paidan.allocation.ahead.solving import solve_prices, somebody_looks_ahead
from paidan.allocation.models import Allocation, LookAhead, ScarcityPrices
from paidan.allocation.wave import run_wave
from paidan.whatif import jobs
from paidan.whatif.ahead import back_test, verdict_of
from paidan.whatif.history import read_history
from paidan.whatif.replay import Assumptions, replay

pytestmark = pytest.mark.django_db


def live(north, south, beijing, *, before=(8, 8), then=LOOKING):
    """Three weeks of orders nobody keeps stock for any more, then a week that was allocated day by day."""
    make_network(beijing)
    publish(then, now=MORNING - timedelta(days=40))
    weeks_before(MORNING, *before, days=28, until=7)
    for back in range(7, 0, -1):
        noon = MORNING - timedelta(days=back) + timedelta(hours=4)
        come(noon, [NORTH] * north + [SOUTH] * south, queued=True)
        run_wave(now=noon)


def test_where_it_would_have_saved_prices_are_trusted_and_the_figures_kept():
    live(8, 8, beijing=56)
    row = back_test(now=MORNING)
    assert row.trusted
    assert row.test["verdict"] == "better"
    # blind, the orders of the north take all of Beijing's pieces; looking ahead they leave them to the south
    assert row.test["blind_minor"] == 56 * (500 + 2_000)
    assert row.test["ahead_minor"] == 56 * (700 + 800)
    assert row.test["orders"] == 112
    assert row.test["moved"] > 40
    assert [day for day, _blind, _ahead in row.test["days"]] == [f"2026-11-{day:02d}" for day in range(4, 11)]
    assert sum(blind for _day, blind, _ahead in row.test["days"]) == row.test["blind_minor"]
    assert row.test["error_sku"] < 0.05


def test_a_forecast_that_is_far_off_trips_the_guard():
    # the south ordered as much as the north for three weeks, and nothing since
    live(16, 0, beijing=60)
    row = back_test(now=MORNING)
    assert row.test["verdict"] == "worse"
    assert row.test["ahead_minor"] > 1.01 * row.test["blind_minor"]
    assert row.test["error_region"] > 0.9
    assert not row.trusted
    solve_prices(now=MORNING)
    assert in_force(MORNING) is None


def test_the_test_sees_nothing_of_the_days_it_decides_again():
    live(8, 8, beijing=56, before=(0, 0))
    assert back_test(now=MORNING).test["verdict"] == "too_few_days"
    assert not settings().trusted


def test_too_few_orders_prove_nothing():
    live(2, 2, beijing=10)
    assert back_test(now=MORNING).test == {"verdict": "too_few", "seconds": pytest.approx(0, abs=60)}


def test_without_rules_there_is_nothing_to_test():
    make_network(10)
    assert back_test(now=MORNING).test["verdict"] == "no_rules"


def test_where_no_rule_asks_it_is_tested_as_if_all_did():
    live(8, 8, beijing=56, then={"strategies": ["nearest"]})
    row = back_test(now=MORNING)
    assert (row.test["asked"], row.test["verdict"]) == (False, "better")
    assert not somebody_looks_ahead(MORNING)


@pytest.mark.parametrize(
    ("blind", "ahead", "verdict"),
    [(1_000, 999, "better"), (1_000, 1_010, "alike"), (1_000, 1_011, "worse"), (0, 0, "alike")],
)
def test_up_to_a_hundredth_worse_is_alike(blind, ahead, verdict):
    assert verdict_of(blind, ahead) == verdict


def test_a_replay_looks_at_the_prices_its_waves_looked_at():
    live(8, 8, beijing=56)
    LookAhead.objects.update_or_create(pk=1, defaults={"trusted": True})
    solve_prices(now=MORNING)
    come(MORNING, [NORTH, SOUTH], queued=True)
    run_wave(now=MORNING)
    real = {row.order_id: row.warehouse_id for row in Allocation.objects.filter(created_at__gte=MORNING)}
    solve_prices(now=MORNING + timedelta(hours=1))  # other prices since
    replayed = replay(read_history(MORNING, MORNING + timedelta(hours=2)), Assumptions())
    assert dict(zip(replayed.order_a.tolist(), replayed.warehouse_a.tolist(), strict=True)) == real
    ScarcityPrices.objects.all().delete()
    forgotten = replay(read_history(MORNING, MORNING + timedelta(hours=2)), Assumptions())
    assert len(forgotten.order_a) == 2


@pytest.fixture
def clock(monkeypatch):
    def at(moment):
        monkeypatch.setattr(jobs.timezone, "now", lambda: moment)

    at(MORNING)
    return at


def test_the_job_tests_first_and_then_solves_every_two_hours(clock):
    live(8, 8, beijing=120)
    assert jobs.look_ahead(0)
    assert settings().trusted
    assert in_force(MORNING) == last_solved().pk
    assert not jobs.look_ahead(0)
    clock(MORNING + timedelta(hours=2))
    assert jobs.look_ahead(0)
    assert ScarcityPrices.objects.count() == 2
    assert settings().tested_at == MORNING
    clock(MORNING + timedelta(hours=11))
    jobs.look_ahead(0)
    assert settings().tested_at == MORNING
    night = datetime(2026, 11, 11, 19, 10, tzinfo=UTC)  # 03:10 in Shanghai
    clock(night)
    jobs.look_ahead(0)
    assert settings().tested_at == night


def test_a_test_made_before_any_rule_asked_is_made_again_once_one_does(clock):
    live(8, 8, beijing=56, then={"strategies": ["nearest"]})
    back_test(now=MORNING)
    publish(now=MORNING)
    clock(MORNING + timedelta(minutes=10))
    jobs.look_ahead(0)
    assert settings().test["asked"]
    assert settings().tested_at == MORNING + timedelta(minutes=10)


def test_the_job_leaves_alone_what_nobody_asks_for(clock):
    live(1, 1, beijing=10, then={"strategies": ["nearest"]})
    assert not jobs.look_ahead(0)
    publish()
    LookAhead.objects.update_or_create(pk=1, defaults={"on": False})
    assert not jobs.look_ahead(0)
    assert last_solved() is None
    assert jobs.test_look_ahead() == "too_few"
    clock(MORNING)
    assert last_solved() is not None

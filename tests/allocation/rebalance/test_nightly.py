"""Every night once, at the time that was set, and not in the middle of the day."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.allocation.rebalance.conftest import NORTH
from tests.builders import NOW

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import NightlyRebalance
from paidan.allocation.rebalance.nightly import last_time, nightly, rebalance_if_due, set_nightly

CHINA = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 12, 2, 5, tzinfo=CHINA)


def switch_on(**given):
    values = {"active": True, "at": time(2), "saving_minor": 0, "most": None, "now": NOW, **given}
    return set_nightly(**values)


def test_it_is_off_until_somebody_switches_it_on(house):
    key = house.at(house.gz, NORTH)
    assert not nightly().active
    assert rebalance_if_due(now=NIGHT) is None
    assert house.where(key) == "gz"


def test_at_its_time_it_moves_once_and_keeps_what_came_of_it(house):
    key = house.at(house.gz, NORTH)
    switch_on()
    assert rebalance_if_due(now=NIGHT - timedelta(minutes=10)) is None
    applied = rebalance_if_due(now=NIGHT)
    assert applied.done == 1
    assert house.where(key) == "bj"
    kept = NightlyRebalance.objects.get()
    assert (kept.ran_at, kept.moved_n, kept.stayed_n, kept.saved_minor) == (NIGHT, 1, 0, applied.saving_minor)
    assert ChangeLogEntry.objects.get(action="allocations.rebalanced_nightly").by is None
    house.at(house.gz, NORTH)
    assert rebalance_if_due(now=NIGHT + timedelta(minutes=5)) is None
    assert rebalance_if_due(now=NIGHT + timedelta(days=1)).done == 1


def test_the_limits_that_were_set_hold(house):
    for _n in range(3):
        house.at(house.gz, NORTH)
    switch_on(most=2)
    assert rebalance_if_due(now=NIGHT).done == 2
    switch_on(saving_minor=1_000_000)
    assert rebalance_if_due(now=NIGHT + timedelta(days=1)).done == 0


def test_a_worker_that_was_down_all_night_does_not_move_things_in_the_morning(house):
    house.at(house.gz, NORTH)
    switch_on()
    assert rebalance_if_due(now=NIGHT + timedelta(hours=3)) is None


def test_what_is_set_after_the_time_counts_from_the_next_night_on(house):
    house.at(house.gz, NORTH)
    switch_on(now=NIGHT - timedelta(minutes=1))
    assert rebalance_if_due(now=NIGHT) is None


@pytest.mark.parametrize(
    ("at", "now", "expected"),
    [
        (time(2), datetime(2026, 11, 12, 2, 0, tzinfo=CHINA), datetime(2026, 11, 12, 2, tzinfo=CHINA)),
        (time(2), datetime(2026, 11, 12, 1, 59, tzinfo=CHINA), datetime(2026, 11, 11, 2, tzinfo=CHINA)),
        (time(23, 30), datetime(2026, 11, 12, 0, 10, tzinfo=CHINA), datetime(2026, 11, 11, 23, 30, tzinfo=CHINA)),
    ],
)
def test_the_last_time_may_have_been_yesterday(at, now, expected):
    assert last_time(at, now) == expected

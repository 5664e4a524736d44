"""When a rule set's joint waves are: reading, refusing, and reckoning the times of a day."""

from datetime import UTC, datetime, time

import pytest

from paidan.kit.errors import Refusal
from paidan.rules.waves import ONE_BY_ONE, WaveTiming, read_waves, timing_of

EVERY_HALF_HOUR = {"mode": "joint", "every_minutes": 30}


def shanghai(clock: str, day: int = 11) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}:00+08:00")


def test_without_waves_orders_are_decided_one_by_one() -> None:
    assert read_waves([{"id": "r"}]) == read_waves({"rules": []}) == read_waves({"waves": {"mode": "stream"}}) == {}
    assert timing_of({}) == ONE_BY_ONE
    assert ONE_BY_ONE.next_time(shanghai("10:00")) is None


def test_what_is_not_said_is_as_usual() -> None:
    timing = timing_of(read_waves({"waves": EVERY_HALF_HOUR}))
    assert (timing.joint, timing.every_min, timing.seconds, timing.gap) == (True, 30, 20, 0.001)


@pytest.mark.parametrize(
    ("waves", "pointer"),
    [
        ({"mode": "joint"}, "/waves"),
        ({"mode": "joint", "more_than": 100}, "/waves"),  # the last few would wait for ever
        ({"mode": "joint", "every_minutes": 0}, "/waves/every_minutes"),
        ({"mode": "joint", "every_minutes": True}, "/waves/every_minutes"),
        ({"mode": "joint", "at": ["25:00"]}, "/waves/at"),
        ({"mode": "joint", "at": ["9:00"]}, "/waves/at"),
        ({"mode": "joint", "at": "10:00"}, "/waves/at"),
        ({**EVERY_HALF_HOUR, "more_than": -1}, "/waves/more_than"),
        ({**EVERY_HALF_HOUR, "seconds": 0}, "/waves/seconds"),
        ({**EVERY_HALF_HOUR, "gap": 2}, "/waves/gap"),
        ({**EVERY_HALF_HOUR, "timezone": "Mars/Base"}, "/waves/timezone"),
        ({"mode": "sometimes"}, "/waves/mode"),
        ({"often": 3}, "/waves"),
        ([], "/waves"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(waves: object, pointer: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_waves({"rules": [], "waves": waves})
    assert refused.value.pointer == pointer
    assert "%" not in str(refused.value)


def test_times_count_from_midnight_and_join_those_of_the_day() -> None:
    timing = WaveTiming(joint=True, every_min=420, at=(time(10, 30),))  # 0:00, 7:00, 10:30, 14:00, 21:00
    assert timing.next_time(shanghai("07:00")) == shanghai("10:30")
    assert timing.next_time(shanghai("22:00")) == shanghai("00:00", day=12)
    assert timing.last_time(shanghai("06:59")) == shanghai("00:00")
    assert timing.last_time(shanghai("10:30")) == shanghai("10:30")


def test_before_the_first_time_of_a_day_the_last_was_yesterday() -> None:
    timing = WaveTiming(joint=True, at=(time(10), time(20)))
    assert timing.last_time(shanghai("09:59")) == shanghai("20:00", day=10)


def test_the_clock_is_the_sellers_own() -> None:
    timing = WaveTiming(joint=True, at=(time(10),), timezone="Europe/Berlin")
    assert timing.next_time(datetime(2026, 11, 11, 8, 0, tzinfo=UTC)) == datetime(2026, 11, 11, 9, 0, tzinfo=UTC)

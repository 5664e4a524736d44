"""Regions, distances and work days."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from paidan.engine.calendar import NoWorkDayError, ready_at, work_day
from paidan.engine.distance import UNKNOWN, distances_m
from paidan.engine.regions import ancestors, coverage, is_well_formed

ZONE = "Asia/Shanghai"
WEDNESDAY = datetime(2026, 11, 11, 15, 59, tzinfo=ZoneInfo(ZONE))
EPOCH = date(1970, 1, 1)


def test_above_a_district_are_its_city_its_province_and_china():
    assert ancestors("310115") == ("CN", "310000", "310100", "310115")
    assert ancestors("310000") == ("CN", "310000")
    assert ancestors("HK") == ("CN", "810000")
    assert ancestors("US") == ("US",)


def test_codes_are_six_digits_or_two_capitals():
    assert [code for code in ("310115", "US", "31", "us", "0310115", "０１２３４５", "") if is_well_formed(code)] == [
        "310115",
        "US",
    ]


def test_coverage_is_of_a_region_or_one_above_it():
    covered = coverage(["310115", "440106", "US"], [None, ("310000",), ("CN",), ()], [(), (), ("440100",), ()])
    assert covered.astype(int).tolist() == [[1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


def test_distances_are_whole_metres_and_unknown_without_coordinates():
    lat, lng = np.array([0.0, np.nan]), np.array([0.0, 0.0])
    metres = distances_m(lat, lng, np.array([0.0, 0.0]), np.array([180.0, 0.0]))
    assert metres.tolist() == [[round(np.pi * 6_371_000), 0], [UNKNOWN, UNKNOWN]]


def day(when, cutoff=None, days=(), weekdays=()):
    return date.fromordinal(EPOCH.toordinal() + work_day(when, ZONE, cutoff, days, weekdays))


def test_an_order_before_the_cut_off_counts_for_today_and_at_it_for_the_next_working_day():
    assert day(WEDNESDAY, time(16)) == date(2026, 11, 11)
    assert day(WEDNESDAY.replace(hour=16, minute=0), time(16)) == date(2026, 11, 12)
    assert day(WEDNESDAY, time(8), {date(2026, 11, 12)}, {4}) == date(2026, 11, 14)
    assert day(WEDNESDAY, None, {date(2026, 11, 11)}) == date(2026, 11, 12)


def test_today_is_the_warehouses_not_the_clocks():
    almost_midnight_utc = datetime(2026, 11, 11, 17, 0, tzinfo=ZoneInfo("UTC"))
    assert day(almost_midnight_utc) == date(2026, 11, 12)


def test_work_is_ready_after_handling_from_now_or_from_midnight():
    assert ready_at(WEDNESDAY, ZONE, None, (), 60) == int(WEDNESDAY.timestamp()) + 60
    midnight = datetime(2026, 11, 12, tzinfo=ZoneInfo(ZONE))
    assert ready_at(WEDNESDAY, ZONE, time(10), (), 60) == int(midnight.timestamp()) + 60


def test_a_warehouse_that_never_works_is_an_error():
    with pytest.raises(NoWorkDayError):
        work_day(WEDNESDAY, ZONE, None, (), range(7))

"""The days on which a warehouse does not work: weekly days off, public holidays and single days that differ."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from .models import CalendarDay, Warehouse

HORIZON_DAYS = 60
"""How far ahead a next working day is looked for: longer than any closure that still takes orders."""


def days_off(warehouse: Warehouse, single: Iterable[CalendarDay], first: date) -> list[date]:
    """Every day from `first` on, within the horizon, on which the warehouse does not work.

    A single calendar day decides before the holiday calendar, which decides before the weekly days off.
    """
    usual = _usual_days_off(warehouse.holidays, tuple(warehouse.weekdays_off), first)
    exceptions = {day.day: day.working for day in single}
    if not exceptions:
        return list(usual)
    days, off = (first + timedelta(n) for n in range(HORIZON_DAYS)), set(usual)
    return [day for day in days if not exceptions.get(day, day not in off)]


@lru_cache(maxsize=1_024)
def _usual_days_off(holidays: str, weekdays_off: tuple[int, ...], first: date) -> tuple[date, ...]:
    days = (first + timedelta(n) for n in range(HORIZON_DAYS))
    return tuple(day for day in days if not _usually_works(holidays, weekdays_off, day))


def _usually_works(holidays: str, weekdays_off: tuple[int, ...], day: date) -> bool:
    if holidays == "CN":
        try:
            is_holiday, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:  # a year whose holidays are not announced yet has its weekly days only
            is_holiday, name = False, None
        if name is not None:  # a named day off, or a weekend worked in exchange for one
            return not is_holiday
    return day.weekday() not in weekdays_off

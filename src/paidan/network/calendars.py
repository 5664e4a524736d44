"""The days on which a warehouse does not work: weekly days off, public holidays and single days that differ."""

from collections.abc import Iterable
from datetime import date, timedelta

import chinese_calendar

from .models import CalendarDay, Warehouse

HORIZON_DAYS = 60
"""How far ahead a next working day is looked for: longer than any closure that still takes orders."""


def days_off(warehouse: Warehouse, single: Iterable[CalendarDay], first: date) -> list[date]:
    """Every day from `first` on, within the horizon, on which the warehouse does not work.

    A single calendar day decides before the holiday calendar, which decides before the weekly days off.
    """
    exceptions = {day.day: day.working for day in single}
    days = (first + timedelta(n) for n in range(HORIZON_DAYS))
    return [day for day in days if not exceptions.get(day, _usually_works(warehouse, day))]


def _usually_works(warehouse: Warehouse, day: date) -> bool:
    if warehouse.holidays == "CN":
        try:
            is_holiday, name = chinese_calendar.get_holiday_detail(day)
        except NotImplementedError:  # a year whose holidays are not announced yet has its weekly days only
            is_holiday, name = False, None
        if name is not None:  # a named day off, or a weekend worked in exchange for one
            return not is_holiday
    return day.weekday() not in warehouse.weekdays_off

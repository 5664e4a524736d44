"""Work days: the day a new allocation counts for and the instant it can leave. The clock is an argument."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1)
_LOOK_AHEAD_DAYS = 3660


class NoWorkDayError(ValueError):
    """A calendar that has no working day within ten years."""


def work_day(
    now: datetime, timezone: str, cutoff: time | None, days_off: Collection[date], weekdays_off: Collection[int] = ()
) -> int:
    """The work day a new allocation counts for, as days since 1970-01-01 (design §2).

    Today in the warehouse's zone if it is a working day and before the cut-off, else the next working day.
    """
    return (_start(now, timezone, cutoff, days_off, weekdays_off)[0] - _EPOCH).days


def ready_at(
    now: datetime,
    timezone: str,
    cutoff: time | None,
    days_off: Collection[date],
    handling_s: int,
    weekdays_off: Collection[int] = (),
) -> int:
    """The instant (seconds since 1970 UTC) a new order can leave: now or the next work day's midnight, + handling."""
    return int(_start(now, timezone, cutoff, days_off, weekdays_off)[1].timestamp()) + handling_s


def _start(
    now: datetime, timezone: str, cutoff: time | None, days_off: Collection[date], weekdays_off: Collection[int]
) -> tuple[date, datetime]:
    """The work day of an order that comes in `now`, and the instant work on it can start."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)

    def works(day: date) -> bool:
        return day not in days_off and day.weekday() not in weekdays_off

    if works(local.date()) and (cutoff is None or local.time() < cutoff):
        return local.date(), now
    for ahead in range(1, _LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        if works(day):
            return day, datetime.combine(day, time(), zone)
    raise NoWorkDayError("no working day within ten years")

"""When a rule set's orders are decided: one by one as they come, or jointly in waves at set times. Only the reckoning.

Written in a rule set's document as `waves`; `{}` is one by one. Which wave is due is asked in `allocation.turns`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

KEYS = ("mode", "every_minutes", "at", "more_than", "timezone", "seconds", "gap")
DAY_MIN = 1440
MOST_TIMES = 48
LONGEST_S = 3600
SECONDS, GAP = 20, 0.001
"""What a joint wave may take at most, and how near the best possible it may end, where nothing is said."""


@dataclass(frozen=True, slots=True)
class WaveTiming:
    """How the orders of a rule set are decided. Times are those of a clock in `timezone`."""

    joint: bool = False
    every_min: int | None = None  # counted from midnight
    at: tuple[time, ...] = ()
    more_than: int | None = None  # orders that wait, so many more make a wave due before its time
    timezone: str = "Asia/Shanghai"
    seconds: float = SECONDS
    gap: float = GAP

    def last_time(self, now: datetime) -> datetime | None:
        """The latest set time that is not after `now`; None where waves have no times."""
        marks = self._minutes()
        if not marks:
            return None
        local = now.astimezone(ZoneInfo(self.timezone))
        place = bisect_right(marks, local.hour * 60 + local.minute) - 1
        day = local.date() if place >= 0 else local.date() - timedelta(days=1)
        return self._moment(day.toordinal(), marks[place])

    def next_time(self, after: datetime) -> datetime | None:
        """The first set time after a moment; None where waves have no times."""
        marks = self._minutes()
        if not marks:
            return None
        local = after.astimezone(ZoneInfo(self.timezone))
        place = bisect_right(marks, local.hour * 60 + local.minute)
        day = local.date().toordinal() + (place == len(marks))
        return self._moment(day, marks[place % len(marks)])

    def _minutes(self) -> list[int]:
        """The set times as minutes of the day, ascending."""
        every = range(0, DAY_MIN, self.every_min) if self.every_min else ()
        return sorted({*every, *(one.hour * 60 + one.minute for one in self.at)})

    def _moment(self, day: int, minute: int) -> datetime:
        start = datetime.fromordinal(day) + timedelta(minutes=minute)
        return start.replace(tzinfo=ZoneInfo(self.timezone))


ONE_BY_ONE = WaveTiming()


def timing_of(waves: Mapping[str, Any]) -> WaveTiming:
    """The timing a stored `waves` stands for."""
    if waves.get("mode", "stream") != "joint":
        return ONE_BY_ONE
    return WaveTiming(
        joint=True,
        every_min=waves.get("every_minutes"),
        at=tuple(time.fromisoformat(one) for one in waves.get("at", ())),
        more_than=waves.get("more_than"),
        timezone=waves.get("timezone") or settings.DISPLAY_TIME_ZONE,
        seconds=waves.get("seconds", SECONDS),
        gap=waves.get("gap", GAP),
    )


def read_waves(document: object) -> dict[str, Any]:
    """The `waves` of a rule set's document, checked; {} where it has none, or decides one by one."""
    waves = document.get("waves", {}) if isinstance(document, Mapping) else {}
    if not isinstance(waves, Mapping) or set(waves) - set(KEYS):
        raise Refusal(
            "bad_waves", _("“waves” is an object with any of: %(keys)s."), pointer="/waves", keys=", ".join(KEYS)
        )
    for key, value in waves.items():
        if not _makes_sense(key, value):
            sentence = _("“%(key)s” cannot be %(value)s.")
            raise Refusal("bad_wave_time", sentence, pointer=f"/waves/{key}", key=key, value=value)
    if waves.get("mode", "stream") == "stream":
        return {}
    if not waves.get("every_minutes") and not waves.get("at"):
        sentence = _(
            "Joint waves need a time: “every_minutes”, or times of day in “at”. By a number of orders alone, the last "
            "few would wait for ever."
        )
        raise Refusal("no_wave_time", sentence, pointer="/waves")
    return {key: value for key, value in waves.items() if value not in (None, [])}


def _makes_sense(key: str, value: Any) -> bool:
    match key:
        case "mode":
            return value in ("stream", "joint")
        case "every_minutes":
            return value is None or (_whole(value) and 1 <= value <= DAY_MIN)
        case "more_than":
            return value is None or (_whole(value) and 1 <= value < 2**31)
        case "at":
            return isinstance(value, list) and len(value) <= MOST_TIMES and all(map(_is_time, value))
        case "seconds":
            return _number(value) and 1 <= value <= LONGEST_S
        case "gap":
            return _number(value) and 0 <= value <= 1
        case _:
            return isinstance(value, str) and value in available_timezones()


def _whole(value: object) -> bool:
    return type(value) is int


def _number(value: object) -> bool:
    return type(value) in (int, float)


def _is_time(value: object) -> bool:
    """HH:MM on a clock of 24 hours."""
    try:
        return isinstance(value, str) and len(value) == 5 and time.fromisoformat(value).tzinfo is None
    except ValueError:
        return False

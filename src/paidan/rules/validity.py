"""When a rule applies: from–until, weekdays, hours of the day, a promotion. Decided at the moment of the run."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PromotionPeriods = Mapping[str, tuple[datetime, datetime]]


def applies_at(limits: Mapping[str, Any], now: datetime, promotions: PromotionPeriods) -> bool:
    """Whether a rule with these limits applies at `now`. Absent limits do not limit; hours may run over midnight.

    `limits` has any of: `from`, `until` (ISO 8601 instants, until exclusive), `weekdays` (mon … sun), `hours`
    ([HH:MM, HH:MM], end exclusive), `promotion` (a promotion's code), `timezone` (default Asia/Shanghai).
    """
    local = now.astimezone(ZoneInfo(limits.get("timezone", "Asia/Shanghai")))
    return (
        _within(limits.get("from"), limits.get("until"), now)
        and (not limits.get("weekdays") or WEEKDAYS[local.weekday()] in limits["weekdays"])
        and (not limits.get("hours") or _in_hours(limits["hours"], local.time()))
        and (not limits.get("promotion") or _running(promotions.get(limits["promotion"]), now))
    )


def _within(start: str | None, end: str | None, now: datetime) -> bool:
    return (not start or datetime.fromisoformat(start) <= now) and (not end or now < datetime.fromisoformat(end))


def _in_hours(hours: Sequence[str], at: time) -> bool:
    first, last = map(time.fromisoformat, hours)
    return first <= at < last if first <= last else at >= first or at < last


def _running(period: tuple[datetime, datetime] | None, now: datetime) -> bool:
    return period is not None and period[0] <= now < period[1]

"""Reads dates and times in the forms people and spreadsheets write them, as UTC."""

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

from .flaws import DAY_OR_MONTH, NOT_A_CLOCK_TIME, NOT_A_DAY, NOT_AN_INSTANT, OUT_OF_CALENDAR, Flaw

EXCEL_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # serials are local time
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CLOCK = re.compile(
    r"(上午|下午|中午|晚上|凌晨|早上|am|pm)?\s*(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*(?:[:分]\s*(?:(\d{1,2})(?:[.,]\d+)?\s*秒?)?)?)?"
    r"\s*(am|pm)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_UNIX = re.compile(r"1\d{9}(?:\d{3})?")
_AFTERNOON = {"下午", "晚上", "pm"}
_MORNING = {"上午", "凌晨", "早上", "am"}
_QUICK_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M")


def read_instant(text: str, zone: ZoneInfo, *, end_of_day: bool = False) -> dt.datetime | Flaw:
    """One instant in UTC. Without a zone of its own it is local to `zone`; a bare date is its first or last second."""
    text = text.strip().replace("：", ":").replace("／", "/")
    if _UNIX.fullmatch(text):
        return dt.datetime.fromtimestamp(int(text[:10]), dt.UTC)
    if _SERIAL.fullmatch(text):
        local = EXCEL_EPOCH + dt.timedelta(seconds=round(float(text) * 86400))
        whole_day = "." not in text
        return _checked(local, zone, end_of_day=end_of_day and whole_day)
    day, rest = _day(text)
    if isinstance(day, Flaw):
        return day if day is DAY_OR_MONTH else NOT_AN_INSTANT
    rest = rest.strip().removeprefix("T").removeprefix("t").strip()
    if not rest:
        return _checked(dt.datetime.combine(day, dt.time()), zone, end_of_day=end_of_day)
    clock = _clock(rest)
    if clock is None:
        return NOT_AN_INSTANT
    time, offset = clock
    local = dt.datetime.combine(day, time)
    return _checked(local, zone if offset is None else offset)


def read_day(text: str) -> dt.date | Flaw:
    """One date; a time after it must be midnight, as spreadsheets add one."""
    if _SERIAL.fullmatch(text) and "." not in text:
        return _in_calendar((EXCEL_EPOCH + dt.timedelta(days=int(text))).date())
    day, rest = _day(text)
    if isinstance(day, Flaw):
        return day
    clock = _clock(rest.strip().removeprefix("T")) if rest.strip() else (dt.time(), None)
    return _in_calendar(day) if clock and clock[0] == dt.time() else NOT_A_DAY


def read_clock(text: str) -> dt.time | Flaw:
    """One time of day: 17:30, 5:30 PM, 下午5:30, or a spreadsheet's fraction of a day."""
    text = text.strip().replace("：", ":")
    if re.fullmatch(r"0?\.\d+|0", text):
        return (EXCEL_EPOCH + dt.timedelta(seconds=round(float(text) * 86400))).time()
    clock = _clock(text)
    return clock[0] if clock and clock[1] is None else NOT_A_CLOCK_TIME


def _day(text: str) -> tuple[dt.date | Flaw, str]:
    """The date a text begins with, and what follows it."""
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
        return _date(year, month, day), text[match.end() :]
    if match := _COMPACT.fullmatch(text):
        date = _date(*map(int, match.groups()[:3]))
        return date, ":".join(part for part in match.groups()[3:] if part)
    if match := _YEAR_LAST.match(text):
        first, second, year = map(int, match.groups())
        if first <= 12 and second <= 12 and first != second:
            return DAY_OR_MONTH, ""
        month, day = (first, second) if first <= 12 else (second, first)
        return _date(year, month, day), text[match.end() :]
    return NOT_A_DAY, ""


def _date(year: int, month: int, day: int) -> dt.date | Flaw:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return NOT_A_DAY


@lru_cache(maxsize=4096)
def _clock(text: str) -> tuple[dt.time, dt.tzinfo | None] | None:
    """Time of day and the zone written behind it."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    before, hours, minutes, seconds, after, zone = match.groups()
    hour = int(hours)
    half = (before or after or "").lower()
    if half in _AFTERNOON and hour < 12:
        hour += 12
    if half in _MORNING and hour == 12:
        hour = 0
    try:
        return dt.time(hour, int(minutes or 0), int(seconds or 0)), _offset(zone)
    except ValueError:
        return None


def _offset(zone: str | None) -> dt.tzinfo | None:
    if zone is None:
        return None
    if zone[0] not in "+-":
        return dt.UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _in_calendar(day: dt.date) -> dt.date | Flaw:
    return day if 2000 <= day.year < 2100 else OUT_OF_CALENDAR


def _checked(local: dt.datetime, zone: dt.tzinfo, *, end_of_day: bool = False) -> dt.datetime | Flaw:
    if not 2000 <= local.year < 2100:
        return OUT_OF_CALENDAR
    if end_of_day:
        local = local.replace(hour=23, minute=59, second=59)
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def read_quickly(texts: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Instants of a column in the commonest forms, by columns; null where `read_instant` has to look."""
    read = pl.Series(texts.name, [None] * len(texts), pl.Datetime("us"))
    for form in _QUICK_FORMS:
        if read.null_count() == texts.null_count():
            break
        read = read.zip_with(read.is_not_null(), texts.str.to_datetime(form, strict=False, time_unit="us"))
    read = read.set(~read.dt.year().is_between(2000, 2099), None)
    local = read.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    local = local.dt.convert_time_zone("UTC")
    return local.zip_with(local.is_not_null(), _zoned(texts)) if local.null_count() > texts.null_count() else local


def _zoned(texts: pl.Series) -> pl.Series:
    """Instants written as programs do, with the zone behind; null for the rest."""
    form = "%Y-%m-%dT%H:%M:%S%:z"
    read = texts.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
    return read.set(~read.dt.year().is_between(2000, 2099), None)

"""Warehouses, teams and freight of a problem file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from math import nan
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from .calendar import NoWorkDayError, ready_at, work_day
from .places import PlaceResolver, point_of, refuse_unknown
from .problem import UNLIMITED, Freight, Teams, Warehouses
from .rule_format import region_code, region_codes
from .strict import Fields, ProblemError, flag, integer, items, name, names, number, pointer, reference, text, unique

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LARGEST_DURATION_S: Final = 10**9
LARGEST_POSITION: Final = 2**31 - 1
RESERVED_TEAMS: Final = ("warehouse", "shop")
_UTC_START = 0


WAREHOUSE_KEYS: Final = (
    *("id", "name", "position", "open", "covers", "excludes", "capacity", "load", "ratio", "region", "lat", "lng"),
    *("timezone", "cutoff", "days_off", "handling_s"),
)
TEAM_KEYS: Final = ("id", "warehouse", "shops", "skills", "ratio", "capacity", "load")
FREIGHT_KEYS: Final = ("warehouse", "carrier", "region", "first_g", "first_minor", "next_g", "next_minor", "transit_s")


@dataclass(slots=True)
class Columns:
    """Rows of one kind on their way to arrays: a list per column."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def of(self, key: str) -> tuple[Any, ...]:
        return tuple(row[key] for row in self.rows)

    def array(self, key: str, dtype: Any) -> Any:
        return np.array(self.of(key), dtype)


def read_warehouses(value: object, places: PlaceResolver, now: datetime | None) -> tuple[Warehouses, dict[str, int]]:
    """The warehouses, and the number of each by its id."""
    columns, numbers = Columns(), dict[str, int]()
    for place, (entry, path) in enumerate(items(value, "/warehouses")):
        columns.rows.append(_warehouse(Fields(entry, path, WAREHOUSE_KEYS), place, numbers, places, now))
    return (
        Warehouses(
            id_w=tuple(numbers),
            position_w=columns.array("position", np.int32),
            open_w=columns.array("open", np.bool_),
            lat_w=columns.array("lat", np.float64),
            lng_w=columns.array("lng", np.float64),
            covers_w=columns.of("covers"),
            excludes_w=columns.of("excludes"),
            capacity_w=columns.array("capacity", np.int64),
            load_w=columns.array("load", np.int64),
            ratio_w=columns.array("ratio", np.int64),
            credit_w=np.zeros(len(numbers)),
            ready_at_w=columns.array("ready_at", np.int64),
            work_day_w=columns.array("work_day", np.int32),
        ),
        numbers,
    )


def _warehouse(
    take: Fields, place: int, numbers: dict[str, int], places: PlaceResolver, now: datetime | None
) -> dict[str, Any]:
    unique(numbers, take("id", name), pointer(take.path, "id"))
    take("name", text, "")
    row: dict[str, Any] = {
        "position": take("position", integer(-LARGEST_POSITION, LARGEST_POSITION), place + 1),
        "open": take("open", flag, True),
        "covers": take("covers", region_codes, None),
        "excludes": take("excludes", region_codes, ()),
        "capacity": _limit(take("capacity", integer(), None)),
        "load": take("load", integer(), 0),
        "ratio": take("ratio", integer(), 0),
    }
    refuse_unknown(places, row["covers"] or (), pointer(take.path, "covers"))
    refuse_unknown(places, row["excludes"], pointer(take.path, "excludes"))
    region, point = take("region", region_code, None), read_point(take)
    if region is not None:
        refuse_unknown(places, (region,), take.path)
        point = point or point_of(places, region)
    row["lat"], row["lng"] = point or (nan, nan)
    row["ready_at"], row["work_day"] = _calendar(take, now)
    take.end()
    return row


def read_point(take: Fields) -> tuple[float, float] | None:
    """`lat` and `lng`, both or neither."""
    lat, lng = take("lat", number(-90, 90), None), take("lng", number(-180, 180), None)
    if (lat is None) != (lng is None):
        missing = "lng" if lng is None else "lat"
        raise ProblemError("missing_key", pointer(take.path, missing), "“lat” and “lng” go together.", "Give both.")
    return None if lat is None or lng is None else (lat, lng)


def _limit(capacity: int | None) -> int:
    return UNLIMITED if capacity is None else capacity


def _calendar(take: Fields, now: datetime | None) -> tuple[int, int]:
    """When a new order can leave and which work day it counts for; without `now`, as if today had just begun."""
    timezone, cutoff = take("timezone", _timezone, "Asia/Shanghai"), take("cutoff", _clock_time, None)
    weekdays, days = take("days_off", _days_off, (frozenset(), frozenset()))
    handling_s = take("handling_s", integer(0, LARGEST_DURATION_S), 0)
    if now is None:
        if cutoff is not None:
            raise ProblemError("now_missing", "/now", "“now” is needed where a warehouse has a cut-off.", "Add “now”.")
        return _UTC_START + handling_s, 0
    try:
        ready = ready_at(now, timezone, cutoff, days, handling_s, weekdays)
        return ready, work_day(now, timezone, cutoff, days, weekdays)
    except NoWorkDayError as error:
        raise ProblemError("bad_value", pointer(take.path, "days_off"), "No day is left to work on.") from error


def _timezone(value: object, path: str) -> str:
    try:
        return ZoneInfo(name(value, path)).key
    except (KeyError, ValueError, OSError) as error:
        message = f"“{value}” is not a time zone."
        raise ProblemError("bad_time", path, message, "Write it like Asia/Shanghai.") from error


def _clock_time(value: object, path: str) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text(value, path), re.ASCII):
        raise ProblemError("bad_time", path, f"“{value}” is not a time of day.", "Write it like 16:00.")
    return time.fromisoformat(str(value))


def _days_off(value: object, path: str) -> tuple[frozenset[int], frozenset[date]]:
    weekdays, days = set(), set()
    for entry, where in items(value, path):
        if text(entry, where) in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(str(entry)))
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", str(entry), re.ASCII):
            days.add(_date(str(entry), where))
        else:
            raise _bad_day(entry, where)
    return frozenset(weekdays), frozenset(days)


def _date(value: str, path: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _bad_day(value, path) from error


def _bad_day(value: object, path: str) -> ProblemError:
    return ProblemError("bad_time", path, f"“{value}” is not a day.", "Write a date like 2026-11-11 or a weekday: sun.")


def read_teams(value: object, warehouses: Mapping[str, int]) -> tuple[Teams, dict[str, int]]:
    """The teams, and the number of each by its id."""
    columns, numbers = Columns(), dict[str, int]()
    for entry, path in items(value, "/teams"):
        take = Fields(entry, path, TEAM_KEYS)
        team = take("id", name)
        if team in RESERVED_TEAMS or team.startswith("skill:"):
            raise ProblemError("bad_value", pointer(path, "id"), f"“{team}” means something else in a rule's “team”.")
        unique(numbers, team, pointer(path, "id"))
        home = take("warehouse", reference(dict(warehouses), "warehouse"), None)
        columns.rows.append(
            {
                "warehouse": -1 if home is None else home,
                "shops": take("shops", names, ()),
                "skills": take("skills", names, ()),
                "ratio": take("ratio", integer(), 0),
                "capacity": _limit(take("capacity", integer(), None)),
                "load": take("load", integer(), 0),
            }
        )
        take.end()
    return (
        Teams(
            id_t=tuple(numbers),
            warehouse_t=columns.array("warehouse", np.int32),
            shops_t=columns.of("shops"),
            skills_t=columns.of("skills"),
            ratio_t=columns.array("ratio", np.int64),
            capacity_t=columns.array("capacity", np.int64),
            load_t=columns.array("load", np.int64),
            credit_t=np.zeros(len(numbers)),
        ),
        numbers,
    )


def read_freight(value: object, warehouses: Mapping[str, int], places: PlaceResolver) -> Freight:
    """The price rows. What a row leaves out is as the format's example shows it."""
    columns = Columns()
    for entry, path in items(value, "/freight"):
        take = Fields(entry, path, FREIGHT_KEYS)
        region = take("region", region_code, None)
        refuse_unknown(places, () if region is None else (region,), path)
        columns.rows.append(
            {
                "warehouse": take("warehouse", reference(dict(warehouses), "warehouse")),
                "carrier": take("carrier", text, ""),
                "region": region,
                "first_g": take("first_g", integer(), 1000),
                "first_minor": take("first_minor", integer(), 1200),
                "next_g": take("next_g", integer(1), 1000),
                "next_minor": take("next_minor", integer(), 500),
                "transit_s": take("transit_s", integer(0, LARGEST_DURATION_S), 172_800),
            }
        )
        take.end()
    return Freight(
        warehouse_f=columns.array("warehouse", np.int32),
        carrier_f=columns.of("carrier"),
        region_f=columns.of("region"),
        first_g_f=columns.array("first_g", np.int64),
        first_minor_f=columns.array("first_minor", np.int64),
        next_g_f=columns.array("next_g", np.int64),
        next_minor_f=columns.array("next_minor", np.int64),
        transit_s_f=columns.array("transit_s", np.int64),
        volumetric_cm3_per_kg_f=np.zeros(len(columns.rows), np.int64),
    )

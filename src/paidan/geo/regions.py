"""Regions as the rest of Paidan sees them: look one up, walk the tree, search by name; no arrays, no addresses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from paidan.geo.codes import code_of, number_of
from paidan.geo.table import TABLES, read_rows, region_table

Level = Literal["country", "province", "city", "district"]

_COUNTRY_AS_PROVINCE = {"HK": 810000, "MO": 820000, "TW": 710000}


class UnknownRegionError(LookupError):
    """The code names no region: neither an administrative code nor an ISO 3166 country."""

    code = "unknown_region"

    def __init__(self, value: object) -> None:
        super().__init__(f"no region has the code {value!r}")
        self.value = value


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative division of China, or a country; `lat` and `lng` fall back to the parent's."""

    code: str
    name: str
    level: Level
    parent: str | None
    lat: float | None
    lng: float | None


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, str]]:
    """ISO 3166-1 two-letter code → (Chinese name, English name)."""
    return {code: (zh, en) for code, zh, en in read_rows(TABLES / "countries.csv")}


def current_number(code: str | int) -> int:
    """The number (see `codes`) of the region a code means today: a retired code's successor, 810000 for 'HK'.

    Takes six digits, the 9 or 12 of a town or village (read as its county), and two-letter countries.
    Raises `UnknownRegionError`.
    """
    text = str(code).strip().upper()
    if text.isdecimal() and text.isascii():
        number = int(text[:6]) if len(text) in (6, 9, 12) else 0
        number = region_table().current(number)
        if number in region_table().names:
            return number
    elif text in countries():
        return _COUNTRY_AS_PROVINCE.get(text) or number_of(text)
    raise UnknownRegionError(code)


def is_region(code: str | int) -> bool:
    """Whether `region` would answer."""
    try:
        current_number(code)
    except UnknownRegionError:
        return False
    return True


def region(code: str | int) -> Region:
    """The region of a code; a retired code answers with its successor. Raises `UnknownRegionError`."""
    return _region(current_number(code))


@lru_cache(maxsize=8192)
def _region(number: int) -> Region:
    table, code = region_table(), code_of(number) or ""
    if number not in table.names:
        return Region(code, countries()[code][0], "country", None, None, None)
    lat, lng = table.point(number) or (None, None)
    return Region(code, table.names[number], level_of(number), code_of(table.parents[number]), lat, lng)


def level_of(number: int) -> Level:
    """The level of a six-digit number; counties governed by a province directly are districts."""
    if number % 10000 == 0:
        return "province"
    return "city" if number % 100 == 0 else "district"


def children(code: str | int) -> list[Region]:
    """The regions directly below, by code; none below a foreign country."""
    return [_region(number) for number in region_table().children.get(current_number(code), ())]


def ancestors(code: str | int) -> list[Region]:
    """All regions above, the nearest first, China last; none above a country."""
    table, number, above = region_table(), current_number(code), list[Region]()
    while number in table.names:
        number = table.parents[number]
        above.append(_region(number))
    return above


def full_name(code: str | int) -> str:
    """Province, city and district in one string, as an address begins: '浙江省杭州市西湖区', '重庆市渝中区'."""
    table, number, names = region_table(), current_number(code), list[str]()
    while number in table.names:
        container = number in (500100, 500200) and names
        if not container:
            names.append(table.names[number])
        number = table.parents[number]
    return "".join(reversed(names)) or _region(number).name


def search(text: str, limit: int = 20) -> list[Region]:
    """Regions whose name contains the text: beginnings and higher levels first, countries (in either language) last."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    found = sorted(
        (not name.startswith(wanted), number % 10000 != 0, number % 100 != 0, number)
        for number, name in region_table().names.items()
        if wanted in name
    )
    abroad = sorted(
        code
        for code, spellings in countries().items()
        if code not in _COUNTRY_AS_PROVINCE and any(wanted in spelling.lower() for spelling in (code, *spellings))
    )
    return ([_region(key[-1]) for key in found] + [region(code) for code in abroad])[:limit]

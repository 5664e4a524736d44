"""Regions as people choose and read them: provinces with their cities, and short names for cells."""

from functools import cache

from paidan.geo import children, region
from paidan.geo.codes import code_of

ROOT = "CN"
SHORTENED = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


@cache
def region_choices() -> list[tuple[int, str]]:
    """Every province and below it its cities, each with its number and full name."""
    found: list[tuple[int, str]] = []
    for province in children(ROOT):
        found.append((int(province.code), short(province.name)))
        found += [
            (int(city.code), f"{short(province.name)} {short(city.name)}")
            for city in children(province.code)
            if city.name != province.name and city.code.endswith("00")
        ]
    return found


def bounds(number: int) -> tuple[int, int]:
    """The numbers of everything within a region: a province owns four digits below it, a city two, a country none."""
    if number < 100_000:
        return number, number
    width = 10_000 if number % 10_000 == 0 else 100 if number % 100 == 0 else 1
    return number, number + width - 1


@cache
def short_place(number: int) -> str:
    """湖南 长沙: province and city without their suffixes; what a cell has room for."""
    code = code_of(number)
    if code is None:
        return ""
    if number < 100_000:
        return region(code).name
    province = region(f"{number // 10_000}0000")
    city_code = f"{number // 100}00"
    names = [short(province.name)]
    if city_code != province.code and not city_code.endswith("0000"):
        try:
            names.append(short(region(city_code).name))
        except LookupError:
            names.append(short(region(code).name))
    if len(names) == 2 and names[1] in ("市辖区", names[0], "县", "省直辖县级行政区划", "自治区直辖县级行政区划"):
        names[1] = short(region(code).name)
    return " ".join(names)


def short(name: str) -> str:
    for suffix in SHORTENED:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name

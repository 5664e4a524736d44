"""Where a parcel goes, in one word: the city people sort by."""

from functools import lru_cache

from paidan.geo.codes import code_of
from paidan.geo.regions import ancestors, region

SUFFIXES = ("市", "地区", "盟")


@lru_cache(maxsize=8192)
def city_of(number: int) -> str:
    """深圳, 重庆, 西藏: the city of a region, else the municipality's or province's own name; '' for no region."""
    code = code_of(number)
    if code is None:
        return ""
    levels = [region(code), *ancestors(code)]
    cities = [one.name for one in levels if one.level == "city" and "辖" not in one.name]
    provinces = [one.name for one in levels if one.level == "province"]
    name = (cities or provinces or [levels[0].name])[0]
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name

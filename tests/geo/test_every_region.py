"""Properties that hold for every row of the region table."""

from collections import Counter

import pytest

from paidan.geo import full_name, resolve
from paidan.geo.table import region_table

TABLE = region_table()
NUMBERS = sorted(TABLE.names)
DISTRICTS = [number for number in NUMBERS if number % 100]
BEARERS = Counter(TABLE.names[number] for number in NUMBERS)

# Unique today, but another city had a district of the name until lately and its people still write it.
STILL_SAID_ELSEWHERE = {"清河区", "矿区", "桥东区", "双桥区", "江北区"}


def province_of(number: int) -> int:
    return number // 10000 * 10000


def parts(number: int) -> list[str]:
    """Province, city (where there is one) and district as an address gives them."""
    city = TABLE.parents[number]
    between = [] if city == province_of(number) or city in (500100, 500200) else [TABLE.names[city]]
    return [TABLE.names[province_of(number)], *between, TABLE.names[number]]


def misread(addresses: dict[int, str]) -> dict[str, str | None]:
    answers = {number: resolve(address) for number, address in addresses.items()}
    return {
        addresses[number]: answer.code or answer.reason
        for number, answer in answers.items()
        if answer.code != f"{number:06d}"
    }


def test_every_full_name_is_its_own_code() -> None:
    assert misread({number: full_name(number) for number in NUMBERS}) == {}


@pytest.mark.parametrize("street", ["人民路1号", "北京中路88号", " 上海大厦3楼", "中山大道", "南京市场", "沙县小吃店"])
def test_no_street_or_firm_after_a_full_name_changes_it(street: str) -> None:
    assert misread({number: full_name(number) + street for number in DISTRICTS}) == {}


@pytest.mark.parametrize("between", [" ", "　", "，", "/", "-", " > "])
def test_separators_between_the_parts_change_nothing(between: str) -> None:
    assert misread({number: between.join(parts(number)) + between + "解放路" for number in DISTRICTS}) == {}


@pytest.mark.parametrize(
    "before", ["王小明 13800138000 ", "13800138000", "收货地址：", "中国", "建设路18号 ", "北京路18号 "]
)
def test_noise_before_a_full_name_changes_nothing(before: str) -> None:
    assert misread({number: before + "".join(parts(number)) for number in DISTRICTS}) == {}


def test_the_smallest_part_may_stand_first() -> None:
    # Not Taiwan's towns: a 大溪镇 at the beginning is one of dozens on the mainland.
    counties = [number for number in DISTRICTS if TABLE.names[number][-1] not in "乡镇"]
    assert misread({number: " ".join(reversed(parts(number))) for number in counties}) == {}


def test_city_and_district_are_enough() -> None:
    assert misread({number: "".join(parts(number)[-2:]) for number in DISTRICTS}) == {}


def test_province_and_district_resolve_where_unique_and_are_ambiguous_where_not() -> None:
    bearers = Counter((province_of(number), TABLE.names[number]) for number in DISTRICTS)
    for number in DISTRICTS:
        resolution = resolve(TABLE.names[province_of(number)] + TABLE.names[number])
        if bearers[province_of(number), TABLE.names[number]] == 1:
            assert resolution.code == f"{number:06d}"
        else:
            assert resolution.reason == "ambiguous"


def test_a_district_alone_resolves_if_china_has_one_and_is_ambiguous_if_it_has_more() -> None:
    for number in DISTRICTS:
        resolution = resolve(TABLE.names[number])
        if BEARERS[TABLE.names[number]] > 1 or TABLE.names[number] in STILL_SAID_ELSEWHERE:
            assert resolution.reason == "ambiguous", TABLE.names[number]
        else:
            assert resolution.code == f"{number:06d}", TABLE.names[number]


def test_a_wrong_province_is_never_believed() -> None:
    provinces = [number for number in NUMBERS if number % 10000 == 0]
    for place, number in enumerate(DISTRICTS):
        wrong = provinces[place % len(provinces)]
        if number // 10000 == wrong // 10000 or len(parts(number)) < 3:
            continue
        resolution = resolve(TABLE.names[wrong] + "".join(parts(number)[1:]))
        assert resolution.code is None, (TABLE.names[wrong], parts(number))

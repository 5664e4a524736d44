"""The region tree: what a code is, what lies above and below it."""

import pytest

from paidan.geo import (
    UnknownRegionError,
    ancestors,
    children,
    current_number,
    full_name,
    is_region,
    region,
    search,
)
from paidan.geo.table import region_table


def codes(regions: list) -> list[str]:  # type: ignore[type-arg]
    return [one.code for one in regions]


def test_a_district_knows_its_level_parent_and_place() -> None:
    west_lake = region("330106")
    assert (west_lake.name, west_lake.level, west_lake.parent) == ("西湖区", "district", "330100")
    assert west_lake.lat == pytest.approx(30.26, abs=0.05)
    assert west_lake.lng == pytest.approx(120.13, abs=0.05)
    assert codes(ancestors("330106")) == ["330100", "330000", "CN"]


def test_the_tree_holds_every_row_once() -> None:
    seen, waiting = [], ["CN"]
    while waiting:
        below = codes(children(waiting.pop()))
        seen += below
        waiting += below
    assert len(seen) == len(set(seen)) == len(region_table().names)


def test_a_municipality_that_is_its_own_city_is_one_region() -> None:
    assert region("310100") == region("310000")
    assert region("310115").parent == "310000"
    assert full_name("310115") == "上海市浦东新区"


def test_chongqing_keeps_its_two_containers_but_no_name_repeats_it() -> None:
    assert codes(children("500000")) == ["500100", "500200"]
    assert full_name("500103") == "重庆市渝中区"
    assert full_name("500229") == "重庆市城口县"


def test_counties_governed_by_a_province_hang_below_it() -> None:
    for code, name in [
        ("429004", "湖北省仙桃市"),
        ("469002", "海南省琼海市"),
        ("419001", "河南省济源市"),
        ("659001", "新疆维吾尔自治区石河子市"),
    ]:
        assert full_name(code) == name
        assert len(ancestors(code)) == 2


def test_hong_kong_macau_and_taiwan_answer_to_their_country_codes() -> None:
    assert region("HK").code == "810000"
    assert region("MO").code == "820000"
    assert region("TW").code == "710000"


def test_other_countries_are_leaves() -> None:
    japan = region("jp")
    assert (japan.code, japan.name, japan.level, japan.parent, japan.lat) == ("JP", "日本", "country", None, None)
    assert children("JP") == ancestors("JP") == []


def test_retired_codes_answer_with_their_successors() -> None:
    assert region("320584").code == "320509"  # 吴江市
    assert region("110103").code == "110101"  # 崇文区
    assert region("500112").code == "500157"  # 渝北区
    assert region("460003").code == "460400"  # 儋州市


def test_every_retired_code_leads_to_a_region_of_today() -> None:
    table = region_table()
    assert all(number in table.names for number in table.successors.values())
    assert not set(table.successors) & set(table.names)


def test_towns_are_read_as_their_county() -> None:
    assert region("310115145").code == region("310115145000").code == "310115"


@pytest.mark.parametrize(
    "code", ["", "999999", "990000", "999900", "820010000", "XX", "31", "3101150", "一二三四五六", "-10115"]
)
def test_what_is_no_region_is_refused(code: str) -> None:
    expected = code == "820010000"  # the placeholder of Macau stands for Macau
    assert is_region(code) is expected
    if not expected:
        with pytest.raises(UnknownRegionError):
            region(code)


def test_numbers_and_codes_are_two_forms_of_one_thing() -> None:
    from paidan.geo.codes import code_of

    for code in ("110105", "CN", "US", "710100"):
        assert code_of(current_number(code)) == code


def test_search_finds_beginnings_first_and_countries_last() -> None:
    assert codes(search("西湖")) == ["330106", "360103", "420112"]
    assert codes(search("japan")) == codes(search("日本")) == ["JP"]
    assert search("浙江", limit=1)[0].code == "330000"
    assert search("  ") == []

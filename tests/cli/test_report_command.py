import csv
import io
from datetime import timedelta

import pytest
from tests.builders import BEIJING, NOW, SHANGHAI, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.wave import run_wave
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    """Three orders of 11 November: two in Beijing (one accepted), one short of stock; and one of the day before."""
    shop, beijing = make_shop("s1"), make_warehouse("bj", name="北京仓", **BEIJING)
    make_team("bj-1", beijing, name="=北京一组")
    make_stock(beijing, "A", 5)
    publish_rules({"policy": {}}, now=NOW)
    paid = NOW + timedelta(hours=1)
    for number, qty in (("O-1", 1), ("O-2", 1), ("O-3", 50)):
        make_order({"A": qty}, shop=shop, number=number, paid_at=paid, **SHANGHAI)
    make_order({"A": 1}, shop=shop, number="O-0", paid_at=NOW - timedelta(days=1), **SHANGHAI)
    run_wave(now=paid + timedelta(minutes=30))
    accept_allocations([Allocation.objects.get(order__number="O-1").id], now=paid + timedelta(hours=2))


@pytest.mark.usefixtures("day")
def test_a_day_counts_the_orders_paid_that_day_and_no_others(paidan):
    report = paidan("report", "--day", "2026-11-11", "--json").json
    assert (report["received"], report["allocated"], report["unallocated"]) == (3, 2, 1)
    assert report["unallocated_by_reason"] == {"stock_short": 1}
    [place] = report["places"]
    assert (place["warehouse"], place["team"]) == ("bj", "bj-1")
    assert (place["orders"], place["allocated"], place["in_progress"], place["shipped"]) == (2, 1, 1, 0)
    assert place["paid_to_allocated_s"] == 1800


@pytest.mark.usefixtures("day")
def test_several_days_add_up(paidan):
    report = paidan("report", "--from", "2026-11-10", "--to", "2026-11-11", "--json").json
    assert report["received"] == 4
    assert report["total"]["orders"] == 3


@pytest.mark.usefixtures("day")
def test_the_table_speaks_both_languages(paidan):
    english = paidan("report", "--day", "2026-11-11")
    chinese = paidan("report", "--day", "2026-11-11", lang="zh-Hans")
    assert "3 orders; 2 allocated" in english.out
    assert "30 min" in english.out
    assert "共 3 单；已分配 2" in chinese.out
    assert "库存不足" in chinese.out


@pytest.mark.usefixtures("day")
def test_csv_has_a_row_per_team_and_per_reason(paidan):
    rows = list(csv.DictReader(io.StringIO(paidan("report", "--day", "2026-11-11", "--csv").out)))
    assert [row["warehouse"] for row in rows] == ["bj", ""]
    assert (rows[1]["reason"], rows[1]["unallocated"]) == ("stock_short", "1")


def test_a_day_without_orders_is_a_report_too(paidan):
    answer = paidan("report", "--day", "2020-01-01", "--json")
    assert (answer.code, answer.json["received"], answer.json["places"]) == (0, 0, [])


@pytest.mark.parametrize("options", [["--day", "11.11."], ["--from", "2026-11-12", "--to", "2026-11-11"]])
def test_days_that_make_no_sense_are_wrong_use(paidan, options):
    assert paidan("report", *options).code == 2


@pytest.mark.usefixtures("day")
def test_a_cut_has_every_measure_and_a_total(paidan):
    report = paidan("report", "--day", "2026-11-11", "--by", "shop", "--json").json
    [shop, total] = report["rows"]
    assert (shop["name"], total["total"]) == ("s1", True)
    assert (shop["received"], shop["unallocated"], shop["parcels"], shop["accepted"]) == (3, 1, 2, 1)
    rows = list(csv.reader(io.StringIO(paidan("report", "--day", "2026-11-11", "--by", "team", "--csv").out)))
    assert rows[1][0] == "'=北京一组"
    assert "2" in paidan("report", "--day", "2026-11-11", "--by", "warehouse").out
    assert paidan("report", "--by", "moon").code == 2

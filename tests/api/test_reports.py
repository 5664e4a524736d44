"""Reports through the API: the figures of the pages, within the caller's reach."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.api.conftest import Program
from tests.builders import make_order, make_promotion
from tests.reports.test_advice import lived  # noqa: F401 - the fixture
from tests.reports.test_promotions import sale  # noqa: F401 - the fixture

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.accounts.token_scopes import TokenScope
from paidan.accounts.tokens import add_token
from paidan.allocation.by_hand import assign_by_hand
from paidan.api.report_schemas import By
from paidan.reports.asking import BY, Asked
from paidan.reports.columns import measures, plain
from paidan.reports.periods import Days
from paidan.reports.rows import report_of


@pytest.fixture
def worked(seller):
    """Today: three orders of jd, one of them shipped from afar, and one of tmall; one that is stuck."""
    now = timezone.now()
    for at in range(3):
        row = make_order({"A": 1}, shop=seller.jd, region="440106", now=now, amount_minor=1000)
        assign_by_hand(row.id, warehouse=seller.bj if at == 2 else seller.gz, now=now)
    row = make_order({"A": 1}, shop=seller.tmall, region="110105", now=now)
    assign_by_hand(row.id, warehouse=seller.bj, now=now)
    return seller


def today(**more):
    day = timezone.localdate().isoformat()
    return {"from": day, "to": day, **more}


def test_every_cut_is_the_reports_own(worked):
    assert set(By.__args__) == set(BY)
    program, day = worked.program(), timezone.localdate()
    for by in BY:
        found = program.get("/reports/allocation", **today(by=by))
        assert found.status_code == 200, found.content
        report = report_of(Asked(Days(day, day), None, by, {}, {}))
        assert [row["name"] for row in found.json()["rows"]] == [row.name for row in report.rows]
        for row, own in zip(found.json()["rows"], report.rows, strict=True):
            for measure in measures(report.asked, everything=True):
                if measure.unit == 1:
                    assert row["figures"][measure.key] == plain(measure, own.now), (by, measure.key)


def test_rows_are_named_by_code_and_figures_by_their_unit(worked):
    program = worked.program()
    places = program.get("/reports/allocation", **today(beside="true")).json()
    assert [(row["key"], row["figures"]["parcels"], row["share"]) for row in places["rows"]] == [
        ("gz", 2, 0.5),
        ("bj", 2, 0.5),
    ]
    assert places["rows"][0]["before"]["parcels"] == 0
    assert places["beside"]["last"] == (timezone.localdate() - timedelta(days=1)).isoformat()
    shops = program.get("/reports/allocation", **today(by="shop")).json()
    assert [(row["key"], row["figures"]["amount_minor"]) for row in shops["rows"]] == [("jd", 3000), ("tmall", 0)]
    assert shops["total"]["freight_minor"] > 0
    regions = program.get("/reports/allocation", **today(by="region", warehouse="bj")).json()["rows"]
    assert {row["key"] for row in regions} == {"440000", "110000"}
    one = program.get("/reports/allocation", **today(by="day", region="北京市")).json()["rows"]
    assert (one[0]["key"], one[0]["figures"]["received"]) == (timezone.localdate().isoformat(), 1)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"from": "2026-11-12", "to": "2026-11-11"}, "from"),
        ({"from": "2020-01-01", "to": "2026-11-11"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "1900-01-01"}, "from"),
        ({"promotion": "x"}, "promotion"),
        ({"promotion": "x", "from": "2026-11-11"}, "promotion"),
        ({"by": "colour"}, "by"),
        ({"by": "reason", "warehouse": "gz"}, "by"),
        ({"warehouse": "x"}, "warehouse"),
        ({"shop": "x"}, "shop"),
        ({"region": "440106"}, "region"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_parameter(seller, asked, pointer):
    answer = seller.program().get("/reports/allocation", **asked)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


def test_a_promotion_names_its_days(worked):
    make_promotion("now", timezone.now() - timedelta(hours=1), hours=2)
    found = worked.program().get("/reports/allocation", promotion="now", by="shop").json()
    assert found["total"]["received"] == 4


def test_what_became_of_some_days_orders(worked):
    make_order({"A": 1}, shop=worked.jd, region="110105", now=timezone.now())
    found = worked.program().get("/reports/outcome", **today()).json()
    assert (found["received"], found["allocated"], found["pending"]) == (5, 4, 1)
    assert {(row["warehouse"], row["allocations"]) for row in found["places"]} == {("gz", 2), ("bj", 2)}


def test_the_teams_day_is_told_within_reach(worked):
    rows = worked.program().get("/reports/teams").json()
    assert [(row["team"], row["warehouse"], row["waiting"]) for row in rows] == [("t1", "gz", 2), ("t2", "bj", 2)]
    assert rows[0]["share_percent"] == 100
    limited = worked.program(warehouses=[worked.bj]).get("/reports/teams").json()
    assert [row["team"] for row in limited] == ["t2"]


def test_limits_and_scopes_hold(worked):
    limited = worked.program(shops=[worked.tmall])
    assert limited.get("/reports/allocation", **today(by="shop")).json()["total"]["received"] == 1
    assert limited.get("/reports/allocation", shop="jd").json()["pointer"] == "shop"
    for path in ("/reports/outcome", "/reports/promotions", "/reports/advice", "/reports/transfers"):
        assert limited.get(path).json()["code"] == "out_of_reach", path
    here = worked.program(warehouses=[worked.gz])
    assert {row["key"] for row in here.get("/reports/allocation", **today()).json()["rows"]} == {"gz"}
    blind = worked.program("orders:read")
    for path in ("allocation", "outcome", "teams", "promotions", "advice", "transfers"):
        assert blind.get(f"/reports/{path}").status_code == 403, path


def lead():
    owner = User.objects.create(username="erp", role=Role.LEAD)
    return Program(add_token("t", owner=owner, scopes=list(TokenScope), now=timezone.now(), by=None)[1])


def test_promotions_are_compared_with_ordinary_days(sale):  # noqa: ARG001, F811
    usual, special = lead().get("/reports/promotions", promotion="1111").json()
    assert (usual["promotion"], len(usual["days"]), special["promotion"]) == (None, 13, "1111")
    assert special["figures"]["allocations_per_day"] == 20
    assert special["figures"]["moved_by_hand_per_1000"] == 250
    assert special["moved_by_hand"] == {"overloaded": 3, "": 2}
    assert special["exceptions"] == {"damaged": 1}
    assert lead_again().get("/reports/promotions", promotion="x").json()["pointer"] == "promotion"
    many = lead_again().get("/reports/promotions", promotion=["1", "2", "3", "4"])
    assert (many.status_code, many.json()["pointer"]) == (422, "promotion")


def lead_again():
    owner = User.objects.get(username="erp")
    return Program(add_token("u", owner=owner, scopes=["reports:read"], now=timezone.now(), by=None)[1])


def test_advice_is_that_of_the_page(lived):  # noqa: ARG001, F811
    found = lead().get("/reports/advice").json()
    ratios = {row["warehouse"]: (row["ratio_percent"], row["ratio_percent_then"]) for row in found["warehouses"]}
    assert ratios["bj"][1] < ratios["bj"][0]
    assert ratios["gz"][1] > ratios["gz"][0]
    thin = next(row for row in found["teams"] if row["team"] == "thin")
    assert (thin["per_hour"], thin["capacity_then"]) == (None, None)
    assert lead_again().get("/reports/transfers", limit=5).json() == []

"""Promotions compared: with each other and with the days no promotion touches, per day and per thousand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.builders import BEIJING, make_order, make_promotion, make_stock, make_team, make_warehouse
from tests.reports.test_advice import lived  # noqa: F401 - the fixture
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.reassign import reassign_allocations
from paidan.orders.exceptions import report_exception
from paidan.orders.states import ExceptionKind
from paidan.reports.periods import midnight
from paidan.reports.refresh import refresh
from paidan.reports.sales import ordinary_before, sale_of

URL = "/reports/promotions/"


@pytest.fixture
def sale(db):  # noqa: ARG001 - it needs the database
    """Two orders a day, but twenty on the day of the promotion, ten days ago, of which five were moved by hand."""
    timezone.activate("Asia/Shanghai")
    place = make_warehouse("bj", name="North", **BEIJING)
    teams = make_team("a", place), make_team("b", place)
    make_stock(place, "A", 900)
    begins = midnight(timezone.localdate() - timedelta(days=10))
    somebody = sign_in_as(Role.LEAD).user
    for back in range(14):
        at = begins - timedelta(days=back) + timedelta(hours=12)
        keys = []
        for _ in range(2 if back else 20):
            order = make_order(now=at, region="110105")
            keys.append(assign_by_hand(order.id, warehouse=place, team=teams[0], now=at))
        if not back:
            reassign_allocations(keys[:3], warehouse=place, team=teams[1], now=at, by=somebody, reason="overloaded")
            reassign_allocations(keys[3:5], warehouse=place, team=teams[1], now=at, by=somebody)
            report_exception(ExceptionKind.DAMAGED, order_id=order.id, allocation_id=keys[-1], now=at)
    refresh(now=timezone.now())
    return make_promotion("1111", begins)


def test_a_promotion_beside_ordinary_days(sale):
    days = timezone.localdate() - timedelta(days=10)
    special, usual = sale_of(sale), ordinary_before([sale], days)
    assert (len(special.days), special.figures.parcels, special.work["out_hand_n"]) == (1, 20, 5)
    assert special.per_thousand(5) == 250
    assert special.problems == [(ExceptionKind.DAMAGED, 1)]
    assert (len(usual.days), usual.figures.parcels, usual.work["out_hand_n"]) == (13, 26, 0)
    assert usual.problems == []


def test_days_of_another_promotion_are_not_ordinary(sale):
    earlier = make_promotion("618", sale.starts_at - timedelta(days=3), hours=48)
    usual = ordinary_before([sale, earlier], timezone.localtime(sale.starts_at).date())
    assert len(usual.days) == 11
    assert usual.figures.parcels == 22


def test_the_page_puts_up_to_three_beside_each_other(sale):
    others = [make_promotion(f"p{at}", sale.starts_at + timedelta(days=at), hours=5) for at in range(4)]
    client = sign_in_as(Role.VIEWER).client
    assert len(client.get(URL).context["names"]) == 3
    page = client.get(URL, {"p": [sale.pk, *(one.pk for one in others)]})
    assert len(page.context["names"]) == 4
    page = client.get(URL, {"p": sale.pk})
    assert page.context["names"] == ["13 ordinary days", "1111"]
    figures = dict(page.context["figures"])
    assert figures["Orders received a day"] == ["2.0", "20"]
    assert figures["Moved by hand, of 1,000"] == ["0.0", "250"]


def test_why_people_moved_things_is_counted(sale):
    page = sign_in_as(Role.VIEWER).client.get(URL, {"p": sale.pk})
    assert page.context["moved"] == [("overloaded", [0, 3]), ("no reason given", [0, 2])]


def test_without_a_promotion_the_page_says_how_to_make_one(db):  # noqa: ARG001
    assert "No promotion has begun yet" in sign_in_as(Role.LEAD).client.get(URL).content.decode()


def test_speeds_are_of_saturated_hours_within_the_promotion(lived):  # noqa: F811
    north, south, _teams = lived
    sale = sale_of(make_promotion("sale", timezone.now() - timedelta(days=8), hours=5 * 24))
    for place, true in ((north, 50), (south, 100)):
        rate = sale.rate(place.pk)
        assert not rate.is_thin
        assert rate.low <= true <= rate.high

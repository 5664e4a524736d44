"""The report's page: its numbers are the desk's, its files are the page, and everybody sees their own part."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.allocation.test_any_sequence import World
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    make_freight,
    make_order,
    make_promotion,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.reports.test_against_rows import Shops
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.wave import run_wave
from paidan.network.models import Shop, Team, Warehouse
from paidan.orders.models import Order
from paidan.reports.asking import BY
from paidan.reports.columns import MEASURES
from paidan.reports.refresh import mark_everything, refresh
from paidan.rules.services import publish_rules

URL = "/reports/"


@pytest.fixture
def lived(db):  # noqa: ARG001 - it needs the database
    """Today: three orders from Beijing, two from Guangzhou, one nobody could serve; two of a shop of their own."""
    now = timezone.now()
    shops = make_shop("s1", name="Corner", platform="jd"), make_shop("s2", name="Market", platform="tm")
    places = (
        make_warehouse("bj", name="North", ratio=50, capacity=10, **BEIJING),
        make_warehouse("gz", name="South", ratio=50, capacity=4, **GUANGZHOU),
    )
    for place in places:
        make_freight(place)
        make_team(f"t-{place.code}", place)
        make_stock(place, "A", 9)
    publish_rules([{"id": "near", "then": {"strategies": ["nearest"]}}], now=now)
    for region, shop, number in (("110105", shops[0], 3), ("440106", shops[1], 2)):
        for _ in range(number):
            make_order(shop=shop, region=region, now=now)
    make_order({"A": 99}, shop=shops[0], region="110105", now=now)
    run_wave(now=now)
    refresh(now=now)
    return places


def lines(answer):
    return {line["row"].name: line for line in answer.context["lines"]}


def numbers(answer, line):
    return {head.key: cell["text"] for head, cell in zip(answer.context["heads"], line["cells"], strict=True)}


def test_a_viewer_sees_each_warehouse_with_its_share(lived):  # noqa: ARG001
    answer = sign_in_as(Role.VIEWER).client.get(URL, {"range": "today"})
    north = lines(answer)["North"]
    assert numbers(answer, north)["orders"] == "3"
    assert round(north["row"].share, 2) == 0.6
    assert north["row"].target == 0.5
    assert north["row"].load == 0.3
    assert answer.context["total"]["row"].now.parcels == 5


def test_by_shop_orders_that_went_nowhere_are_told_too(lived):  # noqa: ARG001
    answer = sign_in_as(Role.LEAD).client.get(URL, {"range": "today", "by": "shop"})
    corner = numbers(answer, lines(answer)["Corner"])
    assert (corner["received"], corner["unallocated"], corner["orders"]) == ("4", "1", "3")
    assert [one["number"] for one in answer.context["reasons"]] == [1]


@pytest.mark.parametrize("by", ["warehouse", "team", "shop", "platform", "rule", "region", "hour", "day"])
def test_every_cut_adds_up_to_the_same_total(lived, by):  # noqa: ARG001
    answer = sign_in_as(Role.LEAD).client.get(URL, {"range": "today", "by": by, "show": "all"})
    assert sum(line["row"].now.parcels for line in answer.context["lines"]) == 5
    assert answer.context["total"]["row"].now.parcels == 5


def linked(answer):
    """(row, measure, number, address) of every number of the page that leads to orders."""
    total = answer.context["total"]
    for line in [*answer.context["lines"], total]:
        for head, cell in zip(answer.context["heads"], line["cells"], strict=True):
            if cell["url"]:
                yield line["row"].name, head.key, cell["text"], cell["url"]
            else:
                assert head.key not in LEADING or cell["text"] in ("0", "—"), (line["row"].name, head.key)
    for one in answer.context["reasons"]:
        yield "reasons", "", str(one["number"]), one["url"]
    for one in answer.context["flows"]:
        yield "flows", "", str(one["number"]), one["url"]


LEADING = {one.key for one in MEASURES if one.link or one.parcels}


def number_of(page, key):
    """How many the list counts of what the number of the report counts."""
    parcels = "parcels=" in page.wsgi_request.get_full_path() and key not in ("orders", "")
    said = re.match(r"([\d,]+) (allocation|exception)", page.context["sums"])
    assert said is None or f"of {page.context['total']} order" in page.context["sums"]
    return int(said[1].replace(",", "")) if parcels else page.context["total"]


def a_lived_world(kind, seed):
    """A random past that ends about now."""
    world = kind(seed)
    world.now = timezone.localtime().replace(hour=1, minute=0) - timedelta(days=6)
    for _ in range(90):
        world.act()
    Order.objects.filter(paid_at__lt=world.now - timedelta(days=30)).update(paid_at=world.now)
    Shop.objects.filter(code="shop").update(platform="jd")
    mark_everything()
    refresh(now=timezone.now())
    return world


@pytest.mark.parametrize(("kind", "seed"), [(World, 3), (Shops, 2), (Shops, 4)])
def test_behind_every_number_stand_exactly_those_orders(db, kind, seed):  # noqa: ARG001
    world = a_lived_world(kind, seed)
    client, seen, today = sign_in_as(Role.LEAD).client, set(), timezone.localdate()
    some = {"from": timezone.localdate(world.now) - timedelta(days=2), "to": timezone.localdate(world.now)}
    wide = {"from": today - timedelta(days=40), "to": today + timedelta(days=20)}
    for days, by in [*((wide, by) for by in BY), (some, "warehouse"), (some, "day"), (some, "shop")]:
        for what, key, number, url in linked(client.get(URL, {**days, "by": by, "show": "all"})):
            if (key, url) in seen or (getattr(world, "clocks", False) and key == "orders" and days is some):
                continue  # in parcels of several clocks an order counts on the day of its first
            seen.add((key, url))
            page = client.get(url)
            assert (by, what, key, number_of(page, key)) == (by, what, key, int(number.replace(",", ""))), url
    assert len(seen) > 40
    assert {key for key, _url in seen} >= {"automatic", "orders", "parcels"}


def test_who_sees_a_part_is_led_to_no_more(db):  # noqa: ARG001
    a_lived_world(World, 3)
    place = Warehouse.objects.order_by("id").first()
    client, today, found = sign_in_as(Role.LEAD, warehouses=[place]).client, timezone.localdate(), 0
    days = {"from": today - timedelta(days=60), "to": today, "by": "shop", "show": "all"}
    answer = client.get(URL, days)
    total = answer.context["total"]
    for head, cell in zip(answer.context["heads"], total["cells"], strict=True):
        if cell["url"]:
            found += 1
            assert number_of(client.get(cell["url"]), head.key) == int(cell["text"].replace(",", "")), head.key
    assert found > 4


def read_csv(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def as_read(cell):
    """A cell of either file: numbers as numbers."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell or ""


def test_the_files_say_what_the_page_says(lived):  # noqa: ARG001
    client = sign_in_as(Role.LEAD).client
    asked = {"range": "today", "by": "shop", "beside": "before"}
    page = client.get(URL, {**asked, "show": "all"})
    rows = read_csv(client.get(reverse("reports:export", args=["csv"]), asked))
    book = load_workbook(io.BytesIO(b"".join(client.get(reverse("reports:export", args=["xlsx"]), asked))))
    assert [[as_read(cell) for cell in row] for row in book.active.values] == [
        [as_read(cell) for cell in row] for row in rows
    ]
    heads = rows[0]
    assert len(heads) == 1 + 2 * len(MEASURES)
    said = {row[0]: dict(zip(heads, row, strict=True)) for row in rows[1:]}
    assert set(said) == {"Corner", "Market", "Total"}
    for name, line in [*lines(page).items(), ("Total", page.context["total"])]:
        for head, cell in zip(page.context["heads"], line["cells"], strict=True):
            if re.fullmatch(r"[\d,]+", cell["text"]):
                assert said[name][head.head] == cell["text"].replace(",", ""), (name, head.key)


def test_two_periods_stand_beside_each_other(lived):  # noqa: ARG001
    now = timezone.now()
    for _ in range(2):
        make_order(shop=Shop.objects.get(code="s1"), region="110105", now=now - timedelta(days=1))
    run_wave(now=now)
    refresh(now=now)
    answer = sign_in_as(Role.LEAD).client.get(URL, {"range": "today", "beside": "before"})
    cells = dict(zip([head.key for head in answer.context["heads"]], lines(answer)["North"]["cells"], strict=True))
    assert cells["orders"]["change"] == "+50%"
    assert answer.context["trend"]["beside"] == [2]


def test_a_filter_narrows_and_its_links_with_it(lived):  # noqa: ARG001
    shop = Shop.objects.get(code="s2")
    answer = sign_in_as(Role.LEAD).client.get(URL, {"range": "today", "shop": shop.pk})
    assert {name: line["row"].now.parcels for name, line in lines(answer).items()} == {"South": 2}
    assert f"shop={shop.pk}" in lines(answer)["South"]["cells"][0]["url"]


def test_two_filters_at_once_are_counted_from_the_rows(lived):
    asked = {"range": "today", "by": "region", "warehouse": lived[0].pk, "shop": Shop.objects.get(code="s1").pk}
    answer = sign_in_as(Role.LEAD).client.get(URL, asked)
    assert [line["row"].now.parcels for line in answer.context["lines"]] == [3]


def test_too_many_orders_for_that_are_refused_in_words(lived, monkeypatch):
    monkeypatch.setattr("paidan.reports.questions.MOST_ROWS", 1)
    asked = {"range": "today", "by": "region", "warehouse": lived[0].pk, "shop": Shop.objects.get(code="s1").pk}
    client = sign_in_as(Role.LEAD).client
    assert "shorten the period" in client.get(URL, asked).content.decode()
    assert client.get(reverse("reports:export", args=["csv"]), asked).status_code == 422


def test_who_is_limited_to_one_side_sees_that_side_only(lived):
    team = Team.objects.get(code="t-gz")
    limits = {"warehouses": [lived[1]], "teams": [team], "shops": [Shop.objects.get(code="s2")]}
    for by in ("warehouse", "team", "shop", "platform", "rule", "region", "hour", "day"):
        answer = sign_in_as(Role.LEAD, **limits).client.get(URL, {"range": "today", "by": by, "warehouse": lived[0].pk})
        assert answer.context["total"]["row"].now.parcels == 0
        answer = sign_in_as(Role.LEAD, **limits).client.get(URL, {"range": "today", "by": by})
        assert answer.context["total"]["row"].now.parcels == 2, by
        assert "North" not in answer.content.decode()
        assert "Corner" not in answer.content.decode()


def test_a_promotion_is_a_range(lived):  # noqa: ARG001
    sale = make_promotion("1111", timezone.now() - timedelta(hours=1))
    answer = sign_in_as(Role.LEAD).client.get(URL, {"range": f"p{sale.pk}"})
    assert answer.context["asked"].days.name == "1111"
    assert answer.context["total"]["row"].now.parcels == 5


@pytest.mark.parametrize(
    "query", ["range=x", "from=2026-13-01&to=", "by=nothing", "warehouse=x", "range=p999", "rule=x"]
)
def test_an_address_that_makes_no_sense_still_opens(lived, query):  # noqa: ARG001
    assert sign_in_as(Role.LEAD).client.get(f"{URL}?{query}").status_code == 200


def test_the_number_of_questions_does_not_grow_with_the_rows(lived, django_assert_max_num_queries):  # noqa: ARG001
    client = sign_in_as(Role.LEAD).client
    for at in range(12):
        place = make_warehouse(f"w{at}", lat=30.0 + at, lng=110.0)
        make_stock(place, "A", 5)
    assert Warehouse.objects.count() == 14
    client.get(URL, {"range": "today", "beside": "before"})
    with django_assert_max_num_queries(45):
        client.get(URL, {"range": "today", "beside": "before"})


def test_of_many_days_the_charts_come_after_the_table(lived):  # noqa: ARG001
    client = sign_in_as(Role.LEAD).client
    page = client.get(URL, {"from": "2026-01-01", "to": "2027-06-30"})
    assert page.context["total"]["row"].now.parcels == 5
    assert "heat" not in page.context
    later = client.get(page.context["charts_url"])
    assert later.context["heat"].number == 6
    assert [one["number"] for one in later.context["reasons"]] == [1]

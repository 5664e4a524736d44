"""The orders list: who sees it, what stands where, what finds what, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.builders import NOW, make_order, make_sku

from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations
from paidan.desk.orders.list import OrderList
from paidan.desk.orders.queries import bounded_counts, of_tab
from paidan.desk.orders.regions import bounds, region_choices, short_place
from paidan.engine.codes import Reason
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Event, Order, QueuedOrder
from paidan.orders.states import EventKind, ExceptionKind, OrderState

LIST = "/orders/"


def on_page(somebody, **query):
    page = somebody.client.get(LIST, query).content.decode()
    return [int(key) for key in re.findall(r'<tr data-id="(\d+)"', page)]


def make_stuck(order, reason=Reason.STOCK_SHORT):
    """As a wave leaves it."""
    Order.objects.filter(id=order.id).update(state=OrderState.UNALLOCATED, reason=reason)
    QueuedOrder.objects.filter(order=order).delete()
    Event.objects.create(at=NOW, order=order, kind=EventKind.TRIED, state=OrderState.UNALLOCATED)
    return order


def test_each_of_four_people_sees_what_is_theirs(desk):
    mine, other = desk.waiting(), make_order(shop=desk.jd)
    people = desk.people()
    assert set(on_page(people["lead"])) == set(on_page(people["viewer"])) == {mine.id, other.id}
    assert on_page(people["elsewhere"]) == [other.id]
    assert people["team"].client.get(LIST).status_code == 403


def test_a_viewer_has_no_batch_and_cannot_post_one(desk):
    desk.waiting()
    viewer = desk.people()["viewer"]
    for action in OrderList.actions:
        answer = viewer.client.post(f"/orders/batch/{action.key}/", {"all": "1", "query": ""})
        assert answer.status_code == 403, action.key


def test_every_order_stands_under_its_tabs(desk):
    now = timezone.now()
    soon = now + timedelta(minutes=90)
    pending = desk.waiting(ship_by_at=soon)
    stuck = make_stuck(desk.waiting(ship_by_at=soon + timedelta(days=9)))
    late = desk.waiting(ship_by_at=now - timedelta(hours=1))
    held = desk.waiting(ship_by_at=soon + timedelta(days=9))
    hold_orders([held.id], reason="wait", now=now)
    placed, _allocation = desk.assigned(ship_by_at=soon + timedelta(days=9))
    begun, allocation = desk.assigned(ship_by_at=soon + timedelta(days=9))
    accept_allocations([allocation], now=now)
    report_exception(ExceptionKind.OTHER, order_id=begun.id, now=now)
    wanted = {
        "pending": {pending.id, late.id},
        "unallocated": {stuck.id},
        "held": {held.id},
        "allocated": {placed.id},
        "progress": {begun.id},
        "shipped": set(),
        "exception": {begun.id},
        "late": {late.id},
        "due1": set(),
        "due2": {pending.id},
        "due24": {pending.id},
    }
    lead = desk.people()["lead"]
    assert {tab: set(on_page(lead, tab=tab)) for tab in wanted} == wanted
    page = lead.client.get(LIST).content.decode()
    for tab, ids in wanted.items():
        assert f'data-live="tab-{tab}">{len(ids)}<' in page, tab


def test_filters_find_their_orders(desk):
    guangzhou = make_order({"A": 2}, shop=desk.tmall, region="440106", tags=["VIP"], amount_minor=9_900)
    beijing = make_order({"B": 1}, shop=desk.jd, region="110105")
    make_sku("A").__class__.objects.filter(code="A").update(weight_g=3_000, name="Blue flask")
    placed, _allocation = desk.assigned(warehouse=desk.bj)
    lead = desk.people()["lead"]
    assert on_page(lead, shop=desk.jd.id) == [beijing.id]
    assert on_page(lead, region="440000") == [guangzhou.id]
    assert on_page(lead, region="440100,110000") == [beijing.id, guangzhou.id]
    assert on_page(lead, sku="B") == [beijing.id]
    assert set(on_page(lead, sku="flask")) == {guangzhou.id, placed.id}
    assert on_page(lead, tag="VIP") == [guangzhou.id]
    assert on_page(lead, amount_from="99", amount_to="99") == [guangzhou.id]
    assert on_page(lead, weight_from="5") == [guangzhou.id]
    assert on_page(lead, warehouse=desk.bj.id) == [placed.id]
    assert on_page(lead, team=desk.t2.id) == [placed.id]
    assert on_page(lead, team=desk.t1.id) == []
    assert on_page(lead, due="late", numbers=beijing.number) == [beijing.id]


def test_pasted_numbers_are_of_orders_parcels_and_lines(desk):
    order, other = desk.waiting(number="X1"), desk.waiting()
    placed, allocation = desk.assigned()
    Allocation.objects.filter(id=allocation).update(tracking_number="SF0001")
    other.lines.update(number="LINE-0001")
    lead = desk.people()["lead"]
    assert set(on_page(lead, numbers="X1, SF0001 LINE-0001 nothing 1")) == {order.id, placed.id, other.id}


def test_the_export_has_what_the_list_has(desk):
    order, _allocation = desk.assigned(number="X1", region="440106", amount_minor=12_345)
    make_order(shop=desk.jd, number="X2")
    lead = desk.people()["lead"].client
    answer = b"".join(lead.get("/orders/export.csv", {"shop": order.shop_id})).decode("utf-8-sig")
    head, line = answer.strip().splitlines()
    assert head.startswith("Ship by,Order,Shop,Items,Pcs")
    for value in ("X1", "tmall", "123.45", "广东 广州", "allocated", "Guangzhou · t1"):
        assert value in line, value
    assert desk.people()["viewer"].client.get("/orders/export.csv").status_code == 403


def test_the_list_costs_the_same_queries_for_twenty_and_two_hundred(desk, monkeypatch):
    lead, queries = desk.people()["lead"], []
    for size, more in ((20, 20), (200, 180)):
        for _number in range(more // 2):
            desk.waiting()
            desk.assigned()
        monkeypatch.setattr(OrderList, "page_size", size)
        with CaptureQueriesContext(connection) as captured:
            assert len(on_page(lead)) == size
        queries.append(len(captured))
    assert queries[0] == queries[1] <= 21


def test_counts_stop_where_told(desk):
    for _number in range(3):
        desk.waiting()
    rows = Order.objects.all()
    assert bounded_counts(
        {"all": rows.values("pk"), "shipped": of_tab(rows, "shipped", NOW).values("pk")}, limit=2
    ) == {"all": 2, "shipped": 0}


@pytest.mark.parametrize("tab", [tab.key for tab in OrderList.tabs])
def test_every_tab_opens_sorted_by_what_an_index_serves(desk, tab):
    desk.waiting()
    lead = desk.people()["lead"]
    page = lead.client.get(LIST, {"tab": tab, "sort": "ship_by_at"}).content.decode()
    assert page.count("aria-sort") <= 1
    assert lead.client.get(LIST, {"tab": tab, "sort": "-paid_at"}).status_code == 200


def test_regions_are_chosen_by_name_and_shown_short():
    names = dict(region_choices())
    assert names[440000] == "广东"
    assert names[440100] == "广东 广州"
    assert bounds(440000) == (440000, 449999)
    assert bounds(440100) == (440100, 440199)
    assert bounds(440106) == (440106, 440106)
    assert [short_place(number) for number in (430104, 310115, 429004, 659001, 810000, 0)] == [
        "湖南 长沙",
        "上海 浦东新区",
        "湖北 仙桃",
        "新疆 石河子",
        "香港",
        "",
    ]

"""What the refresh takes notice of, and what it leaves alone."""

from datetime import timedelta

import pytest
from django.db import connections
from tests.builders import BEIJING, NOW, SHANGHAI, make_order, make_stock, make_team, make_warehouse

from paidan.allocation.models import Allocation
from paidan.allocation.transitions import Shipment, accept_allocations, pack_allocations, pick_allocations
from paidan.allocation.transitions import ship_allocations as ship
from paidan.allocation.wave import run_wave
from paidan.network.models import Warehouse
from paidan.orders.models import Event
from paidan.reports.dimensions import Dimension
from paidan.reports.models import PendingEvents, RefreshState, StaleDay, WorkHour
from paidan.reports.questions import Question, figures
from paidan.reports.refresh import LOCK, as_of, mark_stale, refresh
from paidan.rules.services import publish_rules

DAY = NOW.date()
TODAY = Question(DAY, DAY)


@pytest.fixture
def beijing(db):  # noqa: ARG001 - it needs the database
    warehouse = make_warehouse("bj", **BEIJING)
    make_team("t", warehouse)
    make_stock(warehouse, "A", 50)
    publish_rules({"rules": []}, now=NOW)
    return warehouse


def sent(order, now):
    """An order's allocation through all hands."""
    key = Allocation.objects.get(order=order).id
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step([key], now=now)
    ship([Shipment(key, "sf", "1")], now=now)


@pytest.mark.usefixtures("beijing")
def test_what_happens_days_later_is_counted_where_the_order_was_paid():
    order = make_order(**SHANGHAI)
    run_wave(now=NOW)
    refresh(now=NOW)
    sent(order, NOW + timedelta(days=9))
    refresh(now=NOW + timedelta(days=9))
    [today] = figures(TODAY).values()
    assert (today.n["received_n"], today.n["shipped_n"], today.n["fulfilled_n"]) == (1, 1, 1)


@pytest.mark.usefixtures("beijing")
def test_only_days_with_news_are_counted_anew():
    make_order(number="old", paid_at=NOW - timedelta(days=5))
    refresh(now=NOW)
    order = make_order(number="new")
    mark_stale(now=NOW)
    assert list(StaleDay.objects.values_list("day", flat=True)) == [order.paid_at.date()]


@pytest.mark.usefixtures("beijing")
def test_an_order_becomes_overdue_without_an_event():
    make_order(ship_by_at=NOW + timedelta(hours=2), **SHANGHAI)
    run_wave(now=NOW)
    refresh(now=NOW)
    assert figures(TODAY)[0].n["overdue_n"] == 0
    refresh(now=NOW + timedelta(hours=3))
    assert figures(TODAY)[0].n["overdue_n"] == 1
    assert as_of() == NOW + timedelta(hours=3)


def test_a_warehouse_on_another_clock_moves_its_orders_to_its_own_day(beijing):
    make_order(paid_at=NOW + timedelta(hours=15, minutes=30), **SHANGHAI)  # 23:30 in Shanghai, 00:30 in Tokyo
    run_wave(now=NOW + timedelta(hours=16))
    refresh(now=NOW)
    assert figures(TODAY)[0].parcels == 1
    Warehouse.objects.filter(id=beijing.id).update(timezone="Asia/Tokyo")
    refresh(now=NOW)
    assert figures(TODAY)[0].parcels == 0
    assert figures(TODAY)[0].n["received_n"] == 1
    tomorrow = Question(DAY + timedelta(days=1), DAY + timedelta(days=1), Dimension.WAREHOUSE)
    assert figures(tomorrow)[beijing.id].parcels == 1


def test_every_statement_leaves_the_range_of_its_events(db):  # noqa: ARG001
    PendingEvents.objects.all().delete()
    order = make_order()
    rows = [Event(at=NOW, order=order, kind=2, state=1) for _ in range(3)]
    Event.objects.bulk_create(rows)
    ranges = [last - first for first, last in PendingEvents.objects.order_by("id").values_list("first", "last")]
    assert ranges == [0, 2]


@pytest.mark.django_db(transaction=True)
def test_an_event_committed_after_younger_ones_were_counted_is_not_skipped():
    """The elder transaction draws its event's id first and commits last."""
    early, late = make_order(number="early"), make_order(number="late")
    refresh(now=NOW)
    elder = connections.create_connection("default")
    try:
        with elder.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE orders_order SET amount_minor = 700 WHERE id = %s", [early.id])
            cursor.execute(
                "INSERT INTO orders_event (at, order_id, kind, state) VALUES (%s, %s, 2, 1)", [NOW, early.id]
            )
            Event.objects.create(at=NOW, order=late, kind=2, state=1)
            refresh(now=NOW)
            assert figures(TODAY)[0].n["amount_minor"] == 0
            cursor.execute("COMMIT")
    finally:
        elder.close()
    refresh(now=NOW)
    assert figures(TODAY)[0].n["amount_minor"] == 700


@pytest.mark.django_db(transaction=True)
def test_a_second_refresh_leaves_it_to_the_first():
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert not refresh(now=NOW)
    finally:
        other.close()
    assert refresh(now=NOW)


@pytest.mark.usefixtures("beijing")
def test_what_a_short_budget_leaves_is_counted_next_time():
    for days in range(4):
        make_order(number=f"{days}", paid_at=NOW - timedelta(days=days))
    assert not refresh(now=NOW, budget_s=0)
    assert RefreshState.objects.get().as_of is None
    assert refresh(now=NOW)
    assert figures(Question(DAY - timedelta(days=9), DAY))[0].n["received_n"] == 4


def test_the_work_of_an_hour_is_counted_by_when_it_was_done(beijing):
    order = make_order(**SHANGHAI)
    run_wave(now=NOW)
    sent(order, NOW + timedelta(hours=5, minutes=20))
    refresh(now=NOW)
    found = {row.hour: (row.assigned_n, row.accepted_n, row.shipped_n) for row in WorkHour.objects.all()}
    assert found == {NOW: (1, 0, 0), NOW + timedelta(hours=5): (0, 1, 1)}
    assert WorkHour.objects.values_list("warehouse", flat=True).distinct().get() == beijing.id


@pytest.mark.usefixtures("beijing")
def test_counting_needs_no_more_statements_for_more_orders(django_assert_max_num_queries):
    for number in range(40):
        make_order(number=f"n{number}")
    with django_assert_max_num_queries(40):
        refresh(now=NOW)

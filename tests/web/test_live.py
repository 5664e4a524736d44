"""The mark of a topic differs after every committed change of it, whatever order transactions commit in."""

from time import time

import pytest
from django.db import connections, transaction
from tests.builders import NOW, make_order, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.network.models import Warehouse
from paidan.orders.models import Event
from paidan.orders.states import EventKind, OrderState
from paidan.web.live import mark_of, note_change
from paidan.web.models import ChangeMark


@pytest.mark.django_db
def test_an_order_a_warehouse_and_a_note_change_their_own_topics_only():
    warehouse, order = make_warehouse(), make_order()
    before = {topic: mark_of([topic]) for topic in ("orders", "network", "imports")}
    Event.objects.create(order=order, at=NOW, kind=EventKind.CHANGED, state=OrderState.PENDING)
    assert mark_of(["orders"]) != before["orders"]
    assert mark_of(["network"]) == before["network"]
    Warehouse.objects.filter(pk=warehouse.pk).update(is_open=False)
    assert mark_of(["network"]) != before["network"]
    note_change("imports")
    assert mark_of(["imports"]) != before["imports"]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_seen():
    order = make_order()
    slow = connections["default"].copy()
    slow.set_autocommit(False)
    with slow.cursor() as cursor:
        cursor.execute("INSERT INTO web_changemark (topic) VALUES ('orders')")  # takes the lower id …
    with transaction.atomic():
        Event.objects.create(order=order, at=NOW, kind=EventKind.CHANGED, state=OrderState.PENDING)
    seen = mark_of(["orders"])
    slow.commit()  # … and commits after the higher one
    slow.close()
    assert mark_of(["orders"]) != seen


@pytest.mark.django_db
def test_a_statement_that_changes_many_rows_costs_one_mark():
    make_warehouse("a")
    make_warehouse("b")
    before = ChangeMark.objects.filter(topic="network").count()
    Warehouse.objects.update(ratio=10)
    assert ChangeMark.objects.filter(topic="network").count() == before + 1


@pytest.mark.django_db
def test_nothing_is_sent_while_nothing_changed():
    client = sign_in_as(Role.VIEWER).client
    first = client.get("/live/", {"topic": ["orders", "network"]})
    again = client.get("/live/", {"topic": ["orders", "network"]}, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    make_warehouse()
    changed = client.get("/live/", {"topic": ["orders", "network"]}, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_changed_while_a_page_was_made_is_told_with_the_first_question():
    client = sign_in_as(Role.VIEWER).client
    began = time()
    assert "X-Paidan-Changed" not in client.get("/live/", {"topic": "network", "since": began})
    make_warehouse()
    assert client.get("/live/", {"topic": "network", "since": began})["X-Paidan-Changed"] == "1"
    assert "X-Paidan-Changed" not in client.get("/live/", {"topic": "stock", "since": began})
    for nonsense in ("", "yesterday", "nan", "1e300"):
        assert client.get("/live/", {"topic": "network", "since": nonsense}).status_code == 200

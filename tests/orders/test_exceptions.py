"""Exceptions people report: opened and resolved once, each with its event."""

import pytest
from tests.builders import NOW, make_order, make_user

from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import Event
from paidan.orders.states import EventKind, ExceptionKind, OrderState

pytestmark = pytest.mark.django_db


def test_a_reported_problem_has_who_what_and_an_event():
    lin, order = make_user(), make_order()
    row = report_exception(ExceptionKind.DAMAGED, order_id=order.id, note="wet", now=NOW, by=lin)
    assert (row.kind, row.note, row.opened_by, row.resolved_at) == (ExceptionKind.DAMAGED, "wet", lin, None)
    event = Event.objects.get(kind=EventKind.EXCEPTION_OPENED)
    assert (event.order, event.by, event.state) == (order, lin, OrderState.PENDING)
    assert event.detail == {"kind": int(ExceptionKind.DAMAGED), "exception": row.id}


def test_it_is_resolved_once_with_a_word_of_how():
    row = report_exception(ExceptionKind.DAMAGED, order_id=make_order().id, now=NOW)
    assert resolve_exception(row.id, resolution="dried", now=NOW)
    assert not resolve_exception(row.id, resolution="again", now=NOW)
    row.refresh_from_db()
    assert row.resolution == "dried"
    assert Event.objects.filter(kind=EventKind.EXCEPTION_RESOLVED).count() == 1

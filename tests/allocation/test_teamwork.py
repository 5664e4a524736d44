"""What a team says beside moving on: problems, hand-backs that wait for somebody, waybill numbers put right."""

import pytest
from tests.builders import NOW, make_user

from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import AllocationState
from paidan.allocation.teamwork import correct_shipment, report_problems
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    cancel_allocations,
    hand_back_allocations,
    ship_allocations,
)
from paidan.orders.models import Event, OrderException
from paidan.orders.states import EventKind, ExceptionKind

pytestmark = pytest.mark.django_db


def handed_back(**fields):
    return OrderException.objects.filter(kind=ExceptionKind.HANDED_BACK, **fields)


def test_what_is_handed_back_waits_as_an_exception_with_its_reason(desk):
    order, allocation = desk.accepted()
    hand_back_allocations([allocation], now=NOW, by=make_user(), reason="no people")
    waiting = handed_back(resolved_at=None).get()
    assert (waiting.order_id, waiting.allocation_id, waiting.note) == (order.id, allocation, "no people")
    assert waiting.opened_by.username == "lin"


@pytest.mark.parametrize("onward", ["accept", "reassign", "cancel"])
def test_a_hand_back_is_answered_by_whatever_becomes_of_it(desk, onward):
    _order, allocation = desk.accepted()
    hand_back_allocations([allocation], now=NOW, reason="no people")
    if onward == "accept":
        accept_allocations([allocation], now=NOW)
    elif onward == "reassign":
        reassign_allocations([allocation], warehouse=desk.bj, now=NOW)
    else:
        cancel_allocations([allocation], now=NOW)
    assert not handed_back(resolved_at=None).exists()
    assert handed_back().get().resolution == AllocationState(desk.allocation(allocation).state).code


def test_a_problem_is_opened_on_every_allocation_it_concerns(desk):
    first, one = desk.accepted()
    second, other = desk.packed()
    _third, gone = desk.assigned()
    cancel_allocations([gone], now=NOW)
    answer = report_problems([one, other, gone], ExceptionKind.DAMAGED, note="wet", now=NOW)
    assert (answer.done, answer.refused) == ((one, other), {gone: "closed"})
    rows = OrderException.objects.filter(kind=ExceptionKind.DAMAGED, note="wet").values_list(
        "order_id", "allocation_id"
    )
    assert set(rows) == {(first.id, one), (second.id, other)}
    assert Event.objects.filter(kind=EventKind.EXCEPTION_OPENED).count() == 2


def test_a_wrong_waybill_number_is_put_right_and_the_old_one_stays_in_the_log(desk):
    _order, allocation = desk.packed()
    assert correct_shipment(Shipment(allocation, "sf", "SF2"), now=NOW).refused == {allocation: "wrong_state"}
    ship_allocations([Shipment(allocation, "sf", "SF1")], now=NOW)
    assert correct_shipment(Shipment(allocation, "yto", "YT2"), now=NOW).done == (allocation,)
    assert (desk.allocation(allocation).carrier, desk.allocation(allocation).tracking_number) == ("yto", "YT2")
    changed, shipped = Event.objects.filter(allocation_id=allocation).order_by("-id")[:2]
    assert (shipped.detail["tracking_number"], changed.detail["tracking_number"]) == ("SF1", "YT2")

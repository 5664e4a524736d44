"""The desk's batch actions: what the preview says, what applying does, and what undo takes back."""

import pytest
from django.utils import timezone
from tests.builders import NOW, make_freight, make_order, make_stock

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import accept_allocations
from paidan.desk.orders.batch_assign import AllocateNow, Assign, ChangeCarrier
from paidan.desk.orders.batch_state import Cancel, HoldOrders, MarkException, Merge, Release, Tag, Unmerge
from paidan.kit.errors import Refusal
from paidan.orders.models import Hold, Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.services import publish_rules

CHEN = {"name": "陈一", "phone": "13800001111", "address": "天河路 1 号"}


@pytest.fixture
def lead(desk):
    return desk.people()["lead"].user


def through(action, user, orders, **choices):
    """Preview, apply; what was previewed is what is done."""
    ids, now = [order.id for order in orders], timezone.now()
    before = list(Order.objects.order_by("id").values("id", "state", "version", "tags"))
    preview = action.preview(user, ids, choices, now)
    assert list(Order.objects.order_by("id").values("id", "state", "version", "tags")) == before
    applied = action.apply(user, ids, choices, now)
    assert (applied.done, len(applied.failures)) == (preview.can, preview.cannot_number)
    return preview, applied


def test_orders_are_allocated_at_once_or_told_why_not(desk, lead):
    waiting, wanting, held = desk.waiting(), make_order({"B": 1}, shop=desk.tmall), desk.waiting()
    HoldOrders().apply(lead, [held.id], {"reason": "wait"}, NOW)
    preview, applied = through(AllocateNow(), lead, [waiting, wanting, held])
    assert applied.done == 1
    assert {str(refusals.reason) for refusals in preview.cannot} == {"stock short", "on hold"}
    assert desk.state(waiting) == OrderState.ALLOCATED
    assert desk.state(wanting) == OrderState.UNALLOCATED


def test_what_is_open_is_assigned_and_what_is_assigned_moves(desk, lead):
    waiting, (placed, _old) = desk.waiting(), desk.assigned()
    begun, allocation = desk.assigned()
    accept_allocations([allocation], now=NOW)
    preview, applied = through(Assign(), lead, [waiting, placed, begun], warehouse=desk.bj.id)
    assert applied.done == 2
    assert [str(refusals.reason) for refusals in preview.cannot] == ["a team has begun"]
    assert str(preview.changes[0].what) == "Freight"
    live = Allocation.objects.filter(state=AllocationState.ASSIGNED)
    assert set(live.values_list("order_id", "warehouse_id")) == {(waiting.id, desk.bj.id), (placed.id, desk.bj.id)}
    undone = Assign().undo(lead, applied.undo, {}, timezone.now())
    assert undone.done == 2
    assert desk.state(waiting) == OrderState.PENDING
    assert live.get(order=placed).warehouse == desk.gz


def test_the_most_urgent_get_what_there_is(desk, lead):
    make_stock(desk.gz, "C", 1)
    later = make_order({"C": 1}, shop=desk.tmall)
    urgent = make_order({"C": 1}, shop=desk.tmall, priority=5)
    _preview, applied = through(Assign(), lead, [later, urgent], warehouse=desk.gz.id)
    assert [failure.row_id for failure in applied.failures] == [later.id]
    assert later.number in applied.failures[0].reason


def test_a_team_of_elsewhere_is_refused_in_the_preview(desk, lead):
    preview, applied = through(Assign(), lead, [desk.waiting()], warehouse=desk.gz.id, team=desk.t2.id)
    assert preview.can == applied.done == 0
    assert "another warehouse" in str(preview.cannot[0].reason)


def test_without_a_warehouse_nothing_is_assigned(desk, lead):
    with pytest.raises(Refusal):
        Assign().run(lead, [desk.waiting().id], {}, NOW)


def test_holding_and_releasing_take_each_other_back(desk, lead):
    order = desk.waiting()
    _preview, held = through(HoldOrders(), lead, [order], reason="fraud?", until="2026-12-01T10:00:00+08:00")
    assert Hold.objects.get(order=order).until_at.isoformat() == "2026-12-01T02:00:00+00:00"
    assert HoldOrders().undo(lead, held.undo, {"reason": "fraud?"}, NOW).done == 1
    through(HoldOrders(), lead, [order], reason="fraud?")
    _preview, released = through(Release(), lead, [order])
    assert not Hold.objects.filter(order=order, released_at=None).exists()
    assert Release().undo(lead, released.undo, {}, NOW).done == 1
    assert Hold.objects.get(order=order, released_at=None).reason == "fraud?"


def test_tags_are_put_on_once_and_taken_off(desk, lead):
    order, other = desk.waiting(), desk.waiting(tags=["VIP"])
    preview, applied = through(Tag(), lead, [order, other], tag="VIP")
    assert [str(refusals.reason) for refusals in preview.cannot] == ["tagged already"]
    assert Order.objects.get(id=order.id).tags == ["VIP"]
    assert Tag().undo(lead, applied.undo, {"tag": "VIP"}, NOW).done == 1
    assert Order.objects.get(id=order.id).tags == []


def test_the_tag_is_offered_as_the_rules_spell_it(lead):
    assert Tag().form(lead).data["tag"] == "VIP"
    publish_rules({"rules": [{"id": "v", "when": {"tag": ["vip"]}, "then": {}}]}, now=NOW)
    assert Tag().form(lead).data["tag"] == "vip"


def test_another_carrier_has_another_price(desk, lead):
    (order, allocation), waiting = desk.assigned(), desk.waiting()
    make_freight(desk.gz, carrier="zto", first_minor=300)
    preview, applied = through(ChangeCarrier(), lead, [order, waiting], carrier="zto")
    assert [str(refusals.reason) for refusals in preview.cannot] == ["nothing waits to be shipped"]
    assert preview.changes[0].difference == "−¥9"
    assert Allocation.objects.get(id=allocation).carrier == "zto"
    assert ChangeCarrier().undo(lead, applied.undo, {}, NOW).done == 1
    assert Allocation.objects.get(id=allocation).freight_minor == 1200


def test_exceptions_are_opened_once_and_undone(desk, lead):
    order, kind = desk.waiting(), int(ExceptionKind.ADDRESS)
    _preview, applied = through(MarkException(), lead, [order], kind=kind, note="no house number")
    _preview, again = through(MarkException(), lead, [order], kind=kind, note="no house number")
    assert again.done == 0
    assert MarkException().undo(lead, applied.undo, {}, NOW).done == 1
    assert OrderException.objects.get(order=order).resolved_at is not None


def test_orders_are_cancelled_with_a_reason(desk, lead):
    through(Cancel(), lead, [order := desk.waiting()], reason="changed their mind")
    assert desk.state(order) == OrderState.CANCELLED
    assert ChangeLogEntry.objects.get(action="orders.cancelled").after["number"] == 1


def test_merging_is_undone_by_the_toast_and_by_the_action(desk, lead):
    one, other = desk.waiting(recipient=CHEN), desk.waiting(recipient=CHEN)
    _preview, applied = through(Merge(), lead, [one, other, desk.waiting()])
    assert desk.state(one) == OrderState.MERGED
    assert Merge().undo(lead, applied.undo, {}, NOW).done == 2
    through(Merge(), lead, [one, other])
    _preview, apart = through(Unmerge(), lead, [one])
    assert apart.done == 1
    assert desk.state(other) == OrderState.PENDING

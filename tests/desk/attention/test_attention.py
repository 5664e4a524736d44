"""What needs a person: groups of stuck orders with their ways out, exceptions with what settles them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.builders import NOW, make_order, make_sku, make_stock
from tests.desk.orders.conftest import desk  # noqa: F401 - a fixture

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.trying import try_now
from paidan.desk.attention.groups import kind_groups, reason_groups, stuck_count
from paidan.desk.attention.remedies import Entrust, GiveBack, ShipPart, SplitOnce
from paidan.desk.attention.settling import Confirm, EntrustExceptions, Refuse, Resolve, SendBack
from paidan.engine.codes import Reason
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Caretaker, Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState
from paidan.stock.models import Stock

# ruff: noqa: F811 - the fixture is the argument


@pytest.fixture
def lead(desk):
    return desk.people()["lead"]


def stuck(desk, lines, number=1, **fields):
    """Orders that were tried in vain."""
    orders = [make_order(lines, shop=desk.tmall, **fields) for _ in range(number)]
    try_now([order.id for order in orders], now=NOW)
    return orders


def through(action, user, ids, **choices):
    """Preview, apply; what was previewed is what is done."""
    preview = action.preview(user, ids, choices, timezone.now())
    applied = action.apply(user, ids, choices, timezone.now())
    assert (applied.done, len(applied.failures)) == (preview.can, preview.cannot_number)
    return applied


def test_stuck_orders_stand_under_their_reason_with_the_oldest_and_held_ones_do_not(desk, lead):
    stuck(desk, {"B": 1}, 3)
    stuck(desk, {"?": 1}, unmapped=["?"])
    held = stuck(desk, {"B": 1})[0]
    hold_orders([held.id], reason="wait", until_at=None, give_back=False, now=NOW)
    groups = {group.key: group for group in reason_groups(lead.user)}
    assert {key: group.number for key, group in groups.items()} == {Reason.STOCK_SHORT: 3, Reason.UNKNOWN_SKU: 1}
    assert groups[Reason.STOCK_SHORT].oldest_at == Order.objects.earliest("received_at").received_at
    assert stuck_count(lead.user) == 4
    page = lead.client.get(reverse("desk:stuck")).content.decode()
    assert "stock short" in page
    assert held.number not in page


def test_each_of_four_people_sees_what_is_theirs(desk):
    [order] = stuck(desk, {"B": 1})
    report_exception(ExceptionKind.DAMAGED, order_id=order.id, note="torn", now=NOW)
    for name, person in desk.people().items():
        for page in ("stuck", "exceptions"):
            answer = person.client.get(reverse(f"desk:{page}"))
            assert answer.status_code == (403 if name == "team" else 200)
            assert (order.number in answer.content.decode()) == (name in ("lead", "viewer"))
    viewer = desk.people()["viewer"]
    assert "data-action" not in viewer.client.get(reverse("desk:stuck")).content.decode()
    assert viewer.client.post(reverse("desk:stuck-batch", args=["hold"]), {"id": order.id}).status_code == 403


def test_the_ways_out_of_a_group_are_foreseen_and_the_best_comes_first(desk, lead):
    make_stock(desk.gz, "S", 1)
    make_stock(desk.bj, "S", 2)
    stuck(desk, {"S": 3}, region="440106")
    answer = lead.client.get(reverse("desk:stuck-remedies"), {"reason": int(Reason.STOCK_SHORT)})
    ways = answer.context["ways"]
    assert [way.action.key for way in ways][:1] == ["ship-part"]
    assert ways[0].can == 1
    assert ways[0].freight
    assert {way.action.key for way in ways if way.can is None} == {"hold"}
    assert not Allocation.objects.exists()


def test_a_split_allowed_once_is_undone_while_nobody_has_begun(desk, lead):
    make_stock(desk.gz, "X", 1)
    make_stock(desk.bj, "Y", 1)
    [order] = stuck(desk, {"X": 1, "Y": 1}, region="440106")
    applied = through(SplitOnce(), lead.user, [order.id])
    assert desk.state(order) == OrderState.ALLOCATED
    assert Allocation.objects.count() == 2
    assert ChangeLogEntry.objects.filter(after__relax="split").exists()
    assert SplitOnce().undo(lead.user, applied.undo, {}, timezone.now()).done == 1
    assert desk.state(order) == OrderState.PENDING


def test_what_is_there_is_shipped_and_the_rest_stays_open(desk, lead):
    make_stock(desk.gz, "P", 2)
    [order] = stuck(desk, {"P": 3, "A": 1}, region="440106")
    through(ShipPart(), lead.user, [order.id])
    assert desk.state(order) == OrderState.PARTIAL


def test_what_held_orders_keep_is_given_back_to_as_many_as_it_suffices_for(desk, lead):
    make_stock(desk.gz, "K", 2)
    [keeper] = stuck(desk, {"K": 2}, region="440106")
    hold_orders([keeper.id], reason="wait", until_at=None, give_back=False, now=NOW)
    wanting = [order.id for order in stuck(desk, {"K": 2}, 2, region="440106")]
    applied = through(GiveBack(), lead.user, wanting)
    assert applied.done == 1
    assert applied.failures[0].reason == "held orders do not keep enough of it"
    assert desk.state(keeper) == OrderState.UNALLOCATED or desk.state(keeper) == OrderState.PENDING


def test_an_order_has_one_caretaker_and_the_list_finds_theirs(desk, lead):
    orders = stuck(desk, {"B": 1}, 2)
    clerk = desk.people()["viewer"].user
    applied = through(Entrust(), lead.user, [orders[0].id], person=lead.user.pk)
    assert Caretaker.objects.get().user == lead.user
    mine = lead.client.get(reverse("desk:stuck"), {"caretaker": lead.user.pk}).content.decode()
    assert orders[0].number in mine
    assert orders[1].number not in mine
    nobodys = lead.client.get(reverse("desk:stuck"), {"caretaker": 0}).content.decode()
    assert orders[1].number in nobodys
    assert orders[0].number not in nobodys
    assert clerk not in Entrust().form(lead.user).fields["person"].queryset
    assert Entrust().undo(lead.user, applied.undo, {}, timezone.now()).done == 1
    assert not Caretaker.objects.exists()


def test_a_code_is_mapped_for_all_that_wait_for_it(desk, lead):
    make_sku("A")
    orders = stuck(desk, {"SHOP-A": 1}, 2, unmapped=["SHOP-A"])
    page = lead.client.get(reverse("desk:stuck"), {"reason": int(Reason.UNKNOWN_SKU)}).content.decode()
    assert "SHOP-A" in page
    back = reverse("desk:stuck") + f"?reason={int(Reason.UNKNOWN_SKU)}"
    url = reverse("desk:stuck-map", args=[desk.tmall.pk])
    assert lead.client.post(url, {"code": "SHOP-A", "sku": "none", "next": back}).url == back
    assert {desk.state(order) for order in orders} == {OrderState.UNALLOCATED}
    lead.client.post(url, {"code": "SHOP-A", "sku": "A", "next": back})
    assert {desk.state(order) for order in orders} == {OrderState.PENDING}
    elsewhere = desk.people()["elsewhere"]
    assert elsewhere.client.post(url, {"code": "SHOP-A", "sku": "A"}).status_code == 404


def test_the_goods_that_stop_most_orders_are_named_with_what_there_is(desk, lead):
    make_stock(desk.gz, "R", 1)
    stuck(desk, {"R": 4}, 2)
    answer = lead.client.get(reverse("desk:stuck"), {"reason": int(Reason.STOCK_SHORT)})
    [row] = answer.context["goods"]
    assert (row.code, row.orders, row.wanted_qty, row.short_qty, sum(row.free_w)) == ("R", 2, 8, 7, 1)


def test_exceptions_stand_under_their_kind_and_are_settled_with_a_note(desk, lead):
    order, allocation = desk.assigned()
    report_exception(ExceptionKind.DAMAGED, order_id=order.id, allocation_id=allocation, note="torn", now=NOW)
    row = OrderException.objects.get()
    [group] = kind_groups(lead.user)
    assert (group.key, group.number) == (ExceptionKind.DAMAGED, 1)
    through(EntrustExceptions(), lead.user, [row.pk], person=lead.user.pk)
    through(Resolve(), lead.user, [row.pk], resolution="sent anew")
    row.refresh_from_db()
    assert (row.assignee, row.resolution, row.resolved_by) == (lead.user, "sent anew", lead.user)
    settled = lead.client.get(reverse("desk:exceptions"), {"tab": "settled"}).content.decode()
    assert "sent anew" in settled or "torn" in settled
    again = Resolve().apply(lead.user, [row.pk], {"resolution": "twice"}, timezone.now())
    assert again.failures[0].reason == "settled already"


@pytest.mark.parametrize(("action", "state"), [(Confirm, OrderState.CANCELLED), (Refuse, OrderState.ALLOCATED)])
def test_an_intercept_is_answered_for_the_team_and_settled_in_no_other_way(desk, lead, action, state):
    order, allocation = desk.assigned()
    accept_allocations([allocation], now=NOW)
    cancel_orders([order.id], reason="buyer", now=NOW)
    row = OrderException.objects.get(kind=ExceptionKind.INTERCEPT)
    page = lead.client.get(reverse("desk:exceptions")).content.decode()
    assert "the order was cancelled" in page
    [failure] = Resolve().apply(lead.user, [row.pk], {"resolution": "x"}, timezone.now()).failures
    assert order.number in failure.label
    through(action(), lead.user, [row.pk])
    assert desk.state(order) == state


def test_a_shortage_sends_back_what_no_team_has_accepted_and_says_when_nothing_is_left(desk, lead):
    order, _allocation = desk.assigned(40)
    # As a worker killed between counting and sending back would leave it.
    Stock.objects.filter(warehouse=desk.gz).update(on_hand_qty=10)
    row = OrderException.objects.create(
        kind=ExceptionKind.SHORTAGE, sku=make_sku("A"), warehouse=desk.gz, opened_at=NOW
    )
    assert "Guangzhou" in lead.client.get(reverse("desk:exceptions")).content.decode()
    through(SendBack(), lead.user, [row.pk])
    assert desk.state(order) == OrderState.PENDING
    assert SendBack().apply(lead.user, [row.pk], {}, timezone.now()).done == 0


@pytest.mark.parametrize("name", ["stuck", "exceptions"])
def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(desk, lead, name):
    def fill(number):
        for order in stuck(desk, {"B": 1}, number):
            report_exception(ExceptionKind.OTHER, order_id=order.id, note="?", now=NOW)

    url = reverse(f"desk:{name}")
    costs = []
    for number in (3, 20):
        fill(number)
        lead.client.get(url)
        with CaptureQueriesContext(connection) as asked:
            lead.client.get(url)
        costs.append(len(asked))
    assert costs[0] == costs[1]

"""A team's day: accept, pick list, pack, ship by scanning, problems, handing back, stopping what changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState as State
from paidan.desk.teams.pace import day_of
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind
from paidan.stock.models import Stock


def address(floor, name, *more):
    return reverse(f"desk:{name}", args=[floor.team.pk, *more])


def text(answer):
    return answer.content.decode()


def state(allocation):
    return Allocation.objects.get(id=allocation.id).state


def test_the_queue_is_by_ship_by_with_what_is_late_first(floor, member):
    later = floor.assigned({"LAMP": 1}, hours=30)
    late = floor.assigned({"MAT": 2, "CUP": 3}, hours=-1, tags=["VIP"])
    page = text(member.client.get(address(floor, "team-accept")))
    assert page.index(f"row-{late.id}") < page.index(f"row-{later.id}")
    for shown in ("瑜伽垫 and 1 more", "深圳", "VIP", "Accept all 2"):
        assert shown in page
    assert "−1:00" in page or "−1:01" in page  # a minute may begin between the order and the page


def test_some_are_accepted_and_it_can_be_undone(floor, member):
    first, second = floor.assigned(), floor.assigned()
    answer = member.client.post(address(floor, "team-accept-chosen"), {"id": [first.id], "all": "1"}, follow=True)
    assert (state(first), state(second)) == (State.ACCEPTED, State.ASSIGNED)
    assert "1 order accepted" in text(answer)
    undo = next(str(message.extra_tags) for message in answer.context["messages"])
    member.client.post(undo)
    assert (state(first), state(second)) == (State.ASSIGNED, State.ASSIGNED)
    assert not OrderException.objects.exists()


def test_undo_takes_back_only_what_oneself_accepted_then(floor, member):
    theirs = floor.accepted()
    at = Allocation.objects.get(id=theirs.id).state_at
    member.client.post(address(floor, "team-unaccept") + f"?at={at.isoformat().replace('+', '%2B')}")
    assert state(theirs) == State.ACCEPTED


def test_all_are_accepted_but_not_what_is_on_hold_or_handed_back(floor, member):
    rows = [floor.assigned() for _ in range(3)]
    held, handed = floor.assigned(), floor.accepted()
    hold_orders([held.order_id], reason="wait", now=floor.now)
    form = {"why": "people", "note": ""}
    member.client.post(address(floor, "team-parcel-hand-back", handed.id), form)
    member.client.post(address(floor, "team-accept-chosen"), {"all": "1"})
    assert [state(row) for row in rows] == [State.ACCEPTED] * 3
    assert (state(held), state(handed)) == (State.ASSIGNED, State.ASSIGNED)


def test_a_pick_list_groups_by_sku_survives_a_reload_and_leads_to_packing(floor, member):
    one, two = floor.accepted({"MAT": 2, "CUP": 1}), floor.accepted({"MAT": 3})
    member.client.post(address(floor, "team-list-begin"), {"all": "1"})
    page = text(member.client.get(address(floor, "team-list")))
    assert page.index("CUP") < page.index("MAT")
    assert '<b class="q">5</b>' in page
    mat = one.parts.get(sku__code="MAT").sku_id
    member.client.post(address(floor, "team-list-tick", mat))
    assert "picked <b>5</b> / 6" in text(member.client.get(address(floor, "team-list")))
    answer = member.client.post(address(floor, "team-list-done"))
    assert answer["Location"] == address(floor, "team-pack")
    assert (state(one), state(two)) == (State.PICKED, State.PICKED)
    assert member.client.get(address(floor, "team-list"))["Location"] == address(floor, "team-pick")


def test_a_list_can_be_of_what_one_accepted_oneself(floor, member):
    theirs, mine = floor.accepted(), floor.assigned()
    assert f"row-{theirs.id}" in text(member.client.get(address(floor, "team-pick")))
    member.client.post(address(floor, "team-accept-chosen"), {"id": [mine.id]})
    first = text(member.client.get(address(floor, "team-pick")))
    assert f"row-{mine.id}" in first
    assert f"row-{theirs.id}" not in first
    assert f"row-{theirs.id}" in text(member.client.get(address(floor, "team-pick") + "?whose=all"))
    member.client.post(address(floor, "team-list-begin"), {"all": "1", "whose": "mine"})
    member.client.post(address(floor, "team-list-done"))
    assert (state(theirs), state(mine)) == (State.ACCEPTED, State.PICKED)


def test_what_was_stopped_meanwhile_leaves_the_list(floor, member):
    stays, goes = floor.accepted(), floor.accepted({"LAMP": 1})
    member.client.post(address(floor, "team-list-begin"), {"all": "1"})
    cancel_orders([goes.order_id], now=floor.now)
    page = text(member.client.get(address(floor, "team-list")))
    assert "LAMP" not in page
    member.client.post(address(floor, "team-list-done"))
    assert (state(stays), state(goes)) == (State.PICKED, State.ACCEPTED)


def test_the_printed_list_has_a_bar_code_for_every_order(floor, member):
    one = floor.accepted({"MAT": 2})
    member.client.post(address(floor, "team-list-begin"), {"all": "1"})
    page = text(member.client.get(address(floor, "team-list-print")))
    assert f'aria-label="{one.id}"' in page
    assert one.order.number in page


def test_missing_pieces_are_reported_on_the_latest_orders_and_handed_back(floor, member):
    early = floor.accepted({"MAT": 2}, hours=1)
    late = floor.accepted({"MAT": 3}, hours=9)
    member.client.post(address(floor, "team-list-begin"), {"all": "1"})
    mat = early.parts.get().sku_id
    shown = text(member.client.get(address(floor, "team-list-short", mat)))
    assert "5 pieces wanted" in shown
    member.client.post(address(floor, "team-list-short", mat), {"there": "4", "hand_back": "on"})
    kinds = set(OrderException.objects.filter(allocation_id=late.id).values_list("kind", "note"))
    assert kinds == {(ExceptionKind.NOT_FOUND, "MAT: 4 of 5 found"), (ExceptionKind.HANDED_BACK, "MAT: 4 of 5 found")}
    assert (state(early), state(late)) == (State.ACCEPTED, State.ASSIGNED)
    assert late.order.number[-8:] not in text(member.client.get(address(floor, "team-accept")))


def test_ticked_ones_are_packed_without_scanning(floor, member):
    one, other = floor.picked(), floor.picked()
    member.client.post(address(floor, "team-pack-chosen"), {"id": [one.id]})
    assert (state(one), state(other)) == (State.PACKED, State.PICKED)


def test_a_problem_is_reported_with_its_kind_and_note(floor, member):
    one = floor.picked()
    form = {"kind": int(ExceptionKind.DAMAGED), "note": "wet box"}
    member.client.post(address(floor, "team-parcel-problem", one.id), form)
    assert OrderException.objects.get(allocation_id=one.id).note == "wet box"
    assert "wet box" in text(member.client.get(address(floor, "team-problems")))
    assert "reported" in text(member.client.get(address(floor, "team-pack")))
    logged = ChangeLogEntry.objects.get(action="allocation.reported")
    assert (logged.by, logged.reason, logged.after["order"]) == (member.user, "wet box", one.order.number)


def test_a_problem_without_a_kind_is_asked_again(floor, member):
    answer = member.client.post(address(floor, "team-parcel-problem", floor.picked().id), {"note": "hm"})
    assert answer.status_code == 422
    assert not OrderException.objects.exists()


def test_handing_back_needs_a_reason_that_whoever_reassigns_reads(floor, member):
    one = floor.accepted()
    to = address(floor, "team-parcel-hand-back", one.id)
    assert member.client.post(to, {"why": "other", "note": " "}).status_code == 422
    member.client.post(to, {"why": "people", "note": "two ill"})
    assert state(one) == State.ASSIGNED
    waiting = OrderException.objects.get(kind=ExceptionKind.HANDED_BACK, resolved_at=None)
    assert (waiting.note, waiting.opened_by) == ("Too few people: two ill", member.user)


def test_several_are_handed_back_together_once_the_reason_is_said(floor, member):
    one, two, stays = floor.accepted(), floor.accepted(), floor.accepted()
    chosen = {"id": [one.id, two.id]}
    to = address(floor, "team-hand-back")
    assert "Too few people" in text(member.client.post(to, chosen))
    assert member.client.post(to, {**chosen, "note": "?"}).status_code == 422
    answer = member.client.post(to, {**chosen, "why": "late", "note": ""}, follow=True)
    assert "2 orders handed back" in text(answer)
    assert [state(row) for row in (one, two, stays)] == [State.ASSIGNED, State.ASSIGNED, State.ACCEPTED]
    waiting = OrderException.objects.filter(kind=ExceptionKind.HANDED_BACK, note="We cannot make it in time")
    assert waiting.count() == 2


def test_packed_parcels_are_not_handed_back(floor, member):
    one = floor.packed()
    answer = member.client.post(address(floor, "team-parcel-hand-back", one.id), {"why": "people", "note": ""})
    assert answer.status_code == 422
    assert state(one) == State.PACKED


@pytest.mark.parametrize(("answer", "then"), [("stopped", State.CANCELLED), ("going-on", State.PACKED)])
def test_a_changed_order_is_stopped_or_gone_on_with(floor, member, answer, then):
    one = floor.packed()
    cancel_orders([one.order_id], now=floor.now)
    assert "1 order changed in your hands" in text(member.client.get(address(floor, "team-ship")))
    assert "The order was cancelled" in text(member.client.get(address(floor, "team-stops")))
    member.client.post(address(floor, "team-decide", one.id, answer))
    assert state(one) == then
    assert not OrderException.objects.filter(resolved_at=None).exists()


def test_a_parcels_page_masks_the_buyer_and_moves_it_on(floor, member):
    one = floor.accepted(buyer_remark="易碎")
    page = text(member.client.get(address(floor, "team-parcel", one.id)))
    assert "易碎" in page
    assert "王小明" not in page
    assert "13812345678" not in page
    member.client.post(address(floor, "team-parcel-step", one.id))
    assert state(one) == State.PICKED


def test_a_wrong_waybill_number_is_corrected(floor, member):
    one = floor.packed()
    scan = address(floor, "team-scan", "ship")
    member.client.post(scan, {"code": "SF1000001", "parcel": one.id})
    member.client.post(address(floor, "team-parcel-waybill", one.id), {"carrier": "", "tracking_number": "sf1000002"})
    assert Allocation.objects.get(id=one.id).tracking_number == "SF1000002"


def test_the_days_pace_tells_when_it_will_be_done_and_what_may_be_late(floor):
    shipped = [floor.packed() for _ in range(6)]
    for minutes, one in zip(range(60, 0, -10), shipped, strict=True):
        at = floor.now - timedelta(minutes=minutes)
        Allocation.objects.filter(id=one.id).update(state=State.SHIPPED, state_at=at)
    for hours in (0.1, 0.1, 5, 6):
        floor.assigned(hours=hours)
    day = day_of(floor.team, now=floor.now)
    assert day.done_at == floor.now + timedelta(minutes=40)
    assert (day.late, day.may_be_late) == (0, 2)
    Allocation.objects.filter(id__in=[one.id for one in shipped]).update(state=State.PACKED)


@pytest.mark.parametrize("name", ["team-accept", "team-pick", "team-pack", "team-ship", "team-problems", "team-stops"])
def test_pages_ask_the_same_number_of_queries_for_20_rows_and_for_90(floor, member, name):
    make = {"team-pick": floor.accepted, "team-pack": floor.picked, "team-ship": floor.packed}
    make |= {"team-problems": floor.accepted, "team-stops": floor.packed}

    def fill(number):
        rows = [make.get(name, floor.assigned)({"MAT": 1, "CUP": 1}) for _ in range(number)]
        if name == "team-problems":
            for row in rows:
                OrderException.objects.create(
                    kind=ExceptionKind.OTHER, order_id=row.order_id, allocation_id=row.id, opened_at=floor.now
                )
        if name == "team-stops":
            cancel_orders([row.order_id for row in rows], now=floor.now)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert member.client.get(address(floor, name)).status_code == 200
        return len(seen)

    fill(20)
    queries()
    few = queries()
    fill(70)
    assert queries() == few
    assert few <= 20


def test_the_number_of_queries_of_a_pick_list_does_not_grow_with_it(floor, member):
    def queries(number):
        for _ in range(number):
            floor.accepted({"MAT": 1, "CUP": 2})
        member.client.post(address(floor, "team-list-begin"), {"all": "1"})
        with CaptureQueriesContext(connection) as seen:
            assert member.client.get(address(floor, "team-list")).status_code == 200
        return len(seen)

    queries(2)
    assert queries(5) == queries(40)


def test_stock_that_is_not_there_keeps_a_parcel_from_shipping(floor, member):
    one = floor.packed({"LAMP": 1})
    Stock.objects.filter(sku__code="LAMP").update(on_hand_qty=0)
    values = {"code": "SF1000001", "parcel": one.id}
    answer = member.client.post(address(floor, "team-scan", "ship"), values, headers={"HX-Request": "true"})
    assert "Stock short" in text(answer)
    assert state(one) == State.PACKED
    Stock.objects.filter(sku__code="LAMP").update(on_hand_qty=5000)

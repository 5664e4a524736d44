"""Relief and dragged cards: previewed without a trace, applied in chunks, stopped, taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations
from paidan.desk.board import moves
from paidan.orders.models import Event
from paidan.orders.states import EventKind
from paidan.web.models import Batch

MOVE = "/board/move/"
BEST = {"number": 3, "new_only": "on", "without_vip": "on", "where": "best"}


def relieve(client, board, **given):
    return client.post(f"/board/relieve/{board.gz.id}/", {**BEST, **given})


def apply(client, batch, **given):
    return client.post(f"/board/moves/{batch.pk}/apply/", given)


def test_the_drawer_proposes_what_lies_over_the_capacity(board):
    board.assigned(6)
    page = sign_in_as(Role.LEAD).client.get(f"/board/relieve/{board.gz.id}/")
    assert page.context["form"]["number"].value() == 2


def test_a_preview_says_what_would_move_and_writes_nothing(board):
    board.assigned(5)
    events = Event.objects.count()
    page = relieve(sign_in_as(Role.LEAD).client, board)
    assert (page.context["number"], page.context["stay"]) == (3, 0)
    assert page.context["effect"][f"w{board.gz.id}"]["words"] == "→ 50%"
    assert b"Move 3 orders" in page.content
    assert (board.at(board.gz), board.at(board.bj), Event.objects.count()) == (5, 0, events)


def test_relief_moves_and_can_be_taken_back(board):
    board.assigned(5)
    lead = sign_in_as(Role.LEAD)
    batch = relieve(lead.client, board).context["batch"]
    done = apply(lead.client, batch)
    assert b"moved 3 / 3" in done.content
    assert (board.at(board.gz), board.at(board.bj)) == (2, 3)
    assert ChangeLogEntry.objects.get(action="allocations.relieved").after["number"] == 3
    accepted = Allocation.objects.filter(warehouse=board.bj).first()
    accept_allocations([accepted.id], now=board.now)
    lead.client.post(f"/board/moves/{batch.pk}/undo/")
    assert (board.at(board.gz), board.at(board.bj)) == (4, 0)
    lead.client.post(f"/board/moves/{batch.pk}/undo/")
    assert board.at(board.gz) == 4


def test_why_something_is_moved_is_kept_with_the_move(board):
    ids = board.assigned(5)
    lead = sign_in_as(Role.LEAD)
    apply(lead.client, relieve(lead.client, board).context["batch"], reason=" overloaded ")
    moved = Event.objects.filter(kind=EventKind.REASSIGNED)
    assert [row.detail["reason"] for row in moved] == ["overloaded"] * 3
    assert ChangeLogEntry.objects.get(action="allocations.relieved").reason == "overloaded"
    left = next(key for key in ids if key not in {row.allocation_id for row in moved})
    page = lead.client.post(MOVE, {"ids": str(left), "to": f"w{board.bj.id}", "reason": "late"})
    assert b'value="late"' in page.content
    apply(lead.client, page.context["batch"])
    assert "reason" not in Event.objects.filter(kind=EventKind.REASSIGNED).latest("id").detail


def test_chunks_go_on_until_somebody_stops(board, monkeypatch):
    monkeypatch.setattr(moves, "CHUNK", 2)
    board.assigned(6)
    lead = sign_in_as(Role.LEAD)
    batch = relieve(lead.client, board, number=5).context["batch"]
    assert b"Stop here" in apply(lead.client, batch).content
    assert board.at(board.bj) == 2
    stopped = apply(lead.client, batch, stop="1")
    assert b"Stopped; 3 were not tried" in stopped.content
    assert b"Undo" in stopped.content
    apply(lead.client, batch)
    assert board.at(board.bj) == 2


def test_what_was_accepted_meanwhile_stays(board):
    ids = board.assigned(3)
    lead = sign_in_as(Role.LEAD)
    batch = relieve(lead.client, board).context["batch"]
    accept_allocations(ids[:1], now=board.now)
    assert b"accepted by a team 1" in apply(lead.client, batch).content
    assert board.at(board.bj) == 2


def test_a_target_that_fills_up_meanwhile_is_not_overfilled(board):
    board.assigned(3)
    lead = sign_in_as(Role.LEAD)
    batch = relieve(lead.client, board).context["batch"]
    board.bj.capacity = 1
    board.bj.save()
    assert b"warehouse full 2" in apply(lead.client, batch).content
    assert board.at(board.bj) == 1


def test_chosen_warehouses_and_reasons(board):
    board.assigned(3)
    page = relieve(sign_in_as(Role.LEAD).client, board, where="chosen")
    assert (page.context["number"], page.context["stay"]) == (0, 3)
    page = relieve(sign_in_as(Role.LEAD).client, board, where="chosen", to=[board.bj.id])
    assert page.context["number"] == 3
    page = relieve(sign_in_as(Role.LEAD).client, board, number="")
    assert b"Say how many" in page.content


def test_cards_are_previewed_exactly_and_moved(board):
    ids = board.assigned(3)
    accept_allocations(ids[:1], now=board.now)
    clerk = sign_in_as(Role.CLERK)
    asked = clerk.client.post(MOVE, {"ids": ",".join(map(str, ids))})
    assert b"Choose a warehouse or team" in asked.content
    page = clerk.client.post(MOVE, {"ids": ",".join(map(str, ids)), "to": f"w{board.bj.id}"})
    assert (page.context["can"], page.context["cannot_number"]) == (2, 1)
    assert (board.at(board.gz), board.at(board.bj)) == (2, 0)
    apply(clerk.client, page.context["batch"])
    assert (board.at(board.gz), board.at(board.bj)) == (0, 2)
    page = clerk.client.post(MOVE, {"ids": str(ids[1]), "to": f"t{board.t1.id}"})
    assert page.context["can"] == 0


def test_moving_to_a_team(board):
    [card] = board.assigned(1)
    clerk = sign_in_as(Role.CLERK)
    page = clerk.client.post(MOVE, {"ids": card, "to": f"t{board.t2.id}"})
    apply(clerk.client, page.context["batch"])
    assert Allocation.objects.get(state=1).team == board.t2


def test_a_move_is_its_owners_alone_and_scopes_bind(board):
    [card] = board.assigned(1)
    lead = sign_in_as(Role.LEAD)
    batch = lead.client.post(MOVE, {"ids": card, "to": f"w{board.bj.id}"}).context["batch"]
    assert apply(sign_in_as(Role.LEAD).client, batch).status_code == 404
    assert sign_in_as(Role.VIEWER).client.post(MOVE, {"ids": card}).status_code == 403
    lead.user.role = Role.VIEWER
    lead.user.save()
    assert apply(lead.client, batch).status_code == 403
    assert board.at(board.gz) == 1
    elsewhere = sign_in_as(Role.CLERK, warehouses=[board.bj])
    assert "batch" not in (elsewhere.client.post(MOVE, {"ids": card, "to": f"w{board.bj.id}"}).context or {})
    assert not Batch.objects.filter(owner=elsewhere.user).exists()


@pytest.mark.parametrize("ids", ["", "x", "99", "1,,２", "9" * 30])
def test_ids_that_are_none(board, ids):
    assert sign_in_as(Role.CLERK).client.post(MOVE, {"ids": ids}).status_code == 200
    assert board.at(board.gz) == 0


def test_a_preview_asks_as_much_for_20_as_for_200(board):
    lead = sign_in_as(Role.LEAD)
    queries = []
    relieve(lead.client, board, number=500)  # what is kept in memory is there
    for many in (20, 180):
        board.assigned(many)
        with CaptureQueriesContext(connection) as captured:
            relieve(lead.client, board, number=500)
        queries.append(len(captured))
    assert abs(queries[0] - queries[1]) <= 1  # the first also drops what was previewed before

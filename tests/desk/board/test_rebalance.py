"""The rebalance drawer: previewed without a trace, applied, stopped; offered when something changed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance import previews
from paidan.allocation.states import Origin
from paidan.allocation.transitions import accept_allocations
from paidan.desk.orders.parcels import of_kind
from paidan.network.scopes import limit_user
from paidan.orders.models import Event
from paidan.reports.sales import moved_by_hand
from paidan.web.models import Batch, PastedNumbers

URL = "/board/rebalance/"
NORTH = "110105"


@pytest.fixture
def dear(board):
    """Three for Beijing that wait in Guangzhou, and one for Guangzhou."""
    return board.assigned(3, region=NORTH) + board.assigned(1)


def preview(client, **given):
    return client.post(URL, given)


def apply(client, batch, **given):
    return client.post(f"/board/rebalance/{batch.pk}/apply/", given)


def test_a_preview_says_what_would_move_and_writes_nothing(board, dear):
    events = Event.objects.count()
    page = preview(sign_in_as(Role.LEAD).client)
    plan = page.context["plan"]
    assert (plan.considered, page.context["number"], page.context["stuck"]) == (4, 3, 0)
    assert page.context["effect"][f"w{board.gz.id}"]["words"] == "→ 25%"
    text = page.content.decode()
    assert "Make 3 moves" in text
    assert text.count("Guangzhou → Beijing") == 3
    assert "costs less there" in text
    assert (board.at(board.gz), Event.objects.count()) == (len(dear), events)


def test_what_was_previewed_moves_and_the_way_to_it_is_offered(board, dear):
    lead = sign_in_as(Role.LEAD)
    batch = preview(lead.client).context["batch"]
    accept_allocations(dear[:1], now=board.now)
    done = apply(lead.client, batch)
    text = done.content.decode()
    assert "moved 2 / 3" in text
    assert "accepted by a team 1" in text
    assert (board.at(board.gz), board.at(board.bj)) == (1, 2)
    moved = Allocation.objects.filter(id__in=dear[1:3]).values_list("order__number", flat=True)
    kept = PastedNumbers.objects.get()
    assert sorted(kept.numbers) == sorted(moved)
    assert f"numbers=@{kept.pk}" in text
    assert lead.client.get("/orders/", {"numbers": f"@{kept.pk}"}).status_code == 200
    entry = ChangeLogEntry.objects.get(action="allocations.rebalanced")
    assert (entry.after["number"], entry.by.pk) == (2, batch.owner_id)


def test_the_form_limits_and_says_what_is_wrong(board, dear):
    client = sign_in_as(Role.LEAD).client
    assert preview(client, most=2).context["number"] == 2
    assert b"1 more would move without the limit" in preview(client, most=2).content
    saving = min(move.saving_minor for move in preview(client).context["plan"].moves)
    assert preview(client, saving=(saving + 1) / 100).context["number"] == 0
    assert preview(client, warehouse=board.bj.id).context["plan"].considered == 0
    assert preview(client, shop=board.shop.id).context["number"] == len(dear) - 1
    assert preview(client, region="440000").context["number"] == 0
    assert b"At most so many moves: Ensure" in preview(client, most=0).content
    assert b"best where" in preview(client, region="440000").content
    assert b"Nothing waits to be accepted" in preview(client, warehouse=board.bj.id).content


def test_steps_go_on_until_somebody_stops(board, dear, monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 1)
    board.gz.capacity = None
    board.gz.save()
    board.bj.capacity = 1
    board.bj.save()
    board.assigned(1, warehouse=board.bj)
    lead = sign_in_as(Role.LEAD)
    batch = preview(lead.client).context["batch"]
    going = apply(lead.client, batch).content.decode()
    assert f"/board/rebalance/{batch.pk}/apply/" in going
    assert "Stop here" in going
    assert b"Stopped; 1 were not tried" in apply(lead.client, batch, stop="1").content
    assert len(dear) == 4


def test_an_old_preview_is_refused(board, dear):
    lead = sign_in_as(Role.LEAD)
    batch = preview(lead.client).context["batch"]
    Batch.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    assert b"older than 15 minutes" in apply(lead.client, batch).content
    assert board.at(board.gz) == len(dear)


def test_a_preview_is_its_owners_alone_and_for_leads(board, dear):
    batch = preview(sign_in_as(Role.LEAD).client).context["batch"]
    assert apply(sign_in_as(Role.LEAD).client, batch).status_code == 404
    for role in (Role.CLERK, Role.VIEWER):
        client = sign_in_as(role).client
        assert client.get(URL).status_code == 403
        assert apply(client, batch).status_code == 403
    assert board.at(board.gz) == len(dear)


def test_nobody_moves_beyond_their_scope(board, dear):
    lead = sign_in_as(Role.LEAD)
    limit_user(lead.user, warehouses=[board.gz])
    page = preview(lead.client)
    assert (page.context["plan"].considered, page.context["number"]) == (len(dear), 0)
    limit_user(lead.user, warehouses=[board.bj])
    assert preview(lead.client).context["plan"].considered == 0


def test_pausing_resuming_and_new_ratios_offer_it(board, dear):
    client = sign_in_as(Role.LEAD).client
    paused = client.post(f"/board/pause/{board.gz.id}/").content.decode()
    assert f"{len(dear)} orders nobody has accepted could be decided again." in paused
    assert f"{URL}?warehouse={board.gz.id}" in paused
    assert f'value="{board.gz.id}" selected' in client.get(URL, {"warehouse": board.gz.id}).content.decode()
    assert "could be decided again" in client.post(f"/board/resume/{board.gz.id}/").content.decode()
    ratios = {f"r{board.gz.id}": 50, f"r{board.bj.id}": 50, "save": "1"}
    assert "could be decided again" in client.post("/board/ratios/", ratios).content.decode()
    assert "could be decided again" not in client.post(f"/board/pause/{board.bj.id}/").content.decode()


def test_what_cannot_leave_a_paused_warehouse_is_told(board, dear):
    client = sign_in_as(Role.LEAD).client
    board.bj.is_open = board.gz.is_open = False
    board.bj.save()
    board.gz.save()
    page = preview(client)
    assert (page.context["number"], page.context["stuck"]) == (0, len(dear))
    assert b"Stays in the paused warehouse:" in page.content


def test_the_order_tells_that_it_was_decided_again(board):
    [key] = board.assigned(1, region=NORTH)
    lead = sign_in_as(Role.LEAD)
    apply(lead.client, preview(lead.client).context["batch"])
    text = lead.client.get(f"/orders/{Allocation.objects.get(id=key).order_id}/").content.decode()
    assert "rebalanced: costs less there, saves ¥" in text
    assert text.count("costs less there") >= 3


def test_what_was_decided_again_counts_as_automatic_and_not_as_moved_by_hand(board):
    [key] = board.assigned(1, region=NORTH)
    assert of_kind("by_hand", board.now).count() == 1
    lead = sign_in_as(Role.LEAD)
    apply(lead.client, preview(lead.client).context["batch"])
    assert (of_kind("automatic", board.now).count(), of_kind("by_hand", board.now).count()) == (1, 0)
    assert moved_by_hand([timezone.localdate()]) == {}
    assert Allocation.objects.get(replaces_id=key).origin == Origin.REBALANCED

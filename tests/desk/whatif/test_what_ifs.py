"""The what-ifs' pages: asking, watching, stopping, the result with its orders and its file; who may."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.builders import BEIJING, GUANGZHOU, make_freight, make_order, make_sku, make_stock, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.models import Allocation
from paidan.allocation.wave import run_wave
from paidan.desk.whatif import telling
from paidan.network.scopes import limit_user
from paidan.rules.drafts import Who, discard_draft, replace_draft
from paidan.rules.models import RuleSetVersion
from paidan.rules.services import publish_rules
from paidan.whatif import running
from paidan.whatif.models import Move, WhatIf

State = WhatIf.State


@pytest.fixture
def lead(db):  # noqa: ARG001 - it needs the database
    return sign_in_as(Role.LEAD)


@pytest.fixture
def lived(lead):  # noqa: ARG001
    """Six orders, all sent from Beijing today."""
    now = timezone.now()
    make_sku("A", name="Cup")
    places = make_warehouse("bj", capacity=10, **BEIJING), make_warehouse("gz", capacity=4, **GUANGZHOU)
    for place in places:
        make_freight(place, "sf")
        make_stock(place, "A", 100)
        make_team(f"t{place.code}", place)
    publish_rules([{"id": "r", "then": {"strategies": ["ranked"], "warehouses": ["bj", "gz"]}}], now=now)
    for number in range(6):
        make_order(number=f"N{number}", lines={"A": 1}, region="310115", now=now)
    run_wave(now=now)
    return places


def fields(**changes):
    today = timezone.localdate()
    return {"since": today - timedelta(days=1), "until": today + timedelta(days=1), "rules": "", **changes}


def asked(who, **changes):
    answer = who.client.post(reverse("whatif:new"), fields(**changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return WhatIf.objects.latest("id")


def worked_out(who, **changes):
    what_if = asked(who, **changes)
    running.work_out(what_if.pk)
    what_if.refresh_from_db()
    return what_if


def page_of(who, what_if, **query):
    return who.client.get(reverse("whatif:one", args=[what_if.pk]), query)


def test_a_closed_warehouse_sends_its_orders_elsewhere_and_live_orders_stay(lead, lived):
    bj, gz = lived
    what_if = worked_out(lead, **{f"open_{bj.pk}": "closed"})
    assert (what_if.state, what_if.moved_n, what_if.problem) == (State.DONE, 6, "")
    assert what_if.before["load_w"] == [[bj.pk, what_if.before["load_w"][0][1], 6]]
    assert what_if.after["unserved"] == {"6": 2}
    page = page_of(lead, what_if)
    flows = [(flow["from"], flow["to"], flow["number"]) for flow in page.context["flows"]]
    assert flows == [("bj", "gz", 4), ("bj", "unallocated", 2)]
    assert "2 orders fewer served" in page.context["verdict"]
    assert page.context["tone"] == "bad"
    assert set(Allocation.objects.values_list("warehouse_id", flat=True)) == {bj.pk}
    only = page_of(lead, what_if, **{"from": bj.pk, "to": gz.pk})
    assert len(only.context["moves"]) == 4


def test_the_file_has_every_order_that_moves(lead, lived):
    what_if = worked_out(lead, **{f"open_{lived[0].pk}": "closed"})
    answer = lead.client.get(reverse("whatif:export", args=[what_if.pk, "csv"]))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 1 + 6
    assert {row[0] for row in rows[1:]} == {f"N{number}" for number in range(6)}
    assert lead.client.get(reverse("whatif:export", args=[what_if.pk, "pdf"])).status_code == 404


def test_the_draft_is_tried_and_its_publication_offered(lead, lived):  # noqa: ARG001
    rules = [{"id": "r", "then": {"strategies": ["ranked"], "warehouses": ["gz", "bj"]}}]
    replace_draft({"rules": rules}, who=Who(None, timezone.now()))
    what_if = worked_out(lead, rules="draft")
    assert what_if.moved_n == 4
    page = page_of(lead, what_if)
    assert page.context["what_if"].version.state == 1
    assert reverse("rules:difference") in page.content.decode()
    assert page.context["assumed"] == [f"rules v{what_if.version.number}"]


def test_a_draft_thrown_away_meanwhile_is_told(lead, lived):  # noqa: ARG001
    replace_draft({"rules": [{"id": "r"}]}, who=Who(None, timezone.now()))
    what_if = asked(lead, rules="draft")
    discard_draft()
    running.work_out(what_if.pk)
    what_if.refresh_from_db()
    assert what_if.state == State.FAILED
    assert "draft was thrown away" in page_of(lead, what_if).content.decode()


def test_days_without_orders_end_with_a_sentence(lead, lived):
    past = timezone.localdate() - timedelta(days=90)
    what_if = worked_out(lead, since=past, until=past, **{f"warehouse_ratio_{lived[0].pk}": 3})
    assert (what_if.state, what_if.problem) == (State.FAILED, "No order was decided in this period.")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "rules", "else nothing can differ"),
        ({"until": "2020-01-01"}, "until", "before the first day"),
        ({"since": "2999-01-01", "until": "2999-01-02"}, "since", "still to come"),
        ({"since": "2019-01-01"}, "since", "At most 400 days"),
        ({"since": ""}, "since", "required"),
        ({"rules": "77"}, "rules", "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_names_the_field(lead, lived, changes, field, words):  # noqa: ARG001
    answer = lead.client.post(reverse("whatif:new"), fields(**changes))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert not WhatIf.objects.exists()


def test_one_that_waits_is_stopped_and_never_worked_out(lead, lived):
    what_if = asked(lead, **{f"open_{lived[0].pk}": "closed"})
    assert "Stop it" in page_of(lead, what_if).content.decode()
    lead.client.post(reverse("whatif:stop", args=[what_if.pk]))
    running.work_out(what_if.pk)
    what_if.refresh_from_db()
    assert (what_if.state, what_if.after) == (State.STOPPED, None)
    assert "Nothing of it was kept" in page_of(lead, what_if).content.decode()


def test_one_under_way_is_stopped_at_the_next_wave(lead, lived, monkeypatch):
    what_if = asked(lead, **{f"open_{lived[0].pk}": "closed"})
    told = []
    compare = running.compare

    def stopped_meanwhile(since, until, assumed, progress):
        def stop_first(done, of):
            told.append(done)
            running.stop(what_if.pk, now=timezone.now())
            progress(done, of)

        return compare(since, until, assumed, stop_first)

    monkeypatch.setattr(running, "EVERY_S", 0)
    monkeypatch.setattr(running, "compare", stopped_meanwhile)
    running.work_out(what_if.pk)
    what_if.refresh_from_db()
    assert (what_if.state, what_if.after, told) == (State.STOPPED, None, [1])
    assert not Move.objects.exists()


def test_worked_out_twice_it_keeps_one_result(lead, lived):
    what_if = worked_out(lead, **{f"open_{lived[0].pk}": "closed"})
    running.work_out(what_if.pk)
    assert Move.objects.filter(what_if=what_if).count() == 6


def test_all_stand_beside_each_other_in_the_list(lead, lived):
    worked_out(lead, **{f"open_{lived[0].pk}": "closed"})
    asked(lead, **{f"warehouse_capacity_{lived[0].pk}": 3})
    rows = lead.client.get(reverse("whatif:list")).context["rows"]
    assert [(row["one"].state, row["unserved"]) for row in rows] == [(State.QUEUED, None), (State.DONE, 2)]


def test_fewer_late_parcels_and_no_loss_is_good_and_dearer_alone_is_bad():
    side = {"served": 10, "parcels": 10, "late": 2, "freight_minor": 100, "unserved": {}, "load_w": []}

    def tone(**after):
        return telling.verdict(WhatIf(before=side, after=side | after, moved_n=1), [])[1]

    assert tone(late=1, freight_minor=150) == "good"
    assert tone(freight_minor=150) == "bad"
    assert tone(freight_minor=50) == "good"
    assert tone(served=9, late=1) == "mixed"


def test_only_who_sees_everything_may(lead, lived):
    limit_user(lead.user, warehouses=[lived[0]])
    assert lead.client.get(reverse("whatif:list")).status_code in (403, 404)
    for role in (Role.CLERK, Role.VIEWER):
        assert sign_in_as(role).client.get(reverse("whatif:list")).status_code in (403, 404)


def test_one_more_warehouse_and_other_freight_are_asked_for_kept_and_told(lead, lived):
    bj, gz = lived
    more = {"new_code": "sh", "new_place": "上海市浦东新区", "new_stock": 50, "new_like": bj.pk, f"freight_{gz.pk}": 10}
    publish_rules([{"id": "r", "then": {"strategies": ["nearest"]}}], now=timezone.now())
    what_if = worked_out(lead, rules=str(RuleSetVersion.objects.latest("number").number), **more)
    assert what_if.assumed["freight_percent"] == {str(gz.pk): 10}
    context = lead.client.get(reverse("whatif:one", args=[what_if.pk])).context
    assert [(flow["from"], str(flow["to"]), flow["number"]) for flow in context["flows"]] == [(str(bj), "sh", 6)]
    assert "one more warehouse, sh, with 50 % of the stock" in context["assumed"]


def test_a_new_warehouse_needs_a_code_and_a_place_that_exists(lead, lived):
    def errors(**changes):
        return lead.client.post(reverse("whatif:new"), fields(**changes)).context["form"].errors

    assert set(errors(new_code="sh")) == {"new_place"}
    assert set(errors(new_place="上海市浦东新区")) == {"new_code"}
    assert set(errors(new_code="sh", new_place="nowhere at all")) == {"new_place"}
    assert set(errors(new_code=lived[0].code, new_place="310115")) == {"new_code"}
    assert set(errors(**{f"freight_{lived[0].pk}": 1000})) == {f"freight_{lived[0].pk}"}

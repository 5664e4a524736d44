"""Who may open a team's pages and act there: one who leads, one of the team, one who only looks, one from elsewhere."""

import pytest
from django.urls import reverse
from tests.builders import make_shop, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.states import AllocationState

PAGES = [
    "team-accept",
    "team-pick",
    "team-list",
    "team-list-print",
    "team-list-which",
    "team-pack",
    "team-ship",
    "team-carrier",
    "team-stops",
    "team-problems",
]
POSTS = [
    "team-accept-chosen",
    "team-unaccept",
    "team-list-begin",
    "team-hand-back",
    "team-list-done",
    "team-list-away",
    "team-pack-chosen",
]
PARCEL_PAGES = ["team-parcel", "team-parcel-problem", "team-parcel-hand-back", "team-parcel-waybill"]


@pytest.fixture
def people(floor):
    """The four, by what they are to the team."""
    return {
        "leads": sign_in_as(Role.LEAD),
        "member": sign_in_as(Role.TEAM, member_of=[floor.team]),
        "looks": sign_in_as(Role.VIEWER),
        "elsewhere": sign_in_as(Role.TEAM, member_of=[floor.other]),
    }


def statuses(people, method, address, data=None):
    return {who: getattr(one.client, method)(address, data or {}).status_code for who, one in people.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_team_and_its_lead_see_its_pages_and_nobody_else(floor, people, name):
    found = statuses(people, "get", reverse(f"desk:{name}", args=[floor.team.pk]))
    assert (found["looks"], found["elsewhere"]) == (403, 404)
    assert {found["leads"], found["member"]} <= {200, 302}


@pytest.mark.parametrize("name", POSTS)
def test_a_team_and_its_lead_act_and_nobody_else(floor, people, name):
    found = statuses(people, "post", reverse(f"desk:{name}", args=[floor.team.pk]))
    assert found == {"leads": 302, "member": 302, "looks": 403, "elsewhere": 404}


@pytest.mark.parametrize("name", PARCEL_PAGES)
def test_a_parcel_is_seen_by_its_team_and_its_lead_only(floor, people, name):
    allocation = floor.accepted()
    found = statuses(people, "get", reverse(f"desk:{name}", args=[floor.team.pk, allocation.id]))
    assert found == {"leads": 200, "member": 200, "looks": 403, "elsewhere": 404}


def test_another_teams_parcel_is_not_reached_through_ones_own_address(floor, member):
    theirs = floor.accepted(team=floor.other)
    for name in (*PARCEL_PAGES, "team-parcel-step"):
        address = reverse(f"desk:{name}", args=[floor.team.pk, theirs.id])
        assert member.client.post(address).status_code in (404, 405)
    theirs.refresh_from_db()
    assert theirs.state == AllocationState.ACCEPTED


def test_ids_of_another_team_in_a_form_are_not_touched(floor, member):
    theirs, ours = floor.assigned(team=floor.other), floor.assigned()
    member.client.post(reverse("desk:team-accept-chosen", args=[floor.team.pk]), {"id": [theirs.id, ours.id]})
    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert (theirs.state, ours.state) == (AllocationState.ASSIGNED, AllocationState.ACCEPTED)


def test_scanning_another_teams_parcel_tells_whose_it_is_and_nothing_of_it(floor, member):
    theirs = floor.packed(team=floor.other)
    to = reverse("desk:team-scan", args=[floor.team.pk, "ship"])
    answer = member.client.post(to, {"code": theirs.order.number}, headers={"HX-Request": "true"})
    theirs.refresh_from_db()
    assert theirs.state == AllocationState.PACKED
    assert "广州二组" in answer.content.decode()
    assert "瑜伽垫" not in answer.content.decode()


def test_a_scope_narrower_than_the_team_hides_the_rest_of_its_work(floor):
    floor.assigned()
    limited = sign_in_as(Role.TEAM, member_of=[floor.team], shops=[make_shop("elsewhere")])
    page = limited.client.get(reverse("desk:team-accept", args=[floor.team.pk]))
    assert page.status_code == 200
    assert "瑜伽垫" not in page.content.decode()


def test_a_lead_of_another_warehouse_does_not_see_the_team(floor):
    limited = sign_in_as(Role.LEAD, warehouses=[make_warehouse("bj")])
    assert limited.client.get(reverse("desk:team-accept", args=[floor.team.pk])).status_code == 404


def test_a_member_goes_straight_to_the_team_and_who_has_none_is_told(floor, member):
    assert member.client.get("/team/")["Location"] == reverse("desk:team-accept", args=[floor.team.pk])
    lost = sign_in_as(Role.TEAM).client.get("/team/")
    assert "in no team" in lost.content.decode()


def test_a_lead_chooses_among_the_teams(floor):
    floor.assigned()
    page = sign_in_as(Role.LEAD).client.get("/team/").content.decode()
    assert "广州一组" in page
    assert "广州二组" in page

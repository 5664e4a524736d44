"""Where people may act: one who plans, one of a team, one who only looks, one from elsewhere."""

import pytest
from django.db import IntegrityError, transaction
from tests.builders import make_shop, make_team, make_user, make_warehouse

from paidan.accounts.capabilities import Role
from paidan.network.models import UserScope, Warehouse
from paidan.network.scopes import limit_user, scope_of, visible_shops, visible_teams, visible_warehouses

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    gz, wh = make_warehouse("gz"), make_warehouse("wh")
    return gz, wh, make_team("gz-a", gz), make_team("wh-a", wh)


def test_without_a_limit_everything_is_within_reach(places):
    lead = make_user(role=Role.LEAD)
    assert scope_of(lead).is_everything
    assert list(visible_warehouses(lead)) == list(places[:2])


def test_a_warehouse_limit_hides_the_others_and_their_teams(places):
    gz, wh, gz_team, wh_team = places
    clerk = make_user(role=Role.CLERK)
    limit_user(clerk, warehouses=[gz])
    scope = scope_of(clerk)
    assert scope.has_warehouse(gz.id)
    assert not scope.has_warehouse(wh.id)
    assert not scope.has_warehouse(None)
    assert list(visible_teams(clerk)) == [gz_team]
    assert wh_team not in visible_teams(clerk)


def test_a_team_member_has_their_own_teams_and_nothing_without_one(places):
    gz, _wh, gz_team, wh_team = places
    member, idle = make_user("a", role=Role.TEAM), make_user("b", role=Role.TEAM)
    gz_team.members.add(member)
    assert scope_of(member).teams == {gz_team.id}
    assert list(visible_warehouses(member)) == [gz]
    assert scope_of(idle).teams == frozenset()
    assert list(visible_teams(idle)) == []
    limit_user(member, teams=[wh_team])
    assert scope_of(member).teams == frozenset()


def test_one_from_elsewhere_sees_nothing_of_ours(places):
    gz, wh, *_teams = places
    foreign = make_user(role=Role.VIEWER)
    limit_user(foreign, warehouses=[wh], shops=[make_shop("foreign")])
    make_shop("ours")
    found = Warehouse.objects.filter(scope_of(foreign).condition(warehouse="id"))
    assert list(found) == [wh]
    assert gz not in found
    assert [shop.code for shop in visible_shops(foreign)] == ["foreign"]


def test_administrators_are_never_limited(places):
    chief = make_user(role=Role.ADMINISTRATOR)
    limit_user(chief, warehouses=[places[0]])
    assert scope_of(chief).is_everything


@pytest.mark.usefixtures("places")
def test_a_closed_account_reaches_nothing():
    gone = make_user(role=Role.LEAD, is_active=False)
    assert list(visible_warehouses(gone)) == []


def test_a_limit_is_of_one_thing(places):
    gz, _wh, team, _other = places
    user = make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        UserScope.objects.create(user=user, warehouse=gz, team=team)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserScope.objects.create(user=user)

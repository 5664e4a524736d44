"""The team board: each team's day as its own page tells it, who is overloaded, and ratios changed there and then."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_stock, make_team, make_warehouse
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import Shipment, accept_allocations, pack_allocations, pick_allocations
from paidan.allocation.transitions import ship_allocations as ship
from paidan.allocation.wave import run_wave
from paidan.desk.teams.pace import day_of
from paidan.network.models import Team
from paidan.orders.exceptions import report_exception
from paidan.orders.states import ExceptionKind
from paidan.reports.pace import paces
from paidan.rules.services import publish_rules

URL = "/reports/teams/"


@pytest.fixture
def place(db):  # noqa: ARG001 - it needs the database
    warehouse = make_warehouse("bj", name="North", **BEIJING)
    make_stock(warehouse, "A", 500)
    return warehouse


def given(team, number, now=NOW, **fields):
    """So many orders on a team's list."""
    orders = [make_order(now=now, **fields) for _ in range(number)]
    return [assign_by_hand(order.id, warehouse=team.warehouse, team=team, now=now) for order in orders]


def shipped(ids, now):
    for step in (accept_allocations, pick_allocations, pack_allocations):
        step(ids, now=now)
    ship([Shipment(key, "sf", f"9{key}") for key in ids], now=now)


def test_every_team_is_told_as_its_own_page_tells_it(place):
    fast, slow, idle = (make_team(code, place, capacity=20) for code in ("a", "b", "c"))
    for team, every in ((fast, 1), (slow, 4)):
        ids = given(team, 20, ship_by_at=NOW + timedelta(hours=1))
        for at in range(8):
            shipped([ids[at]], NOW + timedelta(minutes=10 + every * at))
    now = NOW + timedelta(minutes=45)
    accept_allocations(list(Allocation.objects.filter(team=slow, state=1).values_list("id", flat=True)[:3]), now=now)
    rows = {row.team.code: row for row in paces([fast, slow, idle], now)}
    for team in (fast, slow, idle):
        day, row = day_of(team, now=now), rows[team.code]
        assert (row.shipped, row.late, row.done_at) == (day.shipped, day.late, day.done_at)
        assert row.may_be_late == (day.may_be_late if day.done_at else day.late)
    assert (rows["b"].waiting, rows["b"].in_hand, rows["b"].load) == (9, 3, 20)
    assert rows["c"].per_hour is None


def test_who_takes_on_too_much_or_will_be_late_is_overloaded(place):
    over, late, fine = (make_team(code, place, capacity=capacity) for code, capacity in (("o", 2), ("l", 9), ("f", 9)))
    given(over, 3)
    given(late, 1, ship_by_at=NOW + timedelta(hours=3))
    ids = given(late, 6, ship_by_at=NOW + timedelta(minutes=90))
    for at, key in enumerate(ids[:5]):
        shipped([key], NOW + timedelta(minutes=15 * at))
    given(fine, 2)
    Allocation.objects.filter(id=ids[5]).update(state=1)
    rows = {row.team.code: row for row in paces([over, late, fine], NOW + timedelta(minutes=80))}
    assert rows["o"].is_overloaded
    assert rows["l"].may_be_late == 1
    assert rows["l"].is_overloaded
    assert not rows["f"].is_overloaded


def test_the_page_says_so_in_words_and_for_a_wall(place):
    now = timezone.now()
    team = make_team("a", place, name="Alpha", capacity=2)
    ids = given(team, 3, now=now)
    report_exception(ExceptionKind.DAMAGED, order_id=Allocation.objects.get(id=ids[0]).order_id,
                     allocation_id=ids[0], now=now)  # fmt: skip
    page = sign_in_as(Role.VIEWER).client.get(URL)
    text = page.content.decode()
    assert "overloaded" in text
    assert "1 team needs help" in text
    assert "no pace yet" in text
    assert page.context["overloaded"][0].problems == 1
    assert "Share among teams" not in text
    assert "rp-wall" in sign_in_as(Role.LEAD).client.get(URL, {"wall": "1"}).content.decode()


def test_whoever_is_limited_to_another_warehouse_sees_none_of_it(place):
    make_team("a", place, name="Alpha")
    elsewhere = make_warehouse("gz", **GUANGZHOU)
    person = sign_in_as(Role.LEAD, warehouses=[elsewhere])
    assert "Alpha" not in person.client.get(URL).content.decode()
    assert person.client.get(reverse("reports:team-ratios", args=[place.pk])).status_code == 404


def test_the_next_wave_follows_the_teams_new_ratios(place):
    first, second = make_team("a", place, ratio=1), make_team("b", place)
    publish_rules([], now=timezone.now())
    lead, url = sign_in_as(Role.LEAD), reverse("reports:team-ratios", args=[place.pk])
    assert b"100%" in lead.client.get(url).content
    unequal = {f"r{first.pk}": 50, f"r{second.pk}": 20, "save": "1"}
    assert "sum to 70" in lead.client.post(url, unequal).content.decode()
    lead.client.post(url, {f"r{first.pk}": 0, f"r{second.pk}": 100, "save": "1"})
    assert dict(Team.objects.values_list("code", "ratio")) == {"a": 0, "b": 100}
    assert ChangeLogEntry.objects.filter(action="team_ratios.set", by=lead.user).exists()
    order = make_order(region="110105", now=timezone.now())
    run_wave(now=timezone.now())
    assert Allocation.objects.get(order=order).team == second


@pytest.mark.parametrize("number", [2, 12])
def test_more_teams_take_no_more_questions(place, number, django_assert_num_queries):
    for at in range(number):
        make_team(f"t{at}", place)
    teams = list(Team.objects.select_related("warehouse"))
    with django_assert_num_queries(7):
        paces(teams, NOW)

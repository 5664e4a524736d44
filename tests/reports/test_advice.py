"""Advice from simulated weeks whose truth is known: what it says, how it is tried and applied, who may."""

from datetime import UTC, timedelta

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from tests.builders import BEIJING, GUANGZHOU, make_freight, make_order, make_stock, make_team, make_warehouse
from tests.reports.test_rates import evening_peak, simulated
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.wave import run_wave
from paidan.network.models import Team, Warehouse
from paidan.network.plans import NORMAL, planned, set_automatic, set_planned, weekday_key
from paidan.reports.following import follow_advice
from paidan.reports.models import RefreshState, WorkHour
from paidan.reports.rates import NOTHING, posterior
from paidan.reports.refresh import refresh
from paidan.reports.speeds import WEEKS, hours_of_work, ratios_by_speed, speeds_of_teams, speeds_of_warehouses
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.services import publish_rules

URL = "/reports/advice/"


def worked(warehouse, team, rate, seed, per_day=None):
    """Four weeks of a team that ships `rate` parcels an hour while it has work, from 8 to 20 o'clock."""
    end = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = (timezone.localtime(end) - timedelta(weeks=WEEKS)).replace(hour=0) + timedelta(days=1)
    size = int((end - first) / timedelta(hours=1))
    rng = np.random.default_rng(seed)
    hours = simulated(rng, rate, evening_peak(per_day or rate * 10.4), days=WEEKS * 7)
    waiting, shipped, _active = (column[:size] for column in hours)
    came = np.diff(waiting, append=waiting[-1] - shipped[-1]) + shipped
    WorkHour.objects.bulk_create(
        WorkHour(hour=first + timedelta(hours=at), warehouse=warehouse.pk, team=team.pk, assigned_n=int(came[at]),
                 accepted_n=int(shipped[at]), shipped_n=int(shipped[at]))
        for at in range(size)
    )  # fmt: skip
    # What the simulation leaves is not on any list; it went.
    left = int((came - shipped).sum())
    WorkHour.objects.filter(hour=first + timedelta(hours=size - 1), team=team.pk).update(gone_n=max(left, 0))


@pytest.fixture
def lived(db):  # noqa: ARG001 - it needs the database
    """The south works twice as fast as the north, and has half its ratio; within the south one of two teams is thin."""
    north = make_warehouse("bj", name="North", ratio=67, capacity=2000, **BEIJING)
    south = make_warehouse("gz", name="South", ratio=33, capacity=300, **GUANGZHOU)
    teams = [make_team("n", north), make_team("s", south, ratio=50), make_team("thin", south, ratio=50)]
    refresh(now=timezone.now())  # the first one counts everything anew, and these hours have no events
    worked(north, teams[0], 50, 1)
    worked(south, teams[1], 100, 2)
    return north, south, teams


def test_rates_ratios_and_capacities_follow_the_truth(lived):
    north, south, teams = lived
    hours = hours_of_work(timezone.now())
    slow, fast = speeds_of_warehouses([north, south], hours)
    assert slow.rate.low <= 50 <= slow.rate.high
    assert fast.rate.low <= 100 <= fast.rate.high
    assert abs(fast.ratio_then - 67) <= 2
    assert slow.ratio_then + fast.ratio_then == 100
    assert abs(fast.capacity_then - 1100) < 120
    known, thin = speeds_of_teams(teams[1:], hours)
    assert not known.rate.is_thin
    assert (thin.rate.is_thin, thin.capacity_then, thin.ratio_then) == (True, None, None)


def test_who_is_not_known_well_keeps_their_ratio():
    steady = posterior(np.array([60] * 20), 10)
    double = posterior(np.array([120] * 20), 10)
    assert ratios_by_speed({1: 40, 2: 40, 3: 20}, {1: steady, 2: double, 3: NOTHING}) == {1: 27, 2: 53, 3: 20}
    assert ratios_by_speed({1: 50, 2: 50}, {1: steady, 2: NOTHING}) == {}


def test_the_lead_tries_the_ratios_and_applies_them(lived):
    _north, south, _teams = lived
    lead = sign_in_as(Role.LEAD)
    page = lead.client.get(URL)
    group = page.context["warehouses"]
    then = {one["speed"].place.code: one["speed"].ratio_then for one in group["rows"]}
    form = lead.client.get(group["what_if"]).context["form"]
    assert int(form[f"warehouse_ratio_{south.pk}"].value()) == then["gz"]
    text = page.content.decode()
    assert "Apply the ratios" in text
    assert "too little to tell" in text
    lead.client.post(group["apply_url"], {"save": "1", **dict(group["fields"])})
    assert dict(Warehouse.objects.values_list("code", "ratio")) == then
    assert ChangeLogEntry.objects.filter(action="ratios.set", by=lead.user).exists()
    assert lead.client.get(URL).context["warehouses"]["moved"] == []


def test_a_capacity_is_applied_as_it_was_seen(lived):
    _north, south, teams = lived
    lead, url = sign_in_as(Role.LEAD), reverse("reports:advice-capacity", args=["warehouse", lived[1].pk])
    lead.client.post(url, {"capacity": "1100"})
    lead.client.post(url, {"capacity": "-1"})
    lead.client.post(url, {"capacity": ""})
    south.refresh_from_db()
    assert south.capacity == 1100
    lead.client.post(reverse("reports:advice-capacity", args=["team", teams[1].pk]), {"capacity": "900"})
    assert Team.objects.get(code="s").capacity == 900


@pytest.fixture
def astray(db):  # noqa: ARG001
    """Yesterday forty parcels for Guangdong went from Beijing by hand, at twelve yuan more than from Guangzhou."""
    north, south = make_warehouse("bj", name="North", **BEIJING), make_warehouse("gz", name="South", **GUANGZHOU)
    make_warehouse("near", name="Beside", lat=23.2, lng=113.3)
    make_freight(north, first_minor=2000)
    make_freight(south, first_minor=800)
    make_stock(north, "A", 900)
    make_stock(south, "A", 5)
    publish_rules(
        [
            {"id": "wide", "name": "Wide", "when": {"shop": ["s"]}, "then": {}},
            {"id": "narrow", "name": "Narrow", "when": {"shop": ["s"], "amount_minor": [100, None]}, "then": {}},
            {"id": "idle", "name": "Idle", "when": {"tag": ["gold"]}, "then": {}},
        ],
        now=timezone.now(),
    )
    yesterday = timezone.now() - timedelta(days=1)
    for _ in range(40):
        order = make_order({"A": 2}, now=yesterday, region="440106")
        assign_by_hand(order.id, warehouse=north, now=yesterday)
    refresh(now=timezone.now())
    return north, south


def test_regions_rules_and_stock_show_what_they_cost(astray):  # noqa: ARG001
    context = sign_in_as(Role.VIEWER).client.get(URL).context
    [row] = context["elsewhere"]
    one, place = row["one"], row["name"]
    assert (one.warehouse.code, one.better.code, one.number, one.stake_minor) == ("bj", "gz", 40, 48_000)
    assert place == "广东"
    [passed] = [row["one"] for row in context["passed_over"]]
    assert passed.share == 0
    assert passed.detour_m > 1_500_000
    assert [one["rule"].code for one in context["rules"]] == ["wide", "narrow", "idle"]
    assert "Wide takes all its orders first" in context["rules"][1]["why"]


def test_an_advice_about_a_region_leads_to_its_orders_and_to_a_rule_that_can_be_tried(astray):  # noqa: ARG001
    lead = sign_in_as(Role.LEAD)
    page = lead.client.get(URL)
    [row] = page.context["elsewhere"]
    assert lead.client.get(row["orders"]).context["total"] == 40
    assert page.context["draft_url"] == ""
    form = lead.client.get(row["rule"]).context["form"]
    given = {name: value for name in form.fields if (value := form[name].value()) not in (None, "", [])}
    lead.client.post(row["rule"], {**given, "seen": ""})
    rule = rules_of_version(draft())[0]
    assert (rule.when, rule.then["warehouses"], rule.then["otherwise"]) == ({"region": ["440000"]}, ["gz"], "next")
    what_if = lead.client.get(lead.client.get(URL).context["draft_url"]).context["form"]
    assert what_if["rules"].value() == "draft"
    assert "draft" in dict(what_if.fields["rules"].choices)


@pytest.mark.parametrize("query", ["region=1&warehouse=gz", "region=440000&warehouse=x", "region=440000"])
def test_a_rule_for_what_is_not_there_begins_empty(astray, query):  # noqa: ARG001
    assert sign_in_as(Role.LEAD).client.get(f"/rules/new/?{query}").context["form"].entry == {}


def test_a_rule_that_never_fires_is_switched_off_in_the_draft(astray):  # noqa: ARG001
    lead = sign_in_as(Role.LEAD)
    assert "Switch off in the draft" in lead.client.get(URL).content.decode()
    lead.client.post(reverse("rules:switch", args=["narrow"]), {"active": "0"})
    shown = {one["rule"].code: one["on"] for one in lead.client.get(URL).context["rules"]}
    assert shown == {"wide": True, "narrow": False, "idle": True}
    assert "Switch off in the draft" not in sign_in_as(Role.VIEWER).client.get(URL).content.decode()


def test_a_warehouse_others_overtake_can_be_tried_without(astray):  # noqa: ARG001
    client, shadowed = sign_in_as(Role.LEAD).client, make_warehouse("second", **BEIJING)
    [(place, url)] = client.get(URL).context["overtaken"]
    assert place == shadowed
    assert client.get(url).context["form"][f"open_{place.pk}"].value() == "closed"


def test_refused_ratios_say_why(lived):
    lead = sign_in_as(Role.LEAD)
    assert 'hx-select="[role=alert]"' in lead.client.get(URL).content.decode()
    for url in (reverse("desk:board-ratios"), reverse("reports:team-ratios", args=[lived[1].pk])):
        places = lived[2][1:] if "teams" in url else lived[:2]
        answer = lead.client.post(url, {"save": "1", **{f"r{one.pk}": "70" for one in places}})
        assert 'role="alert"' in answer.content.decode()
        assert "sum to 140" in answer.content.decode()


def test_the_transfers_are_a_file_too(astray):
    Warehouse.objects.filter(code="near").delete()
    client = sign_in_as(Role.LEAD).client
    files = client.get(reverse("reports:advice-stock")).context["files"]
    text = b"".join(client.get(files["csv"]).streaming_content).decode("utf-8-sig")
    head, line = text.splitlines()
    assert head.startswith("SKU,Name,Pieces,From (code)")
    assert line.split(",")[2:5] == ["820", "bj", "North"]
    assert client.get(files["xlsx"]).status_code == 200
    assert client.get("/reports/advice/transfers.pdf").status_code == 404
    assert sign_in_as(Role.LEAD, warehouses=[astray[0]]).client.get(files["csv"]).status_code == 404


def test_stock_is_to_move_to_where_the_buyers_are(astray):
    north, south = astray
    Warehouse.objects.filter(code="near").delete()
    context = sign_in_as(Role.LEAD).client.get(reverse("reports:advice-stock")).context
    [move] = context["transfers"]
    assert (move.source, move.target) == (north, south)
    assert move.pieces == 820  # all that is free in the north: 900 − 80 reserved


def test_without_any_past_there_is_nothing_to_advise(db):  # noqa: ARG001
    make_warehouse("bj", **BEIJING)
    page = sign_in_as(Role.LEAD).client.get(URL)
    assert page.status_code == 200
    assert page.context["warehouses"]["moved"] == []
    assert RefreshState.objects.exists()
    run_wave(now=timezone.now())


def test_who_sees_only_a_part_gets_no_advice(lived):
    limited = sign_in_as(Role.LEAD, warehouses=[lived[0]])
    assert limited.client.get(URL).status_code == 404
    assert sign_in_as(Role.VIEWER).client.post(
        reverse("reports:advice-capacity", args=["warehouse", lived[0].pk]), {"capacity": "5"}
    ).status_code == 403  # fmt: skip


def test_what_is_automatic_follows_the_advice_as_the_normal_value_and_nothing_else_does(lived):
    north, south, teams = lived
    now = timezone.now()
    assert follow_advice(now=now) == []
    set_automatic("warehouse", "ratio", {north.pk: True, south.pk: True}, by=None, now=now)
    set_automatic("warehouse", "capacity", {south.pk: True}, by=None, now=now)
    set_automatic("team", "capacity", {teams[2].pk: True}, by=None, now=now)
    follow_advice(now=now)
    for one in (north, south, teams[2]):
        one.refresh_from_db()
    assert abs(south.ratio - 67) <= 2
    assert north.ratio + south.ratio == 100
    assert abs(south.capacity - 1100) < 120
    assert (north.capacity, teams[2].capacity) == (2000, None)  # not asked for; too little is known
    assert follow_advice(now=now) == []


def test_a_planned_weekday_goes_before_the_advised_normal_value(lived):
    south, now = lived[1], timezone.now()
    set_planned("warehouse", "capacity", {(south.pk, weekday_key(day)): 5 for day in range(7)}, by=None, now=now)
    set_automatic("warehouse", "capacity", {south.pk: True}, by=None, now=now)
    follow_advice(now=now)
    south.refresh_from_db()
    assert south.capacity == 5
    assert planned("warehouse", "capacity")[south.pk][NORMAL] > 900

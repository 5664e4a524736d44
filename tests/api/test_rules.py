"""Rule sets through the API: read, judged, compared, published upon what was seen, rolled back, tried on the past."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.builders import make_order

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry, User
from paidan.accounts.token_scopes import TokenScope
from paidan.allocation.wave import run_wave
from paidan.orders.models import QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.drafts import Who, replace_draft
from paidan.rules.models import RuleSetVersion
from paidan.whatif.running import work_out

JD_TO_BJ = {"id": "jd", "when": {"shop": ["jd"]}, "then": {"warehouses": ["bj"]}}
ALL = {"id": "rest", "then": {"strategies": ["nearest"]}}


def test_a_set_that_was_read_is_judged_published_and_read_again(seller):
    program = seller.program()
    assert program.get("/rules").json()["version"] == 1
    body = {"rules": [JD_TO_BJ, ALL]}
    assert program.post("/rules/check", body).json() == {"rules": 2, "warnings": []}
    done = program.post("/rules/publish", {**body, "note": "JD from Beijing", "based_on": 1}).json()
    assert (done["version"], done["rules"], done["catch_all_added"]) == (2, 2, False)
    found = program.get("/rules").json()
    assert [rule["id"] for rule in found["rules"]] == ["jd", "rest"]
    assert found["note"] == "JD from Beijing"
    assert program.get("/rules/versions/1").json()["state"] == "past"
    assert [row["version"] for row in program.get("/rules/versions").json()] == [2, 1]
    logged = ChangeLogEntry.objects.latest("id")
    assert (logged.action, logged.by, logged.after["version"]) == ("rules.published", seller.owner, 2)


def test_a_rule_that_never_fires_is_said_and_what_would_change_too(seller):
    program = seller.program()
    body = {"rules": [ALL, JD_TO_BJ, {"id": "last", "then": {}}]}
    warnings = program.post("/rules/check", body).json()["warnings"]
    assert [one["rule"] for one in warnings] == ["jd"]
    changes = program.post("/rules/diff", body).json()
    assert {(one["rule"], one["change"]) for one in changes} >= {("jd", "new"), ("rest", "new")}
    assert all(one["after"] for one in changes if one["change"] == "new")
    assert RuleSetVersion.objects.count() == 1


@pytest.mark.parametrize("path", ["check", "diff", "publish"])
def test_what_cannot_be_a_rule_is_refused_at_its_place_and_nothing_is_kept(seller, path):
    bad = {"rules": [ALL, {"id": "x", "then": {"strategies": ["quickest"]}}]}
    answer = seller.program().post(f"/rules/{path}", bad)
    assert answer.status_code == 422
    assert answer.json()["pointer"].startswith("/rules/1/then/strategies")
    assert RuleSetVersion.objects.count() == 1


def test_publishing_upon_a_version_that_is_past_is_a_conflict(seller):
    program = seller.program()
    program.post("/rules/publish", {"rules": [ALL]})
    answer = program.post("/rules/publish", {"rules": [JD_TO_BJ, ALL], "based_on": 1})
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (
        409,
        "changed_meanwhile",
        "/based_on",
    )
    assert program.get("/rules").json()["version"] == 2


def test_orders_that_waited_are_tried_again_when_rules_come_into_force(seller):
    program = seller.program()
    program.post("/rules/publish", {"rules": [{"id": "none", "then": {"warehouses": ["gz"], "max_km": 1}}]})
    order = make_order({"A": 1}, shop=seller.jd, region="110105")
    run_wave(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.UNALLOCATED
    assert program.post("/rules/publish", {"rules": [ALL]}).json()["queued"] == 1
    assert QueuedOrder.objects.filter(order=order).exists()


def test_rolling_back_puts_the_version_before_or_the_named_one_in_force(seller):
    program = seller.program()
    program.post("/rules/publish", {"rules": [JD_TO_BJ, ALL]})
    assert program.post("/rules/rollback", {}).json()["version"] == 3
    assert len(program.get("/rules").json()["rules"]) == 1
    assert program.post("/rules/rollback", {"version": 2}).json()["version"] == 4
    assert len(program.get("/rules").json()["rules"]) == 2
    assert program.post("/rules/rollback", {"version": 99}).status_code == 404


@pytest.fixture
def lived(seller):
    now = timezone.now()
    for _ in range(4):
        make_order({"A": 1}, shop=seller.jd, region="440106", now=now)
    run_wave(now=now)
    return {"since": (now - timedelta(hours=1)).isoformat(), "until": (now + timedelta(hours=1)).isoformat()}


def test_a_simulation_is_asked_for_worked_out_and_read(seller, lived):
    program = seller.program()
    body = {**lived, "rules": [JD_TO_BJ, ALL], "freight_percent": {"bj": 10}}
    answer = program.post("/rules/simulate", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    key = answer.json()["id"]
    work_out(key)
    found = program.get(f"/rules/simulations/{key}").json()
    assert (found["state"], found["moved"], found["before"]["served"], found["after"]["served"]) == ("done", 4, 4, 4)
    assert found["after"]["load_w"][0][0] == seller.bj.pk
    assert program.get("/rules").json()["version"] == 1
    stopped = program.client.delete(f"/api/v1/rules/simulations/{key}")
    assert stopped.json()["state"] == "done"


def test_a_warehouse_that_is_not_there_can_be_tried(seller, lived):
    new = {"code": "fs", "place": "440600", "stock_percent": 50, "like": "gz"}
    key = seller.program().post("/rules/simulate", {**lived, "added": [new], "paused": ["gz"]}).json()["id"]
    work_out(key)
    assert seller.program().get(f"/rules/simulations/{key}").json()["moved"] == 4


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"paused": ["xx"]}, "/paused/0"),
        ({"warehouse_ratio": {"xx": 1}}, "/warehouse_ratio/xx"),
        ({"added": [{"code": "gz", "place": "440600"}]}, "/added/0/code"),
        ({"added": [{"code": "n", "place": "nowhere at all"}]}, "/added/0/place"),
        ({"added": [{"code": "n", "place": "440600", "like": "xx"}]}, "/added/0/like"),
        ({"rules": [], "version": 1}, "/version"),
        ({"freight_percent": {"gz": -100}}, "/freight_percent/gz"),
        ({"rules": [{"id": "x", "then": {"split": "maybe"}}]}, "/rules/0/then/split"),
    ],
)
def test_what_is_wrong_with_a_simulation_is_said_at_its_field(seller, lived, more, pointer):
    answer = seller.program().post("/rules/simulate", {**lived, **more})
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


def test_nobody_elses_draft_is_replaced(seller, lived):
    other = User.objects.create(username="ann", role=Role.LEAD)
    replace_draft({"rules": [ALL]}, who=Who(other, timezone.now()))
    answer = seller.program().post("/rules/simulate", {**lived, "rules": [JD_TO_BJ]})
    assert (answer.status_code, answer.json()["code"]) == (409, "draft_taken")


def test_reading_rules_is_not_publishing_them_and_a_limited_token_simulates_nothing(seller, lived):
    reader = seller.program(TokenScope.RULES_READ)
    assert reader.get("/rules").status_code == 200
    for path, body in (("publish", {"rules": []}), ("rollback", {}), ("simulate", lived)):
        assert reader.post(f"/rules/{path}", body).status_code == 403
    assert (
        seller.program(warehouses=[seller.gz]).post("/rules/simulate", {**lived, "paused": ["gz"]}).status_code == 403
    )

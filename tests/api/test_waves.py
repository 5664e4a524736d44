"""Joint waves through the API: run, read with prices and figures, stopped; how waves decide in a rule set."""

from django.utils import timezone
from tests.builders import BEIJING, SHANGHAI, make_order

from paidan.allocation.joint import Jointly, begin_joint
from paidan.allocation.models import Wave
from paidan.allocation.states import WaveMode
from paidan.rules.queries import published_version

ALL = {"id": "rest", "then": {"strategies": ["nearest"]}}
HOURLY = {"mode": "joint", "every_minutes": 60, "at": ["10:30"], "seconds": 3, "gap": 0.0}


def test_a_joint_wave_is_run_and_read_with_what_it_was_worth(seller):
    program = seller.program()
    make_order({"A": 1}, shop=seller.jd, region="310115", **SHANGHAI)
    make_order({"A": 1}, shop=seller.jd, region="110105", **BEIJING)
    wave = program.post("/waves", {"mode": "joint", "seconds": 3, "gap": 0}).json()["wave"]
    assert (wave["mode"], wave["statistics"]["allocated"], wave["statistics"]["joint"]["gap"]) == ("joint", 2, 0.0)
    joint = program.get(f"/waves/{wave['id']}").json()["joint"]
    assert joint["plans"]["joint"]["served"] == 2
    assert (joint["orders"], joint["seconds"], joint["prices"]) == (2, 3.0, [])
    assert joint["chart"][-1][1] == wave["statistics"]["joint"]["objective_minor"]


def test_a_wave_decides_as_the_rules_in_force_say_unless_told_otherwise(seller):
    program = seller.program()
    program.post("/rules/publish", {"rules": [ALL], "waves": HOURLY})
    make_order({"A": 1}, shop=seller.jd)
    assert program.post("/waves", {}).json()["wave"]["mode"] == "joint"
    make_order({"A": 1}, shop=seller.jd)
    assert program.post("/waves", {"mode": "stream"}).json()["wave"]["mode"] == "stream"


def test_a_wave_under_way_is_stopped_and_another_cannot_be(seller):
    program = seller.program()
    wave = Wave.objects.create(worker="w", started_at=timezone.now(), mode=WaveMode.JOINT)
    begin_joint(wave, 3, Jointly())
    assert program.post(f"/waves/{wave.pk}/stop", {}).status_code == 200
    again = program.post(f"/waves/{wave.pk}/stop", {})
    assert (again.status_code, again.json()["code"]) == (409, "not_running")
    wave.delete()


def test_how_waves_decide_is_published_compared_and_read(seller):
    program = seller.program()
    changes = program.post("/rules/diff", {"rules": [ALL], "waves": HOURLY}).json()
    [waves] = [one for one in changes if one["rule"] == "*waves"]
    assert waves["before"] == "Orders are decided one by one, as they come."
    assert "every 60 minutes, at 10:30" in waves["after"]
    program.post("/rules/publish", {"rules": [ALL], "waves": HOURLY})
    assert program.get("/rules").json()["waves"] == published_version().waves == HOURLY
    program.post("/rules/rollback", {})
    assert program.get("/rules").json()["waves"] == {}
    program.post("/rules/rollback", {"version": 2})
    assert program.get("/rules").json()["waves"] == HOURLY


def test_waves_that_make_no_sense_are_refused_at_their_place(seller):
    answer = seller.program().post("/rules/check", {"rules": [ALL], "waves": {**HOURLY, "at": ["noon"]}})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/waves/at")

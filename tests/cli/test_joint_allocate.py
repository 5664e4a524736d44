"""`paidan allocate --joint`, and rule set files that say how waves decide."""

import json

import pytest
from tests.builders import BEIJING, GUANGZHOU, make_order, make_stock, make_warehouse

from paidan.allocation.models import Wave
from paidan.allocation.states import WaveMode

pytestmark = pytest.mark.django_db

HOURLY = {"mode": "joint", "every_minutes": 60, "seconds": 2}


@pytest.fixture
def network():
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=5)
    make_stock(make_warehouse("bj", **BEIJING), on_hand=5)


@pytest.fixture
def rules_file(tmp_path):
    def write(**document):
        path = tmp_path / "rules.json"
        path.write_text(json.dumps({"rules": [{"id": "all"}], **document}), encoding="utf-8")
        return path

    return write


def test_orders_are_decided_together_and_the_bound_is_said(paidan, network):  # noqa: ARG001
    make_order(region="310115"), make_order(region="110105")
    answer = paidan("allocate", "--joint", "--seconds", "3", "--gap", "0")
    assert answer.code == 0
    assert "Jointly the plan costs" in answer.out
    assert "No plan of these orders costs less: this is proven." in answer.out
    assert Wave.objects.get().mode == WaveMode.JOINT


def test_programs_read_the_same(paidan, network):  # noqa: ARG001
    make_order(region="310115")
    [joint] = paidan("allocate", "--joint", "--seconds", "3", "--json").json["joint"]
    assert joint["plans"]["joint"]["served"] == 1
    assert joint["gap"] == 0.0
    make_order(region="310115")
    assert paidan("allocate", "--json").json["joint"] == []


def test_the_rules_in_force_say_how_unless_told_otherwise(paidan, network, rules_file):  # noqa: ARG001
    paidan("rules", "publish", rules_file(waves=HOURLY))
    order = make_order(region="310115")
    paidan("allocate", "--order", order.number)
    make_order(region="310115")
    paidan("allocate", "--one-by-one")
    make_order(region="310115")
    paidan("allocate")
    modes = list(Wave.objects.order_by("id").values_list("mode", flat=True))
    assert modes == [WaveMode.STREAM, WaveMode.STREAM, WaveMode.JOINT]


def test_a_rule_file_says_how_waves_decide(paidan, rules_file):
    paidan("rules", "publish", rules_file())
    changed = paidan("rules", "diff", rules_file(waves=HOURLY), "--json").json
    assert [one["rule"] for one in changed] == ["*waves"]
    paidan("rules", "publish", rules_file(waves=HOURLY))
    assert paidan("rules", "show", "--json").json["waves"] == HOURLY
    assert "every 60 minutes" in paidan("rules", "show").out
    refused = paidan("rules", "publish", rules_file(waves={"mode": "joint"}))
    assert refused.code
    assert "Joint waves need a time" in refused.err

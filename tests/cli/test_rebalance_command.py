"""`paidan rebalance`: shows first, moves only when told to."""

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance import planning
from paidan.allocation.transitions import accept_allocations
from paidan.network.models import Warehouse
from paidan.rules.services import publish_rules


@pytest.fixture
def dear(db):  # noqa: ARG001 - it needs the database
    """Two orders to Beijing that Guangzhou has."""
    gz, bj = make_warehouse("gz", **GUANGZHOU), make_warehouse("bj", **BEIJING)
    for warehouse in (gz, bj):
        make_team(f"t-{warehouse.code}", warehouse)
        make_stock(warehouse, "A", 10)
    publish_rules({"rules": []}, now=NOW)
    shop = make_shop("jd")
    orders = [make_order({"A": 1}, shop=shop, number=f"O-{n}", region="110105") for n in (1, 2)]
    yield [assign_by_hand(order.id, warehouse=gz, now=NOW) for order in orders]
    assert list(all_violations()) == []


def at(code):
    return Allocation.objects.filter(warehouse__code=code, state=1).count()


def test_it_shows_and_moves_nothing(paidan, dear):
    answer = paidan("rebalance", "--seconds", 1)
    assert answer.code == 0
    assert "jd/O-1" in answer.out
    assert "costs less there" in answer.out
    assert "2 would move and save" in answer.err
    assert (at("gz"), at("bj")) == (len(dear), 0)


def test_it_moves_when_told_to(paidan, dear):
    answer = paidan("rebalance", "--apply", "--most", 1, "--seconds", 1, "--json")
    assert (answer.code, answer.json["moving"], answer.json["applied"]["done"]) == (0, 1, 1)
    assert answer.json["beyond"] == 1
    assert (at("gz"), at("bj")) == (len(dear) - 1, 1)
    assert "1 moved, saving ¥" in paidan("rebalance", "--apply", "--seconds", 1).err
    assert "Nothing would move" in paidan("rebalance", "--seconds", 1).err


def test_the_limits(paidan, dear):
    saving = paidan("rebalance", "--seconds", 1, "--json").json["moves"][0]["saving_minor"]
    for amount, moving in ((saving / 100, len(dear)), (saving / 100 + 0.01, 0)):
        assert paidan("rebalance", "--seconds", 1, "--json", "--saving", amount).json["moving"] == moving
    assert paidan("rebalance", "--seconds", 1, "--json", "--warehouse", "bj").json["considered"] == 0
    assert paidan("rebalance", "--shop", "nowhere").code == 2
    assert paidan("rebalance", "--warehouse", "nowhere").code == 2


def test_what_must_stay_in_a_paused_warehouse_is_told(paidan, dear):
    Warehouse.objects.update(is_open=False)
    answer = paidan("rebalance", "--seconds", 1, lang="zh-Hans")
    assert answer.out.count("jd/O-") == len(dear)


def test_what_changed_meanwhile_ends_with_1(paidan, dear, monkeypatch):
    plan = planning.plan_rebalance

    def planned_and_then_accepted(*asked, **named):
        found = plan(*asked, **named)
        accept_allocations(dear[:1], now=NOW)
        return found

    monkeypatch.setattr("paidan.allocation.rebalance.plan_rebalance", planned_and_then_accepted)
    answer = paidan("rebalance", "--apply", "--seconds", 1)
    assert answer.code == 1
    assert "1 did not move after all" in answer.err

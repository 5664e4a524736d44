"""Waves decided jointly: what they store equals the plan, commits are guarded, a person may stop them."""

import numpy as np
import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_freight,
    make_order,
    make_stock,
    make_team,
    make_user,
    make_warehouse,
)

from paidan.allocation import joint as joint_module
from paidan.allocation import wave as wave_module
from paidan.allocation.doctor import all_violations
from paidan.allocation.explain import explain_order
from paidan.allocation.joint import Jointly, Watch, ask_stop
from paidan.allocation.models import Allocation, Wave, WaveMove
from paidan.allocation.sentences import headline
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.wave import run_wave
from paidan.orders.models import Order, QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db

QUICK = Jointly(seconds=5.0, gap=0.0)


@pytest.fixture
def scarce():
    """One piece of A in Beijing, which both orders would like best; the second has nowhere else it is cheap to go.

    The first, from Shanghai, could as well be served from Guangzhou; the second comes from Beijing itself.
    """
    bj, gz = make_warehouse("bj", name="Beijing", **BEIJING), make_warehouse("gz", name="Guangzhou", **GUANGZHOU)
    for place, near in ((bj, 1000), (gz, 1200)):
        make_team(f"t{place.code}", place)
        make_freight(place, "sf", first_minor=near)
    make_freight(gz, "sf", region="110000", first_minor=9000)
    make_stock(bj, "A", 1), make_stock(gz, "A", 5)
    publish_rules([{"id": "near", "then": {"strategies": ["nearest"]}}], now=NOW)
    first = make_order(number="first", region="310115", priority=0, **SHANGHAI)
    second = make_order(number="second", region="110105", **BEIJING)
    return first, second


def warehouse_of(order: Order) -> str:
    return Allocation.objects.get(order=order).warehouse.code


def test_one_by_one_the_first_order_takes_what_the_second_needs_more(scarce) -> None:
    first, second = scarce
    run_wave(now=NOW)
    assert (warehouse_of(first), warehouse_of(second)) == ("bj", "gz")


def test_jointly_the_first_gives_way_and_the_wave_says_what_that_saved(scarce) -> None:
    first, second = scarce
    report = run_wave(now=NOW, joint=QUICK)
    assert (warehouse_of(first), warehouse_of(second)) == ("gz", "bj")
    wave = Wave.objects.get(pk=report.wave_id)
    run = wave.joint
    assert (wave.mode, wave.state, run.orders_n, run.moved_n) == (WaveMode.JOINT, WaveState.DONE, 2, 2)
    assert run.plans["joint"]["freight_minor"] == 2200
    assert run.plans["nearest"]["freight_minor"] == 10_000
    assert "rules" not in run.plans  # they are nearest first
    assert wave.statistics["joint"]["gap"] == 0.0
    assert wave.bound_minor == run.plans["joint"]["objective_minor"] == 2200
    moved = {move.order_id: move for move in WaveMove.objects.filter(wave=wave)}
    assert (moved[first.id].freight_minor, moved[second.id].freight_minor) == (200, -8000)
    assert run.chart[-1][1:] == [2200, 2200]
    assert list(all_violations()) == []


def test_what_is_stored_is_what_the_plan_says(scarce, monkeypatch) -> None:  # noqa: ARG001
    plans = []

    def remember(*args):
        plans.append(solve(*args))
        return plans[-1]

    solve = joint_module.solve
    monkeypatch.setattr(joint_module, "solve", remember)
    report = run_wave(now=NOW, joint=QUICK)
    [plan], wave = plans, Wave.objects.get(pk=report.wave_id)
    figures = wave.statistics["joint"]
    assert (figures["objective_minor"], figures["bound_minor"]) == (plan.joint.objective, plan.joint.bound)
    assert wave.statistics["freight_minor"] == int(plan.freight_minor_a.sum())
    assert wave.statistics["allocated"] == int((plan.outcome_o == 2).sum())
    assert [price[-1] for price in wave.joint.prices] == [price.minor for price in plan.joint.prices]
    assert sorted(Allocation.objects.values_list("freight_minor", flat=True)) == sorted(
        np.asarray(plan.freight_minor_a).tolist()
    )


def test_an_order_says_that_it_was_decided_with_others_and_where_it_would_have_gone(scarce) -> None:
    first, _second = scarce
    run_wave(now=NOW, joint=QUICK)
    said = " ".join(headline(explain_order(first.id, now=NOW)))
    assert "decided jointly in a wave of 2 orders" in said
    assert "Order by order it would have gone to Beijing" in said
    assert "nearest" not in said  # that would not be why


def test_an_order_that_went_where_it_would_have_gone_anyway_says_so() -> None:
    make_stock(make_warehouse("gz", **GUANGZHOU))
    publish_rules([{"id": "near", "then": {"strategies": ["nearest"]}}], now=NOW)
    order = make_order(region="310115")
    run_wave(now=NOW, joint=QUICK)
    assert "Order by order it would have gone the same way." in headline(explain_order(order.id, now=NOW))


def test_a_rule_that_lists_warehouses_in_order_is_followed_and_explained_as_ever(scarce) -> None:
    publish_rules([{"id": "r", "then": {"strategies": ["ranked"], "warehouses": ["bj", "gz"]}}], now=NOW)
    first, _second = scarce
    run_wave(now=NOW, joint=QUICK)
    assert warehouse_of(first) == "bj"
    assert "lists it before" in headline(explain_order(first.id, now=NOW))[0]


def test_an_order_that_changed_meanwhile_keeps_its_place_in_the_queue(scarce, monkeypatch) -> None:
    _first, second = scarce

    def meanwhile(*args):
        Order.objects.filter(pk=second.pk).update(version=second.version + 1)
        return solve(*args)

    solve = joint_module.solve
    monkeypatch.setattr(joint_module, "solve", meanwhile)
    report = run_wave(now=NOW, joint=QUICK)
    assert (report.outcomes.allocated, report.outcomes.lost) == (1, 1)
    assert QueuedOrder.objects.get().order_id == second.id
    assert Order.objects.get(pk=second.pk).state == OrderState.PENDING


def test_a_failed_joint_wave_gives_its_orders_back(scarce, monkeypatch) -> None:  # noqa: ARG001
    def fail(*_args):
        raise RuntimeError

    monkeypatch.setattr(wave_module, "decide_jointly", fail)
    with pytest.raises(RuntimeError):
        run_wave(now=NOW, joint=QUICK)
    assert Wave.objects.get().state == WaveState.FAILED
    assert QueuedOrder.objects.filter(wave_id=None).count() == 2


def test_a_person_stops_it_and_the_best_so_far_is_taken(scarce, monkeypatch) -> None:  # noqa: ARG001
    lin = make_user()
    monkeypatch.setattr(joint_module, "LOOK_EVERY_S", 0.0)

    def stopped_at_once(problem, stop, seed, progress):
        wave = Wave.objects.get(state=WaveState.RUNNING)
        assert not stop.asked()
        assert ask_stop(wave.pk, now=NOW, by=lin)
        assert stop.asked()
        return solve(problem, stop, seed, progress)

    solve = joint_module.solve
    monkeypatch.setattr(joint_module, "solve", stopped_at_once)
    report = run_wave(now=NOW, joint=QUICK)
    assert report.outcomes.allocated == 2
    wave = Wave.objects.get(pk=report.wave_id)
    assert wave.statistics["joint"]["ended"] == "stopped"
    assert wave.joint.stop_asked_by == lin
    assert not ask_stop(wave.pk, now=NOW, by=lin)  # it has ended


def test_a_process_that_ends_ends_the_search_too(scarce) -> None:  # noqa: ARG001
    report = run_wave(now=NOW, joint=Jointly(seconds=60.0, gap=0.0, ending=lambda: True))
    assert report.outcomes.allocated == 2
    assert Wave.objects.get().statistics["joint"]["ended"] == "stopped"


def test_the_chart_stays_small_however_long_a_run_is() -> None:
    watch = Watch(0)
    for step in range(5_000):
        watch.progress(step / 10, 2_000 - step / 5, 1_000 if step > 10 else -np.inf)
    assert len(watch.points) <= joint_module.POINTS
    assert watch.points[0] == [0.0, 2000, None]


def test_leases_are_held_while_a_run_is_long(scarce, monkeypatch) -> None:  # noqa: ARG001
    monkeypatch.setattr(joint_module, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(joint_module, "EXTEND_EVERY_S", 0.0)
    ends = []

    def look(problem, stop, seed, progress):
        ends.append(set(QueuedOrder.objects.values_list("leased_until", flat=True)))
        stop.asked()
        ends.append(set(QueuedOrder.objects.values_list("leased_until", flat=True)))
        return solve(problem, stop, seed, progress)

    solve = joint_module.solve
    monkeypatch.setattr(joint_module, "solve", look)
    run_wave(now=NOW, joint=QUICK)
    [before], [after] = ends
    assert after > before

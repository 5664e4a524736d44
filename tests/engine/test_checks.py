"""The checks find nothing in a sound plan and each kind of break in a broken one."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.documents import Places, document, order, stock

from paidan.engine.checks import violations
from paidan.engine.codes import Outcome, Reason
from paidan.engine.files import read_problem
from paidan.engine.sequential import allocate


@pytest.fixture
def decided():
    problem = read_problem(
        document(
            warehouses=[
                {"id": "gz", "lat": 23.13, "lng": 113.26, "capacity": 9},
                {"id": "bj", "lat": 39.9, "lng": 116.4, "open": False},
                {"id": "hk", "region": "HK", "covers": ["HK"]},
            ],
            teams=[
                {"id": "t1", "warehouse": "gz", "capacity": 9},
                {"id": "t2", "warehouse": "gz"},
                {"id": "t3", "warehouse": "bj"},
            ],
            stock=stock(A={"gz": 5, "bj": 5, "hk": 5}, B={"gz": 1}),
            policy={"shortage": "partial", "split": "by_line", "max_km": 5000, "except": []},
            orders=[
                order("o1", {"A": 2, "B": 1}, region="310115"),
                order("o2", {"A": 1, "B": 1}, region="310115"),
                order("o3", {"A": 9}, region="310115"),
            ],
        ),
        Places(),
    )
    return problem, allocate(problem)


def changed(column, at, value):
    column = column.copy()
    column[at] = value
    return column


def test_a_sound_plan_has_no_violations(decided):
    assert violations(*decided) == []


BREAKS = {
    "pieces": lambda p: {"qty_p": changed(p.qty_p, 0, 1)},
    "negative_open": lambda p: {"open_l": changed(p.open_l, 0, -1)},
    "empty_part": lambda p: {"qty_p": changed(p.qty_p, 0, 0)},
    "foreign_line": lambda p: {"line_p": changed(p.line_p, 0, 3)},
    "part_twice": lambda p: {"line_p": changed(p.line_p, 1, p.line_p[0])},
    "stock_below_zero": lambda p: {"qty_p": changed(p.qty_p, 0, 6)},
    "stock_left": lambda p: {"available_sw": changed(p.available_sw, (0, 0), 4)},
    "warehouse_load": lambda p: {"load_w": changed(p.load_w, 0, 1)},
    "team_load": lambda p: {"load_t": changed(p.load_t, 1, 7)},
    "empty_allocation": lambda p: {"allocation_p": changed(p.allocation_p, slice(None), 0)},
    "allocation_twice": lambda p: {
        "order_a": changed(p.order_a, 1, p.order_a[0]),
        "team_a": changed(p.team_a, 1, p.team_a[0]),
    },
    "paused": lambda p: {"warehouse_a": changed(p.warehouse_a, 0, 1)},
    "not_covered": lambda p: {"warehouse_a": changed(p.warehouse_a, 0, 2)},
    "distance": lambda p: {"distance_m_a": changed(p.distance_m_a, 0, 5)},
    "team": lambda p: {"team_a": changed(p.team_a, 0, 2)},
    "outcome": lambda p: {"outcome_o": changed(p.outcome_o, 2, Outcome.ALLOCATED)},
    "line_reason": lambda p: {"reason_l": changed(p.reason_l, 0, Reason.STOCK_SHORT)},
    "order_reason": lambda p: {"reason_o": changed(p.reason_o, 0, Reason.STOCK_SHORT)},
    "held_reason": lambda p: {"reason_o": changed(p.reason_o, 2, Reason.HELD)},
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_plan_is_caught(decided, kind):
    problem, plan = decided
    broken = replace(plan, **BREAKS[kind](plan))
    assert kind in {violation.kind for violation in violations(problem, broken)}


RULES = {
    "excluded": {"excluded": ("gz",)},
    "too_far": {"max_m": 1000},
    "max_parcels": {"max_parcels": 0},
    "half_served": {"partial": False},
}


@pytest.mark.parametrize("kind", RULES)
def test_a_plan_is_caught_that_breaks_its_rule(decided, kind):
    problem, plan = decided
    rule = problem.rules[0]
    stricter = replace(problem, rules=(replace(rule, then=replace(rule.then, **RULES[kind])),))
    assert kind in {violation.kind for violation in violations(stricter, plan)}


def test_a_plan_is_caught_that_tears_a_line_or_fills_beyond_capacity(decided):
    problem, plan = decided
    longer = replace(problem, orders=replace(problem.orders, qty_l=changed(problem.orders.qty_l, 0, 3)))
    torn = replace(plan, open_l=changed(plan.open_l, 0, 1))
    assert "torn_line" in {violation.kind for violation in violations(longer, torn)}
    full = replace(problem, warehouses=replace(problem.warehouses, capacity_w=np.array([1, -1, -1])))
    assert "warehouse_over_capacity" in {violation.kind for violation in violations(full, plan)}
    tired = replace(problem, teams=replace(problem.teams, capacity_t=np.array([0, 0, -1])))
    assert "team_over_capacity" in {violation.kind for violation in violations(tired, plan)}


def test_serving_the_unknown_or_the_unresolved_is_caught(decided):
    problem, plan = decided
    unknown = replace(problem, skus=replace(problem.skus, known_s=np.array([False, True])))
    assert "unknown_sku_served" in {violation.kind for violation in violations(unknown, plan)}
    nowhere = replace(problem, orders=replace(problem.orders, unresolved_o=np.array([True, False, False])))
    assert "unresolved_served" in {violation.kind for violation in violations(nowhere, plan)}

"""The kernel decides as the slow reference does, whatever the problem."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.comparison import differences
from tests.engine.random_problems import random_problem, with_prices
from tests.engine.reference import solve

from paidan.engine.checks import violations
from paidan.engine.match_kernel import first_matches
from paidan.engine.problem import Prices, Problem, Warehouses
from paidan.engine.quick_kernel import decide_run
from paidan.engine.sequential import allocate

PROBLEMS = 2_500


@pytest.mark.parametrize("block", range(5))
def test_every_decision_reason_and_figure_agrees_with_the_reference(block):
    for seed in range(block * PROBLEMS // 5, (block + 1) * PROBLEMS // 5):
        problem = random_problem(seed)
        plan = allocate(problem)
        assert list(differences(problem, plan, *solve(problem))) == [], f"seed {seed}"
        assert violations(problem, plan) == [], f"seed {seed}"


def test_larger_problems_agree_too():
    for seed in range(40):
        problem = random_problem(seed, most_warehouses=9, most_skus=8, most_orders=80)
        plan = allocate(problem)
        assert list(differences(problem, plan, *solve(problem))) == [], f"seed {seed}"


def test_rules_that_look_ahead_agree_with_the_reference():
    moved = 0
    for seed in range(500):
        problem = with_prices(random_problem(seed), seed)
        plan = allocate(problem)
        assert list(differences(problem, plan, *solve(problem))) == [], f"seed {seed}"
        assert violations(problem, plan) == [], f"seed {seed}"
        moved += not np.array_equal(plan.rank_ow, allocate(replace(problem, prices=None)).rank_ow)
    assert moved > 15


def test_prices_change_nothing_where_no_rule_looks_ahead():
    for seed in range(100):
        plain = random_problem(seed)
        priced = replace(plain, prices=with_prices(plain, seed).prices)
        assert np.array_equal(allocate(plain).rank_ow, allocate(priced).rank_ow)


def test_without_a_price_looking_ahead_changes_nothing():
    for seed in range(200):
        looking = with_prices(random_problem(seed), seed)
        blind = tuple(replace(rule, then=replace(rule.then, look_ahead=False)) for rule in looking.rules)
        none = Prices(np.zeros_like(looking.prices.price_sw), np.zeros_like(looking.prices.slot_w))
        without = allocate(replace(looking, rules=blind, prices=None))
        for prices in (None, none):
            assert np.array_equal(without.rank_ow, allocate(replace(looking, prices=prices)).rank_ow)


def relisted(problem: Problem, order: np.ndarray) -> Problem:
    """The same problem with its warehouses listed in another order."""
    old, place = problem.warehouses, np.argsort(order)
    columns = {
        name: column[order] if isinstance(column, np.ndarray) else tuple(column[w] for w in order)
        for name, column in ((name, getattr(old, name)) for name in old.__dataclass_fields__)
    }
    home = problem.teams.warehouse_t
    return replace(
        problem,
        warehouses=Warehouses(**columns),
        teams=replace(problem.teams, warehouse_t=np.where(home < 0, -1, place[home]).astype(np.int32)),
        freight=replace(problem.freight, warehouse_f=place[problem.freight.warehouse_f].astype(np.int32)),
        available_sw=np.ascontiguousarray(problem.available_sw[:, order]),
    )


def test_the_order_in_which_warehouses_are_listed_does_not_matter_where_positions_differ():
    for seed in range(150):
        problem = random_problem(seed)
        count = len(problem.warehouses.id_w)
        positions = np.random.default_rng(seed).permutation(count).astype(np.int32)
        problem = replace(problem, warehouses=replace(problem.warehouses, position_w=positions))
        order = np.random.default_rng(seed + 1).permutation(count)
        plan, again = allocate(problem), allocate(relisted(problem, order))
        assert np.array_equal(order[again.warehouse_a], plan.warehouse_a), f"seed {seed}"
        assert np.array_equal(again.qty_p, plan.qty_p)
        assert np.array_equal(again.reason_l, plan.reason_l)


def test_the_same_problem_gives_the_same_plan():
    for seed in range(50):
        once, again = allocate(random_problem(seed)), allocate(random_problem(seed))
        for name in once.__dataclass_fields__:
            assert np.array_equal(getattr(once, name), getattr(again, name)), name


def test_columns_of_other_types_make_no_other_machine_code():
    problem = random_problem(7)
    allocate(problem)
    made = len(decide_run.signatures), len(first_matches.signatures)
    orders = replace(
        problem.orders,
        qty_l=problem.orders.qty_l.astype(np.int16),
        sku_l=problem.orders.sku_l.astype(np.int64),
        lat_o=np.broadcast_to(problem.orders.lat_o, problem.orders.lat_o.shape),
        ship_by_o=np.repeat(problem.orders.ship_by_o, 2)[::2],
    )
    again = allocate(replace(problem, orders=orders))
    assert (len(decide_run.signatures), len(first_matches.signatures)) == made
    assert np.array_equal(again.warehouse_a, allocate(problem).warehouse_a)


def test_the_problem_is_not_changed_by_deciding_it():
    for seed in range(50):
        problem, untouched = random_problem(seed), random_problem(seed)
        allocate(problem)
        assert np.array_equal(problem.available_sw, untouched.available_sw)
        assert np.array_equal(problem.warehouses.load_w, untouched.warehouses.load_w)
        assert np.array_equal(problem.warehouses.credit_w, untouched.warehouses.credit_w)
        assert np.array_equal(problem.teams.load_t, untouched.teams.load_t)


def test_the_random_problems_reach_every_reason_and_outcome():
    plans = [allocate(random_problem(seed)) for seed in range(600)]
    reasons = {int(code) for plan in plans for code in np.unique(plan.reason_l)}
    losses = {int(code) for plan in plans for code in np.unique(plan.reason_ow)}
    assert reasons | losses | {int(code) for plan in plans for code in plan.reason_o} == set(range(14))
    assert {int(code) for plan in plans for code in plan.outcome_o} == set(range(4))

"""The kernel decides as the slow reference does, whatever the problem."""

import numpy as np
import pytest
from tests.engine.comparison import differences
from tests.engine.random_problems import random_problem
from tests.engine.reference import solve

from paidan.engine.checks import violations
from paidan.engine.sequential import allocate

PROBLEMS = 2_500


@pytest.mark.parametrize("block", range(5))
def test_every_decision_reason_and_figure_agrees_with_the_reference(block):
    for seed in range(block * PROBLEMS // 5, (block + 1) * PROBLEMS // 5):
        problem = random_problem(seed)
        plan = allocate(problem)
        assert list(differences(problem, plan, *solve(problem))) == [], f"seed {seed}"
        assert violations(problem, plan) == [], f"seed {seed}"


def test_the_same_problem_gives_the_same_plan():
    for seed in range(50):
        once, again = allocate(random_problem(seed)), allocate(random_problem(seed))
        for name in once.__dataclass_fields__:
            assert np.array_equal(getattr(once, name), getattr(again, name)), name


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

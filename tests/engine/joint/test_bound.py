"""The bound is honest: never above the best there is, which is never above the plan; and what is broken is noticed."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.joint.brute_force import best_objective, compact_problem, small_problem
from tests.engine.joint.scarce_choices import scarce_choices

from paidan.engine.checks import violations
from paidan.engine.joint import Stop, solve
from paidan.engine.joint import solving as solving_module
from paidan.engine.joint.balance import NO_BALANCE
from paidan.engine.joint.compact_search import CompactFound, CompactSearch
from paidan.engine.joint.exact import solve_exactly
from paidan.engine.objective import figures
from paidan.engine.problem import Problem
from paidan.engine.sequential import allocate

PROBLEMS = 1_000


def unsound(problem: Problem, plan, best: float) -> list[str]:
    """What is wrong with a joint plan of a problem whose best objective is known."""
    wrong = [violation.kind for violation in violations(problem, plan)]
    objective = figures(problem, plan).objective
    if plan.joint.objective != objective:
        wrong.append("objective")
    if plan.joint.bound > best:
        wrong.append("bound above the best")
    if objective < best:
        wrong.append("better than the best")
    if objective > figures(problem, allocate(problem)).objective:
        wrong.append("worse than one by one")
    return wrong


@pytest.mark.parametrize("block", range(4))
def test_bound_best_and_plan_stand_in_this_order(block):
    for seed in range(block * PROBLEMS // 4, (block + 1) * PROBLEMS // 4):
        problem = small_problem(seed)
        plan = solve(problem, Stop(seconds=5, sweeps=3 if seed % 2 else None))  # also where prices alone prove it
        assert unsound(problem, plan, best_objective(problem)) == [], f"seed {seed}"


def test_the_bound_is_honest_too_where_choices_were_left_out(monkeypatch):
    monkeypatch.setattr(solving_module, "MOST_CHOICES", 2)
    proven = 0
    for seed in range(300):
        problem = small_problem(seed)
        plan = solve(problem, Stop(seconds=5))
        assert unsound(problem, plan, best_objective(problem)) == [], f"seed {seed}"
        proven += plan.joint.gap == 0
    assert proven >= 200


@pytest.fixture
def compact_forms(monkeypatch):
    """Everything that has a compact form is solved in it, however small; the forms made."""
    made, sound = [], solving_module.compacted

    def noted(*given):
        made.append(sound(*given))
        return made[-1]

    monkeypatch.setattr(solving_module, "compacted", noted)
    monkeypatch.setattr(solving_module, "COMPACT_FROM", 0)
    return made


def test_bound_best_and_plan_stand_in_this_order_in_the_compact_form_too(compact_forms):
    for seed in range(300):
        problem = compact_problem(seed)
        plan = solve(problem, Stop(seconds=20, sweeps=(3, 40, 190)[seed % 3]))  # the last one to the very end
        assert unsound(problem, plan, best_objective(problem)) == [], f"seed {seed}"
    used = [form for form in compact_forms if form is not None]
    assert len(used) >= 200
    assert sum((np.diff(form.compact.row_o) > 1).any() for form in used) >= 50, "orders that two warehouses may share"


def test_a_bound_of_the_compact_form_that_is_too_high_is_caught(compact_forms, monkeypatch):
    sound = solving_module.CompactSearch.run

    def broken(search: CompactSearch) -> CompactFound:
        found = sound(search)
        return replace(found, bound=max(found.bound, found.cost) + 2)

    monkeypatch.setattr(solving_module.CompactSearch, "run", broken)
    problems = [compact_problem(seed) for seed in range(40)]
    plans = [solve(problem, Stop(seconds=5, sweeps=40)) for problem in problems]
    found = [unsound(problem, plan, best_objective(problem)) for problem, plan in zip(problems, plans, strict=True)]
    assert sum("bound above the best" in wrong for wrong in found) >= 20
    assert len(compact_forms) == len(problems)


def test_most_small_problems_are_solved_to_the_end():
    plans = [solve(small_problem(seed), Stop(seconds=5)) for seed in range(100)]
    assert sum(plan.joint.gap == 0 for plan in plans) >= 85


def test_where_late_orders_give_way_it_is_searched_again_without_them(monkeypatch):
    """A plan with orders that may not be late in it, and those simply left out, is dearer than the best."""
    problem = small_problem(3_239)
    plan = solve(problem, Stop(seconds=5))
    assert unsound(problem, plan, best_objective(problem)) == []
    monkeypatch.setattr(
        solving_module,
        "_with_late",
        lambda problem, listing, found, *_: replace(
            found, chosen_o=solving_module.in_time_first(problem, listing, found.chosen_o)
        ),
    )
    assert plan.joint.objective < solve(problem, Stop(seconds=5)).joint.objective


def test_a_broken_bound_is_caught(monkeypatch):
    sound = solving_module._constant
    monkeypatch.setattr(solving_module, "_constant", lambda *given: sound(*given) + 1)
    problems = [small_problem(seed) for seed in range(40)]
    found = [unsound(problem, solve(problem, Stop(seconds=5)), best_objective(problem)) for problem in problems]
    assert sum("bound above the best" in wrong for wrong in found) >= 20


def test_an_infeasible_plan_is_caught():
    problem = next(p for p in map(small_problem, range(50)) if len(solve(p, Stop(seconds=5)).order_a) > 1)
    plan = solve(problem, Stop(seconds=5))
    best = best_objective(problem)
    assert "stock_left" in unsound(problem, replace(plan, available_sw=plan.available_sw + 1), best)
    assert "paused" in unsound(
        replace(problem, warehouses=replace(problem.warehouses, open_w=np.zeros_like(problem.warehouses.open_w))),
        plan,
        best,
    )


def test_solving_writes_nothing_to_standard_output(capfd):
    """`paidan solve` prints JSON there, and HiGHS likes to introduce itself."""
    choices = scarce_choices(40, seed=1)
    solve_exactly(choices, np.arange(40, dtype=np.int32), choices.limit_r, NO_BALANCE, 5.0)
    assert capfd.readouterr().out == ""

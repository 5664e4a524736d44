"""The search on choices: it ends when asked, is the same again, and its parts keep what they promise."""

import numpy as np
import pytest
from tests.engine.joint.scarce_choices import scarce_choices

from paidan.engine.joint.balance import NO_BALANCE
from paidan.engine.joint.choices import UNSERVED, cost_of, is_feasible, used_by
from paidan.engine.joint.exact import solve_exactly
from paidan.engine.joint.neighbourhoods import Neighbourhoods
from paidan.engine.joint.search import Search
from paidan.engine.joint.stop import Stop

LARGE = 8_000  # beyond what goes to HiGHS whole


def ticking():
    """A clock that moves a tenth of a second whenever it is looked at."""
    now = [0.0]

    def clock() -> float:
        now[0] += 0.1
        return now[0]

    return clock


@pytest.fixture(scope="module")
def large():
    return scarce_choices(LARGE, seed=3)


def test_a_small_problem_ends_with_bound_and_cost_equal():
    choices = scarce_choices(300, seed=2)
    found = Search(choices, Stop(20)).run()
    assert is_feasible(choices, found.chosen_o)
    assert found.cost - found.bound < 0.5


def test_a_large_one_is_close_to_its_bound_and_what_it_says(large):
    found = Search(large, Stop(sweeps=60, seconds=60)).run()
    assert is_feasible(large, found.chosen_o)
    assert found.cost == cost_of(large, found.chosen_o)
    assert 0 <= found.gap < 0.02


def test_it_stops_by_sweeps_and_the_plan_is_feasible_all_the_same(large):
    found = Search(large, Stop(sweeps=4, seconds=60)).run()
    assert found.sweeps == 4
    assert is_feasible(large, found.chosen_o)


def test_it_stops_by_its_clock(large):
    found = Search(large, Stop(1.0, clock=ticking())).run()
    assert found.sweeps < 15
    assert is_feasible(large, found.chosen_o)


def test_it_stops_when_a_person_asks(large):
    found = Search(large, Stop(60, asked=lambda: True)).run()
    assert found.sweeps == 1
    assert is_feasible(large, found.chosen_o)


def test_the_same_seed_and_sweeps_give_the_same_plan(large):
    once, again = (Search(large, Stop(sweeps=60, seconds=60), seed=5).run() for _ in range(2))
    assert np.array_equal(once.chosen_o, again.chosen_o)
    assert once.bound == again.bound


def test_progress_only_ever_gets_better(large):
    seen = []
    Search(large, Stop(sweeps=60, seconds=60), progress=lambda _s, cost, bound: seen.append((cost, bound))).run()
    costs, bounds = zip(*seen, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert list(bounds) == sorted(bounds)


def test_a_start_is_never_made_worse():
    choices = scarce_choices(300, seed=4)
    best = Search(choices, Stop(20)).run()
    again = Search(choices, Stop(sweeps=1, seconds=20), start_o=best.chosen_o).run()
    assert again.cost == best.cost


def test_a_neighbourhood_decided_again_is_never_worse(large):
    search = Search(large, Stop(sweeps=30, seconds=60))
    before = search.run().cost
    search.stop = Stop(60)
    Neighbourhoods(search).improve_once(alike=True)
    assert search.found.cost <= before
    assert is_feasible(large, search.found.chosen_o)


def test_use_beyond_a_limit_and_a_foreign_choice_are_not_feasible():
    choices = scarce_choices(60, seed=1)
    chosen_o = np.full(60, UNSERVED)
    assert is_feasible(choices, chosen_o)
    assert used_by(choices, chosen_o).sum() == 0
    assert not is_feasible(choices, choices.ptr_o[:-1])  # all want the first warehouse
    chosen_o[0] = choices.ptr_o[1]
    assert not is_feasible(choices, chosen_o)


def test_highs_asks_too_whether_to_go_on_and_gives_what_it_has():
    choices, asked = scarce_choices(1_200, seed=5), []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 2

    everyone, nobody = np.arange(1_200, dtype=np.int32), np.full(1_200, UNSERVED, np.int64)
    proven = solve_exactly(choices, everyone, choices.limit_r, NO_BALANCE, 600.0, nobody, asked=enough)
    assert asked
    assert proven.chosen is None or is_feasible(choices, proven.chosen)
    assert proven.bound <= cost_of(choices, nobody)

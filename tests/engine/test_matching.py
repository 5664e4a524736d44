"""The rule index finds what asking every rule one by one finds, however many rules there are."""

import random
from dataclasses import replace

import numpy as np
import pytest
from tests.engine.random_problems import random_condition, random_problem
from tests.engine.reference import Reference

from paidan.engine.bits import packed
from paidan.engine.match_kernel import NO_MATCH, first_matches
from paidan.engine.matching import build_index
from paidan.engine.problem import Rule


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 400])
def test_the_first_match_is_the_first_rule_all_of_whose_conditions_hold(count):
    for seed in range(12):
        rng = random.Random(seed * 1000 + count)
        rules = tuple(
            Rule(
                f"r{n}", random_condition(rng, rng.choice((0.1, 0.3, 0.6))), random_condition(rng, rng.choice((0, 0.2)))
            )
            for n in range(count)
        )
        problem = replace(random_problem(seed), rules=rules)
        found = first_matches(build_index(problem), problem.orders.ptr, problem.orders.sku_l)
        asked = [Reference(problem).matches(order) for order in range(len(problem.orders.shop_o))]
        assert found.tolist() == [matches[0] if matches else NO_MATCH for matches in asked]


def test_bits_stand_where_the_flags_stood():
    flags = np.random.default_rng(0).random((5, 130)) < 0.5
    words = packed(flags)
    assert words.shape == (5, 3)
    back = [[bool(int(words[row, bit // 64]) >> (bit % 64) & 1) for bit in range(130)] for row in range(5)]
    assert np.array_equal(back, flags)

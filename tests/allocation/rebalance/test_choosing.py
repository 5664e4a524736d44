"""Choosing among moves, on made-up ones: every prefix of the steps is feasible, and the limits hold."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from paidan.allocation.rebalance import Cause, Rebalance
from paidan.allocation.rebalance.choosing import Chooser
from paidan.allocation.rebalance.moves import Move
from paidan.allocation.rebalance.shares import Shares
from paidan.allocation.rebalance.steps import steps_of
from paidan.engine.problem import Objective

PLACES, GOODS = 4, 3
SLOTS = PLACES * GOODS


def shares(ratios=(0,) * PLACES, loads=(0,) * PLACES, weight=0):
    warehouses = SimpleNamespace(ratio_w=np.array(ratios))
    problem = SimpleNamespace(warehouses=warehouses, objective=Objective(ratio_minor=weight))
    return Shares(SimpleNamespace(read=SimpleNamespace(problem=problem), load_w=np.array(loads)))


def a_move(at, source, target, saving, sku=0, qty=1, cause=Cause.SAVING):
    def uses(place):
        return ((sku * PLACES + place, qty), (SLOTS + place, 1))

    return Move(at, source, target, -1, saving, cause, uses(target), uses(source), True, 0, 0, 0)


@st.composite
def worlds(draw):
    """Moves between four places, and little room: pieces and slots may even be overdrawn at first."""
    moves = []
    for at in range(draw(st.integers(0, 14))):
        source = draw(st.integers(0, PLACES - 1))
        target = (source + draw(st.integers(1, PLACES - 1))) % PLACES
        cause = draw(st.sampled_from([Cause.SAVING, Cause.SAVING, Cause.SAVING, Cause.PAUSED]))
        sku, qty = draw(st.integers(0, GOODS - 1)), draw(st.integers(1, 3))
        moves.append(a_move(at, source, target, draw(st.integers(-50, 100)), sku, qty, cause))
    free = draw(st.lists(st.integers(-1, 3), min_size=SLOTS + PLACES, max_size=SLOTS + PLACES))
    most = draw(st.none() | st.integers(0, 8))
    least = draw(st.none() | st.integers(0, 60))
    return moves, free, Rebalance(most=most, saving_minor=least)


def carry_out(step, free):
    """Make the moves of a step as the database would: each must find what it takes when its turn comes."""
    if step.together:
        for move in step.moves:
            for resource, qty in move.leaves:
                free[resource] += qty
    for move in step.moves:
        for resource, qty in move.takes:
            free[resource] -= qty
            assert free[resource] >= 0
    if not step.together:
        for move in step.moves:
            for resource, qty in move.leaves:
                free[resource] += qty


@given(worlds())
def test_every_step_fits_and_the_limits_hold(world):
    moves, free, asked = world
    choice = Chooser(moves, list(free), shares(), asked).run()
    steps = steps_of(choice.chains, list(free))
    chosen = [move.at for step in steps for move in step.moves]
    assert len(chosen) == len(set(chosen)) == choice.number
    assert asked.most is None or choice.number <= asked.most
    left = list(free)
    for step in steps:
        carry_out(step, left)
    for chain in choice.chains:
        assert chain.worth_minor == sum(move.saving_minor for move in chain.moves)
        if all(move.cause != Cause.PAUSED for move in chain.moves):
            assert chain.worth_minor >= max(1, asked.saving_minor or 0) * len(chain.moves)
    named = [*chosen, *choice.without_room, *choice.too_dear, *choice.beyond]
    assert sorted(named) == [move.at for move in moves]


@given(worlds())
def test_any_number_of_first_chains_is_feasible_by_itself(world):
    moves, free, asked = world
    chains = Chooser(moves, list(free), shares(), asked).run().chains
    for number in range(len(chains)):
        left = list(free)
        for step in steps_of(chains[:number], list(free)):
            carry_out(step, left)


@given(worlds())
def test_the_same_moves_are_chosen_again_the_same_way(world):
    moves, free, asked = world
    once, again = (Chooser(moves, list(free), shares(), asked).run() for _n in range(2))
    assert once == again


def test_a_long_chain_of_full_places_is_found():
    # 0 → 1 → 2 → 3, and only the last has a slot left.
    moves = [a_move(0, 0, 1, 90), a_move(1, 1, 2, -10), a_move(2, 2, 3, -10)]
    free = [9] * SLOTS + [0, 0, 0, 1]
    [chain] = Chooser(moves, list(free), shares(), Rebalance()).run().chains
    assert [move.at for move in chain.moves] == [2, 1, 0]
    assert [move.cause for move in chain.moves] == [Cause.ROOM, Cause.ROOM, Cause.SAVING]
    assert (chain.worth_minor, chain.together) == (70, 0)


def test_a_chain_that_costs_more_than_it_saves_is_not_made():
    moves = [a_move(0, 0, 1, 9), a_move(1, 1, 2, -10)]
    choice = Chooser(moves, [9] * SLOTS + [0, 0, 1, 0], shares(), Rebalance()).run()
    assert (choice.chains, choice.too_dear) == ([], {0, 1})


def test_a_circle_goes_at_once():
    moves = [a_move(0, 0, 1, 5), a_move(1, 1, 2, 5), a_move(2, 2, 0, 5)]
    [chain] = Chooser(moves, [9] * SLOTS + [0] * PLACES, shares(), Rebalance()).run().chains
    assert chain.together == 3


def test_shares_count_where_the_objective_says_so():
    moves = [a_move(at, 0, 1, -2) for at in range(10)]
    free = [99] * (SLOTS + PLACES)
    even = {"ratios": (1, 1, 0, 0), "loads": (10, 0, 0, 0)}
    assert Chooser(moves, list(free), shares(**even, weight=3), Rebalance()).run().number == 5
    assert Chooser(moves, list(free), shares(**even, weight=0), Rebalance()).run().number == 0


def test_a_dear_start_without_the_causes_of_a_rule_is_left():
    moves = [a_move(0, 0, 1, -5, cause=Cause.RULE), a_move(1, 0, 1, -5, cause=Cause.RATIO)]
    choice = Chooser(moves, [9] * (SLOTS + PLACES), shares(), Rebalance()).run()
    assert [move.at for chain in choice.chains for move in chain.moves] == [0]
    assert Chooser(moves, [9] * (SLOTS + PLACES), shares(), Rebalance(saving_minor=1)).run().chains == []

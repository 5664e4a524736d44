"""Shares by ratio: within ±1 % over any 1,000 orders everybody could serve, whatever lies between them."""

from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.documents import Places, document, order, stock
from tests.engine.reference import Reference

from paidan.engine import turn_kernel
from paidan.engine.checks import violations
from paidan.engine.files import read_problem
from paidan.engine.plan import Plan
from paidan.engine.problem import Problem
from paidan.engine.sequential import allocate

WINDOW = 1_000
ALLOWED = 10
"""One per cent of a window."""
Mixture = tuple[list[int], list[list[int]], list[int]]
"""Ratios, sets of members who can (the first: all), and which set each order belongs to."""


def worst_window(member_o: npt.NDArray[np.integer], ratios: list[int]) -> float:
    """The largest deviation of a member's orders from its share over any 1,000 consecutive ones."""
    shares = np.array(ratios) / sum(ratios) if sum(ratios) else np.full(len(ratios), 1 / len(ratios))
    got = np.cumsum(member_o[:, None] == np.arange(len(ratios)), axis=0)
    got = np.vstack([np.zeros(len(ratios), np.int64), got])
    return float(np.abs(got[WINDOW:] - got[:-WINDOW] - WINDOW * shares).max())


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    """Ratios, sets of members who can (the first: all), and which set each order belongs to."""
    members = draw(st.integers(2, 7))
    ratios = draw(st.lists(st.integers(0, 9), min_size=members, max_size=members).filter(any))
    some = st.lists(st.integers(0, members - 1), min_size=1, max_size=members, unique=True)
    sets = [list(range(members)), *draw(st.lists(some, min_size=1, max_size=5))]
    turn = draw(st.lists(st.integers(0, len(sets) - 1), min_size=1, max_size=12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["in turn", "at random", "in runs"]))
    if kind == "in turn":
        order_sets = np.tile([0, *turn], 3_000)[:3_000]
    elif kind == "at random":
        order_sets = rng.choice(len(sets), 3_000)
    else:
        order_sets = np.repeat(rng.choice(len(sets), 60), rng.integers(1, 300, 60))[:3_000]
    lacking = max(0, 1_500 - int((order_sets == 0).sum()))
    return ratios, sets, [*order_sets.tolist(), *([0] * lacking)]


def by_warehouse(ratios: list[int], sets: list[list[int]], order_sets: list[int]) -> Problem:
    """Warehouses by ratio; set n can because only they have SKU n."""
    plenty = {f"s{n}": {f"w{w}": 10_000 for w in members} for n, members in enumerate(sets)}
    problem = read_problem(
        document(
            warehouses=[{"id": f"w{w}", "ratio": ratio} for w, ratio in enumerate(ratios)],
            stock=stock(**plenty),
            policy={"strategies": ["ratio"]},
            orders=[order(f"o{n}", {f"s{n}": 1}) for n in range(len(sets))],
        ),
        Places(),
    )
    return many(problem, order_sets)


def by_team(ratios: list[int], sets: list[list[int]], order_sets: list[int]) -> Problem:
    """Teams of one warehouse by ratio; set n can because only they have skill n."""
    problem = read_problem(
        document(
            warehouses=[{"id": "w"}],
            teams=[
                {
                    "id": f"t{t}",
                    "warehouse": "w",
                    "ratio": ratio,
                    "skills": [f"k{n}" for n, members in enumerate(sets) if t in members],
                }
                for t, ratio in enumerate(ratios)
            ],
            stock=stock(A={"w": 100_000}),
            rules=[{"when": {"tag": [f"k{n}"]}, "then": {"team": f"skill:k{n}"}} for n in range(len(sets))],
            orders=[order(f"o{n}", tags=[f"k{n}"]) for n in range(len(sets))],
        ),
        Places(),
    )
    return many(problem, order_sets)


def many(problem: Problem, chosen: list[int]) -> Problem:
    """The problem with its orders, of one line each, repeated as chosen."""
    rows = np.array(chosen)
    columns = {
        name: getattr(problem.orders, name)[rows]
        for name in (field.name for field in fields(problem.orders))
        if name.endswith(("_o", "_l")) and not name.startswith("id_")
    }
    orders = replace(problem.orders, **columns, ptr=np.arange(len(rows) + 1), id_o=(), id_l=())
    return replace(problem, orders=orders)


def of_everybody(plan: Plan, mixture: Mixture, member_a: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """The members of the orders that all could serve, in the order in which they were decided."""
    ratios, sets, order_sets = mixture
    assert len(plan.order_a) == len(order_sets)
    by_order = member_a[np.argsort(plan.order_a)][plan.sequence]
    everybody = np.array([len(members) == len(ratios) for members in sets])
    return by_order[everybody[np.array(order_sets)][plan.sequence]]


@settings(max_examples=200)
@given(mixtures())
def test_warehouses_keep_their_ratio_over_any_thousand_orders_all_could_serve(
    mixture: Mixture,
) -> None:
    problem = by_warehouse(*mixture)
    plan = allocate(problem)
    assert worst_window(of_everybody(plan, mixture, plan.warehouse_a), mixture[0]) <= ALLOWED


@settings(max_examples=200)
@given(mixtures())
def test_teams_keep_their_ratio_over_any_thousand_orders_all_could_take(
    mixture: Mixture,
) -> None:
    problem = by_team(*mixture)
    plan = allocate(problem)
    assert worst_window(of_everybody(plan, mixture, plan.team_a), mixture[0]) <= ALLOWED


@settings(max_examples=100)
@given(mixtures())
def test_all_orders_together_keep_close_to_their_entitlement_too(
    mixture: Mixture,
) -> None:
    """Also what sets of few orders owe each other: the common credit stays small."""
    assert np.abs(allocate(by_warehouse(*mixture)).credit_w).max() <= 3


ALIASED: Mixture = ([1, 1, 1], [[0, 1, 2], [0, 1]], [0, 1] * 1_500)
"""Everybody's orders and those of two in turn: with one credit per member, the two always win their own orders."""


def test_one_credit_per_member_would_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with no set's own credits the same orders break the promise, so the tests above can fail."""
    problem = by_warehouse(*ALIASED)
    plan = allocate(problem)
    assert worst_window(of_everybody(plan, ALIASED, plan.warehouse_a), ALIASED[0]) <= ALLOWED
    monkeypatch.setattr(turn_kernel, "SETS", 0)
    plan = allocate(problem)
    assert violations(problem, plan) == []
    assert worst_window(of_everybody(plan, ALIASED, plan.warehouse_a), ALIASED[0]) > ALLOWED


@settings(max_examples=100)
@given(mixtures(), st.integers(0, 6), st.integers(1, 5))
def test_a_paused_warehouse_that_resumes_is_not_flooded(mixture: Mixture, paused: int, waves: int) -> None:
    """It was away for whole waves; over any number of orders after it resumes it gets its share and no more."""
    ratios, sets, order_sets = mixture
    paused %= len(ratios)
    problem = by_warehouse(ratios, sets, order_sets)
    open_w = problem.warehouses.open_w.copy()
    open_w[paused] = False
    credit_w = problem.warehouses.credit_w
    for _ in range(waves):
        away = replace(problem, warehouses=replace(problem.warehouses, open_w=open_w, credit_w=credit_w))
        plan = allocate(away)
        assert not (plan.warehouse_a == paused).any()
        credit_w = plan.credit_w
    plan = allocate(replace(problem, warehouses=replace(problem.warehouses, credit_w=credit_w)))
    got = np.cumsum(of_everybody(plan, mixture, plan.warehouse_a) == paused)
    share = ratios[paused] / sum(ratios)
    assert (got - share * np.arange(1, len(got) + 1)).max() <= 5


def test_waves_of_one_order_keep_the_ratio_by_the_credits_they_hand_on() -> None:
    """A set's own credits begin anew in every wave; the common ones go on."""
    ratios, problem = [5, 3, 2], by_warehouse([5, 3, 2], [[0, 1, 2]], [0])
    credit_w, went = problem.warehouses.credit_w, []
    for _ in range(100):
        plan = allocate(replace(problem, warehouses=replace(problem.warehouses, credit_w=credit_w)))
        credit_w = plan.credit_w
        went.append(int(plan.warehouse_a[0]))
    assert [went.count(w) for w in range(3)] == [10 * ratio for ratio in ratios]


def test_more_sets_than_there_is_room_for_go_by_the_common_credits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_kernel, "SETS", 3)
    rng = np.random.default_rng(7)
    sets = [sorted(rng.choice(5, rng.integers(1, 6), replace=False).tolist()) for _ in range(25)]
    problem = by_warehouse([5, 4, 3, 2, 1], sets, rng.integers(0, 25, 1_000).tolist())
    plan = allocate(problem)
    assert violations(problem, plan) == []
    assert (plan.outcome_o == plan.outcome_o[0]).all()
    assert np.abs(plan.credit_w).max() <= 3


def test_the_reference_takes_the_same_turns() -> None:
    ratios, sets, order_sets = ALIASED
    problem = by_warehouse(ratios, sets, order_sets[:200])
    plan, decisions = allocate(problem), Reference(problem).run()
    taken = {o: decision.parcels[0].warehouse for o, decision in decisions.items()}
    assert dict(zip(plan.order_a.tolist(), plan.warehouse_a.tolist(), strict=True)) == taken

"""Covering sets: exact against trying all sets where that is feasible, sound and quick where it is not."""

import itertools
import random
from time import process_time

import pytest
from tests.engine.documents import answer, first, order, served, stock


def problem_of(rng, warehouses, skus, lines, split, most=4):
    held = {f"k{s}": {f"w{w}": max(0, rng.randint(-3, most)) for w in range(warehouses)} for s in range(skus)}
    wanted = [(f"k{rng.randrange(skus)}", rng.randint(1, most)) for _ in range(lines)]
    return {
        "warehouses": [{"id": f"w{w}"} for w in range(warehouses)],
        "stock": stock(**held),
        "policy": {"strategies": ["fewest_parcels", "ranked"], "split": split},
        "orders": [order(lines=wanted)],
    }, held


@pytest.mark.parametrize("seed", range(40))
def test_the_set_is_the_smallest_and_best_ranked_of_all(seed):
    rng = random.Random(seed)
    problem, held = problem_of(rng, 10, 6, 5, "by_piece")
    needs = {}
    for line in problem["orders"][0]["lines"]:
        needs[line["sku"]] = needs.get(line["sku"], 0) + line["qty"]
    covering = (
        chosen
        for size in range(1, 11)
        for chosen in itertools.combinations(range(10), size)
        if all(sum(held[sku][f"w{w}"] for w in chosen) >= need for sku, need in needs.items())
    )
    best = next(covering, ())
    decision = first(**problem)
    assert {w for _, w, _ in served(decision)} == {f"w{w}" for w in best}


@pytest.mark.parametrize("split", ["by_line", "by_piece"])
def test_hundreds_of_lines_over_many_warehouses_end_in_seconds(split):
    rng = random.Random(5)
    problem, _ = problem_of(rng, 120, 200, 150, split)
    problem["policy"]["shortage"] = "partial"
    first(**problem)
    start = process_time()
    given = answer(**problem)  # checks the plan's invariants too
    assert process_time() - start < 5
    assert given["orders"][0]["allocations"]


def test_more_warehouses_than_the_short_way_takes_are_served_the_same():
    few = {
        "warehouses": [{"id": f"w{w}", "capacity": 2} for w in range(60)],
        "stock": stock(A={f"w{w}": w % 3 for w in range(60)}),
        "policy": {"strategies": ["least_loaded", "ranked"]},
        "orders": [order(f"o{n}", {"A": 1 + n % 2}) for n in range(50)],
    }
    closed = [{"id": f"x{w}", "open": False} for w in range(20)]
    many = {**few, "warehouses": [*few["warehouses"], *closed]}
    short = [served(o) for o in answer(**few)["orders"]]
    assert [served(o) for o in answer(**many)["orders"]] == short
    assert any(short)


def test_beyond_the_exact_search_what_can_be_served_still_is():
    rng = random.Random(1)
    problem, held = problem_of(rng, 300, 3, 150, "by_line")
    problem["policy"]["shortage"] = "partial"
    assert min(sum(places.values()) for places in held.values()) > 4 * 150 / 3  # plenty of everything
    assert first(**problem)["state"] == "allocated"

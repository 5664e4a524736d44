"""The compact form's search: it ends when asked, is the same again, and none of its parts makes a plan worse."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from bench.nearest import as_choices, nearest_first
from bench.scarce import compact_of, instance

from paidan.engine.joint.choices import Choices
from paidan.engine.joint.compact import by_sku, cost_of, is_feasible, used_by
from paidan.engine.joint.compact_kernel import tally
from paidan.engine.joint.compact_neighbourhoods import CompactNeighbourhoods, both
from paidan.engine.joint.compact_prices import CompactMarket, Prices, Step, proven_by
from paidan.engine.joint.compact_search import CompactSearch
from paidan.engine.joint.floor import Bettering
from paidan.engine.joint.prices import lagrangian, swept
from paidan.engine.joint.search import Search
from paidan.engine.joint.stop import Stop

ORDERS = 2_500


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "shared"])
def compact(request):
    return compact_of(instance(ORDERS, skus=150, seed=2), split=request.param)


@pytest.fixture(scope="module")
def prices(compact, pool):
    market = CompactMarket(compact, Prices.zero(compact), pool)
    orders = np.arange(ORDERS, dtype=np.int32)
    for step in (Step(1.0, 10), Step(0.3, 10), Step(0.1, 10), Step(0.05, 10)):
        for _ in range(step.sweeps):
            market.sweep(orders, compact.stock_sn, compact.slots_n, step, 350.0, tight=False)
    return market.prices


def test_it_comes_close_to_its_bound_and_far_below_nearest_first(compact):
    found = CompactSearch(compact, Stop(sweeps=190, seconds=100)).run()
    assert is_feasible(compact, found.at_l)
    assert found.cost == cost_of(compact, found.at_l)
    assert 0 <= found.gap < 0.03
    assert found.cost < 0.95 * cost_of(compact, nearest_first(compact))


def test_the_same_seed_and_sweeps_give_the_same_plan(compact):
    once, again = (CompactSearch(compact, Stop(sweeps=187, seconds=100), seed=5).run() for _ in range(2))
    assert np.array_equal(once.at_l, again.at_l)
    assert once.bound == again.bound


def test_it_stops_by_sweeps_by_its_clock_and_when_a_person_asks(compact):
    assert CompactSearch(compact, Stop(sweeps=4, seconds=60)).run().sweeps == 4
    assert CompactSearch(compact, Stop(60, asked=lambda: True)).run().sweeps == 1
    now = [0.0]

    def clock() -> float:
        now[0] += 0.1
        return now[0]

    found = CompactSearch(compact, Stop(2.0, clock=clock)).run()
    assert found.sweeps < 15
    assert is_feasible(compact, found.at_l)


def test_progress_only_ever_gets_better(compact):
    seen = []
    CompactSearch(compact, Stop(sweeps=187, seconds=100), progress=lambda _s, c, b: seen.append((c, b))).run()
    costs, bounds = zip(*seen, strict=True)
    assert list(costs) == sorted(costs, reverse=True)
    assert list(bounds) == sorted(bounds)


def test_a_start_is_never_made_worse(compact):
    best = CompactSearch(compact, Stop(sweeps=187, seconds=100)).run()
    again = CompactSearch(compact, Stop(sweeps=1, seconds=100), start_l=best.at_l).run()
    assert again.cost == best.cost


def test_its_bound_is_that_of_all_choices_listed(pool):
    """Computed twice: from parcels by masks, and by the general way that lists every choice."""
    of = instance(600, skus=40, seed=1)
    rng = np.random.default_rng(0)
    for split in (False, True):
        compact = compact_of(of, split=split)
        prices = Prices.zero(compact)
        prices.stock_sn[:, :-1] = rng.integers(0, 300, (40, 20))
        prices.slot_n[:-1] = rng.integers(0, 200, 20)
        choices = all_ways(compact) if split else as_choices(of)
        price_r = np.concatenate([prices.stock_sn[:, :-1].ravel(), prices.slot_n[:-1]]).astype(np.float64)
        least, _ = swept(choices, np.arange(600, dtype=np.int32), price_r, choices.limit_r, 10.0, pool)
        assert proven_by(compact, prices, pool) == pytest.approx(lagrangian(least, price_r, choices.limit_r))


def all_ways(compact) -> Choices:
    """Every node, and every two nodes for every set of lines, as a list of choices."""
    cost_c, uses, ptr_o = [], [], [0]
    warehouses = compact.cost_rn.shape[1] - 1
    for o in range(len(compact.ptr_o) - 1):
        lines = list(range(compact.ptr_o[o], compact.ptr_o[o + 1]))
        full = (1 << len(lines)) - 1
        for mask in range(1, full + 1, 2):
            for a in range(warehouses):
                for b in range(warehouses) if mask != full else [a]:
                    row = compact.row_o[o] - 1
                    cost = float(compact.cost_rn[row + mask, a])
                    if mask != full:
                        cost += float(compact.cost_rn[row + full - mask, b]) + compact.second_minor
                    if cost >= 1e8 or (mask != full and a == b):
                        continue
                    at = [(line, a if mask >> k & 1 else b) for k, line in enumerate(lines)]
                    stock = [(compact.sku_l[line] * warehouses + w, compact.qty_l[line]) for line, w in at]
                    slots = [(len(compact.stock_sn) * warehouses + w, 1) for w in {w for _, w in at}]
                    cost_c.append(cost)
                    uses.append(stock + slots)
        ptr_o.append(len(cost_c))
    flat = np.array([pair for use in uses for pair in use], np.int32)
    limit_r = np.concatenate([compact.stock_sn[:, :-1].ravel(), compact.slots_n[:-1]]).astype(np.float64)
    use_ptr_c = np.concatenate([[0], np.cumsum([len(use) for use in uses])])
    unserved_o = compact.cost_rn[compact.row_o[1:] - 1, -1].astype(np.float64)
    columns = (flat[:, 0].copy(), flat[:, 1].copy())
    return Choices(np.array(ptr_o), np.array(cost_c), use_ptr_c, *columns, unserved_o, limit_r)


def test_it_is_as_good_as_the_exact_solution_says():
    of = instance(400, skus=30, seed=3)
    exact = Search(as_choices(of), Stop(30)).run()
    found = CompactSearch(compact_of(of), Stop(sweeps=215, seconds=100)).run()
    assert exact.gap == pytest.approx(0, abs=1e-6)
    assert found.bound <= exact.cost + 0.5
    assert exact.cost <= found.cost <= 1.01 * exact.cost


def test_flow_moves_and_repair_keep_stock_and_make_no_plan_dearer(compact, prices, pool):
    start_l = nearest_first(compact)
    plan = Bettering(compact, start_l, np.zeros_like(prices.slot_n))
    plan.flow(pool)
    plan.repair()
    flowed = cost_of(compact, plan.at_l)
    assert is_feasible(compact, plan.at_l)
    assert flowed < cost_of(compact, start_l)
    plan.move(plan.others, 0.0, np.random.default_rng(0))
    assert is_feasible(compact, plan.at_l)
    assert cost_of(compact, plan.at_l) < flowed


def test_what_the_moves_believe_to_be_left_is_what_is_left(compact, prices, pool):
    plan = Bettering(compact, nearest_first(compact), prices.slot_n)
    plan.flow(pool)
    plan.overdraw(0.05)
    plan.move(plan.others, 100.0, np.random.default_rng(1))
    use_sn, use_n = used_by(compact, plan.at_l)
    assert np.array_equal(plan.floor.left_sn, compact.stock_sn - use_sn)
    assert np.array_equal(plan.floor.room_n, compact.slots_n - use_n)
    plan.repair()
    assert is_feasible(compact, plan.at_l)


def test_slots_nobody_can_leave_are_given_back_by_serving_fewer(compact):
    plan = Bettering(compact, nearest_first(compact), np.zeros(len(compact.slots_n), np.float32))
    gone_n = np.append(np.minimum(compact.slots_n[:-1], 40), 0)  # every warehouse has fewer than were used
    plan.floor.room_n[:] -= gone_n
    fewer = compact._replace(slots_n=compact.slots_n - gone_n)
    plan.compact = fewer
    plan.repair()
    assert is_feasible(fewer, plan.at_l)


def test_a_neighbourhood_decided_again_is_never_worse(compact, prices):
    at_l = nearest_first(compact)
    drawing = CompactNeighbourhoods(compact, compact, prices, 1_000.0, seed=1)
    now_o = drawing.priced(at_l)
    parts = [drawing.drawn(at_l, now_o)]
    parts.append(np.setdiff1d(drawing.drawn(at_l, now_o), parts[0]).astype(np.int32))
    plans = [drawing.decided(at_l, part, now_o, 20.0) for part in parts]
    together = both(compact, at_l, *plans)
    for plan in (*plans, together):
        assert is_feasible(compact, plan)
        assert cost_of(compact, plan) <= cost_of(compact, at_l)
    assert cost_of(compact, plans[0]) < cost_of(compact, at_l)


def test_sorted_by_sku_it_is_the_same_problem(compact):
    at_l = nearest_first(compact)
    arranged, place_l = by_sku(compact)
    assert cost_of(arranged, at_l[place_l]) == cost_of(compact, at_l)
    assert is_feasible(arranged, at_l[place_l])


def test_two_computations_of_a_plans_cost_agree_and_overuse_is_not_feasible(compact):
    at_l = nearest_first(compact)
    use_sn, use_n = np.zeros(compact.stock_sn.shape, np.int32), np.zeros(len(compact.slots_n), np.int64)
    assert tally(compact, at_l, use_sn, use_n) == cost_of(compact, at_l)
    assert np.array_equal(use_sn, used_by(compact, at_l)[0])
    assert not is_feasible(compact, np.zeros_like(at_l))

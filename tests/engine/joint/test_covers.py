"""Cover inequalities: each is broken by the shares it was found for and by nothing that can be done."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from bench.nearest import as_choices
from bench.scarce import compact_of, instance

from paidan.engine.joint import covers as covers_module
from paidan.engine.joint.compact import by_sku
from paidan.engine.joint.compact_prices import CompactMarket, Prices, Step, cooled, proven_by
from paidan.engine.joint.compact_search import CompactSearch
from paidan.engine.joint.covers import BROKEN, CoverMarket
from paidan.engine.joint.covers_kernel import find_covers
from paidan.engine.joint.search import Search
from paidan.engine.joint.stop import Stop

PRICING = (Step(0.3, 12, 0.0, 1.0, paced=True), *cooled(0.3, 1 / 60, 60, 0.9, 1.0))
COVERING = Step(0.015, 20, 0.97, 1.0)


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture(scope="module", params=[False, True], ids=["whole", "shared"])
def market(request, pool):
    """Prices of a problem of few pieces a place, with covers."""
    compact, _ = by_sku(compact_of(instance(1_200, skus=150, seed=4), split=request.param))
    orders = np.arange(1_200, dtype=np.int32)
    plain = CompactMarket(compact, Prices.zero(compact), pool)
    for step in PRICING:
        for _ in range(step.sweeps):
            plain.sweep(orders, compact.stock_sn, compact.slots_n, step, 350.0, tight=False)
    covered = CoverMarket(compact, plain.prices, pool)
    covered.sweep_all(COVERING, 350.0, afresh=True)
    without = covered.proven()
    for _ in range(6):
        covered.find()
        for number in range(COVERING.sweeps):
            covered.sweep_all(COVERING, 350.0, afresh=number % 4 == 0)
    return covered, without


def covers_of_a_place(rng, stock):
    """Lines of one SKU with random shares of one place, at most as many pieces together as it has, and its covers."""
    qty_l = rng.choice([1, 1, 2, 2, 3, 4], rng.integers(3, 9)).astype(np.int32)
    share = rng.random(len(qty_l)) ** 0.5
    share *= min(1.0, stock / (share @ qty_l))
    share_ln = np.column_stack([share, 1 - share]).astype(np.float32)
    stock_sn, price_sn = np.array([[stock, 99]], np.int32), np.ones((1, 2), np.float32)
    ptr_s, lines = np.array([0, len(qty_l)]), np.arange(len(qty_l))
    found_k, member_m = np.empty((9, 5), np.int64), np.empty(999, np.int64)
    count, _ = find_covers(0, 1, ptr_s, lines, qty_l, stock_sn, price_sn, share_ln, BROKEN, found_k, member_m)
    starts = [0, *found_k[:count, 4].tolist()]
    return qty_l, share, [(found_k[k], member_m[starts[k] : starts[k + 1]]) for k in range(count)]


def test_a_cover_is_broken_by_the_shares_but_by_nothing_that_can_be_done():
    rng, seen = np.random.default_rng(3), 0
    for _ in range(600):
        stock = int(rng.integers(2, 9))
        qty_l, share, covers = covers_of_a_place(rng, stock)
        taken = np.array(list(product([0, 1], repeat=len(qty_l))))
        for (_sku, _node, limit, more, _end), lines in covers:
            assert share[lines].sum() > limit + BROKEN - 1e-5
            for pieces, most in ((stock, limit), (stock + 1, limit + more)):
                possible = taken[taken @ qty_l <= pieces]
                assert possible[:, lines].sum(1).max() <= most
            seen += 1
    assert seen > 150


def test_they_raise_the_bound_and_the_charged_problem_proves_the_same(market, pool):
    covered, without = market
    covers = covered.covers
    assert len(covers) > 20
    assert covered.proven() > 1.001 * without
    charged = proven_by(covered.charged(), covered.prices, pool) - float(covers.price_k.astype(float) @ covers.limit_k)
    assert covered.proven() == pytest.approx(charged, rel=1e-6)


def test_no_cover_is_taken_up_twice(market):
    covers = market[0].covers
    keys = {
        (int(covers.node_k[k]), *sorted(covers.member_m[covers.ptr_k[k] : covers.ptr_k[k + 1]].tolist()))
        for k in range(len(covers))
    }
    assert len(keys) == len(covers)


def test_a_piece_is_worth_at_least_its_price(market):
    covered, _ = market
    assert (covered.worth().stock_sn >= covered.prices.stock_sn).all()
    assert (covered.worth().stock_sn > covered.prices.stock_sn).any()


def test_one_thread_finds_and_proves_the_same(market, pool):
    covered, _ = market
    ways = [CoverMarket(covered.compact, covered.prices, threads) for threads in (pool, None)]
    for way in ways:
        for _ in range(2):
            for number in range(8):
                way.sweep_all(COVERING, 350.0, afresh=number % 4 == 0)
            way.find()
    assert ways[0].proven() == ways[1].proven()
    assert np.array_equal(ways[0].covers.member_m, ways[1].covers.member_m)


def test_bounds_by_covers_stay_below_the_best_and_one_too_narrow_is_caught(monkeypatch):
    """With every limit one less than it may be, bounds rise above the best there is."""
    sound = covers_module.Covers.add
    above, plans, priced = {}, [], 0

    def narrow(covers, found_k, member_m):
        found_k[:, 2] -= 1
        return sound(covers, found_k, member_m)

    for seed in range(12):
        of = instance(150, skus=20, seed=seed)
        exact = Search(as_choices(of), Stop(60)).run()
        assert exact.gap == pytest.approx(0, abs=1e-6)
        for add in (sound, narrow):
            monkeypatch.setattr(covers_module.Covers, "add", add)
            search = CompactSearch(compact_of(of), Stop(sweeps=150, seconds=100))
            found = search.run()
            above[add] = above.get(add, 0) + (found.bound > exact.cost + 0.5)
            if add is sound:
                priced += search.charged is not search.compact
                plans.append(found.cost / exact.cost)
    assert priced >= 8
    assert min(plans) >= 1
    assert np.mean(plans) < 1.01
    assert above[sound] == 0
    assert above[narrow] >= 6

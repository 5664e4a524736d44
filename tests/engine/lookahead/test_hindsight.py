"""What the bench says nobody can undercut: compared with every plan there is, of small problems."""

from itertools import product

import numpy as np
import pytest
from bench.hindsight import clairvoyant

from paidan.engine.lookahead.outlook import Outlook, sets_of_sources
from paidan.engine.lookahead.pricing import Settings, prices_of

LOST = 2_000.0


def drawn(rng):
    """Up to three orders of one or two SKUs, two warehouses with little stock."""
    baskets = [np.sort(rng.choice(2, rng.integers(1, 3), replace=False)) for _order in range(rng.integers(1, 4))]
    sku_i = np.concatenate(baskets).astype(np.int32)
    return Outlook(
        expected_k=np.ones(len(baskets)),
        ptr=np.concatenate([[0], np.cumsum([len(basket) for basket in baskets])]).astype(np.int64),
        sku_i=sku_i,
        qty_i=np.ones(len(sku_i), np.int64),
        parcel_kv=np.column_stack([rng.integers(300, 900, (len(baskets), 2)), np.full(len(baskets), LOST)]).astype(
            float
        ),
        line_iv=np.column_stack([rng.integers(1, 200, (len(sku_i), 2)), np.full(len(sku_i), 400)]).astype(float),
        stock_sw=rng.integers(0, 3, (2, 2)),
        capacity_w=np.full(2, -1, np.int64),
        sets_nv=sets_of_sources(2, 2),
        whole_k=np.zeros(len(baskets), np.bool_),
    )


def least_cost(outlook):
    """The cheapest of all plans: every line from either warehouse or from nobody."""
    best, kind_i = np.inf, np.repeat(np.arange(len(outlook.expected_k)), np.diff(outlook.ptr))
    for chosen in product(range(3), repeat=len(outlook.sku_i)):
        left_sw = outlook.stock_sw.copy()
        for sku, v in zip(outlook.sku_i, chosen, strict=True):
            if v < 2:
                left_sw[sku, v] -= 1
        if (left_sw >= 0).all():
            parcels = {(int(kind), v) for kind, v in zip(kind_i, chosen, strict=True)}
            cost = sum(outlook.parcel_kv[kind, v] for kind, v in parcels)
            best = min(best, cost + sum(outlook.line_iv[line, v] for line, v in enumerate(chosen)))
    return best


def test_whoever_knows_every_order_pays_no_less_and_sometimes_just_that():
    rng, reached = np.random.default_rng(0), 0
    for _draw in range(80):
        outlook = drawn(rng)
        best = least_cost(outlook)
        bound = clairvoyant(outlook, np.zeros((2, 2)))
        assert bound <= best + 1e-6
        reached += bound == pytest.approx(best)
    assert reached >= 60


def test_prices_found_by_sweeps_prove_no_more():
    rng = np.random.default_rng(1)
    for _draw in range(20):
        outlook = drawn(rng)
        swept = prices_of(outlook, Settings(sweeps=40))
        assert swept.bound_minor <= clairvoyant(outlook, swept.price_sw) + 1e-6


def test_where_nothing_comes_nothing_is_paid():
    outlook = drawn(np.random.default_rng(2))
    nothing = Outlook(
        **{name: getattr(outlook, name) for name in outlook.__slots__} | {"expected_k": outlook.expected_k * 0}
    )
    assert clairvoyant(nothing, np.zeros((2, 2))) == 0

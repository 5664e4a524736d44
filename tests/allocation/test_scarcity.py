"""Who goes without when not everybody's pieces are there: the later, and no more of them than needed."""

import numpy as np
import pytest

from paidan.allocation.scarcity import take_what_fits
from paidan.stock.reservations import summed_pairs


def fits(stock, *owners):
    """Owners ask for {SKU: pieces}; answers which of them got everything."""
    parts = [(at, sku, qty) for at, wants in enumerate(owners) for sku, qty in wants.items()]
    at_p, sku_p, qty_p = (np.array(column) for column in zip(*parts, strict=True))
    there = np.ones(len(parts), np.int32)

    def take(chosen):
        skus, _warehouses, sums = summed_pairs(sku_p[chosen], there[chosen], qty_p[chosen])
        return np.maximum(0, sums - np.array([stock.get(sku, 0) for sku in skus.tolist()], np.int64))

    return take_what_fits(len(owners), at_p, sku_p, there, qty_p, take).tolist()


def test_everybody_is_served_when_there_is_enough():
    assert fits({1: 10}, {1: 4}, {1: 6}) == [True, True]


def test_the_last_give_way_first():
    assert fits({1: 10}, {1: 4}, {1: 6}, {1: 1}) == [True, True, False]


def test_an_owner_gets_all_its_parts_or_none():
    assert fits({1: 10, 2: 0}, {1: 4, 2: 1}, {1: 6}) == [False, True]


def test_who_gives_way_for_one_thing_frees_the_others():
    # The last cannot have 2; what it leaves of 1 is enough for the second.
    assert fits({1: 10, 2: 0}, {1: 5}, {1: 5}, {1: 5, 2: 1}) == [True, True, False]


@pytest.mark.parametrize("seed", range(20))
def test_nobody_takes_more_than_there_is(seed):
    dice = np.random.default_rng(seed)
    stock = {sku: int(dice.integers(0, 20)) for sku in (1, 2, 3)}
    owners = [{int(sku): int(dice.integers(1, 8)) for sku in dice.choice([1, 2, 3], 2, False)} for _ in range(8)]
    served = [owner for owner, got in zip(owners, fits(stock, *owners), strict=True) if got]
    for sku, there in stock.items():
        assert sum(owner.get(sku, 0) for owner in served) <= there

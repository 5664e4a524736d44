"""What stock is worth: prices of small outlooks whose dual is known, and the bound under exhaustive plans."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from paidan.engine.lookahead.outlook import Outlook, sets_of_sources
from paidan.engine.lookahead.pricing import Settings, listed_sets, prices_of

COLD = Settings(temperatures=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001), sweeps=60)


def outlook(expected, costs, stock, capacity=None, lost=10_000, most_parcels=1, baskets=None):
    """One line of one SKU per kind unless `baskets` says otherwise; costs are of the parcel."""
    costs, stock = np.array(costs, float), np.array(stock, np.int64)
    baskets = baskets or [[0]] * len(costs)
    sku_i = np.array([sku for basket in baskets for sku in basket], np.int32)
    return Outlook(
        expected_k=np.array(expected, float),
        ptr=np.concatenate([[0], np.cumsum([len(basket) for basket in baskets])]).astype(np.int64),
        sku_i=sku_i,
        qty_i=np.ones(len(sku_i), np.int64),
        parcel_kv=np.column_stack([costs, np.full(len(costs), lost)]),
        line_iv=np.zeros((len(sku_i), costs.shape[1] + 1)),
        stock_sw=stock,
        capacity_w=np.full(costs.shape[1], -1, np.int64) if capacity is None else np.array(capacity, np.int64),
        sets_nv=sets_of_sources(costs.shape[1], most_parcels),
        whole_k=np.zeros(len(costs), np.bool_),
    )


def test_plenty_of_stock_is_worth_nothing():
    pricing = prices_of(outlook([10, 10], [[500, 900], [900, 500]], [[100, 100]]), COLD)
    assert pricing.rounded()[0].tolist() == [[0, 0]]
    assert pricing.bound_minor == pytest.approx(10 * 500 + 10 * 500)


def test_the_last_pieces_are_worth_what_the_dearest_of_those_who_get_them_would_pay_elsewhere():
    # ten for Beijing (500 against 600 from Shanghai), ten for Harbin (700 against 1,500); Beijing has twelve
    pricing = prices_of(outlook([10, 10], [[500, 600], [700, 1500]], [[12, 100]]), COLD)
    price_sw, _slots = pricing.rounded()
    assert price_sw[0, 1] == 0
    assert 90 <= price_sw[0, 0] <= 110  # the marginal buyer is Beijing, who saves 100
    assert pricing.bound_minor == pytest.approx(10 * 700 + 2 * 500 + 8 * 600, rel=0.002)


def test_at_those_prices_the_near_order_goes_far_and_the_stock_stays_for_who_needs_it():
    pricing = prices_of(outlook([10, 10], [[500, 600], [700, 1500]], [[8, 100]]), COLD)
    price = pricing.rounded()[0][0, 0]
    assert 500 + price > 600  # Beijing is served from Shanghai
    assert 790 <= price <= 810  # even some of Harbin is
    assert pricing.use_iv[1, 0] == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("lost", [2_000, 10_000, 100_000])
def test_where_a_few_must_go_without_a_piece_is_worth_what_that_costs(lost):
    short = outlook([10, 40], [[500, 600], [800, 820]], [[30, 15]], lost=lost)
    price_sw, _slots = prices_of(short).rounded()
    assert price_sw[0].tolist() == pytest.approx([lost - 800, lost - 820], rel=0.02)


def test_slots_have_a_price_where_capacity_binds():
    pricing = prices_of(outlook([10, 10], [[500, 650], [500, 900]], [[100, 100]], capacity=[12, -1]), COLD)
    assert pricing.rounded()[0].tolist() == [[0, 0]]
    assert pricing.rounded()[1].tolist() == pytest.approx([150, 0], abs=10)


def test_a_warehouse_without_capacity_serves_nobody():
    pricing = prices_of(outlook([10], [[500, 650]], [[100, 100]], capacity=[0, -1]), COLD)
    assert pricing.use_iv[0].round().tolist() == [0, 10, 0]
    assert pricing.bound_minor == pytest.approx(6_500)


def test_what_nobody_has_is_left_unserved_in_the_bound():
    pricing = prices_of(outlook([10], [[500, 650]], [[0, 0]]), COLD)
    assert pricing.bound_minor == pytest.approx(10 * 10_000)
    assert pricing.rounded()[0].tolist() == [[0, 0]]


def test_an_order_of_two_skus_weighs_a_second_parcel_against_dear_stock():
    split = outlook([5], [[500, 600]], [[9, 0], [0, 9]], most_parcels=2, baskets=[[0, 1]])
    assert prices_of(split, COLD).bound_minor == pytest.approx(5 * 1_100)
    whole = outlook([5], [[500, 600]], [[9, 0], [0, 9]], most_parcels=1, baskets=[[0, 1]])
    assert prices_of(whole, COLD).bound_minor == pytest.approx(5 * 10_000)


def least_cost(costs, stock, lost):
    """The best of all assignments of one order per row to a warehouse or nobody."""
    best = np.inf
    for chosen in product(range(len(stock) + 1), repeat=len(costs)):
        if all(chosen.count(w) <= stock[w] for w in range(len(stock))):
            best = min(best, sum(lost if w == len(stock) else row[w] for row, w in zip(costs, chosen, strict=True)))
    return best


def test_the_bound_never_lies_above_the_best_plan_and_comes_near_it():
    rng = np.random.default_rng(0)
    for _draw in range(60):
        kinds, warehouses = int(rng.integers(2, 6)), int(rng.integers(1, 4))
        costs = rng.integers(100, 1_000, (kinds, warehouses))
        stock = rng.integers(0, 4, warehouses)
        best = least_cost(costs.tolist(), stock.tolist(), 2_000)
        bound = prices_of(outlook(np.ones(kinds), costs, [stock], lost=2_000), COLD).bound_minor
        assert 0.97 * best <= bound <= best + 1e-6


def test_starting_from_earlier_prices_leads_to_the_same_ones():
    outlook_ = outlook([10, 10, 30], [[500, 600], [700, 1500], [800, 820]], [[30, 15]])
    once = prices_of(outlook_, COLD)
    again = prices_of(outlook_, Settings(temperatures=(0.003, 0.001), sweeps=60), once)
    assert np.abs(once.price_sw - again.price_sw).max() <= 10


def test_the_same_outlook_gives_the_same_prices():
    outlook_ = outlook([10, 10], [[500, 600], [700, 1500]], [[12, 100]])
    assert np.array_equal(prices_of(outlook_).price_sw, prices_of(outlook_).price_sw)


def test_sets_list_the_smaller_first_and_refuse_to_explode():
    sets = sets_of_sources(3, 2)
    assert sets.sum(1).tolist() == [1] * 4 + [2] * 6 + [3] * 3  # alone; pairs, singles with nobody; pairs with nobody
    assert len({tuple(row) for row in sets.tolist()}) == len(sets)
    with pytest.raises(ValueError, match="too many"):
        sets_of_sources(40, 4)


def test_an_order_looks_at_no_set_of_more_sources_than_it_has_lines():
    two_lines = outlook([5], [[500, 600]], [[9, 0], [0, 9]], most_parcels=2, baskets=[[0, 1]])
    _members, starts, upto = listed_sets(two_lines)
    assert upto.tolist() == [0, 3, 6, 7]
    assert len(starts) == 7 + 1
    small = replace(two_lines, sets_nv=two_lines.sets_nv[:6])
    assert prices_of(two_lines, COLD).bound_minor == prices_of(small, COLD).bound_minor
    with pytest.raises(ValueError, match="smaller sets come first"):
        listed_sets(replace(two_lines, sets_nv=two_lines.sets_nv[::-1]))


def test_an_outlook_that_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="column per source"):
        outlook([1], [[1, 2]], [[1, 1]], baskets=[[]]).__class__(
            **{
                name: getattr(outlook([1], [[1, 2]], [[1, 1]]), name)
                for name in outlook([1], [[1, 2]], [[1, 1]]).__dataclass_fields__
                if name != "line_iv"
            },
            line_iv=np.zeros((1, 2)),
        )

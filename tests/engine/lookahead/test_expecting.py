"""Kinds of orders become an outlook: what they cost, who may serve them, what is scarce, and whom it is kept for."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.documents import Places, document, first, order, served, stock, warehouse

from paidan.engine.files import read_problem
from paidan.engine.lookahead.expecting import expect, kept_for
from paidan.engine.lookahead.pricing import prices_of
from paidan.engine.problem import Prices
from paidan.engine.sequential import allocate

NORTH, SOUTH = "110000", "440100"
UNLIMITED = np.array([-1, -1], np.int64)


def rate(code, region, minor):
    return {"warehouse": code, "region": region, "first_minor": minor, "next_minor": 100}


def kinds(*orders, then=None, held=None):
    """Two warehouses; the south costs more from the north than the north does from the south."""
    return read_problem(
        document(
            warehouses=[warehouse("bj"), warehouse("gz")],
            skus=[{"id": "A", "weight_g": 500}, {"id": "B", "weight_g": 500}],
            stock=stock(**(held or {"A": {"bj": 8, "gz": 100}})),
            freight=[rate("bj", NORTH, 500), rate("gz", NORTH, 700), rate("bj", SOUTH, 800), rate("gz", SOUTH, 2000)],
            policy=then or {"strategies": ["nearest"], "look_ahead": True},
            orders=list(orders),
        ),
        Places(),
    )


def test_a_kind_costs_its_freight_and_going_without_no_more_than_twice_the_dearest():
    found = expect(kinds(order(region=NORTH), order("o2", region=SOUTH)), np.array([10.0, 10.0]), UNLIMITED)
    assert found.outlook.parcel_kv.tolist() == [[500, 700, 1400], [800, 2000, 4000]]
    assert found.outlook.whole_k.all()


def test_what_there_is_plenty_of_is_no_part_of_the_outlook_but_uses_its_stock():
    problem = kinds(
        order(region=SOUTH), order("o2", {"B": 1}, region=NORTH), order("o3", {"A": 1, "B": 1}, region=SOUTH),
        held={"A": {"bj": 8, "gz": 0}, "B": {"bj": 100, "gz": 100}},
    )  # fmt: skip
    found = expect(problem, np.array([10.0, 20.0, 1.0]), UNLIMITED)
    assert found.kind_k.tolist() == [0, 2]
    assert found.outlook.stock_sw.tolist() == [[8, 0], [80, 100]]


def test_where_slots_are_scarce_every_kind_matters():
    problem = kinds(order(lines={"B": 1}, region=NORTH), held={"B": {"bj": 500}})
    assert len(expect(problem, np.array([10.0]), UNLIMITED).kind_k) == 0
    assert len(expect(problem, np.array([10.0]), np.array([5, -1])).kind_k) == 1


def test_a_kind_no_rule_or_no_warehouse_takes_is_left_out():
    nobody = kinds(order(region=NORTH), then={"look_ahead": True, "warehouses": []})
    assert len(expect(nobody, np.array([100.0]), UNLIMITED).kind_k) == 0
    unknown = kinds(order(lines={"Z": 1}, region=NORTH))
    assert len(expect(unknown, np.array([100.0]), UNLIMITED).kind_k) == 0


def test_an_order_that_may_be_split_costs_each_line_its_share():
    then = {"strategies": ["nearest"], "look_ahead": True, "split": "by_line"}
    problem = kinds(order(lines={"A": 3, "B": 1}, region=NORTH), then=then, held={"A": {"bj": 1}, "B": {"gz": 1}})
    outlook = expect(problem, np.array([9.0]), UNLIMITED).outlook
    assert outlook.parcel_kv[0, :2].tolist() == [500, 700]
    assert outlook.line_iv[:, :2].tolist() == [[75, 75], [25, 25]]
    assert len(outlook.sets_nv) > 3


def test_the_north_leaves_its_last_pieces_to_the_south_who_needs_them_more():
    problem = kinds(order(region=NORTH), order("o2", region=SOUTH))
    found = expect(problem, np.array([10.0, 10.0]), UNLIMITED)
    pricing = prices_of(found.outlook)
    price_sw, slot_w = pricing.rounded()
    assert price_sw[0, 1] == 0
    assert price_sw[0, 0] == pytest.approx(1200, abs=30)
    assert kept_for(found.outlook, pricing, np.array([0, 1], np.int32)) == {(0, 0): 1}
    blind, ahead = allocate(problem), allocate(replace(problem, prices=Prices(price_sw, slot_w)))
    assert blind.warehouse_a.tolist() == [0, 0]
    assert ahead.warehouse_a.tolist() == [1, 0]


def test_a_problem_file_can_bring_prices():
    asked = {
        "warehouses": [warehouse("bj", lat=39.9, lng=116.4), warehouse("gz", lat=23.1, lng=113.3)],
        "stock": stock(A={"bj": 3, "gz": 100}),
        "orders": [order(region=NORTH, lines={"A": 2})],
        "policy": {"look_ahead": True},
    }
    dear, slot = {"warehouse": "bj", "sku": "A", "minor": 1000}, {"warehouse": "gz", "minor": 1000}
    assert served(first(**asked)) == [("1", "bj", 2)]
    assert served(first(**asked, prices=[dear])) == [("1", "gz", 2)]  # 1,890 km, 1 each, against 2 x 1,000
    assert served(first(**asked, prices=[dear, slot])) == [("1", "bj", 2)]
    assert served(first(**(asked | {"policy": {}}), prices=[dear])) == [("1", "bj", 2)]

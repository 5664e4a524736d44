"""The problem format is read to the letter: defaults, references, and a place and remedy for every refusal."""

import json
from copy import deepcopy

import numpy as np
import pytest
from tests.engine.documents import Places, answer, document, first, order, stock

from paidan.engine.codes import Otherwise, Split, Strategy
from paidan.engine.files import ProblemError, read_problem
from paidan.engine.problem import NEVER_DUE, UNLIMITED, Action

FULL = {
    "format": "paidan-problem/1",
    "now": "2026-11-11T08:00:00+08:00",
    "mode": "sequential",
    "objective": {
        "km_minor": 1,
        "parcel_minor": 0,
        "late_minor_per_h": 0,
        "ratio_minor": 0,
        "unserved_minor": 100000,
    },
    "stop": {"seconds": 10, "gap": 0.0},
    "seed": 0,
    "warehouses": [
        {
            "id": "gz",
            "name": "Guangzhou",
            "position": 2,
            "open": True,
            "lat": 23.13,
            "lng": 113.26,
            "covers": None,
            "excludes": ["TW"],
            "capacity": 5,
            "load": 1,
            "ratio": 3,
            "timezone": "Asia/Shanghai",
            "cutoff": "16:00",
            "days_off": ["2026-11-12", "sun"],
            "handling_s": 60,
        },
        {"id": "bj", "region": "110000"},
    ],
    "teams": [
        {"id": "t1", "warehouse": "gz", "shops": ["s1"], "skills": ["vip"], "ratio": 1, "capacity": 9, "load": 2},
        {"id": "t2"},
    ],
    "skus": [{"id": "A", "weight_g": 500, "volume_cm3": 100, "category": "toy", "tags": ["fragile"]}],
    "stock": [{"warehouse": "gz", "sku": "A", "on_hand": 10, "reserved": 3, "safety": 2}],
    "freight": [
        {
            "warehouse": "gz",
            "carrier": "sf",
            "region": "310000",
            "first_g": 1000,
            "first_minor": 1200,
            "next_g": 1000,
            "next_minor": 500,
            "transit_s": 172800,
        }
    ],
    "rules": [
        {
            "id": "r1",
            "name": "first",
            "priority": 2,
            "when": {
                "shop": ["s1"],
                "region": ["310000"],
                "sku": ["A"],
                "category": ["toy"],
                "tag": ["vip"],
                "platform": ["jd"],
                "amount_minor": [None, 10000],
                "weight_g": [0, None],
                "lines": [1, 3],
                "pieces": [None, None],
                "remark": ["gift"],
                "not": {"tag": ["fragile"]},
            },
            "then": {
                "warehouses": ["bj", "gz"],
                "except": ["gz"],
                "strategies": ["ranked", "nearest"],
                "max_km": 1.5,
                "split": "by_piece",
                "max_parcels": 2,
                "shortage": "partial",
                "team": "skill:vip",
                "raise_priority": 3,
                "otherwise": "hold",
                "joint": True,
            },
        },
        {"id": "r0", "priority": 1},
    ],
    "orders": [
        {
            "id": "o1",
            "shop": "s1",
            "platform": "jd",
            "priority": 4,
            "paid_at": "2026-11-10T20:00:00+08:00",
            "ship_by": "2026-11-12T00:00:00Z",
            "lat": 31.23,
            "lng": 121.47,
            "amount_minor": 9900,
            "tags": ["vip"],
            "remark": "a gift",
            "lines": [{"id": "1", "sku": "A", "qty": 2}],
        },
        {"id": "o2", "region": "310115", "lines": [{"id": "1", "sku": "B", "qty": 1}]},
        {"id": "o3", "address": "nowhere", "lines": []},
    ],
}


def read(problem):
    return read_problem(problem, Places())


def test_every_key_of_the_format_is_read():
    problem = read(FULL)
    w, t = problem.warehouses, problem.teams
    assert (w.id_w, w.position_w.tolist(), w.capacity_w.tolist()) == (("gz", "bj"), [2, 2], [5, UNLIMITED])
    assert (w.load_w.tolist(), w.ratio_w.tolist(), w.excludes_w) == ([1, 0], [3, 0], (("710000",), ()))
    assert (w.lat_w.tolist(), w.lng_w.tolist()) == ([23.13, 39.9], [113.26, 116.41])
    assert (t.id_t, t.warehouse_t.tolist(), t.skills_t) == (("t1", "t2"), [0, -1], (("vip",), ()))
    assert (t.capacity_t.tolist(), t.load_t.tolist()) == ([9, UNLIMITED], [2, 0])
    assert problem.available_sw.tolist() == [[5, 0], [0, 0]]
    assert problem.skus.known_s.tolist() == [True, False]
    assert problem.freight.transit_s_f.tolist() == [172_800]
    assert [rule.id for rule in problem.rules] == ["r0", "r1"]
    assert problem.rules[1].when.amount_minor == (None, 10_000)
    assert problem.rules[1].excepted.tag == ("fragile",)
    assert problem.rules[1].then == Action(
        ("bj", "gz"),
        ("gz",),
        (Strategy.RANKED, Strategy.NEAREST),
        1500,
        Split.BY_PIECE,
        2,
        True,
        "skill:vip",
        3,
        Otherwise.HOLD,
        True,
    )
    orders = problem.orders
    assert orders.ship_by_o.tolist() == [1_794_441_600, NEVER_DUE, NEVER_DUE]
    assert orders.unresolved_o.tolist() == [False, False, True]
    assert (orders.lat_o[1], orders.lng_o[1]) == (31.22, 121.54)


def test_what_is_left_out_is_as_the_format_says():
    problem = read(document(warehouses=[{"id": "a"}, {"id": "b"}], orders=[{"lines": [{"sku": "X", "qty": 1}]}]))
    assert problem.rules[0].then == Action()
    assert problem.warehouses.position_w.tolist() == [1, 2]
    assert problem.warehouses.covers_w == (None, None)
    assert problem.warehouses.open_w.all()
    assert (problem.orders.id_o, problem.orders.id_l) == (("o1",), ("1",))
    assert problem.skus.known_s.all()


def test_the_policy_is_one_catch_all_rule():
    assert first(warehouses=[{"id": "a"}], stock=stock(A={"a": 1}), orders=[order()])["rule"] == "policy"


def test_no_rules_at_all_is_no_rule():
    decision = first(warehouses=[{"id": "a"}], stock=stock(A={"a": 1}), rules=[], orders=[order()])
    assert (decision["state"], decision["reason"], decision["rule"]) == ("unallocated", "no_rule", None)


def test_rules_of_equal_priority_stand_as_listed():
    rules = [{"id": code, "priority": priority} for code, priority in (("b", 2), ("z", 1), ("a", 1))]
    assert [rule.id for rule in read(document(warehouses=[], rules=rules, orders=[])).rules] == ["z", "a", "b"]


REFUSALS = {
    "/format": ("bad_format", "paidan-problem/2"),
    "/mode": ("bad_value", "both"),
    "/now": ("bad_time", "2026-11-11T08:00:00"),
    "/seed": ("wrong_type", 1.5),
    "/stop/seconds": ("wrong_type", True),
    "/objective/km_minor": ("out_of_range", -1),
    "/objective/metres": ("unknown_key", 1),
    "/surprise": ("unknown_key", 1),
    "/warehouses/0/id": ("wrong_type", 5),
    "/warehouses/1/id": ("duplicate", "gz"),
    "/warehouses/0/open": ("wrong_type", 1),
    "/warehouses/0/lat": ("out_of_range", 91),
    "/warehouses/0/lng": ("missing_key", None),
    "/warehouses/0/capacity": ("wrong_type", 1.0),
    "/warehouses/0/load": ("wrong_type", True),
    "/warehouses/0/ratio": ("out_of_range", 10**30),
    "/warehouses/0/timezone": ("bad_time", "Asia/Nowhere"),
    "/warehouses/0/cutoff": ("bad_time", "25:00"),
    "/warehouses/0/days_off/0": ("bad_time", "2026-02-30"),
    "/warehouses/0/days_off/1": ("bad_time", "Sunday"),
    "/warehouses/0/excludes/0": ("bad_region", "Shanghai"),
    "/warehouses/0/handling_s": ("out_of_range", -5),
    "/teams/0/warehouse": ("unknown_reference", "sh"),
    "/teams/0/id": ("bad_value", "shop"),
    "/teams/1/id": ("duplicate", "t1"),
    "/skus/0/tags": ("wrong_type", "fragile"),
    "/stock/0/warehouse": ("unknown_reference", "sh"),
    "/stock/0/on_hand": ("wrong_type", "10"),
    "/freight/0/next_g": ("out_of_range", 0),
    "/freight/0/transit_s": ("wrong_type", None),
    "/rules/1/id": ("duplicate", "r1"),
    "/rules/0/priority": ("wrong_type", "high"),
    "/rules/0/when/colour": ("unknown_key", ["red"]),
    "/rules/0/when/shop": ("wrong_type", "s1"),
    "/rules/0/when/shop/0": ("bad_value", ""),
    "/rules/0/when/amount_minor": ("bad_value", [5, 4]),
    "/rules/0/when/lines": ("bad_value", [1]),
    "/rules/0/when/pieces/0": ("wrong_type", 1.5),
    "/rules/0/when/not/colour": ("unknown_key", []),
    "/rules/0/when/payment": ("unknown_key", ["cod"]),
    "/rules/0/then/warehouses": ("bad_value", "all"),
    "/rules/0/then/warehouses/1": ("unknown_reference", "sh"),
    "/rules/0/then/except/0": ("unknown_reference", "sh"),
    "/rules/0/then/strategies": ("bad_value", []),
    "/rules/0/then/strategies/0": ("bad_value", "closest"),
    "/rules/0/then/strategies/1": ("duplicate", "ranked"),
    "/rules/0/then/max_km": ("wrong_type", "5"),
    "/rules/0/then/split": ("bad_value", "sometimes"),
    "/rules/0/then/max_parcels": ("out_of_range", 0),
    "/rules/0/then/shortage": ("bad_value", "wait"),
    "/rules/0/then/team": ("unknown_reference", "nobody"),
    "/rules/0/then/otherwise": ("bad_value", "drop"),
    "/rules/0/then/joint": ("wrong_type", "yes"),
    "/policy": ("conflict", {"split": "never"}),
    "/orders/1/id": ("duplicate", "o1"),
    "/orders/0/ship_by": ("bad_time", "tomorrow"),
    "/orders/0/paid_at": ("bad_time", "2026-11-10 20:00"),
    "/orders/0/lat": ("missing_key", None),
    "/orders/0/priority": ("wrong_type", False),
    "/orders/0/tags/0": ("wrong_type", 7),
    "/orders/0/lines/0/qyt": ("unknown_key", 1),
    "/orders/0/lines/0/qty": ("out_of_range", -1),
    "/orders/0/lines/0/sku": ("bad_value", ""),
    "/orders/1/region": ("bad_region", "shanghai"),
}


def changed(pointer, value):
    problem = deepcopy(FULL)
    *way, last = pointer.strip("/").split("/")
    place = problem
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return problem


@pytest.mark.parametrize("pointer", REFUSALS)
def test_it_is_refused_with_its_place(pointer):
    code, value = REFUSALS[pointer]
    with pytest.raises(ProblemError) as refusal:
        read(changed(pointer, value))
    assert (refusal.value.code, refusal.value.path) == (code, pointer)
    assert refusal.value.message


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ProblemError) as refusal:
        read(changed("/warehouses/0/lat", value))
    assert refusal.value.path == "/warehouses/0/lat"


def test_four_strategies_are_refused():
    with pytest.raises(ProblemError, match="one to three"):
        read(changed("/rules/0/then/strategies", ["ranked", "nearest", "cheapest", "fastest"]))


@pytest.mark.parametrize("key", ["format", "warehouses", "orders"])
def test_what_is_required_is_asked_for(key):
    problem = deepcopy(FULL)
    del problem[key]
    with pytest.raises(ProblemError) as refusal:
        read(problem)
    assert (refusal.value.code, refusal.value.path) == ("missing_key", f"/{key}")


@pytest.mark.parametrize("key", ["ship_by", "cutoff"])
def test_now_is_asked_for_where_time_matters(key):
    problem = deepcopy(FULL)
    del (
        problem["now"],
        problem["orders" if key == "cutoff" else "warehouses"][0]["ship_by" if key == "cutoff" else "cutoff"],
    )
    with pytest.raises(ProblemError) as refusal:
        read(problem)
    assert (refusal.value.code, refusal.value.path) == ("now_missing", "/now")


def test_an_order_too_heavy_to_be_counted_is_refused():
    heavy = document(
        warehouses=[{"id": "a"}], skus=[{"id": "A", "weight_g": 10**9}], orders=[order(lines={"A": 2**50})]
    )
    with pytest.raises(ProblemError) as refusal:
        read(heavy)
    assert refusal.value.path == "/orders/0/lines"


@pytest.mark.parametrize("value", [None, [], "problem", 5])
def test_a_problem_is_an_object(value):
    with pytest.raises(ProblemError) as refusal:
        read(value)
    assert (refusal.value.code, refusal.value.path) == ("wrong_type", "")


def test_a_slash_in_an_unknown_key_is_escaped():
    with pytest.raises(ProblemError) as refusal:
        read({**FULL, "a/b~": 1})
    assert refusal.value.path == "/a~1b~0"


def test_the_answer_is_the_plan_format_and_is_json():
    given = answer(
        warehouses=[{"id": "bj", "region": "110000"}, {"id": "gz", "region": "440100"}],
        teams=[{"id": "t1", "warehouse": "gz"}],
        stock=stock(A={"gz": 5, "bj": 1}),
        orders=[order("o2", {"A": 2}, region="310115", priority=1), order("o1", {"A": 9}, region="310115")],
    )
    assert json.loads(json.dumps(given)) == given
    assert set(given) == {"format", "orders", "stats"}
    assert given["format"] == "paidan-plan/1"
    assert [o["id"] for o in given["orders"]] == ["o2", "o1"]
    assert given["orders"][0] == {
        "id": "o2",
        "state": "allocated",
        "rule": "policy",
        "reason": None,
        "allocations": [
            {
                "warehouse": "gz",
                "team": "t1",
                "distance_m": given["orders"][0]["allocations"][0]["distance_m"],
                "freight_minor": 1216,
                "lines": [{"line": "1", "sku": "A", "qty": 2}],
            }
        ],
        "open": [],
        "candidates": [{"warehouse": "bj", "rank": 1, "reason": "stock_short"}],
    }
    assert given["orders"][1]["open"] == [{"line": "1", "qty": 9, "reason": "stock_short"}]
    assert given["stats"] == {
        "orders": 2,
        "allocated": 1,
        "parcels": 1,
        "freight_minor": 1216,
        "objective": 101_216,
        "bound": None,
        "gap": None,
        "seconds": 0.0,
    }


def test_orders_are_answered_as_listed_though_taken_by_priority():
    given = answer(
        warehouses=[{"id": "a"}],
        stock=stock(A={"a": 1}),
        orders=[order("late", priority=0), order("soon", priority=5)],
    )
    assert [(o["id"], o["state"]) for o in given["orders"]] == [("late", "unallocated"), ("soon", "allocated")]


def test_two_readings_of_one_document_are_equal():
    once, again = read(FULL), read(deepcopy(FULL))
    assert np.array_equal(once.available_sw, again.available_sw)
    assert once.rules == again.rules

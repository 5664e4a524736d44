"""One sentence per feature of the allocation (design §3), each through a document in the problem format."""

import pytest
from tests.engine.documents import answer, first, lost, order, served, stock

GZ = {"id": "gz", "lat": 23.13, "lng": 113.26}
BJ = {"id": "bj", "lat": 39.90, "lng": 116.41}
SHANGHAI = {"lat": 31.23, "lng": 121.47}
DAY = 86_400


def where(**problem):
    """The warehouse the first order goes to, None if to none or several."""
    warehouses = {a["warehouse"] for a in first(**problem)["allocations"]}
    return warehouses.pop() if len(warehouses) == 1 else None


def two(**policy):
    return {"warehouses": [GZ, BJ], "stock": stock(A={"gz": 5, "bj": 5}), "policy": policy}


def test_a_buyer_in_shanghai_gets_beijing_not_guangzhou():
    given = answer(**two(), orders=[order(**SHANGHAI)])["orders"][0]
    assert served(given) == [("1", "bj", 1)]
    assert given["allocations"][0]["distance_m"] == pytest.approx(1_067_000, abs=10_000)
    far = answer(**two(warehouses=["gz"]), orders=[order(**SHANGHAI)])["orders"][0]
    assert far["allocations"][0]["distance_m"] == pytest.approx(1_212_000, abs=10_000)


def test_the_nearest_without_stock_loses_to_the_next_and_says_so():
    problem = {"warehouses": [GZ, BJ], "stock": stock(A={"gz": 5, "bj": 0}), "orders": [order(**SHANGHAI)]}
    assert where(**problem) == "gz"
    assert lost(first(**problem)) == {"bj": "stock_short"}


def test_ranked_follows_the_rules_list_before_the_positions():
    assert where(**two(strategies=["ranked"]), orders=[order()]) == "gz"
    assert where(**two(strategies=["ranked"], warehouses=["bj", "gz"]), orders=[order()]) == "bj"


def test_cheapest_counts_further_weights_begun():
    freight = [
        {"warehouse": "gz", "carrier": "x", "first_g": 1000, "first_minor": 500, "next_g": 1000, "next_minor": 400},
        {"warehouse": "bj", "carrier": "x", "first_g": 1000, "first_minor": 800, "next_g": 1000, "next_minor": 100},
    ]
    skus = [{"id": "A", "weight_g": 1001}]
    light, heavy = order(lines={"A": 1}), order(lines={"A": 3})
    problem = {**two(strategies=["cheapest"]), "freight": freight, "skus": skus}
    assert where(**problem, orders=[light]) == "gz"
    assert first(**problem, orders=[light])["allocations"][0]["freight_minor"] == 900
    assert where(**problem, orders=[heavy]) == "bj"
    assert first(**problem, orders=[heavy])["allocations"][0]["freight_minor"] == 1100


def test_the_most_specific_region_prices_even_if_it_is_dearer():
    row = {"warehouse": "gz", "carrier": "x", "first_minor": 900, "region": "310000"}
    cheap = {**row, "carrier": "y", "region": None, "first_minor": 100}
    problem = {"warehouses": [GZ], "stock": stock(A={"gz": 9}), "freight": [cheap, row]}
    assert first(**problem, orders=[order(region="310115")])["allocations"][0]["freight_minor"] == 900
    assert first(**problem, orders=[order()])["allocations"][0]["freight_minor"] == 100


def test_fastest_counts_cut_off_handling_and_transit():
    freight = [
        {"warehouse": "gz", "carrier": "x", "transit_s": DAY},
        {"warehouse": "bj", "carrier": "x", "transit_s": DAY},
    ]
    closed = {**GZ, "cutoff": "07:00", "handling_s": 0}
    problem = {
        **two(strategies=["fastest"]),
        "freight": freight,
        "now": "2026-11-11T08:00:00+08:00",
        "orders": [order()],
    }
    assert where(**problem) == "gz"
    assert where(**{**problem, "warehouses": [closed, BJ]}) == "bj"
    assert where(**{**problem, "warehouses": [{**GZ, "handling_s": 60}, BJ]}) == "bj"


def test_a_day_off_moves_work_to_the_next_working_day():
    late = {
        **two(),
        "warehouses": [{**GZ, "days_off": ["2026-11-11", "thu"]}],
        "now": "2026-11-11T08:00:00+08:00",
        "stock": stock(A={"gz": 5}),
        "objective": {"km_minor": 0, "late_minor_per_h": 7},
    }
    on_friday = answer(**late, orders=[order(ship_by="2026-11-13T00:00:00+08:00")])
    assert on_friday["stats"]["objective"] == 0
    on_thursday = answer(**late, orders=[order(ship_by="2026-11-12T22:00:00+08:00")])
    assert on_thursday["stats"]["objective"] == 2 * 7


def test_most_stock_takes_the_largest_surplus_of_the_scarcest_line():
    problem = {
        "warehouses": [{"id": "a"}, {"id": "b"}],
        "stock": stock(X={"a": 100, "b": 6}, Y={"a": 2, "b": 5}),
        "policy": {"strategies": ["most_stock"]},
        "orders": [order(lines={"X": 1, "Y": 1})],
    }
    assert where(**problem) == "b"


def test_least_loaded_compares_shares_of_capacity():
    problem = {
        "warehouses": [{"id": "a", "capacity": 10, "load": 4}, {"id": "b", "capacity": 100, "load": 30}],
        "stock": stock(A={"a": 9, "b": 9}),
        "policy": {"strategies": ["least_loaded"]},
        "orders": [order()],
    }
    assert where(**problem) == "b"
    assert where(**{**problem, "warehouses": [*problem["warehouses"], {"id": "c"}]}) == "b"


def test_ratio_shares_orders_three_to_one():
    problem = {
        "warehouses": [{"id": "a", "ratio": 3}, {"id": "b", "ratio": 1}],
        "stock": stock(A={"a": 99, "b": 99}),
        "policy": {"strategies": ["ratio"]},
        "orders": [order(f"o{n}") for n in range(8)],
    }
    got = [o["allocations"][0]["warehouse"] for o in answer(**problem)["orders"]]
    assert got == ["a", "a", "b", "a"] * 2


def test_ratio_without_ratios_takes_turns_by_position():
    problem = {
        "warehouses": [{"id": "a", "position": 2}, {"id": "b", "position": 1}],
        "stock": stock(A={"a": 99, "b": 99}),
        "policy": {"strategies": ["ratio"]},
        "orders": [order(f"o{n}") for n in range(4)],
    }
    assert [o["allocations"][0]["warehouse"] for o in answer(**problem)["orders"]] == ["b", "a", "b", "a"]


def test_a_warehouse_that_cannot_serve_earns_no_credit():
    problem = {
        "warehouses": [{"id": "a", "ratio": 1}, {"id": "b", "ratio": 1}],
        "stock": stock(A={"a": 99}, B={"a": 99, "b": 99}),
        "policy": {"strategies": ["ratio"]},
        "orders": [*(order(f"a{n}", {"A": 1}) for n in range(5)), order("x", {"B": 1}), order("y", {"B": 1})],
    }
    got = [o["allocations"][0]["warehouse"] for o in answer(**problem)["orders"]]
    assert got == ["a"] * 5 + ["a", "b"]


def test_the_smallest_set_wins_over_better_ranked_larger_ones():
    problem = {
        "warehouses": [{"id": w} for w in "abcd"],
        "stock": stock(X={"a": 1, "c": 1}, Y={"b": 1, "c": 1}, Z={"d": 1}),
        "policy": {"strategies": ["fewest_parcels", "ranked"], "split": "by_line"},
        "orders": [order(lines={"X": 1, "Y": 1, "Z": 1})],
    }
    assert served(first(**problem)) == [("1", "c", 1), ("2", "c", 1), ("3", "d", 1)]


def test_without_fewest_parcels_each_line_takes_its_best_ranked():
    problem = {
        "warehouses": [{"id": w} for w in "ab"],
        "stock": stock(X={"a": 1, "b": 1}, Y={"b": 1}),
        "policy": {"strategies": ["ranked"], "split": "by_line"},
        "orders": [order(lines={"X": 1, "Y": 1})],
    }
    assert served(first(**problem)) == [("1", "a", 1), ("2", "b", 1)]


def test_max_parcels_with_partial_serves_the_most_pieces():
    problem = {
        "warehouses": [{"id": w} for w in "abc"],
        "stock": stock(X={"a": 5}, Y={"b": 4, "c": 4}, Z={"c": 3}),
        "policy": {
            "strategies": ["fewest_parcels", "ranked"],
            "split": "by_line",
            "max_parcels": 1,
            "shortage": "partial",
        },
        "orders": [order(lines={"X": 5, "Y": 4, "Z": 3})],
    }
    decision = first(**problem)
    assert served(decision) == [("2", "c", 4), ("3", "c", 3)]
    assert (decision["state"], decision["reason"]) == ("partial", "stock_short")


def test_lines_of_one_sku_compete_for_the_same_pieces():
    problem = {
        "warehouses": [{"id": "a"}, {"id": "b"}],
        "stock": stock(X={"a": 4, "b": 3}),
        "policy": {"strategies": ["fewest_parcels", "ranked"], "split": "by_line"},
        "orders": [order(lines=[("X", 3), ("X", 2), ("X", 2)])],
    }
    assert served(first(**problem)) == [("1", "b", 3), ("2", "a", 2), ("3", "a", 2)]


def test_reject_serves_all_or_nothing_and_gives_everything_back():
    problem = {
        "warehouses": [{"id": "a"}],
        "stock": stock(X={"a": 1}),
        "policy": {"strategies": ["ranked"], "split": "by_line"},
        "orders": [order("o1", {"X": 1, "Y": 1}), order("o2", {"X": 1})],
    }
    both = answer(**problem)["orders"]
    assert [(o["state"], o["reason"]) for o in both] == [("unallocated", "stock_short"), ("allocated", None)]


CANDIDATES = {
    "excluded": ({}, {"except": ["gz"]}, {}),
    "paused": ({"open": False}, {}, {}),
    "not_covered": ({"covers": ["440000"]}, {}, {}),
    "too_far": ({}, {"max_km": 1000}, {}),
    "warehouse_full": ({"capacity": 3, "load": 3}, {}, {}),
    "no_team": ({}, {"team": "skill:vip"}, {}),
    "stock_short": ({}, {}, {"lines": [{"id": "1", "sku": "A", "qty": 6}]}),
}


@pytest.mark.parametrize("reason", CANDIDATES)
def test_a_lone_candidate_names_why_it_lost(reason):
    warehouse, policy, wanted = CANDIDATES[reason]
    problem = {"warehouses": [{**GZ, **warehouse}], "stock": stock(A={"gz": 5}), "policy": policy}
    decision = first(**problem, orders=[{**order(region="310115"), **wanted}])
    assert (decision["state"], decision["reason"]) == ("unallocated", reason)
    assert lost(decision) == {"gz": reason}
    assert [line["reason"] for line in decision["open"]] == [reason]


def test_the_order_names_the_reason_of_the_candidate_that_got_furthest():
    warehouses = [{"id": "a", "open": False}, {"id": "b", "covers": ["US"]}, {"id": "c"}]
    decision = first(warehouses=warehouses, stock=stock(A={"a": 1, "b": 1}), orders=[order()])
    assert decision["reason"] == "stock_short"
    assert lost(decision) == {"a": "paused", "b": "not_covered", "c": "stock_short"}


def test_coverage_works_at_any_level_and_exclusion_wins():
    problem = {"stock": stock(A={"a": 9}), "orders": [order(region="310115")]}
    for covers in (["310115"], ["310100"], ["310000"], ["CN"], None):
        assert where(warehouses=[{"id": "a", "covers": covers}], **problem) == "a"
    for warehouse in ({"covers": ["310104"]}, {"covers": []}, {"covers": ["CN"], "excludes": ["310000"]}):
        assert where(warehouses=[{"id": "a", **warehouse}], **problem) is None


def test_an_order_without_an_address_is_served_by_who_covers_everywhere():
    problem = {"stock": stock(A={"a": 9, "b": 9}), "orders": [order()]}
    assert where(warehouses=[{"id": "a", "covers": ["CN"]}, {"id": "b"}], **problem) == "b"


def test_an_address_that_cannot_be_resolved_is_never_guessed():
    decision = first(warehouses=[GZ], stock=stock(A={"gz": 9}), orders=[order(address="somewhere")])
    assert (decision["state"], decision["reason"], decision["rule"]) == ("unallocated", "address_unresolved", None)


def test_too_late_loses_only_while_another_can_be_in_time():
    freight = [
        {"warehouse": "gz", "carrier": "x", "transit_s": DAY},
        {"warehouse": "bj", "carrier": "x", "transit_s": 3 * DAY},
    ]
    problem = {**two(), "freight": freight, "now": "2026-11-11T08:00:00+08:00"}
    in_time = first(**problem, orders=[order(ship_by="2026-11-13T08:00:00+08:00", **SHANGHAI)])
    assert served(in_time) == [("1", "gz", 1)]
    assert lost(in_time) == {"bj": "too_late"}
    assert where(**problem, orders=[order(ship_by="2026-11-11T09:00:00+08:00", **SHANGHAI)]) == "bj"


def test_each_allocation_counts_against_capacity():
    problem = {
        "warehouses": [{"id": "a", "capacity": 2}, {"id": "b"}],
        "stock": stock(A={"a": 9, "b": 9}),
        "policy": {"strategies": ["ranked"]},
        "orders": [order(f"o{n}") for n in range(3)],
    }
    assert [o["allocations"][0]["warehouse"] for o in answer(**problem)["orders"]] == ["a", "a", "b"]


TEAMS = [
    {"id": "g1", "warehouse": "gz", "ratio": 2, "skills": ["vip"]},
    {"id": "g2", "warehouse": "gz", "ratio": 1, "shops": ["s1"]},
    {"id": "free", "shops": ["s2"]},
]


def team_of(team, **more):
    allocations = first(**two(team=team), teams=TEAMS, orders=[order(**SHANGHAI, **more)])["allocations"]
    return [(a["warehouse"], a["team"]) for a in allocations]


def test_the_team_is_the_rules_the_shops_or_one_with_the_skill():
    assert team_of("warehouse") == [("bj", None)]
    assert team_of("g2") == [("gz", "g2")]
    assert team_of("free") == [("bj", "free")]
    assert team_of("skill:vip") == [("gz", "g1")]
    assert team_of("shop", shop="s1") == [("gz", "g2")]
    assert team_of("shop", shop="s2") == [("bj", "free")]
    assert team_of("shop", shop="s9") == []


def test_teams_of_a_warehouse_share_by_ratio():
    problem = {"warehouses": [GZ], "teams": TEAMS, "stock": stock(A={"gz": 9})}
    got = [o["allocations"][0]["team"] for o in answer(**problem, orders=[order(f"o{n}") for n in range(6)])["orders"]]
    assert got == ["g1", "g2", "g1"] * 2


def test_a_full_team_loses_the_candidate_and_the_next_is_tried():
    teams = [{"id": "t", "warehouse": "gz", "capacity": 1, "load": 1}]
    problem = {**two(strategies=["ranked"]), "teams": teams, "orders": [order()]}
    assert where(**problem) == "bj"
    assert lost(first(**problem)) == {"gz": "team_full"}
    alone = first(**{**problem, "warehouses": [GZ], "stock": stock(A={"gz": 1})})
    assert alone["reason"] == "team_full"


def test_what_a_rule_cannot_serve_falls_through_to_the_next_that_matches():
    rules = [
        {"id": "near", "priority": 1, "then": {"warehouses": ["gz"], "otherwise": "next"}},
        {"id": "never", "priority": 2, "when": {"shop": ["other"]}},
        {"id": "far", "priority": 3, "then": {"warehouses": ["bj"]}},
    ]
    problem = {"warehouses": [GZ, BJ], "stock": stock(A={"bj": 1}), "rules": rules, "orders": [order()]}
    decision = first(**problem)
    assert (decision["rule"], served(decision)) == ("far", [("1", "bj", 1)])
    assert lost(decision) == {"gz": "excluded"}


def test_the_rest_of_a_partly_served_order_falls_through():
    rules = [
        {
            "id": "half",
            "then": {"warehouses": ["gz"], "split": "by_piece", "shortage": "partial", "otherwise": "next"},
        },
        {"id": "rest", "then": {"split": "by_piece"}},
    ]
    problem = {
        "warehouses": [GZ, BJ],
        "stock": stock(A={"gz": 2, "bj": 9}),
        "rules": rules,
        "orders": [order(lines={"A": 5})],
    }
    decision = first(**problem)
    assert (decision["rule"], served(decision)) == ("half", [("1", "bj", 3), ("1", "gz", 2)])


def test_a_held_order_keeps_the_true_cause_on_its_lines():
    problem = {"warehouses": [GZ], "policy": {"otherwise": "hold"}, "orders": [order()]}
    decision = first(**problem)
    assert (decision["state"], decision["reason"]) == ("held", "held")
    assert decision["open"] == [{"line": "1", "qty": 1, "reason": "stock_short"}]


def test_an_unknown_sku_stops_a_whole_order_but_not_the_rest_of_a_split_one():
    problem = {"warehouses": [GZ], "skus": [{"id": "A"}], "stock": stock(A={"gz": 9}, Z={"gz": 9})}
    wanted = [order(lines={"A": 1, "Z": 1})]
    whole = first(**problem, orders=wanted)
    assert (whole["state"], whole["reason"]) == ("unallocated", "unknown_sku")
    split = first(**problem, policy={"split": "by_line", "shortage": "partial"}, orders=wanted)
    assert (split["state"], split["reason"], served(split)) == ("partial", "unknown_sku", [("1", "gz", 1)])


def test_nothing_to_serve_is_allocated_without_parcels():
    for lines in ({}, {"A": 0}):
        decision = first(warehouses=[GZ], orders=[order(lines=lines)])
        assert (decision["state"], decision["reason"], decision["allocations"]) == ("allocated", None, [])


MATCHES = [
    ({"shop": ["s1", "s2"]}, {"shop": "s2"}, {"shop": "s3"}),
    ({"platform": ["jd"]}, {"platform": "jd"}, {}),
    ({"region": ["310000"]}, {"region": "310115"}, {"region": "440100"}),
    ({"region": ["TW"]}, {"region": "710000"}, {}),
    ({"sku": ["A"]}, {}, {"lines": [{"sku": "B", "qty": 1}]}),
    ({"category": ["toy"]}, {}, {"lines": [{"sku": "B", "qty": 1}]}),
    ({"tag": ["fragile"]}, {}, {"lines": [{"sku": "B", "qty": 1}]}),
    ({"tag": ["vip"]}, {"tags": ["x", "vip"]}, {"tags": ["x"]}),
    ({"amount_minor": [100, 200]}, {"amount_minor": 200}, {"amount_minor": 201}),
    ({"weight_g": [300, None]}, {}, {"lines": [{"sku": "B", "qty": 9}]}),
    ({"lines": [2, None]}, {"lines": [{"sku": "A", "qty": 1}, {"sku": "B", "qty": 1}]}, {}),
    ({"pieces": [None, 2]}, {"lines": [{"sku": "A", "qty": 2}]}, {"lines": [{"sku": "A", "qty": 3}]}),
    ({"remark": ["礼", "gift"]}, {"remark": "送礼用"}, {"remark": "nothing"}),
    ({"not": {"shop": ["s1"]}}, {"shop": "s2"}, {"shop": "s1"}),
    ({"not": {"tag": ["vip"], "region": ["310000"]}}, {"region": "440100"}, {"region": "310115"}),
    ({"shop": ["s1"], "tag": ["vip"]}, {"shop": "s1", "tags": ["vip"]}, {"shop": "s1"}),
]


@pytest.mark.parametrize(("when", "yes", "no"), MATCHES)
def test_a_condition_holds_or_not(when, yes, no):
    problem = {
        "warehouses": [GZ],
        "skus": [{"id": "A", "weight_g": 300, "category": "toy", "tags": ["fragile"]}, {"id": "B", "weight_g": 1}],
        "rules": [{"id": "asked", "when": when}, {"id": "else"}],
    }
    rules = [first(**problem, orders=[{**order(lines={"A": 1}), **facts}])["rule"] for facts in (yes, no)]
    assert rules == ["asked", "else"]


def test_orders_are_taken_by_priority_then_ship_by_then_payment_then_as_listed():
    times = {f"2026-11-1{day}": f"2026-11-1{day}T00:00:00+08:00" for day in range(1, 4)}
    first_day, second_day, third_day = times.values()
    orders = [
        order("listed"),
        order("paid", paid_at=first_day),
        order("due_late", ship_by=third_day),
        order("due_soon", ship_by=second_day),
        order("raised", tags=["vip"]),
        order("high", priority=2),
    ]
    rules = [{"id": "vip", "when": {"tag": ["vip"]}, "then": {"raise_priority": 1}}, {"id": "all"}]
    for stocked in range(len(orders) + 1):
        given = answer(warehouses=[GZ], now=first_day, stock=stock(A={"gz": stocked}), rules=rules, orders=orders)[
            "orders"
        ]
        done = {o["id"] for o in given if o["state"] == "allocated"}
        assert done == set(["high", "raised", "due_soon", "due_late", "paid", "listed"][:stocked])


def test_two_hundred_orders_for_a_hundred_pieces_sell_exactly_a_hundred():
    given = answer(warehouses=[GZ], stock=stock(A={"gz": 100}), orders=[order(f"o{n}") for n in range(200)])
    assert given["stats"]["allocated"] == 100


def test_the_objective_adds_freight_parcels_imbalance_and_the_unserved():
    given = answer(
        warehouses=[{"id": "a", "ratio": 1}, {"id": "b", "ratio": 1}],
        stock=stock(A={"a": 2, "b": 1}),
        freight=[
            {"warehouse": "a", "carrier": "x", "first_minor": 10},
            {"warehouse": "b", "carrier": "x", "first_minor": 20},
        ],
        policy={"strategies": ["ranked"], "split": "by_piece"},
        objective={"parcel_minor": 5, "ratio_minor": 4, "unserved_minor": 1000},
        orders=[order("o1", {"A": 1}), order("o2", {"A": 2}), order("o3", {"A": 1}, priority=-2)],
    )
    # a serves o1 and half of o2, b the other half: 2 and 1 where 1.5 each is fair
    assert given["stats"]["objective"] == (10 + 10 + 20) + 5 + 4 * 1 + 1000
    assert given["stats"]["parcels"] == 3

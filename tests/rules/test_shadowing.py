"""Rules that never fire: found exactly, against every order of a small world."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from paidan.engine.problem import Condition
from paidan.engine.problem import Rule as EngineRule
from paidan.engine.regions import ancestors
from paidan.rules.shadowing import Placed, covers_in_time, never_firing

SHOPS, REGIONS, TAGS, WORDS, AMOUNTS = (
    ("a", "b"),
    ("440000", "440100", "110000"),
    ("x", "y"),
    ("急", "加急"),
    (0, 5, 10),
)


def rule(code: str, when: dict[str, Any] | None = None, excepted: dict[str, Any] | None = None, **more: Any) -> Placed:
    return Placed(code, EngineRule(code, Condition(**(when or {})), Condition(**(excepted or {}))), **more)


def orders() -> Iterator[dict[str, Any]]:
    """Every order the rules of these tests can tell apart, and some they cannot."""
    tags = [frozenset(some) for size in range(3) for some in combinations(TAGS, size)]
    remarks = ["", "急", "加急"]
    regions = [*REGIONS, "440106", None]
    for shop, region, tag, remark, amount in product((*SHOPS, "c"), regions, tags, remarks, (0, 1, 5, 6, 10, 11)):
        yield {"shop": shop, "region": region, "tag": tag, "remark": remark, "amount": amount}


def holds(condition: Condition, order: dict[str, Any], *, otherwise: bool) -> list[bool]:
    """Field by field, straight from the design."""
    low, high = condition.amount_minor
    above = set(ancestors(order["region"])) if order["region"] else set()
    return [
        order["shop"] in condition.shop if condition.shop else otherwise,
        bool(above & set(condition.region)) if condition.region else otherwise,
        bool(order["tag"] & set(condition.tag)) if condition.tag else otherwise,
        any(word in order["remark"] for word in condition.remark) if condition.remark else otherwise,
        (low is None or order["amount"] >= low) and (high is None or order["amount"] <= high)
        if condition.amount_minor != (None, None)
        else otherwise,
    ]


def matches(one: Placed, order: dict[str, Any]) -> bool:
    return all(holds(one.rule.when, order, otherwise=True)) and not any(
        holds(one.rule.excepted, order, otherwise=False)
    )


def subset(values: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


BOUND = st.none() | st.sampled_from(AMOUNTS)
RANGE = st.tuples(BOUND, BOUND).filter(lambda pair: None in pair or pair[0] <= pair[1])
CONDITION = st.builds(
    Condition,
    shop=subset(SHOPS),
    region=subset(REGIONS),
    tag=subset(TAGS),
    remark=subset(WORDS),
    amount_minor=RANGE | st.just((None, None)),
)
LIGHT = st.just(Condition()) | CONDITION


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(LIGHT, st.just(Condition()) | LIGHT, st.booleans()), min_size=1, max_size=5))
def test_what_never_fires_is_what_no_order_reaches(drawn):
    rules = [Placed(f"r{at}", EngineRule(f"r{at}", when, excepted), {}, falls)
             for at, (when, excepted, falls) in enumerate(drawn)]  # fmt: skip
    reached = set()
    for order in orders():
        for one in rules:
            if matches(one, order):
                reached.add(one.code)
                if not one.falls_through:
                    break
    found = never_firing(rules)
    assert set(found) == {one.code for one in rules} - reached
    for code, takers in found.items():
        kept = [one for one in rules if one.code in takers or one.code == code]
        assert code in never_firing(kept), "the rules named suffice"
        for spare in takers:
            assert code not in never_firing([one for one in kept if one.code != spare]), "and none is named in vain"


def test_a_wider_rule_above_takes_it_all_and_is_named():
    wide = rule("hunan", {"region": ("430000",)})
    narrow = rule("cup", {"region": ("430100",), "sku": ("CUP",)})
    assert never_firing([wide, narrow]) == {"cup": ("hunan",)}
    assert never_firing([narrow, wide]) == {}


def test_several_rules_together_take_it_all():
    below = rule("small", {"amount_minor": (0, 9)})
    parts = [
        rule("low", {"amount_minor": (None, 4)}),
        rule("idle", {"shop": ("x",)}),
        rule("high", {"amount_minor": (5, None)}),
    ]
    assert never_firing([*parts, below]) == {"small": ("low", "high")}


def test_a_rule_that_contradicts_itself_needs_nobody_above():
    assert never_firing([rule("none", {"shop": ("a",)}, {"shop": ("a",)})]) == {"none": ()}


def test_what_lets_go_or_does_not_apply_at_the_time_takes_nothing():
    below = rule("b", {"shop": ("a",)})
    assert never_firing([rule("all", falls_through=True), below]) == {}
    weekend = rule("all", limits={"weekdays": ["sat", "sun"]})
    assert never_firing([weekend, below]) == {}
    assert never_firing([weekend, replace(below, limits={"weekdays": ["sun"]})]) == {"b": ("all",)}
    assert covers_in_time(
        rule("n", limits={"hours": ["22:00", "06:00"]}), rule("m", limits={"hours": ["23:00", "01:00"]})
    )
    assert not covers_in_time(
        rule("n", limits={"hours": ["22:00", "06:00"]}), rule("m", limits={"hours": ["05:00", "07:00"]})
    )
    assert not covers_in_time(rule("n", limits={"promotion": "1111"}), rule("m"))


def test_two_hundred_rules_of_a_seller_are_judged_quickly():
    provinces = [f"{number}0000" for number in range(11, 66)]
    rules = [rule(f"r{at}", {"region": (provinces[at % 55],), "sku": (f"S{at}",)}) for at in range(200)]
    last = rule("late", {"region": ("110100",), "sku": ("S0",)})
    assert never_firing([*rules, last]) == {"late": ("r0",)}

"""Small random problems that touch every feature of the engine, from a seed."""

from __future__ import annotations

import random
from dataclasses import replace
from math import nan

import numpy as np

from paidan.engine.codes import Otherwise, Split, Strategy
from paidan.engine.problem import (
    NEVER_DUE,
    UNLIMITED,
    Action,
    Condition,
    Freight,
    Objective,
    Orders,
    Prices,
    Problem,
    Rule,
    Skus,
    Teams,
    Warehouses,
)

REGIONS = ("310115", "310104", "330106", "440106", "110105", "HK", "US", "330000", "310100")
CODES = (*REGIONS, "310000", "440000", "440100", "330100", "CN", "810000", "DE")
SHOPS, PLATFORMS = ("s1", "s2", "s3"), ("taobao", "jd")
TAGS, CATEGORIES = ("vip", "fragile", "gift"), ("food", "toy", "")
REMARKS = ("", "please wrap as a Gift", "送礼 急", "urgent", "")
NOW = 1_000_000


def some(rng: random.Random, values, low: int = 0, high: int | None = None) -> tuple:
    values = list(values)
    return tuple(rng.sample(values, rng.randint(low, min(len(values), high or len(values)))))


def maybe(rng: random.Random, chance: float, value, other):
    return value() if rng.random() < chance else other


def random_problem(seed: int, most_warehouses: int = 6, most_skus: int = 5, most_orders: int = 12) -> Problem:
    """One problem; the seed also decides how crowded, how wild and how large it is."""
    rng = random.Random(seed)
    count_w, count_s = rng.randint(1, most_warehouses), rng.randint(1, most_skus)
    count_o = rng.randint(1, most_orders)
    warehouses = random_warehouses(rng, count_w)
    teams = random_teams(rng, count_w)
    skus = random_skus(rng, count_s)
    rich = rng.choice((1, 3, 8)) * max(1, most_orders // 12)
    available = np.array([[max(0, rng.randint(-2, rich)) for _ in range(count_w)] for _ in range(count_s)], np.int64)
    rules = tuple(random_rule(rng, r, count_w, teams.id_t) for r in range(rng.randint(1, 4)))
    if rng.random() < 0.7:
        rules += (Rule("last", then=random_action(rng, count_w, teams.id_t)),)
    freight = random_freight(rng, count_w) if rng.random() < 0.6 else random_freight(rng, 0)
    orders = random_orders(rng, count_o, count_s)
    objective = Objective(km_minor=rng.choice((1, 7)))
    return Problem(warehouses, teams, freight, skus, available, rules, orders, objective)


def with_prices(problem: Problem, seed: int) -> Problem:
    """The same problem with prices on some pieces and slots, and rules that mostly look ahead and rank by money."""
    rng = random.Random(seed)
    count_s, count_w = problem.available_sw.shape

    def some_prices(*shape: int) -> np.ndarray:
        few, dear = rng.random(), rng.choice((3, 400, 4000))
        flat = [rng.randint(0, dear) if rng.random() < few else 0 for _ in range(int(np.prod(shape)))]
        return np.array(flat, np.int64).reshape(shape)

    def looking(action: Action) -> Action:
        by_money = rng.choice(((Strategy.NEAREST,), (Strategy.CHEAPEST,), (Strategy.FEWEST_PARCELS, Strategy.NEAREST)))
        strategies = by_money if rng.random() < 0.7 else action.strategies
        return replace(action, strategies=strategies, look_ahead=rng.random() < 0.8)

    slots = some_prices(count_w) if rng.random() < 0.3 else np.zeros(count_w, np.int64)
    rules = tuple(replace(rule, then=looking(rule.then)) for rule in problem.rules)
    return replace(problem, prices=Prices(some_prices(count_s, count_w), slots), rules=rules)


def limits(rng: random.Random, count: int) -> np.ndarray:
    return np.array([UNLIMITED if rng.random() < 0.6 else rng.randint(0, 4) for _ in range(count)], np.int64)


def random_warehouses(rng: random.Random, count: int) -> Warehouses:
    lat = [maybe(rng, 0.1, lambda: nan, rng.choice((23.13, 31.2, 39.9, 30.3))) for _ in range(count)]
    lng = [nan if lat[w] != lat[w] else rng.choice((113.26, 121.5, 116.4)) for w in range(count)]
    return Warehouses(
        id_w=tuple(f"w{w}" for w in range(count)),
        position_w=np.array([rng.randint(1, 3) for _ in range(count)], np.int32),
        open_w=np.array([rng.random() < 0.9 for _ in range(count)], np.bool_),
        lat_w=np.array(lat, np.float64),
        lng_w=np.array(lng, np.float64),
        covers_w=tuple(maybe(rng, 0.2, lambda: some(rng, CODES, 0, 4), None) for _ in range(count)),
        excludes_w=tuple(maybe(rng, 0.15, lambda: some(rng, CODES, 1, 2), ()) for _ in range(count)),
        capacity_w=limits(rng, count),
        load_w=np.array([rng.choice((0, 0, 1, 2)) for _ in range(count)], np.int64),
        ratio_w=np.array([rng.choice((0, 0, 1, 2, 3)) for _ in range(count)], np.int64),
        credit_w=np.array([rng.choice((0.0, 0.5, -0.25)) for _ in range(count)]),
        ready_at_w=np.array([NOW + rng.choice((0, 0, 3600, 86_400)) for _ in range(count)], np.int64),
        work_day_w=np.zeros(count, np.int32),
    )


def random_teams(rng: random.Random, count_w: int) -> Teams:
    count = rng.choice((0, 0, 2, 4, 6))
    return Teams(
        id_t=tuple(f"t{t}" for t in range(count)),
        warehouse_t=np.array([rng.randint(-1, count_w - 1) for _ in range(count)], np.int32),
        shops_t=tuple(some(rng, SHOPS, 0, 2) for _ in range(count)),
        skills_t=tuple(some(rng, ("vip", "cold"), 0, 2) for _ in range(count)),
        ratio_t=np.array([rng.choice((0, 1, 2)) for _ in range(count)], np.int64),
        capacity_t=limits(rng, count),
        load_t=np.array([rng.choice((0, 0, 1)) for _ in range(count)], np.int64),
        credit_t=np.zeros(count),
    )


def random_skus(rng: random.Random, count: int) -> Skus:
    return Skus(
        id_s=tuple(f"k{s}" for s in range(count)),
        weight_g_s=np.array([rng.choice((0, 300, 1200)) for _ in range(count)], np.int64),
        volume_cm3_s=np.array([rng.choice((0, 1000, 9000)) for _ in range(count)], np.int64),
        category_s=tuple(rng.choice(CATEGORIES) for _ in range(count)),
        tags_s=tuple(some(rng, TAGS, 0, 1) for _ in range(count)),
        known_s=np.array([rng.random() < 0.93 for _ in range(count)], np.bool_),
    )


def random_freight(rng: random.Random, count_w: int) -> Freight:
    count = rng.randint(1, 10) if count_w else 0

    def column(*values: int) -> np.ndarray:
        return np.array([rng.choice(values) for _ in range(count)], np.int64)

    return Freight(
        warehouse_f=np.array([rng.randrange(count_w) for _ in range(count)], np.int32),
        carrier_f=tuple(rng.choice(("sf", "yto")) for _ in range(count)),
        region_f=tuple(maybe(rng, 0.6, lambda: rng.choice(CODES), None) for _ in range(count)),
        first_g_f=column(0, 500, 1000),
        first_minor_f=column(0, 500, 800, 1200),
        next_g_f=column(0, 500, 1000),
        next_minor_f=column(0, 100, 500),
        transit_s_f=column(0, 3600, 86_400, 172_800),
        volumetric_cm3_per_kg_f=column(0, 0, 6000, 7),
    )


def random_action(rng: random.Random, count_w: int, teams: tuple[str, ...]) -> Action:
    ids = [f"w{w}" for w in range(count_w)]
    strategies = list(rng.sample(list(Strategy), rng.randint(1, 3)))
    if rng.random() < 0.3:
        strategies = [Strategy.FEWEST_PARCELS, *(s for s in strategies if s is not Strategy.FEWEST_PARCELS)][:3]
    team = rng.choice(("warehouse", "warehouse", "warehouse", "shop", "skill:vip", "skill:none", *teams))
    return Action(
        warehouses=maybe(rng, 0.3, lambda: some(rng, ids, 1), None),
        excluded=maybe(rng, 0.1, lambda: some(rng, ids, 1, 1), ()),
        strategies=tuple(strategies),
        max_m=maybe(rng, 0.15, lambda: rng.choice((0, 200_000, 1_100_000)), None),
        split=rng.choice((Split.NEVER, Split.BY_LINE, Split.BY_PIECE)),
        max_parcels=maybe(rng, 0.3, lambda: rng.randint(1, 3), None),
        partial=rng.random() < 0.6,
        team=team,
        raise_priority=rng.choice((0, 0, 0, 5)),
        otherwise=rng.choice((Otherwise.UNALLOCATED, Otherwise.NEXT, Otherwise.NEXT, Otherwise.HOLD)),
    )


def random_condition(rng: random.Random, chance: float) -> Condition:
    def pick(values, high: int = 2) -> tuple:
        return maybe(rng, chance, lambda: some(rng, values, 1, high), ())

    def between(top: int):
        low, high = sorted((rng.randint(0, top), rng.randint(0, top)))
        return maybe(
            rng,
            chance / 2,
            lambda: (maybe(rng, 0.8, lambda: low, None), maybe(rng, 0.8, lambda: high, None)),
            (None,) * 2,
        )

    return Condition(
        shop=pick(SHOPS),
        platform=pick(PLATFORMS, 1),
        region=pick(CODES, 3),
        sku=pick(("k0", "k1", "k2", "other")),
        category=pick(("food", "toy")),
        tag=pick(TAGS),
        remark=pick(("gift", "急", "urgent")),
        payment=pick(("cod",)),
        delivery=pick(("pickup",)),
        amount_minor=between(10),
        weight_g=between(4000),
        lines=between(3),
        pieces=between(6),
    )


def random_rule(rng: random.Random, number: int, count_w: int, teams: tuple[str, ...]) -> Rule:
    return Rule(
        f"r{number}",
        random_condition(rng, rng.choice((0.0, 0.15, 0.3))),
        random_condition(rng, rng.choice((0.0, 0.0, 0.1))),
        random_action(rng, count_w, teams),
    )


def random_orders(rng: random.Random, count: int, count_s: int) -> Orders:
    sizes = [rng.choice((1, 1, 2, 3, 4)) for _ in range(count)]
    total = sum(sizes)
    due = rng.random() < 0.5
    located = [rng.random() < 0.85 for _ in range(count)]

    def index(n: int) -> np.ndarray:
        return np.array([rng.randint(-1, n - 1) for _ in range(count)], np.int32)

    return Orders(
        ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        sku_l=np.array([rng.randrange(count_s) for _ in range(total)], np.int32),
        qty_l=np.array([rng.choice((0, 1, 1, 1, 2, 2, 3, 4)) for _ in range(total)], np.int64),
        shop_o=index(len(SHOPS)),
        shops=SHOPS,
        platform_o=index(len(PLATFORMS)),
        platforms=PLATFORMS,
        region_o=index(len(REGIONS)),
        regions=REGIONS,
        lat_o=np.array([rng.choice((31.2, 23.1)) if here else nan for here in located]),
        lng_o=np.array([rng.choice((121.5, 113.3)) if here else nan for here in located]),
        unresolved_o=np.array([rng.random() < 0.04 for _ in range(count)], np.bool_),
        amount_minor_o=np.array([rng.randint(0, 12) for _ in range(count)], np.int64),
        priority_o=np.array([rng.choice((0, 0, 1, 9)) for _ in range(count)], np.int64),
        ship_by_o=np.array([NOW + rng.choice((0, 4000, 90_000)) if due else NEVER_DUE for _ in range(count)], np.int64),
        paid_at_o=np.array([rng.choice((5, 6, NEVER_DUE)) for _ in range(count)], np.int64),
        tagset_o=np.array([rng.randrange(3) for _ in range(count)], np.int32),
        tagsets=((), ("vip",), ("fragile", "gift")),
        remark_o=np.array([rng.randint(-1, len(REMARKS) - 1) for _ in range(count)], np.int32),
        remarks=REMARKS,
        payment_o=index(2),
        payments=("cod", "card"),
        delivery_o=index(1),
        deliveries=("pickup",),
        id_o=tuple(f"o{o}" for o in range(count)),
        id_l=tuple(str(line) for line in range(total)),
    )

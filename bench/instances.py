"""Large problems for the engine's benches: orders of districts over warehouses, scarce stock, realistic rules."""

from __future__ import annotations

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
    Problem,
    Rule,
    Skus,
    Teams,
    Warehouses,
)

PROVINCES = [f"{p}0000" for p in (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46)]
TAGS = ("vip", "fragile", "cold", "gift", "presale", "b2b", "return", "fast")
REMARK_WORDS = ("发票", "礼盒", "急", "送礼", "不要电话", "加固", "周末", "白天")
NOW = 1_800_000_000


def problem(orders: int, rules: int, *, warehouses: int = 20, skus: int = 20_000, seed: int = 0) -> Problem:
    """The same arguments always give the same problem: 1.6 lines per order, 0.97 of the demand in stock."""
    rng = np.random.default_rng(seed)
    stores = _warehouses(rng, warehouses, orders)
    items = _skus(rng, skus)
    ordered = _orders(rng, orders, skus)
    demand_s = np.bincount(ordered.sku_l, weights=ordered.qty_l, minlength=skus)
    mean = np.maximum(0.97 * demand_s / warehouses, 0.02)[:, None]
    stock = rng.poisson(mean * rng.gamma(1.2, 1 / 1.2, (skus, warehouses)))
    return Problem(
        stores,
        _teams(rng, warehouses, orders),
        _freight(rng, warehouses),
        items,
        np.ascontiguousarray(stock, np.int64),
        tuple(_rules(rng, rules, skus)),
        ordered,
        Objective(),
    )


def _warehouses(rng: np.random.Generator, count: int, orders: int) -> Warehouses:
    capacity = np.ceil(1.15 * orders * rng.dirichlet(np.full(count, 4.0))).astype(np.int64)
    capacity[::7] = UNLIMITED
    return Warehouses(
        id_w=tuple(f"W{w:02}" for w in range(count)),
        position_w=np.arange(count, dtype=np.int32),
        open_w=np.ones(count, np.bool_),
        lat_w=rng.uniform(22, 46, count),
        lng_w=rng.uniform(100, 124, count),
        covers_w=tuple(None if w % 5 else tuple(rng.choice(PROVINCES, 12, replace=False)) for w in range(count)),
        excludes_w=tuple(() if w % 4 else (PROVINCES[w % len(PROVINCES)],) for w in range(count)),
        capacity_w=capacity,
        load_w=np.zeros(count, np.int64),
        ratio_w=rng.integers(1, 5, count),
        credit_w=np.zeros(count),
        ready_at_w=NOW + rng.integers(0, 24, count) * 3600,
        work_day_w=np.zeros(count, np.int32),
    )


def _teams(rng: np.random.Generator, warehouses: int, orders: int) -> Teams:
    count = 2 * warehouses
    return Teams(
        id_t=tuple(f"T{t:02}" for t in range(count)),
        warehouse_t=(np.arange(count) // 2).astype(np.int32),
        shops_t=tuple((f"S{t % 30:02}",) for t in range(count)),
        skills_t=tuple(("vip",) if t % 2 else () for t in range(count)),
        ratio_t=rng.integers(1, 4, count),
        capacity_t=np.where(np.arange(count) % 3 == 0, orders // warehouses, UNLIMITED).astype(np.int64),
        load_t=np.zeros(count, np.int64),
        credit_t=np.zeros(count),
    )


def _freight(rng: np.random.Generator, warehouses: int) -> Freight:
    regions: list[str | None] = [None, *PROVINCES]
    count = warehouses * len(regions)
    return Freight(
        warehouse_f=np.repeat(np.arange(warehouses), len(regions)).astype(np.int32),
        carrier_f=tuple("sf" for _ in range(count)),
        region_f=tuple(regions * warehouses),
        first_g_f=np.full(count, 1000),
        first_minor_f=rng.integers(500, 2000, count),
        next_g_f=np.full(count, 1000),
        next_minor_f=rng.integers(100, 900, count),
        transit_s_f=rng.integers(1, 5, count) * 86_400,
        volumetric_cm3_per_kg_f=np.full(count, 6000),
    )


def _skus(rng: np.random.Generator, count: int) -> Skus:
    tags: list[tuple[str, ...]] = [() if s % 10 else (TAGS[s // 10 % len(TAGS)],) for s in range(count)]
    return Skus(
        id_s=tuple(f"K{s:05}" for s in range(count)),
        weight_g_s=rng.integers(50, 5000, count),
        volume_cm3_s=rng.integers(100, 20_000, count),
        category_s=tuple(f"C{s % 200:03}" for s in range(count)),
        tags_s=tuple(tags),
        known_s=np.ones(count, np.bool_),
    )


def _orders(rng: np.random.Generator, count: int, skus: int) -> Orders:
    sizes = rng.choice([1, 2, 3, 4, 6], count, p=[0.66, 0.19, 0.085, 0.045, 0.02])
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    popular = 1 / np.arange(1, skus + 1) ** 0.9
    districts = [f"{p[:2]}{c:02}{d:02}" for p in PROVINCES for c in range(1, 13) for d in range(1, 13)]
    region = rng.choice(len(districts), count, p=rng.dirichlet(np.full(len(districts), 0.7))).astype(np.int32)
    lat, lng = rng.uniform(20, 48, len(districts)), rng.uniform(98, 126, len(districts))
    shop = rng.integers(0, 100, count).astype(np.int32)
    promise_h = np.array([24, 48, 72, 0])[shop % 4]  # by shop; 0 = none
    paid_at = NOW - 86_400 + np.sort(rng.integers(0, 86_400, count))  # listed as they came in
    tagsets = [(), *((tag,) for tag in TAGS), *((a, b) for a in TAGS for b in TAGS if a < b)]
    remarks = ["", *(f"请{a}谢谢{n}" for n in range(300) for a in REMARK_WORDS), *(f"备注{n}" for n in range(3000))]
    return Orders(
        ptr=ptr,
        sku_l=rng.choice(skus, int(ptr[-1]), p=popular / popular.sum()).astype(np.int32),
        qty_l=rng.choice([1, 2, 3], int(ptr[-1]), p=[0.85, 0.1, 0.05]),
        shop_o=shop,
        shops=tuple(f"S{s:02}" for s in range(100)),
        platform_o=rng.integers(0, 6, count).astype(np.int32),
        platforms=tuple(f"P{p}" for p in range(6)),
        region_o=region,
        regions=tuple(districts),
        lat_o=lat[region],
        lng_o=lng[region],
        unresolved_o=rng.random(count) < 0.002,
        amount_minor_o=np.round(rng.lognormal(9, 1, count)).astype(np.int64),
        priority_o=(rng.random(count) < 0.05).astype(np.int64),
        ship_by_o=np.where(promise_h > 0, paid_at + 86_400 + promise_h * 3600, NEVER_DUE),
        paid_at_o=paid_at,
        tagset_o=np.where(rng.random(count) < 0.8, 0, rng.integers(0, len(tagsets), count)).astype(np.int32),
        tagsets=tuple(tagsets),
        remark_o=np.where(rng.random(count) < 0.9, -1, rng.integers(0, len(remarks), count)).astype(np.int32),
        remarks=tuple(remarks),
        payment_o=rng.integers(-1, 2, count).astype(np.int32),
        payments=("alipay", "cod"),
        delivery_o=np.full(count, -1, np.int32),
        deliveries=(),
    )


ACTIONS = (
    (Action(), 50),
    (Action(max_m=2_500_000, otherwise=Otherwise.NEXT), 8),
    (Action(strategies=(Strategy.CHEAPEST, Strategy.NEAREST)), 8),
    (Action(strategies=(Strategy.RANKED,), warehouses=tuple(f"W{w:02}" for w in (7, 3, 11, 0, 5))), 8),
    (Action(strategies=(Strategy.RATIO, Strategy.NEAREST)), 6),
    (Action(strategies=(Strategy.LEAST_LOADED, Strategy.NEAREST)), 6),
    (Action(team="skill:vip", raise_priority=1), 5),
    (Action(strategies=(Strategy.FEWEST_PARCELS, Strategy.NEAREST), split=Split.BY_LINE, partial=True), 5),
    (Action(strategies=(Strategy.FEWEST_PARCELS,), split=Split.BY_PIECE, max_parcels=3), 2),
    (Action(strategies=(Strategy.FASTEST, Strategy.NEAREST)), 2),
)


def _rules(rng: np.random.Generator, count: int, skus: int) -> list[Rule]:
    """`count` rules, the last of them a catch-all; each asks one to three things, one in ten also "not"."""
    weights = np.array([weight for _, weight in ACTIONS], float)
    share = np.repeat(np.arange(len(ACTIONS)), np.ceil(weights / weights.sum() * count).astype(int))
    taken = rng.permutation(share)[: count - 1]  # every kind of action is there, in its share
    rules = []
    for number in range(count - 1):
        action = ACTIONS[taken[number]][0]
        when = _condition(rng, int(rng.integers(1, 4)), count, skus)
        excepted = _condition(rng, 1, count, skus) if rng.random() < 0.1 else Condition()
        rules.append(Rule(f"R{number}", when, excepted, action))
    return [*rules, Rule("last", then=Action(strategies=(Strategy.NEAREST,)))]


def _condition(rng: np.random.Generator, fields: int, rules: int, skus: int) -> Condition:
    """Conditions on `fields` fields; the more rules there are, the narrower each is."""
    narrow = rules > 1000
    asked: dict[str, object] = {}
    known = ["shop", "region", "tag", "sku", "amount", "remark", "platform", "category", "pieces"]
    for field in rng.choice(known, fields, False):
        match field:
            case "shop":
                asked["shop"] = tuple(f"S{s:02}" for s in rng.integers(0, 100, 1 if narrow else 8))
            case "region":
                wide = PROVINCES[rng.integers(len(PROVINCES))]
                asked["region"] = (f"{wide[:2]}{rng.integers(1, 13):02}00",) if narrow else (wide,)
            case "tag":
                asked["tag"] = (str(rng.choice(TAGS)),)
            case "sku":
                asked["sku"] = tuple(f"K{s:05}" for s in rng.integers(0, skus, 3 if narrow else 100))
            case "amount":
                low = int(rng.integers(0, 40_000))
                asked["amount_minor"] = (low, low + int(rng.integers(500, 8000))) if narrow else (low, None)
            case "remark":
                asked["remark"] = (str(rng.choice(REMARK_WORDS)),)
            case "platform":
                asked["platform"] = (f"P{rng.integers(6)}",)
            case "category":
                asked["category"] = tuple(f"C{c:03}" for c in rng.integers(0, 200, 2))
            case "pieces":
                asked["pieces"] = (int(rng.integers(2, 6)), None)
    if not {"sku", "shop", "region", "tag"} & set(asked):  # no rule of a shop's takes a third of all orders
        asked["shop"] = tuple(f"S{s:02}" for s in rng.integers(0, 100, 1 if narrow else 8))
    return Condition(**asked)  # type: ignore[arg-type]

"""The stream looking ahead: what orders decided one by one cost, beside a bound: ``python -m bench.stream``.

The small family of Jasin & Sinha (2015) with the parameters of Ma (2023): ten metropolitan areas, five fulfilment
centres, twenty items, 10,000 periods. The bound is the deterministic linear program of the expected demand (DLP), so a
ratio of 1 is out of reach even for someone who knows what will be ordered; what he could reach at best on the same
sequences stands beside it as *clairvoyant*. Money is in thousandths of a dollar.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numba import njit

from bench.hindsight import clairvoyant
from paidan.engine.lookahead.ahead_kernel import price_sets
from paidan.engine.lookahead.outlook import Outlook, sets_of_sources
from paidan.engine.lookahead.pricing import Pricing, Settings, listed_sets, prices_of
from paidan.engine.problem import F64, I32, I64, Bools

INSTANCES, ARRIVALS, PERIODS = 30, 30, 10_000
AFTER, AT_LEAST = 0.02, 3  # prices are solved again after that part of the periods left, and so many periods
ITEMS, SETS_OF_A_SIZE, LARGEST = 20, 5, 5
PARCEL, PIECE, MILE = 8_759.0, 423.0, 0.541
METROS = (  # millions of people, latitude, longitude
    (19.6, 40.71, -74.01),
    (13.1, 34.05, -118.24),
    (9.5, 41.88, -87.63),
    (6.8, 32.78, -96.80),
    (6.3, 29.76, -95.37),
    (6.0, 39.95, -75.17),
    (5.9, 38.91, -77.04),
    (5.8, 25.76, -80.19),
    (5.5, 33.75, -84.39),
    (4.6, 42.36, -71.06),
)
CENTRES = ((40.6, -75.5), (39.8, -86.2), (32.8, -97.0), (37.5, -121.1), (33.6, -84.4))
FIRST = Settings(temperatures=(0.3, 0.15, 0.06, 0.03, 0.012, 0.006), sweeps=8)
AGAIN = Settings(temperatures=(0.012, 0.006), sweeps=4)


@dataclass(frozen=True)
class Family:
    """One instance: what is expected of all periods, and which centre carries what."""

    outlook: Outlook
    carries_sw: Bools


def instance(seed: int) -> Family:
    """The same seed always gives the same instance. Kinds are (region, item set), regions first."""
    rng = np.random.default_rng(seed)
    metros, centres = np.array(METROS), np.array(CENTRES)
    miles_rw, people_r = _miles(metros[:, 1:], centres), metros[:, 0] / metros[:, 0].sum()
    size_p = rng.random(1 + LARGEST)
    size_p /= size_p.sum()  # the first is the chance of no order
    baskets, chance_b = [], []
    for size in range(1, LARGEST + 1):
        weights = rng.random(SETS_OF_A_SIZE)
        for weight in weights / weights.sum():
            baskets.append(np.sort(rng.choice(ITEMS, size, replace=False)))
            chance_b.append(size_p[size] * weight)
    carries = rng.random((ITEMS, len(centres))) < 0.75
    for row in np.flatnonzero(~carries.any(1)):
        carries[row, rng.integers(len(centres))] = True
    stock = _stock(carries, miles_rw, people_r, baskets, np.array(chance_b))
    piece_rw = PIECE + MILE * miles_rw
    nobody = 2 * piece_rw.max()
    region_k = np.repeat(np.arange(len(metros)), len(baskets))
    size_k = np.tile([len(basket) for basket in baskets], len(metros))
    sku_i = np.tile(np.concatenate(baskets), len(metros)).astype(np.int32)
    line_iw = piece_rw[np.repeat(region_k, size_k)]
    outlook = Outlook(
        expected_k=PERIODS * np.outer(people_r, chance_b).ravel(),
        ptr=np.concatenate([[0], np.cumsum(size_k)]).astype(np.int64),
        sku_i=sku_i,
        qty_i=np.ones(len(sku_i), np.int64),
        parcel_kv=np.tile(np.array([PARCEL] * len(centres) + [2 * PARCEL]), (len(region_k), 1)),
        line_iv=np.column_stack([line_iw, np.full(len(line_iw), nobody)]),
        stock_sw=stock,
        capacity_w=np.full(len(centres), -1, np.int64),
        sets_nv=sets_of_sources(len(centres), len(centres)),
        whole_k=np.zeros(len(region_k), np.bool_),
    )
    return Family(outlook, carries)


def _miles(one: F64, other: F64) -> F64:
    lat, lng = (np.radians(one[:, axis])[:, None] for axis in (0, 1))
    lat2, lng2 = np.radians(other[:, 0]), np.radians(other[:, 1])
    half = np.sin((lat2 - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin((lng2 - lng) / 2) ** 2
    return np.asarray(2 * 3958.8 * np.arcsin(np.sqrt(half)))


def _stock(carries: Bools, miles_rw: F64, people_r: F64, baskets: list[Any], chance_b: F64) -> I64:
    """T d + ½ √(T d (1 − d)), d the demand per period of the regions whose nearest carrying centre it is."""
    chance_s = np.zeros(len(carries))
    for basket, chance in zip(baskets, chance_b, strict=True):
        chance_s[basket] += chance
    demand = np.zeros(carries.shape)
    for item, row in enumerate(carries):
        nearest_r = np.where(row, miles_rw, np.inf).argmin(1)
        np.add.at(demand[item], nearest_r, chance_s[item] * people_r)
    return np.rint(PERIODS * demand + 0.5 * np.sqrt(PERIODS * demand * (1 - demand))).astype(np.int64)


def arrivals(family: Family, seed: int) -> I64:
    """The kind ordered in each period; as many as there are kinds = no order."""
    chance_k = family.outlook.expected_k / PERIODS
    rng = np.random.default_rng(seed)
    return rng.choice(len(chance_k) + 1, PERIODS, p=np.append(chance_k, 1 - chance_k.sum()))


@njit(nogil=True)
def serve(
    kinds: I64,
    ptr: I64,
    sku_i: I32,
    qty_i: I64,
    parcel_kv: F64,
    line_iv: F64,
    members_n: I32,
    starts_n: I64,
    upto_l: I64,
    price_sw: F64,
    stock_sw: I64,
) -> float:
    """Serve the orders in turn, each from the set that costs least at these prices; what they really cost together.

    Takes the stock away. With all prices 0 it is the cheapest option for the order at hand.
    """
    sources, sets = parcel_kv.shape[1], len(starts_n) - 1
    value_n, source_ni, priced_iv = np.empty(sets), np.zeros((sets, 8), np.int32), np.empty((8, sources))
    open_iv, slot_w, cost = np.empty((8, sources)), np.zeros(sources - 1), 0.0
    for kind in kinds:
        if kind >= len(parcel_kv):
            continue
        first, size = ptr[kind], ptr[kind + 1] - ptr[kind]
        for line in range(size):
            for v in range(sources):
                there = v == sources - 1 or stock_sw[sku_i[first + line], v] >= qty_i[first + line]
                open_iv[line, v] = line_iv[first + line, v] if there else np.inf
        best = price_sets(
            0, size, sku_i[first:], qty_i[first:], parcel_kv[kind], open_iv, members_n, starts_n,
            upto_l[min(size, len(upto_l) - 1)], 0.0, price_sw, slot_w, value_n, source_ni, priced_iv,
        )  # fmt: skip
        for at in range(starts_n[best], starts_n[best + 1]):
            cost += parcel_kv[kind, members_n[at]]
        for line in range(size):
            v = source_ni[best, line]
            cost += open_iv[line, v]
            if v < sources - 1:
                stock_sw[sku_i[first + line], v] -= qty_i[first + line]
    return cost


def _serve(outlook: Outlook, kinds: I64, price_sw: F64, stock_sw: I64) -> float:
    o = outlook
    return float(serve(kinds, o.ptr, o.sku_i, o.qty_i, o.parcel_kv, o.line_iv, *listed_sets(o), price_sw, stock_sw))


def cheapest(family: Family, kinds: I64) -> float:
    """Each order by what costs least at once."""
    return _serve(family.outlook, kinds, np.zeros(family.outlook.stock_sw.shape), family.outlook.stock_sw.copy())


def nearest(family: Family, kinds: I64) -> float:
    """Each item from the nearest centre that carries it; lost where that has none left."""
    outlook, stock = family.outlook, family.outlook.stock_sw.copy()
    usual_iv = outlook.line_iv.copy()
    usual_iv[:, :-1][~family.carries_sw[outlook.sku_i]] = np.inf
    lines_v = usual_iv[:, :-1].argmin(1)
    cost, nobody = 0.0, stock.shape[1]
    for kind in kinds[kinds < len(outlook.expected_k)].tolist():
        used = set()
        for line in range(outlook.ptr[kind], outlook.ptr[kind + 1]):
            sku, v = outlook.sku_i[line], int(lines_v[line])
            v = v if stock[sku, v] > 0 else nobody
            if v < nobody:
                stock[sku, v] -= 1
            used.add(v)
            cost += float(outlook.line_iv[line, v])
        cost += float(outlook.parcel_kv[kind, list(used)].sum())
    return cost


def moments(after: float = AFTER, at_least: int = AT_LEAST) -> list[int]:
    """When prices are solved, and the end: the fewer periods are left, the sooner again."""
    found = [0]
    while found[-1] < PERIODS:
        found.append(min(PERIODS, found[-1] + max(at_least, int(after * (PERIODS - found[-1])))))
    return found


def looking_ahead(family: Family, kinds: I64, expected_k: F64) -> float:
    """By prices solved again and again from what is left in stock and of the `expected_k` of all periods."""
    stock, cost = family.outlook.stock_sw.copy(), 0.0
    pricing: Pricing | None = None
    for begin, end in pairwise(moments()):
        left = expected_k * (1 - begin / PERIODS)
        outlook = replace(family.outlook, expected_k=left, stock_sw=stock)
        pricing = prices_of(outlook, AGAIN if pricing else FIRST, pricing)
        cost += _serve(outlook, kinds[begin:end], pricing.price_sw, stock)
    return cost


def knowing_all(family: Family, kinds: I64) -> float:
    """What the orders that came cost at the very least."""
    came_k = np.bincount(kinds, minlength=len(family.outlook.expected_k) + 1)[:-1].astype(np.float64)
    start = prices_of(family.outlook, FIRST).price_sw
    return clairvoyant(replace(family.outlook, expected_k=came_k), start)


def wrong(expected_k: F64, seed: int) -> F64:
    """The rates of all kinds, each a fifth too high or too low."""
    return expected_k * np.random.default_rng(seed).choice([0.8, 1.2], len(expected_k))


def dlp(outlook: Outlook) -> float:
    """The item-level deterministic program, by HiGHS: shares of each line by source, a parcel where any line goes."""
    import highspy

    sources, warehouses = outlook.parcel_kv.shape[1], outlook.stock_sw.shape[1]
    kinds, lines = len(outlook.expected_k), len(outlook.sku_i)
    kind_i = np.repeat(np.arange(kinds), np.diff(outlook.ptr))
    parcel_col = np.arange(kinds * sources).reshape(kinds, sources)
    line_col = kinds * sources + np.arange(lines * sources).reshape(lines, sources)
    cost = np.concatenate(
        [
            (outlook.expected_k[:, None] * outlook.parcel_kv).ravel(),
            (outlook.expected_k[kind_i, None] * outlook.line_iv).ravel(),
        ]
    )
    pieces_i = outlook.expected_k[kind_i] * outlook.qty_i
    stock_row = lines + lines * sources + outlook.sku_i[:, None] * warehouses + np.arange(warehouses)
    linked = lines + np.arange(lines * sources)
    rows = [np.repeat(np.arange(lines), sources), linked, linked, stock_row.ravel()]
    columns = [line_col.ravel(), line_col.ravel(), parcel_col[kind_i].ravel(), line_col[:, :-1].ravel()]
    ones = np.ones(lines * sources)
    values = [ones, ones, -ones, np.repeat(pieces_i, warehouses)]
    free = np.full(lines * sources, -np.inf)
    lower = np.concatenate([np.ones(lines), free, np.full(outlook.stock_sw.size, -np.inf)])
    upper = np.concatenate([np.ones(lines), np.zeros(lines * sources), outlook.stock_sw.ravel()])
    row, column, value = (np.concatenate(part) for part in (rows, columns, values))
    by_row = np.argsort(row, kind="stable")
    model = highspy.HighsLp()
    model.num_col_, model.num_row_, model.col_cost_ = len(cost), len(lower), cost
    model.col_lower_, model.col_upper_ = np.zeros(len(cost)), np.full(len(cost), np.inf)
    model.row_lower_, model.row_upper_ = lower, upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(lower)))])
    model.a_matrix_.index_, model.a_matrix_.value_ = column[by_row], value[by_row]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    return float(solver.getInfo().objective_function_value)


def measure(instances: int = INSTANCES, sequences: int = ARRIVALS) -> dict[str, float]:
    """The mean over all instances and arrival sequences of cost ÷ DLP, by policy."""
    families = [instance(seed) for seed in range(instances)]
    bounds = [dlp(family.outlook) for family in families]
    policies: dict[str, Callable[[Family, I64, int], float]] = {
        "nearest": lambda family, kinds, _seed: nearest(family, kinds),
        "cheapest": lambda family, kinds, _seed: cheapest(family, kinds),
        "ahead": lambda family, kinds, _seed: looking_ahead(family, kinds, family.outlook.expected_k),
        "ahead, wrong": lambda family, kinds, seed: looking_ahead(
            family, kinds, wrong(family.outlook.expected_k, seed)
        ),
        "clairvoyant": lambda family, kinds, _seed: knowing_all(family, kinds),
    }

    def ratios(job: tuple[int, int]) -> list[float]:
        number, sequence = job
        seed = 1_000 * number + sequence
        kinds = arrivals(families[number], seed)
        return [policy(families[number], kinds, seed) / bounds[number] for policy in policies.values()]

    jobs = [(number, sequence) for number in range(instances) for sequence in range(sequences)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        found = np.array(list(threads.map(ratios, jobs)))
    return dict(zip(policies, found.mean(0).tolist(), strict=True))


def rows() -> list[dict[str, Any]]:
    """A row with the true rates and one with rates 20 % wrong."""
    begin = perf_counter()
    found = measure()
    print(f"# stream {perf_counter() - begin:.0f} s", file=sys.stderr)
    floor = f"nearest {found['nearest']:.3f}, cheapest {found['cheapest']:.3f}, clairvoyant {found['clairvoyant']:.4f}"
    return [
        {
            "name": name,
            "figure": f"{found[policy]:.4f} x DLP",
            "floor": floor,
            "ratio": f"{found[policy] / found['nearest']:.2f}",
            "target": f"≤ {target} x DLP",
            "verdict": "PASS" if found[policy] <= target else "FALLS SHORT",
        }
        for name, policy, target in (
            ("stream, true rates", "ahead", 1.018),
            ("stream, rates 20 % wrong", "ahead, wrong", 1.04),
        )
    ]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(measure(int(sys.argv[1]), int(sys.argv[2])))
    else:
        for row in rows():
            print(*row.values(), sep="  ")

"""The best plan of a very small problem with one rule, by trying everything; written from the problem format alone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import product
from math import inf
from typing import NamedTuple

import numpy as np
from tests.engine.random_problems import random_action, random_problem

from paidan.engine.codes import Otherwise, Split
from paidan.engine.distance import distances_m
from paidan.engine.freight import freight_tables
from paidan.engine.problem import NEVER_DUE, UNLIMITED, Objective, Problem, Rule, Teams, Warehouses
from paidan.engine.regions import coverage


class Way(NamedTuple):
    """One way to serve an order completely."""

    cost: int
    stock: Counter
    slots: Counter
    teams: Counter
    late: bool


def small_problem(seed: int) -> Problem:
    """A random problem of one rule that lets the joint solver choose, with every weight of the objective."""
    rng = random.Random(seed)
    problem = random_problem(seed, most_warehouses=3, most_skus=3, most_orders=4)
    action = random_action(rng, len(problem.warehouses.id_w), problem.teams.id_t)
    otherwise = rng.choice((Otherwise.UNALLOCATED, Otherwise.HOLD))
    orders = problem.orders
    return replace(
        problem,
        rules=(Rule("only", then=replace(action, joint=True, otherwise=otherwise)),),
        orders=replace(orders, qty_l=np.minimum(orders.qty_l, 2)),
        skus=replace(problem.skus, known_s=np.ones_like(problem.skus.known_s)),
        objective=Objective(
            km_minor=rng.choice((1, 7)),
            parcel_minor=rng.choice((0, 300)),
            late_minor_per_h=rng.choice((0, 40)),
            ratio_minor=rng.choice((0, 0, 350)),
            unserved_minor=rng.choice((100_000, 4_000)),
        ),
    )


def compact_problem(seed: int) -> Problem:
    """The same with what the compact form knows: whole orders or two parcels, teams without limits, no ratios."""
    rng = random.Random(seed)
    problem = small_problem(seed)
    teams, orders, weights = problem.teams, problem.orders, problem.objective
    rule = problem.rules[0]
    split = rng.choice((Split.NEVER, Split.BY_LINE))
    then = replace(rule.then, split=split, max_parcels=rng.choice((1, 2, 2)))
    qty_l = orders.qty_l.copy()
    for first, end in zip(orders.ptr[:-1].tolist(), orders.ptr[1:].tolist(), strict=True):
        _, once = np.unique(orders.sku_l[first:end], return_index=True)
        again = np.setdiff1d(np.arange(end - first), once)
        qty_l[first + again] = 0
    return replace(
        problem,
        rules=(replace(rule, then=then),),
        teams=replace(teams, capacity_t=np.full_like(teams.capacity_t, UNLIMITED)),
        orders=replace(orders, qty_l=qty_l),
        objective=replace(weights, ratio_minor=0),
    )


def best_objective(problem: Problem) -> float:
    """The least objective of any plan: the product of the orders' ways, cut where nothing fits any more."""
    ways_o = [ways(problem, order) for order in range(len(problem.orders.shop_o))]
    stock = Counter({key: int(value) for key, value in np.ndenumerate(problem.available_sw)})
    slots, teams = room(problem.warehouses), room(problem.teams)
    best = inf

    def decide(order: int, cost: int, taken: list[tuple[int, Way]]) -> None:
        nonlocal best
        if cost >= best:
            return
        if order == len(ways_o):
            if all(not way.late or full_in_time(problem, number, slots) for number, way in taken):
                best = min(best, cost + imbalance(problem, slots))
            return
        for way in ways_o[order]:
            uses = ((stock, way.stock), (slots, way.slots), (teams, way.teams))
            if all(left[key] >= qty for left, used in uses for key, qty in used.items()):
                for left, used in uses:
                    left.subtract(used)
                decide(order + 1, cost + way.cost, [*taken, (order, way)])
                for left, used in uses:
                    left.update(used)
        decide(order + 1, cost + unserved(problem, order), taken)

    decide(0, 0, [])
    return best


def room(of: Warehouses | Teams) -> Counter:
    """How many more allocations each can take."""
    capacity, load = (of.capacity_w, of.load_w) if isinstance(of, Warehouses) else (of.capacity_t, of.load_t)
    pairs = enumerate(zip(capacity.tolist(), load.tolist(), strict=True))
    return Counter({n: 10**6 if most == UNLIMITED else max(0, most - at) for n, (most, at) in pairs})


def unserved(problem: Problem, order: int) -> int:
    if problem.orders.qty_l[problem.orders.ptr[order] : problem.orders.ptr[order + 1]].sum() == 0:
        return 0
    return problem.objective.unserved_minor * (1 + max(0, int(problem.orders.priority_o[order])))


def imbalance(problem: Problem, slots: Counter) -> int:
    ratio_w, before = problem.warehouses.ratio_w, room(problem.warehouses)
    if not ratio_w.sum():
        return 0
    got = {w: before[w] - slots[w] for w in np.flatnonzero(ratio_w).tolist()}
    total = sum(got.values())
    off = sum(abs(got[w] - total * int(ratio_w[w]) / int(ratio_w.sum())) for w in got)
    return round(problem.objective.ratio_minor * off)


def full_in_time(problem: Problem, order: int, slots: Counter) -> bool:
    """Whether no warehouse from which the whole order would be in time has room at the end."""
    pieces = whole(problem, order)
    return all(slots[w] <= 0 for w in places(problem, order) if not parcel(problem, order, w, pieces)[1])


def whole(problem: Problem, order: int) -> Counter:
    lines = range(problem.orders.ptr[order], problem.orders.ptr[order + 1])
    pieces: Counter = Counter()
    for line in lines:
        pieces[int(problem.orders.sku_l[line])] += int(problem.orders.qty_l[line])
    return pieces


def places(problem: Problem, order: int) -> list[int]:
    """Warehouses that pass every filter before the team's."""
    orders, warehouses, then = problem.orders, problem.warehouses, problem.rules[0].then
    covered = coverage(orders.regions, warehouses.covers_w, warehouses.excludes_w)[orders.region_o[order]]
    metres = metres_of(problem, order)
    free = room(warehouses)
    return [
        w
        for w, code in enumerate(warehouses.id_w)
        if (then.warehouses is None or code in then.warehouses)
        and code not in then.excluded
        and warehouses.open_w[w]
        and covered[w]
        and (then.max_m is None or metres[w] <= then.max_m)
        and free[w] > 0
        and (teams_of(problem, order, w) != [] or then.team.startswith("skill:"))
    ]


def metres_of(problem: Problem, order: int) -> list[int]:
    orders, warehouses = problem.orders, problem.warehouses
    found = distances_m(orders.lat_o[[order]], orders.lng_o[[order]], warehouses.lat_w, warehouses.lng_w)
    return found[0].tolist()


def teams_of(problem: Problem, order: int, w: int) -> list[int]:
    """The teams that may serve there, full or not; −1: none is needed."""
    teams, then, shop = problem.teams, problem.rules[0].then, int(problem.orders.shop_o[order])
    home = teams.warehouse_t.tolist()
    if then.team == "warehouse":
        return [t for t in range(len(home)) if home[t] == w] or [-1]
    if then.team.startswith("skill:"):
        return [t for t in range(len(home)) if home[t] == w and then.team[6:] in teams.skills_t[t]]
    if then.team == "shop":
        mine = [t for t in range(len(home)) if shop >= 0 and problem.orders.shops[shop] in teams.shops_t[t]]
    else:
        mine = [t for t in range(len(home)) if teams.id_t[t] == then.team]
    return [t for t in mine if home[t] in (w, -1)]


def parcel(problem: Problem, order: int, w: int, pieces: Counter) -> tuple[int, int]:
    """Price and seconds late of a parcel."""
    freight, skus = problem.freight, problem.skus
    tables = freight_tables(freight, problem.orders.regions, len(problem.warehouses.id_w))
    group = int(tables.group_gw[problem.orders.region_o[order], w])
    weight = sum(qty * int(skus.weight_g_s[sku]) for sku, qty in pieces.items())
    volume = sum(qty * int(skus.volume_cm3_s[sku]) for sku, qty in pieces.items())
    arrives = int(problem.warehouses.ready_at_w[w])
    if group >= 0:
        rows = tables.freight_row[tables.freight_ptr_k[group] : tables.freight_ptr_k[group + 1]].tolist()
        price, transit, _ = min((price_of(freight, f, weight, volume), int(freight.transit_s_f[f]), f) for f in rows)
        arrives += transit
    else:
        metres = metres_of(problem, order)[w]
        price = (metres * problem.objective.km_minor + 500) // 1000 if metres >= 0 else 0
    due = int(problem.orders.ship_by_o[order])
    return price, 0 if due == NEVER_DUE else max(0, arrives - due)


def price_of(freight, row: int, weight: int, volume: int) -> int:
    per_kg = int(freight.volumetric_cm3_per_kg_f[row])
    charged = max(weight, -(-volume * 1000 // per_kg)) if per_kg else weight
    further, step = charged - int(freight.first_g_f[row]), int(freight.next_g_f[row])
    steps = -(-further // step) if further > 0 and step > 0 else 0
    return int(freight.first_minor_f[row]) + steps * int(freight.next_minor_f[row])


def ways(problem: Problem, order: int) -> list[Way]:
    """Every way to serve all pieces of the order."""
    orders, then, weights = problem.orders, problem.rules[0].then, problem.objective
    lines = [n for n in range(orders.ptr[order], orders.ptr[order + 1]) if orders.qty_l[n] > 0]
    if not lines or orders.unresolved_o[order]:
        return []
    open_w = places(problem, order)
    sites = [(w, t) for w in open_w for t in teams_of(problem, order, w)]
    in_time = [w for w in open_w if not parcel(problem, order, w, whole(problem, order))[1]]
    units = {
        Split.NEVER: [[(int(orders.sku_l[n]), int(orders.qty_l[n])) for n in lines]],
        Split.BY_LINE: [[(int(orders.sku_l[n]), int(orders.qty_l[n]))] for n in lines],
        Split.BY_PIECE: [[(int(orders.sku_l[n]), 1)] for n in lines for _ in range(int(orders.qty_l[n]))],
    }[then.split]
    found: dict[tuple, Way] = {}
    for picked in product(sites, repeat=len(units)):
        used = set(picked)
        if len(used) > (then.max_parcels or 99) or len({w for w, _ in used}) < len(used):
            continue
        loads: dict[int, Counter] = {w: Counter() for w, _ in used}
        for (w, _), unit in zip(picked, units, strict=True):
            for sku, qty in unit:
                loads[w][sku] += qty
        prices = [parcel(problem, order, w, pieces) for w, pieces in loads.items()]
        cost = sum(price + weights.late_minor_per_h * (late // 3600) for price, late in prices)
        way = Way(
            cost + weights.parcel_minor * (len(used) - 1),
            Counter({(sku, w): qty for w, pieces in loads.items() for sku, qty in pieces.items()}),
            Counter(dict.fromkeys(loads, 1)),
            Counter({t: 1 for _, t in used if t >= 0}),
            bool(in_time) and any(w not in in_time for w in loads),
        )
        found[(tuple(sorted(way.stock.items())), tuple(sorted(way.teams.items())))] = way
    return list(found.values())

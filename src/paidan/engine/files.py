"""The problem format: a JSON document becomes a `Problem`, a `Plan` becomes a JSON document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .network_format import read_freight, read_teams, read_warehouses
from .order_format import prices_of_rows, read_orders, read_prices, read_skus, read_stock, skus_named, stock_table
from .places import PlaceResolver, refuse_unknown
from .plan_format import PLAN_FORMAT, write_plan
from .problem import Freight, Objective, Orders, Problem, Rule, Skus
from .rule_format import priority_of, read_action, read_rule
from .strict import LARGEST, Fields, ProblemError, instant, integer, items, number, one_of, pointer, unique

__all__ = [
    "PLAN_FORMAT",
    "PROBLEM_FORMAT",
    "PlaceResolver",
    "ProblemError",
    "Run",
    "read_problem",
    "read_run",
    "write_plan",
]

PROBLEM_FORMAT: Final = "paidan-problem/1"
PROBLEM_KEYS: Final = (
    *("format", "now", "mode", "objective", "stop", "seed", "warehouses", "teams", "skus", "stock", "freight"),
    *("prices", "rules", "policy", "orders"),
)
LARGEST_KM_MINOR: Final = 10**9


def read_problem(document: object, places: PlaceResolver) -> Problem:
    """Read a problem (docs/problem-format.md), refusing whatever it does not know; raises `ProblemError`.

    Addresses and region codes are turned into places by `places`.
    """
    take = Fields(document, "", PROBLEM_KEYS)
    take("format", _format)
    take("mode", one_of("sequential", "joint"), "sequential")
    now = take("now", instant, None)
    warehouses, warehouse_numbers = read_warehouses(take("warehouses", _as_is), places, now)
    teams, team_numbers = read_teams(take("teams", _as_is, []), warehouse_numbers)
    sku_numbers, sku_rows = read_skus(take("skus", _as_is, []))
    stock = read_stock(take("stock", _as_is, []), warehouse_numbers, sku_numbers)
    prices = read_prices(take("prices", _as_is, []), warehouse_numbers, sku_numbers)
    freight = read_freight(take("freight", _as_is, []), warehouse_numbers, places)
    rules = _rules(take, places)
    _refuse_strangers(rules, warehouse_numbers, team_numbers)
    orders = read_orders(take("orders", _as_is), places, sku_numbers, now)
    objective = take("objective", _objective, Objective())
    take("stop", _stop, None)
    take("seed", integer(-LARGEST, LARGEST), 0)
    take.end()
    skus = skus_named(sku_numbers, sku_rows, all_known=not sku_rows)
    _refuse_overflow(orders, skus, freight)
    table = stock_table(stock, len(sku_numbers), len(warehouse_numbers))
    priced = prices_of_rows(prices, *table.shape)
    in_order = tuple(rule for rule, _ in rules)
    return Problem(warehouses, teams, freight, skus, table, in_order, orders, objective, priced)


def _as_is(value: object, _path: str) -> object:
    return value


def _format(value: object, path: str) -> None:
    if value != PROBLEM_FORMAT:
        raise ProblemError(
            "bad_format", path, f"This is not a {PROBLEM_FORMAT} document.", f"Write “{PROBLEM_FORMAT}”."
        )


@dataclass(frozen=True, slots=True)
class Run:
    """How a problem is to be solved: `mode`, and for the joint solver when it ends and its seed."""

    mode: str = "sequential"
    seconds: float = 10.0
    gap: float = 0.0
    seed: int = 0


def read_run(document: object) -> Run:
    """How the document wants to be solved; raises `ProblemError`."""
    take = Fields(document, "", PROBLEM_KEYS)
    mode = take("mode", one_of("sequential", "joint"), "sequential")
    seconds, gap = take("stop", _stop, (10.0, 0.0))
    return Run(mode, seconds, gap, take("seed", integer(-LARGEST, LARGEST), 0))


def _objective(value: object, path: str) -> Objective:
    take = Fields(value, path)
    known = Objective()
    weights = {
        key: take(key, integer(0, LARGEST_KM_MINOR if key == "km_minor" else LARGEST), getattr(known, key))
        for key in ("km_minor", "parcel_minor", "late_minor_per_h", "ratio_minor", "unserved_minor")
    }
    take.end()
    return Objective(**weights)


def _stop(value: object, path: str) -> tuple[float, float]:
    take = Fields(value, path)
    seconds, gap = take("seconds", number(0, 1e9), 10.0), take("gap", number(0, 1e9), 0.0)
    take.end()
    return float(seconds), float(gap)


def _rules(take: Fields, places: PlaceResolver) -> list[tuple[Rule, str]]:
    """The rules by priority, each with its path; the `policy` is one catch-all rule."""
    listed = list(items(take("rules", _as_is, []), "/rules"))
    policy = take("policy", _as_is, {})
    if not isinstance(policy, dict):
        read_action(policy, "/policy")
    if listed and policy:
        raise ProblemError("conflict", "/policy", "A problem has rules or a policy, not both.", "Leave one out.")
    if not listed and ("policy" in take.members or "rules" not in take.members):
        return [(Rule("policy", then=read_action(policy, "/policy")), "/policy")]
    seen, rules = dict[str, int](), list[tuple[int, Rule, str]]()
    for place, (entry, path) in enumerate(listed):
        rule = read_rule(entry, path, place=place, of_problem=True)
        unique(seen, rule.id, pointer(path, "id"))
        refuse_unknown(places, rule.when.region, f"{path}/when/region")
        refuse_unknown(places, rule.excepted.region, f"{path}/when/not/region")
        rules.append((priority_of(entry), rule, f"{path}/then"))
    return [(rule, path) for _, rule, path in sorted(rules, key=lambda row: row[0])]


def _refuse_strangers(rules: list[tuple[Rule, str]], warehouses: dict[str, int], teams: dict[str, int]) -> None:
    """Warehouses and teams a rule names must be there, or it would quietly serve nobody."""
    for rule, path in rules:
        for key, listed in (("warehouses", rule.then.warehouses or ()), ("except", rule.then.excluded)):
            for place, code in enumerate(listed):
                if code not in warehouses:
                    where = f"{path}/{key}/{place}"
                    raise ProblemError("unknown_reference", where, f"There is no warehouse “{code}”.")
        team = rule.then.team
        if team not in ("warehouse", "shop") and not team.startswith("skill:") and team not in teams:
            raise ProblemError("unknown_reference", f"{path}/team", f"There is no team “{team}”.")


def _refuse_overflow(orders: Orders, skus: Skus, freight: Freight) -> None:
    """Weights and prices of whole orders must stay exact in 64 bits."""
    dearest = max((int(price) for price in freight.next_minor_f), default=0)
    for order in range(len(orders.id_o)):
        lines = range(int(orders.ptr[order]), int(orders.ptr[order + 1]))
        pieces = [(int(orders.qty_l[line]), int(orders.sku_l[line])) for line in lines]
        weight = sum(qty * int(skus.weight_g_s[sku]) for qty, sku in pieces)
        volume = sum(qty * int(skus.volume_cm3_s[sku]) for qty, sku in pieces)
        if max(weight, volume) > LARGEST or weight * dearest > np.iinfo(np.int64).max // 2:
            message = "This order is too heavy, large or dear to be counted exactly."
            raise ProblemError("out_of_range", f"/orders/{order}/lines", message)

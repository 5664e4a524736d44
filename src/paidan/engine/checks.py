"""The invariants of a plan against its problem, checked from the columns alone; shares no code with the kernel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .codes import Otherwise, Outcome, Reason, Split
from .distance import distances_m
from .plan import Plan
from .problem import I64, UNLIMITED, Bools, Problem
from .regions import coverage


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant: which, of what (its index), and the figures."""

    kind: str
    index: int
    detail: str


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Every broken invariant; an empty list is a sound plan. O(lines + allocations + SKUs x warehouses)."""
    checks = (_pieces, _stock, _loads, _parcels, _places, _teams, _splits, _promises, _reasons)
    return [violation for check in checks for violation in check(problem, plan)]


def _where(kind: str, wrong: Bools, *columns: tuple[str, Sequence[int] | I64]) -> Iterator[Violation]:
    for index in np.flatnonzero(wrong).tolist():
        detail = ", ".join(f"{name} {int(values[index])}" for name, values in columns)
        yield Violation(kind, index, detail)


def _order_of_lines(problem: Problem) -> I64:
    return np.repeat(np.arange(len(problem.orders.shop_o)), np.diff(problem.orders.ptr))


def _part_columns(problem: Problem, plan: Plan) -> tuple[I64, I64]:
    """SKU and warehouse of every part."""
    return problem.orders.sku_l[plan.line_p].astype(np.int64), plan.warehouse_a[plan.allocation_p].astype(np.int64)


def _pieces(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Ordered = served + open for every line; nothing served is negative or on another order's allocation."""
    served_l = np.zeros(len(problem.orders.qty_l), np.int64)
    np.add.at(served_l, plan.line_p, plan.qty_p)
    unbalanced = served_l + plan.open_l != problem.orders.qty_l
    yield from _where("pieces", unbalanced, ("served", served_l), ("open", plan.open_l), ("qty", problem.orders.qty_l))
    yield from _where("negative_open", plan.open_l < 0, ("open", plan.open_l))
    yield from _where("empty_part", plan.qty_p <= 0, ("qty", plan.qty_p))
    foreign = _order_of_lines(problem)[plan.line_p] != plan.order_a[plan.allocation_p]
    yield from _where("foreign_line", foreign, ("line", plan.line_p.astype(np.int64)))
    pairs = plan.allocation_p.astype(np.int64) * max(1, len(served_l)) + plan.line_p
    yield from _where("part_twice", _repeated(pairs), ("line", plan.line_p.astype(np.int64)))
    unknown = ~problem.skus.known_s[problem.orders.sku_l[plan.line_p]]
    yield from _where("unknown_sku_served", unknown, ("line", plan.line_p.astype(np.int64)))


def _repeated(keys: I64) -> Bools:
    _, first = np.unique(keys, return_index=True)
    again = np.ones(len(keys), np.bool_)
    again[first] = False
    return again


def _stock(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """What is left is exactly what was there less what was served, and never below zero."""
    sku_p, warehouse_p = _part_columns(problem, plan)
    left_sw = problem.available_sw.astype(np.int64)
    np.subtract.at(left_sw, (sku_p, warehouse_p), plan.qty_p)
    yield from _where("stock_below_zero", (left_sw < 0).ravel(), ("left", left_sw.ravel()))
    wrong = left_sw != plan.available_sw
    yield from _where("stock_left", wrong.ravel(), ("left", plan.available_sw.ravel()), ("should be", left_sw.ravel()))


def _loads(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each allocation counts one for its warehouse and team, and nobody is above a capacity by it."""
    for kind, mine_a, before, capacity, after in (
        ("warehouse", plan.warehouse_a, problem.warehouses.load_w, problem.warehouses.capacity_w, plan.load_w),
        ("team", plan.team_a[plan.team_a >= 0], problem.teams.load_t, problem.teams.capacity_t, plan.load_t),
    ):
        added = np.bincount(mine_a, minlength=len(before)).astype(np.int64)
        yield from _where(f"{kind}_load", after != before + added, ("load", after), ("added", added))
        over = (capacity != UNLIMITED) & (added > 0) & (before + added > capacity)
        yield from _where(f"{kind}_over_capacity", over, ("load", before + added), ("capacity", capacity))


def _parcels(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """No allocation is empty, and an order has one per warehouse and team."""
    held_a = np.bincount(plan.allocation_p, minlength=len(plan.order_a))
    yield from _where("empty_allocation", held_a == 0, ("order", plan.order_a.astype(np.int64)))
    width_t = len(problem.teams.id_t) + 1
    keys = (plan.order_a.astype(np.int64) * len(problem.warehouses.id_w) + plan.warehouse_a) * width_t + plan.team_a + 1
    yield from _where("allocation_twice", _repeated(keys), ("order", plan.order_a.astype(np.int64)))


def _places(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each allocation's warehouse is open, covers the region, and lies within the rule's distance and list."""
    orders, warehouses = problem.orders, problem.warehouses
    order_a, warehouse_a = plan.order_a.astype(np.int64), plan.warehouse_a
    yield from _where("paused", ~warehouses.open_w[warehouse_a], ("order", order_a))
    covered = coverage(orders.regions, warehouses.covers_w, warehouses.excludes_w)
    yield from _where("not_covered", ~covered[orders.region_o[order_a], warehouse_a], ("order", order_a))
    yield from _where("unresolved_served", orders.unresolved_o[order_a], ("order", order_a))
    metres_a = _distances(problem, plan)
    yield from _where("distance", metres_a != plan.distance_m_a, ("metres", metres_a), ("said", plan.distance_m_a))
    allowed_rw = np.array([_allowed(problem, rule) for rule in range(len(problem.rules))], np.bool_)
    limit_r = np.array([_limit(rule.then.max_m) for rule in problem.rules], np.int64)
    if len(plan.rule_a):
        yield from _where("excluded", ~allowed_rw[plan.rule_a, warehouse_a], ("order", order_a))
        yield from _where("too_far", metres_a > limit_r[plan.rule_a], ("order", order_a), ("metres", metres_a))


def _limit(value: int | None) -> int:
    return int(np.iinfo(np.int64).max) if value is None else value


def _allowed(problem: Problem, rule: int) -> list[bool]:
    then = problem.rules[rule].then
    listed = problem.warehouses.id_w if then.warehouses is None else then.warehouses
    return [code in listed and code not in then.excluded for code in problem.warehouses.id_w]


def _distances(problem: Problem, plan: Plan) -> I64:
    orders, warehouses = problem.orders, problem.warehouses
    points = np.stack([orders.lat_o[plan.order_a], orders.lng_o[plan.order_a]], 1).reshape(-1, 2)
    distinct, place_a = np.unique(points, axis=0, return_inverse=True, equal_nan=True)
    metres_pw = distances_m(distinct[:, 0], distinct[:, 1], warehouses.lat_w, warehouses.lng_w)
    return metres_pw[place_a.ravel(), plan.warehouse_a].astype(np.int64)


def _teams(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Each allocation's team may serve there under its rule; none only where the warehouse has none and needs none."""
    words = {word: index for index, word in enumerate(dict.fromkeys(rule.then.team for rule in problem.rules))}
    word_r = np.array([words[rule.then.team] for rule in problem.rules], np.int64)
    if not len(plan.rule_a):
        return
    shop_a = problem.orders.shop_o[plan.order_a]
    cases = np.stack([word_r[plan.rule_a], shop_a, plan.team_a, plan.warehouse_a], 1)
    distinct, case_a = np.unique(cases, axis=0, return_inverse=True)
    asked = list(words)
    wrong = np.array([not _may_serve(problem, asked[word], *rest) for word, *rest in distinct.tolist()], np.bool_)
    order_a, team_a = plan.order_a.astype(np.int64), plan.team_a.astype(np.int64)
    yield from _where("team", wrong[case_a.ravel()], ("order", order_a), ("team", team_a))


def _may_serve(problem: Problem, asked: str, shop: int, team: int, warehouse: int) -> bool:
    teams = problem.teams
    if team < 0:
        return asked == "warehouse" and not bool((teams.warehouse_t == warehouse).any())
    home = int(teams.warehouse_t[team])
    if asked == "warehouse":
        return home == warehouse
    if asked == "shop":
        return shop >= 0 and problem.orders.shops[shop] in teams.shops_t[team] and home in (warehouse, -1)
    if asked.startswith("skill:"):
        return home == warehouse and asked.removeprefix("skill:") in teams.skills_t[team]
    return teams.id_t[team] == asked and home in (warehouse, -1)


def _splits(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """``never``: one allocation per rule and order. ``by_line``: a rule leaves a line whole. `max_parcels` holds."""
    if not len(plan.rule_a):
        return
    then_r = [rule.then for rule in problem.rules]
    split_r = np.array([then.split for then in then_r])
    most_r = np.array([1 if then.split == Split.NEVER else _limit(then.max_parcels) for then in then_r], np.int64)
    keys = plan.order_a.astype(np.int64) * len(problem.rules) + plan.rule_a
    _, first, parcels = np.unique(keys, return_index=True, return_counts=True)
    over = parcels > most_r[plan.rule_a[first]]
    yield from _where("max_parcels", over, ("order", plan.order_a[first].astype(np.int64)), ("parcels", parcels))
    rule_p = plan.rule_a[plan.allocation_p]
    whole_p = split_r[rule_p] != Split.BY_PIECE
    torn = whole_p & (plan.qty_p != problem.orders.qty_l[plan.line_p]) & ~_served_by_pieces(problem, plan, split_r)
    yield from _where("torn_line", torn, ("line", plan.line_p.astype(np.int64)), ("qty", plan.qty_p))


def _served_by_pieces(problem: Problem, plan: Plan, split_r: I64) -> Bools:
    """Parts of lines a rule that may break lines has (also) served, bool (parts,): an order may fall through rules.

    A later rule may add pieces to an allocation an earlier one made, so the order's every tried rule counts.
    """
    breaking = [rule for rule in range(len(problem.rules)) if split_r[rule] == Split.BY_PIECE]
    if not breaking:
        return np.zeros(len(plan.line_p), np.bool_)
    falls = np.array([rule.then.otherwise == Otherwise.NEXT for rule in problem.rules], np.bool_)
    order_p = plan.order_a[plan.allocation_p]
    return falls[plan.rule_o[order_p]] | np.isin(plan.rule_o[order_p], breaking)


def _promises(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Shortage ``reject`` serves all or nothing; the outcome says what became of the pieces."""
    orders = problem.orders
    order_l = _order_of_lines(problem)
    open_o = np.bincount(order_l[plan.open_l > 0], minlength=len(orders.shop_o)) > 0
    some_o = plan.served_o()
    decided = np.array([rule.then.split == Split.NEVER or not rule.then.partial for rule in problem.rules], np.bool_)
    if len(plan.rule_a):
        # all of this rule's pieces: an order its first rule half served must have been served by a partial one
        half_a = open_o[plan.order_a] & decided[plan.rule_a]
        yield from _where("half_served", half_a, ("order", plan.order_a.astype(np.int64)))
    wanted = np.where(open_o, np.where(some_o, Outcome.PARTIAL, Outcome.UNALLOCATED), Outcome.ALLOCATED)
    held = (plan.outcome_o == Outcome.HELD) & open_o
    yield from _where("outcome", (plan.outcome_o != wanted) & ~held, ("outcome", plan.outcome_o.astype(np.int64)))


def _reasons(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """A reason stands exactly where something is open, and an order that got nothing from nobody has one too."""
    del problem
    wrong_l = (plan.open_l > 0) != (plan.reason_l != Reason.NONE)
    yield from _where("line_reason", wrong_l, ("open", plan.open_l), ("reason", plan.reason_l.astype(np.int64)))
    wrong_o = (plan.outcome_o != Outcome.ALLOCATED) != (plan.reason_o != Reason.NONE)
    yield from _where("order_reason", wrong_o, ("reason", plan.reason_o.astype(np.int64)))
    held = (plan.outcome_o == Outcome.HELD) != (plan.reason_o == Reason.HELD)
    yield from _where("held_reason", held, ("reason", plan.reason_o.astype(np.int64)))

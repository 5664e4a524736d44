"""The joint solver on the engine's own problem: all orders at once, a proven bound, and the price of what is scarce."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from ..match_kernel import first_matches
from ..matching import RuleIndex, build_index
from ..objective import figures
from ..plan import JointFigures, Plan, ScarcityPrice
from ..problem import F64, I32, Bools, Problem
from ..sequential import allocate
from ..tables import Tables, compile_tables
from .assembling import assembled, in_time_first
from .balance import NO_BALANCE, Balance
from .choices import Choices, spliced, used_by
from .compact_prices import Prices
from .compact_search import CompactSearch
from .compacting import chosen_of, compacted
from .listing import Listing, keeps_chain, kept_rules, limits_of, listing_of
from .search import Found, Progress, Search
from .stop import Stop, without_compiling

MOST_CHOICES = 20_000
"""Choices of one split order under one rule, beyond which only its cheapest sites are looked at."""
ALL_CHOICES = 6_000_000
"""Choices of all split orders together."""
NO_CUT = 1 << 40
BEFORE_LATE = 0.5
"""The share of the time before it is settled which orders may be late."""
CLOSED = 1e-6
"""A gap that is none: what HiGHS proves is taken with a ten-millionth less."""
COMPACT_FROM = 40_000
"""Parcels x warehouses beyond which a problem is solved in its compact form; below, HiGHS decides it whole."""


def solve(problem: Problem, stop: Stop | None = None, seed: int = 0, progress: Progress | None = None) -> Plan:
    """Decide all orders of `problem` together at least objective (problem format), as far as `stop` lets it.

    The answer is feasible whenever it ends, never dearer than what the sequential engine makes of the same problem, and
    carries `joint`: objective, bound, gap and prices. Deterministic for a stop by sweeps; by seconds, it depends on the
    machine. Orders of rules that rank by `ranked` or `ratio` first are decided as the sequential engine does, unless
    the rule says `joint`.
    """
    with without_compiling(stop or Stop()) as clocked:
        return _solve(problem, clocked, seed, progress)


def _solve(problem: Problem, stop: Stop, seed: int, progress: Progress | None) -> Plan:
    started = stop.clock()
    tables, index = compile_tables(problem), build_index(problem)
    first_rule_o = first_matches(index, tables.ptr, tables.sku_l)
    base = allocate(problem)
    kept_o = keeps_chain(kept_rules(problem), index, tables, first_rule_o, problem)
    limit_r = limits_of(problem) - _taken(problem, base, kept_o)
    balance = _balance(problem, base, kept_o)
    constant = _constant(problem, base, kept_o)
    form = None
    if not balance.weight:
        form = compacted(problem, tables, first_rule_o, kept_o, limit_r, COMPACT_FROM)
    if form is not None:
        rest = replace_clock(stop, started)
        best = CompactSearch(form.compact, rest, seed, progress=progress, constant=form.constant).run()
        listing, chosen_o = chosen_of(form, best.at_l)
        bound, price_r, sweeps = best.bound, _flat(problem, best.prices), best.sweeps
    else:
        listing, found = _searched(
            problem, tables, index, first_rule_o, kept_o, limit_r, balance, stop, started, seed,
            _with_kept(progress, constant),
        )  # fmt: skip
        chosen_o, bound, price_r, sweeps = found.chosen_o, found.bound, found.price_r, found.sweeps
    plan = assembled(problem, tables, listing, in_time_first(problem, listing, chosen_o), base, kept_o)
    if figures(problem, plan).objective > figures(problem, base).objective:
        plan = base
    return replace(plan, joint=_figures(problem, plan, bound, price_r, sweeps, constant, int(kept_o.sum())))


def _with_kept(progress: Progress | None, constant: int) -> Progress | None:
    """The same with what the kept orders cost in every sum that is told."""
    if progress is None:
        return None
    return lambda seconds, cost, bound: progress(seconds, cost + constant, bound + constant)


def _searched(
    problem: Problem, tables: Tables, index: RuleIndex, first_rule_o: I32, kept_o: Bools, limit_r: F64,
    balance: Balance, stop: Stop, started: float, seed: int, progress: Progress | None,
) -> tuple[Listing, Found]:  # fmt: skip
    """The general way: all choices listed."""
    splits = max(1, int(sum(bool(tables.split_a[a]) for a in tables.action_r[first_rule_o[first_rule_o >= 0]])))
    most = int(np.clip(ALL_CHOICES // splits, 60, MOST_CHOICES))
    listing = listing_of(problem, tables, index, first_rule_o, kept_o, limit_r, most)
    proof = _proof(problem, tables, index, first_rule_o, listing, balance)
    late = bool(listing.late_c.any())
    first_stop = replace_clock(stop, started)
    if late:
        first_stop = replace(first_stop, seconds=BEFORE_LATE * first_stop.seconds)
    found = Search(listing.choices, first_stop, seed, balance=balance, proof=proof, progress=progress).run()
    if not late:
        return listing, found
    return listing, _with_late(problem, listing, found, proof, balance, replace_clock(stop, started), seed, progress)


def _with_late(
    problem: Problem, listing: Listing, found: Found, proof: Choices | None, balance: Balance, stop: Stop, seed: int,
    progress: Progress | None,
) -> Found:  # fmt: skip
    """The better of a plan without the orders that may not be late in it, and of one searched without such choices.

    Which orders may be late depends on which warehouses are full: taken from the plan found, it is a guess for the
    second, whose other late orders give way. The bound is that of all choices.
    """
    choices = listing.choices
    allowed_o = in_time_first(problem, listing, found.chosen_o)
    if (allowed_o == found.chosen_o).all() and found.gap <= max(stop.gap, CLOSED):
        return found
    cells, count_w = problem.available_sw.size, len(problem.warehouses.id_w)
    left_w = (choices.limit_r - used_by(choices, found.chosen_o))[cells : cells + count_w]
    owner_c = np.repeat(np.arange(len(choices.unserved_o)), np.diff(choices.ptr_o))
    early_o: Bools = np.any(listing.in_time_ow & (left_w > 0), axis=1)
    barred_c = listing.late_c & early_o[owner_c]
    fewer = choices._replace(cost_c=np.where(barred_c, choices.unserved_o[owner_c] + choices.cost_c, choices.cost_c))
    proof = proof or choices
    search = Search(fewer, stop, seed, balance=balance, start_o=allowed_o, proof=proof, progress=progress)
    again = search.run()
    chosen_o = min(allowed_o, in_time_first(problem, listing, again.chosen_o), key=search.cost_of)
    best = found if found.bound >= again.bound else again
    return replace(best, chosen_o=chosen_o, cost=search.cost_of(chosen_o), sweeps=found.sweeps + again.sweeps)


def _flat(problem: Problem, prices: Prices) -> F64:
    """Prices of the compact form as those of resources: stock, warehouses, teams."""
    teams = np.zeros(len(problem.teams.id_t))
    return np.concatenate([prices.stock_sn[:, :-1].ravel(), prices.slot_n[:-1], teams]).astype(np.float64)


def replace_clock(stop: Stop, started: float) -> Stop:
    """The same stop with the seconds that are left."""
    return replace(stop, seconds=max(0.0, stop.seconds - (stop.clock() - started)))


def _taken(problem: Problem, plan: Plan, kept_o: Bools) -> F64:
    """What the kept orders use of every resource."""
    mine_a = kept_o[plan.order_a]
    mine_p = mine_a[plan.allocation_p]
    count_w, count_t = len(problem.warehouses.id_w), len(problem.teams.id_t)
    cells = (
        problem.orders.sku_l[plan.line_p[mine_p]].astype(np.int64) * count_w
        + plan.warehouse_a[plan.allocation_p[mine_p]]
    )
    team_a = plan.team_a[mine_a]
    return np.concatenate(
        [
            np.bincount(cells, plan.qty_p[mine_p], problem.available_sw.size),
            np.bincount(plan.warehouse_a[mine_a], minlength=count_w),
            np.bincount(team_a[team_a >= 0], minlength=count_t),
        ]
    ).astype(np.float64)


def _balance(problem: Problem, base: Plan, kept_o: Bools) -> Balance:
    ratio_w = problem.warehouses.ratio_w
    if not problem.objective.ratio_minor or not ratio_w.sum():
        return NO_BALANCE
    of_ratio = np.flatnonzero(ratio_w > 0)
    got_w = np.bincount(base.warehouse_a[kept_o[base.order_a]], minlength=len(ratio_w))[of_ratio]
    share = ratio_w[of_ratio] / ratio_w.sum()
    return Balance(
        problem.available_sw.size + of_ratio, share, got_w.astype(np.float64), float(problem.objective.ratio_minor)
    )


def _proof(
    problem: Problem, tables: Tables, index: RuleIndex, first_rule_o: I32, listing: Listing, balance: Balance
) -> Choices | None:
    """The choices the bound is proven on; None: all choices are listed, so it is those.

    An order whose choices are not all listed counts with the sites of its scarcest line only: every way to serve it
    uses one of them and costs no less. With ratios, a slot's surcharge may be negative, so there it costs nothing at
    all.
    """
    cut_o = listing.cut_o
    if not cut_o.any():
        return None
    if balance.weight:
        unserved_o = np.where(cut_o, 0.0, listing.choices.unserved_o)
        cut_c = np.repeat(cut_o, np.diff(listing.choices.ptr_o))
        return listing.choices._replace(unserved_o=unserved_o, cost_c=np.where(cut_c, np.inf, listing.choices.cost_c))
    never_late = replace(problem, objective=replace(problem.objective, late_minor_per_h=0))
    limit_r = listing.choices.limit_r
    loose = listing_of(never_late, tables, index, first_rule_o, ~cut_o, limit_r, NO_CUT, loosely=True)
    return spliced(listing.choices, loose.choices, cut_o)


def _constant(problem: Problem, base: Plan, kept_o: Bools) -> int:
    """What the kept orders cost, whatever the others do (deviation from ratios apart)."""
    weights, mine_a = problem.objective, kept_o[base.order_a]
    per_order = np.bincount(base.order_a[mine_a], minlength=len(kept_o))
    open_o = kept_o & (base.outcome_o != 2)
    unserved = int((1 + np.maximum(0, problem.orders.priority_o[open_o])).sum())
    return (
        int(base.freight_minor_a[mine_a].sum())
        + weights.parcel_minor * int(np.maximum(per_order - 1, 0).sum())
        + weights.late_minor_per_h * int((base.late_s_a[mine_a] // 3600).sum())
        + weights.unserved_minor * unserved
    )


def _figures(
    problem: Problem, plan: Plan, proven: float, price_r: F64, sweeps: int, constant: int, kept: int
) -> JointFigures:
    objective = figures(problem, plan).objective
    rounding = 0.5 if problem.objective.ratio_minor else 0.0
    bound = max(0, ceil(constant + proven - rounding - 1e-6 - 1e-9 * abs(proven)))
    gap = 0.0 if objective == bound else None if bound == 0 else (objective - bound) / bound
    return JointFigures(objective, bound, gap, sweeps, tuple(_prices(problem, price_r)), kept)


def _prices(problem: Problem, price_r: F64) -> list[ScarcityPrice]:
    """What one more of each scarce thing would save, dearest first."""
    count_w, cells = len(problem.warehouses.id_w), problem.available_sw.size
    prices = []
    for r in np.flatnonzero(price_r >= 0.5).tolist():
        sku, warehouse, team = -1, -1, -1
        if r < cells:
            sku, warehouse = divmod(r, count_w)
        elif r < cells + count_w:
            warehouse = r - cells
        else:
            team = r - cells - count_w
        prices.append(ScarcityPrice(sku, warehouse, team, round(float(price_r[r]))))
    return sorted(prices, key=lambda price: (-price.minor, price.sku, price.warehouse, price.team))

"""The test of looking ahead: the past days decided again, blind and with prices made only from what was known then.

Prices are used while this says that they would have cost no more than a hundredth above what the same rules cost
without them. Orders are decided by today's rules in both; what people did by hand is kept in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection, transaction

from paidan.allocation.ahead.demand import Demand, local, midnight, read_demand
from paidan.allocation.ahead.force import look_ahead_asked, settings
from paidan.allocation.ahead.forecast import LEAST_DAYS, TRAINED_DAYS, Forecast, foresee
from paidan.allocation.ahead.solving import slots_until, solve
from paidan.allocation.models import LookAhead
from paidan.engine.codes import Outcome, Reason, Strategy
from paidan.engine.problem import F64, I64, Objective, Prices
from paidan.network.columns import network_at
from paidan.rules.queries import RuleSet, VersionRules, published_rules

from .comparing import side_by_side
from .figures import parcels_of
from .foresight import Moment, nothing
from .history import distinct, positions, read_history
from .replay import Assumptions, Replayed, Run, prepare_all

DAYS = 7
MOST_ORDERS = 300_000
"""Of more orders the latest days alone are decided again, at least one."""
LEAST_ORDERS = 100
AGAIN = timedelta(hours=6)
"""In the test prices are solved again after so long; in earnest more often."""
WORSE = 0.01
WAITS = (Reason.WAREHOUSE_FULL, Reason.TEAM_FULL, Reason.HELD)
"""What is open for one of these is not lost: it waits for another day, or for somebody."""


class Untestable(Exception):
    """Too little is known; `why` is the verdict."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Foreseeing:
    """Solves prices while a replay goes on, from the whole days before the moment and the stock the replay has."""

    demand: Demand
    sku_ids: Any  # the replay's
    rules: RuleSet
    days: int
    solved_at: datetime | None = None
    prices: Prices | None = None
    times: int = 0

    def __call__(self, moment: Moment) -> Prices | None:
        if self.solved_at is None or moment.now - self.solved_at >= AGAIN:
            self.solved_at = moment.now
            forecast = foresee(self.demand.past, local(moment.now), self.days)
            self.prices = None if forecast is None else self._solve(moment, forecast)
            self.times += self.prices is not None
        return self.prices

    def _solve(self, moment: Moment, forecast: Forecast) -> Prices:
        mine, theirs = self.demand.skus.ids.astype(np.int64), self.sku_ids.astype(np.int64)
        at = positions(mine, theirs)
        available_sw = np.where(at[:, None] >= 0, np.maximum(moment.free_sw[np.maximum(at, 0)], 0), 0)
        problem = self.demand.problem(
            moment.network, moment.warehouses, moment.teams, self.rules.rules, available_sw, self.rules.objective
        )
        solved = solve(self.demand, forecast, problem, slots_until(moment.warehouses, self.days)).prices
        price_sw = np.zeros(moment.free_sw.shape, np.int64)
        price_sw[at[at >= 0]] = solved.price_sw[at >= 0]
        return Prices(price_sw, solved.slot_w)


def back_test(*, now: datetime) -> LookAhead:
    """Decide the past days again with and without looking ahead, keep what came of it and whether to trust it."""
    began = perf_counter()
    try:
        found = _tested(now)
    except Untestable as untestable:
        found = {"verdict": untestable.why}
    found["seconds"] = round(perf_counter() - began, 1)
    row, _created = LookAhead.objects.get_or_create(pk=1)
    row.trusted, row.tested_at, row.test = found["verdict"] in ("better", "alike"), now, found
    row.save(update_fields=["trusted", "tested_at", "test"])
    return row


def verdict_of(blind_minor: int, ahead_minor: int) -> str:
    """`better`, `alike` (no more than a hundredth worse) or `worse`."""
    if ahead_minor < blind_minor:
        return "better"
    return "alike" if ahead_minor <= blind_minor * (1 + WORSE) else "worse"


def _tested(now: datetime) -> dict[str, Any]:
    rules, network = published_rules(now), network_at(now)
    if rules.version is None:
        raise Untestable("no_rules")
    demand = read_demand(now, network, rules.rules, days=TRAINED_DAYS + DAYS)
    days = _days_to_test(demand)
    today = local(now).date()
    since, until = midnight(today - timedelta(days=days)), midnight(today)
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        history = read_history(since, until)
        if len(history.order_ids) < LEAST_ORDERS:
            raise Untestable("too_few")
        blind, ahead = prepare_all(history, [Assumptions(version=rules.version)] * 2)
    asked = look_ahead_asked(rules.rules)
    if not asked:
        rules = replace(rules, rules=tuple(map(_looking, rules.rules)))
        ahead.rules = {key: _all_looking(one) for key, one in ahead.rules.items()}
    foreseeing = Foreseeing(demand, ahead.past.skus.ids, rules, settings().horizon_days)
    blind.foresight, ahead.foresight = nothing, foreseeing
    one, other = side_by_side(blind, ahead, None)
    objective = Objective(**rules.objective)
    by_day = _costs(blind, one, objective), _costs(ahead, other, objective)
    sums = tuple(sum(costs.values()) for costs in by_day)
    return {
        "verdict": verdict_of(*sums),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "asked": asked,
        "orders": len(history.order_ids),
        "moved": _moved(one, other),
        "blind_minor": sums[0],
        "ahead_minor": sums[1],
        "days": [
            [day.isoformat(), by_day[0].get(day, 0), by_day[1].get(day, 0)] for day in sorted({*by_day[0], *by_day[1]})
        ],
        "solved": foreseeing.times,
        **_errors(demand, since, days),
    }


def _days_to_test(demand: Demand) -> int:
    """The latest whole days, so many that a forecast can be made before the first of them."""
    counts = demand.past.count_d
    begun = int(np.flatnonzero(counts)[0]) if counts.any() else len(counts)
    days = min(DAYS, len(counts) - begun - LEAST_DAYS)
    while days > 1 and counts[-days:].sum() > MOST_ORDERS:
        days -= 1
    first = midnight(demand.past.day(len(counts) - max(1, days)))
    if days < 1 or foresee(demand.past, local(first), 1) is None:
        raise Untestable("too_few_days")
    return days


def _looking(rule: Any) -> Any:
    money = {Strategy.NEAREST, Strategy.CHEAPEST} & set(rule.then.strategies)
    return replace(rule, then=replace(rule.then, look_ahead=True)) if money else rule


def _all_looking(rules: VersionRules) -> VersionRules:
    return replace(rules, rows=tuple((key, limits, _looking(rule)) for key, limits, rule in rules.rows))


def _costs(run: Run, replayed: Replayed, objective: Objective) -> dict[date, int]:
    """What a replay cost by the objective but for its part for ratios, each order on the day of its last try."""
    order_o = distinct(replayed.order_n)
    parcels = parcels_of(replayed)
    at_n = positions(replayed.order_n, order_o)
    wave_o, lost_o = np.zeros(len(order_o), np.int64), np.zeros(len(order_o), np.bool_)
    lost_n = (replayed.outcome_n != Outcome.ALLOCATED) & ~np.isin(replayed.reason_n, WAITS)
    wave_o[at_n], lost_o[at_n] = replayed.wave_n, lost_n  # the last of an order's tries stays written
    at_a = positions(replayed.order_a[parcels.row_a], order_o)
    cost_a = replayed.freight_minor_a[parcels.row_a] + objective.late_minor_per_h * (
        replayed.late_s_a[parcels.row_a] // 3600
    )
    cost_o = np.bincount(at_a, cost_a, len(order_o)).astype(np.int64)
    cost_o += objective.parcel_minor * np.maximum(0, np.bincount(at_a, minlength=len(order_o)) - 1)
    priority_o = run.past.orders.priority_o[positions(order_o, run.past.id_o)]
    cost_o += np.where(lost_o, objective.unserved_minor * (1 + np.maximum(0, priority_o)), 0)
    day_of = {wave.row.pk: local(wave.row.started_at).date() for wave in run.waves}
    found: dict[date, int] = {}
    for wave, cost in zip(wave_o.tolist(), cost_o.tolist(), strict=True):
        day = day_of[wave]
        found[day] = found.get(day, 0) + cost
    return found


def _moved(one: Replayed, other: Replayed) -> int:
    """Orders that another warehouse serves."""
    served: list[dict[int, frozenset[int]]] = []
    for replayed in (one, other):
        rows = parcels_of(replayed).row_a
        places: dict[int, set[int]] = {}
        for order, warehouse in zip(replayed.order_a[rows].tolist(), replayed.warehouse_a[rows].tolist(), strict=True):
            places.setdefault(order, set()).add(warehouse)
        served.append({order: frozenset(mine) for order, mine in places.items()})
    return sum(served[0].get(order) != served[1].get(order) for order in {*served[0], *served[1]})


def _errors(demand: Demand, since: datetime, days: int) -> dict[str, float]:
    """How far the forecast made when the period began was off: Σ |pieces expected − pieces ordered| ÷ Σ ordered.

    By SKU, and by SKU and province.
    """
    forecast = foresee(demand.past, local(since), days)
    assert forecast is not None
    known = len(demand.past.count_d)
    off_k = demand.expected(forecast.weight_d), demand.came(known - days, known - 1)
    kind_l = np.repeat(np.arange(len(demand.group_k)), np.diff(demand.orders.ptr))
    sku_l = demand.orders.sku_l.astype(np.int64)
    province_l = demand.group_k[kind_l].astype(np.int64) // 10_000
    return {
        "error_sku": _error(off_k, kind_l, demand.orders.qty_l, sku_l),
        "error_region": _error(off_k, kind_l, demand.orders.qty_l, sku_l * 1_000 + province_l),
    }


def _error(off_k: tuple[F64, F64], kind_l: I64, qty_l: I64, key_l: I64) -> float:
    _keys, at_l = np.unique(key_l, return_inverse=True)
    expected, came = (np.bincount(at_l, of_k[kind_l] * qty_l) for of_k in off_k)
    return round(float(np.abs(expected - came).sum() / came.sum()), 4) if came.sum() else 0.0

"""The replay: the waves of a period decided again, one after the other, on the stock and load of their time.

What people did by hand is kept as it was, and so is what buyers and teams did: an order that was cancelled gives back
what the replay gave it. Between two waves the book (stock, loads, ratio credits) is brought up to date; a wave is
decided by the same engine that decides live orders. What was allocated then and is not in the replay is tried again in
the first wave of every later day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from paidan.allocation.models import JointRun, Wave
from paidan.allocation.snapshot import ratio_key
from paidan.allocation.states import WaveMode
from paidan.engine.joint import Stop, solve
from paidan.engine.plan import Plan
from paidan.engine.problem import F64, I32, I64, UNLIMITED, Objective, Problem, Teams, Warehouses
from paidan.engine.sequential import allocate
from paidan.network.columns import Network, as_of, network_at
from paidan.rules.models import RuleSetVersion
from paidan.rules.queries import RuleSet, VersionRules, version_rules

from .book import Book, Made, Piece, open_book
from .facts import Facts
from .foresight import Foresight, Moment, Recorded
from .history import History, instants_of, positions, tally
from .otherwise import Added, Sharing, network_with
from .past import PastOrders, orders_as_of, read_orders

Progress = Callable[[int, int], None]
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed instead of what was. Empty: everything as it was, each wave under the rules it had.

    Ratios and capacities by id; a capacity of None is no limit.
    """

    version: RuleSetVersion | None = None
    ratio_w: Mapping[int, int] = field(default_factory=dict)
    ratio_t: Mapping[int, int] = field(default_factory=dict)
    capacity_w: Mapping[int, int | None] = field(default_factory=dict)
    capacity_t: Mapping[int, int | None] = field(default_factory=dict)
    paused: frozenset[int] = frozenset()
    opened: frozenset[int] = frozenset()
    added: tuple[Added, ...] = ()
    freight_percent: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the replay decided. Axes: a allocations, p their parts, n tries (an order in a wave)."""

    wave_a: I64
    order_a: I64  # order ids
    warehouse_a: I32  # ids
    team_a: I32  # ids, 0 = none
    rule_a: I32
    day_a: I32
    freight_minor_a: I64
    distance_m_a: I64
    late_s_a: I64
    allocation_p: I64
    line_p: I64  # line ids
    qty_p: I64
    wave_n: I64
    order_n: I64
    outcome_n: npt.NDArray[np.int8]
    reason_n: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Wave:
    row: Wave
    at: int
    event: int
    tried: I64  # order ids, ascending
    served: I64  # those of them that something was allocated of


def replay(history: History, assumed: Assumptions, progress: Progress | None = None) -> Replayed:
    """Decide the period's waves again. `progress(done, of)` is told after each; what it raises ends the replay."""
    return prepare(history, assumed).play(progress)


def prepare(history: History, assumed: Assumptions) -> Run:
    """Read all a replay needs; playing it then asks the database nothing."""
    return prepare_all(history, [assumed])[0]


def prepare_all(history: History, several: Sequence[Assumptions]) -> list[Run]:
    """Read once what several replays of one period need."""
    waves = _waves(history)
    versions = {wave.row.version_id: wave.row.version for wave in waves if wave.row.version}
    versions.update({assumed.version.pk: assumed.version for assumed in several if assumed.version})
    rules = {version.pk: version_rules(version) for version in versions.values() if version}
    past = read_orders(history, tuple(rule for one in rules.values() for _key, _limits, rule in one.rows))
    network = network_at(history.until)
    book = open_book(history, past, [one.id for one in network.warehouses])
    return [Run(history, past, network, rules, assumed, waves, deepcopy(book)) for assumed in several]


def _waves(history: History) -> list[_Wave]:
    """The waves in the order in which they wrote, each with the orders it tried."""
    tries = history.tries
    rows = {
        row.pk: row
        for row in Wave.objects.filter(pk__in=np.unique(tries["wave"]).tolist()).select_related("version", "joint")
    }
    by_wave = np.argsort(tries["wave"], kind="stable")
    ids, starts = np.unique(tries["wave"][by_wave], return_index=True)
    first = tries["id"][by_wave[starts]].astype(np.int64)
    at = instants_of(first)
    found = []
    for key, event, mine in zip(ids.tolist(), first.tolist(), np.split(by_wave, starts[1:]), strict=True):
        orders = np.unique(tries["order"][mine]).astype(np.int64)
        served = np.unique(tries["order"][mine[tries["assigned"][mine]]]).astype(np.int64)
        found.append(_Wave(rows[key], at[event], event, orders, served))
    return sorted(found, key=lambda wave: wave.event)


def _decided_as(wave: Wave, problem: Problem) -> Plan:
    """One by one or jointly, as the wave decided; a joint one has the seconds and the gap it had."""
    run: JointRun | None = getattr(wave, "joint", None)
    if wave.mode != WaveMode.JOINT or run is None:
        return allocate(problem)
    return solve(problem, Stop(seconds=run.seconds, gap=run.gap))


class Run:
    """One replay under way."""

    def __init__(
        self,
        history: History,
        past: PastOrders,
        network: Network,
        rules: Mapping[int, VersionRules],
        assumed: Assumptions,
        waves: list[_Wave],
        book: Book,
    ) -> None:
        self.waves, self.book = waves, book
        self.history, self.past, self.rules, self.assumed = history, past, rules, assumed
        self.network = network_with(network, assumed.added, assumed.freight_percent, history.until)
        self.warehouse_ids = np.array([w.id for w in self.network.warehouses], np.int32)
        sharing = Sharing(tuple(one.stock_percent for one in assumed.added))
        book.free_sw = sharing.opened(book.free_sw)
        self.team_ids = np.array([*(t.id for t in self.network.teams), 0], np.int32)
        self.foresight: Foresight = Recorded((one.row for one in waves), past.skus.ids, self.warehouse_ids)
        self.facts = Facts(history, past, self.warehouse_ids, sharing)
        self.changes = iter(self.facts.in_order())
        self.coming = next(self.changes, None)
        self.kept: list[dict[str, npt.NDArray[Any]]] = []
        self.made = 0
        self.left: set[int] = set()
        self.last_day = 0

    def play(self, progress: Progress | None = None) -> Replayed:
        """Decide every wave."""
        for done, wave in enumerate(self.waves, 1):
            self.decide(wave)
            if progress:
                progress(done, len(self.waves))
        return self.replayed()

    def decide(self, wave: _Wave) -> None:
        self._catch_up(wave)
        now = _EPOCH + timedelta(microseconds=wave.at)
        network = as_of(self.network, now)
        chosen = positions(self._due(wave, network), self.past.id_o).astype(np.int64)
        ptr, lines, open_l = self._open(chosen)
        sums = np.concatenate(([0], np.cumsum(open_l)))
        wanted = sums[ptr[1:]] > sums[ptr[:-1]]
        if not wanted.any():
            return
        if not wanted.all():
            chosen = chosen[wanted]
            ptr, lines, open_l = self._open(chosen)
        version = self.assumed.version or wave.row.version
        rules = self.rules[version.pk].at(now) if version else RuleSet(None, (), np.zeros(0, np.int32), {})
        warehouses, key_w = self._warehouses(network.warehouse_columns, wave)
        teams, key_t = self._teams(network.team_columns, warehouses, wave)
        moment = Moment(wave.row, now, network, warehouses, teams, self.book.free_sw)
        problem = Problem(
            warehouses=warehouses,
            teams=teams,
            freight=network.freight_columns,
            skus=self.past.skus.columns,
            available_sw=np.maximum(self.book.free_sw, 0),
            rules=rules.rules,
            orders=orders_as_of(self.past, chosen, ptr, lines, open_l, wave.event),
            objective=Objective(**rules.objective),
            prices=self.foresight(moment),
        )
        plan = _decided_as(wave.row, problem)
        self._keep(wave, chosen, lines, problem, plan, rules)
        self._remember_credits("w", warehouses.work_day_w, key_w, plan.credit_w)
        self._remember_credits("t", self._team_days(teams, warehouses), key_t, plan.credit_t)

    def _due(self, wave: _Wave, network: Network) -> I64:
        """The orders the wave tried; in the first wave of a day also those that only the replay has left open."""
        today = int(network.warehouse_columns.work_day_w.min(initial=0))
        first, self.last_day = today != self.last_day, today
        if not (first and self.left):
            return wave.tried
        return np.union1d(wave.tried, np.array(sorted(self.left), np.int64))

    def _open(self, chosen: I64) -> tuple[I64, I64, I64]:
        """Where the chosen orders' lines begin, which lines they are, and the pieces open on each."""
        ptr, lines = self.past.lines_of(chosen)
        book = self.book
        open_l: I64 = np.maximum(self.past.orders.qty_l[lines] - book.cancelled_l[lines] - book.held_l[lines], 0)
        return ptr, lines, open_l

    def _catch_up(self, wave: _Wave) -> None:
        """Everything that happened before the wave."""
        while self.coming is not None and self.coming[:2] < (wave.at, wave.event):
            self.facts.apply(self.coming, self.book)
            self.coming = next(self.changes, None)

    def _warehouses(self, columns: Warehouses, wave: _Wave) -> tuple[Warehouses, int]:
        seen, ids = wave.row.parameters, self.warehouse_ids.tolist()
        ratio = self._values("ratio_w", seen, "warehouses", ids, columns.ratio_w, self.assumed.ratio_w)
        capacity = self._values("capacity_w", seen, "warehouses", ids, columns.capacity_w, self.assumed.capacity_w)
        opened = self._values("open_w", seen, "warehouses", ids, columns.open_w.astype(np.int64), {}).astype(np.bool_)
        shut, forced = (np.isin(self.warehouse_ids, list(some)) for some in (self.assumed.paused, self.assumed.opened))
        key = ratio_key(zip(ids, ratio.tolist(), strict=True))
        days = columns.work_day_w.tolist()
        load = [self.book.load_w.get((key_w, day), 0) for key_w, day in zip(ids, days, strict=True)]
        return replace(
            columns,
            open_w=(opened | forced) & ~shut,
            ratio_w=ratio,
            capacity_w=capacity,
            load_w=np.maximum(np.array(load, np.int64), 0),
            credit_w=self._credits("w", columns.work_day_w, key, seen.get("credit_w"), seen.get("warehouses"), ids),
        ), key

    def _teams(self, columns: Teams, warehouses: Warehouses, wave: _Wave) -> tuple[Teams, int]:
        seen, ids = wave.row.parameters, self.team_ids[:-1].tolist()
        ratio = self._values("ratio_t", seen, "teams", ids, columns.ratio_t, self.assumed.ratio_t)
        capacity = self._values("capacity_t", seen, "teams", ids, columns.capacity_t, self.assumed.capacity_t)
        key, days = ratio_key(zip(ids, ratio.tolist(), strict=True)), self._team_days(columns, warehouses)
        load = [self.book.load_t.get((team, day), 0) for team, day in zip(ids, days.tolist(), strict=True)]
        return replace(
            columns,
            ratio_t=ratio,
            capacity_t=capacity,
            load_t=np.maximum(np.array(load, np.int64), 0),
            credit_t=self._credits("t", days, key, seen.get("credit_t"), seen.get("teams"), ids),
        ), key

    def _team_days(self, teams: Teams, warehouses: Warehouses) -> I32:
        """A team works on its warehouse's day; one of no warehouse on the earliest."""
        today = int(warehouses.work_day_w.min()) if len(warehouses.work_day_w) else 0
        days: I32 = np.where(teams.warehouse_t >= 0, warehouses.work_day_w[np.maximum(teams.warehouse_t, 0)], today)
        return days.astype(np.int32)

    def _values(
        self, name: str, seen: Mapping[str, Any], axis: str, ids: list[int], now: I64, assumed: Mapping[int, int | None]
    ) -> I64:
        """What the wave saw, else what is so now; an assumption before both."""
        then = dict(zip(seen.get(axis, ()), seen.get(name, ()), strict=False))
        values = [then.get(key, value) for key, value in zip(ids, now.tolist(), strict=True)]
        for at, key in enumerate(ids):
            if key in assumed:
                value = assumed[key]
                values[at] = UNLIMITED if value is None else value
        return np.array(values, np.int64)

    def _credits(
        self, kind: str, days: I32, key: int, seen: list[float] | None, axis: list[int] | None, ids: list[int]
    ) -> F64:
        """Credits go on within a work day under the same ratios; the period's first wave begins with what it saw."""
        found = np.zeros(len(ids))
        first = dict(zip(axis or (), seen or (), strict=False)) if not self.kept else {}
        for at, (member, day) in enumerate(zip(ids, days.tolist(), strict=True)):
            kept = self.book.credits.get((kind, member, day))
            if kept is not None and int(kept[1]) == key:
                found[at] = kept[0]
            elif not self.kept:
                found[at] = first.get(member, 0.0)
        return found

    def _remember_credits(self, kind: str, days: I32, key: int, credit: F64) -> None:
        ids = self.warehouse_ids if kind == "w" else self.team_ids[:-1]
        for member, day, value in zip(ids.tolist(), days.tolist(), credit.tolist(), strict=True):
            self.book.credits[kind, member, day] = np.array([value, float(key)])

    def _keep(self, wave: _Wave, chosen: I64, lines: I64, problem: Problem, plan: Plan, rules: RuleSet) -> None:
        """Enter the plan into the book and among the results."""
        book, past = self.book, self.past
        line_p = lines[plan.line_p]
        book.free_sw -= problem.available_sw - plan.available_sw
        np.add.at(book.held_l, line_p, plan.qty_p)
        day_a = problem.warehouses.work_day_w[plan.warehouse_a]
        warehouse_a, team_a = self.warehouse_ids[plan.warehouse_a], self.team_ids[plan.team_a]
        self._count(warehouse_a, team_a, day_a)
        sku_p, row_p = problem.orders.sku_l[plan.line_p], plan.warehouse_a[plan.allocation_p]
        watched_a = np.zeros(len(warehouse_a), np.bool_)
        watched_a[plan.allocation_p[self.facts.watched_l[line_p]]] = True
        for p in np.flatnonzero(watched_a[plan.allocation_p]).tolist():
            a, qty = int(plan.allocation_p[p]), int(plan.qty_p[p])
            number = self.made + a
            made = book.made.setdefault(number, Made(int(warehouse_a[a]), int(team_a[a]), int(day_a[a]), 0))
            made.left += qty
            book.pieces[int(line_p[p])].append(Piece(number, int(sku_p[p]), int(row_p[p]), qty))
        served = past.id_o[chosen[plan.served_o()]]
        self.left.difference_update(served.tolist())
        self.left.update(np.setdiff1d(wave.served, served).tolist())
        self.kept.append(
            {
                "wave_a": np.full(len(warehouse_a), wave.row.pk, np.int64),
                "order_a": past.id_o[chosen[plan.order_a]],
                "warehouse_a": warehouse_a,
                "team_a": team_a,
                "rule_a": rules.id_r[plan.rule_a] if len(rules.id_r) else np.zeros(len(warehouse_a), np.int32),
                "day_a": day_a,
                "freight_minor_a": plan.freight_minor_a.copy(),
                "distance_m_a": plan.distance_m_a.copy(),
                "late_s_a": plan.late_s_a.copy(),
                "allocation_p": plan.allocation_p.astype(np.int64) + self.made,
                "line_p": past.line_id_l[line_p],
                "qty_p": plan.qty_p.copy(),
                "wave_n": np.full(len(chosen), wave.row.pk, np.int64),
                "order_n": past.id_o[chosen],
                "outcome_n": plan.outcome_o.copy(),
                "reason_n": plan.reason_o.copy(),
            }
        )
        self.made += len(warehouse_a)

    def _count(self, warehouse_a: I32, team_a: I32, day_a: I32) -> None:
        for warehouse, team, day, n in tally(warehouse_a, team_a, day_a):
            self.book.count(warehouse, team, day, n)

    def replayed(self) -> Replayed:
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.concatenate([kept[name] for kept in self.kept]) if self.kept else np.zeros(0, np.int64)
            for name in Replayed.__slots__
        }
        return Replayed(**columns)

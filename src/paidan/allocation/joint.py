"""Deciding a wave's orders jointly: the solver's run as people see it, and what is kept of it beside other plans."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from paidan.accounts.models import User
from paidan.engine.codes import Strategy
from paidan.engine.joint import Stop, solve
from paidan.engine.plan import JointFigures, Plan
from paidan.engine.problem import Problem, Rule
from paidan.engine.sequential import allocate
from paidan.rules.waves import GAP, SECONDS, WaveTiming
from paidan.web.live import note_change

from .claims import LEASE, extend_claims
from .models import JointRun, Wave
from .moving import Moves, moves_between, plan_figures, write_moves
from .snapshot import Snapshot
from .states import WaveState

TOPIC = "waves"
LOOK_EVERY_S = 1.0
"""How often it is looked whether somebody wants the run stopped."""
EXTEND_EVERY_S = 60.0
POINTS = 240
"""Points of the chart; of more, every other one is left out."""


@dataclass(frozen=True, slots=True)
class Jointly:
    """How long a joint wave may look for a better plan, and how near the best possible it may end."""

    seconds: float = SECONDS
    gap: float = GAP
    seed: int = 0
    ending: Callable[[], bool] | None = None  # the process is about to end

    @classmethod
    def by(cls, timing: WaveTiming) -> Jointly:
        return cls(timing.seconds, timing.gap)

    @property
    def lease(self) -> timedelta:
        """How long its orders are claimed for: longer than the search may take."""
        return LEASE + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Decided:
    """The plan of a joint wave, and what its page shows beside it."""

    plan: Plan
    figures: dict[str, Any]
    moves: Moves


class Watch:
    """A run seen from outside: its chart grows, its lease is kept, and a person may end it."""

    def __init__(self, wave_id: int, ending: Callable[[], bool] | None = None) -> None:
        self.wave_id, self.ending = wave_id, ending
        self.points: list[list[float | int | None]] = []
        self.stopped = False
        self._looked = self._extended = time.monotonic()

    def asked(self) -> bool:
        """Whether to end with the best so far; looked up once a second, between the solver's steps."""
        if self.ending is not None and self.ending():
            self.stopped = True
        now = time.monotonic()
        if not self.stopped and now - self._looked >= LOOK_EVERY_S:
            self._looked = now
            self._look(now)
        return self.stopped

    def _look(self, now: float) -> None:
        found = JointRun.objects.filter(wave_id=self.wave_id)
        self.stopped = bool(found.filter(stop_asked_at__isnull=False).update(chart=self.points))
        if not self.stopped:
            found.update(chart=self.points)
        if now - self._extended >= EXTEND_EVERY_S:
            self._extended = now
            extend_claims(self.wave_id)
        note_change(TOPIC)

    def progress(self, seconds: float, cost: float, bound: float) -> None:
        """A better plan, or a better bound; each kept as a point of the chart."""
        proven = round(bound) if math.isfinite(bound) and bound > 0 else None
        self.points.append([round(seconds, 3), round(cost), proven])
        if len(self.points) > POINTS:
            self.points = self.points[::2]


def begin_joint(wave: Wave, orders: int, how: Jointly) -> None:
    """Make the run visible before it is under way."""
    JointRun.objects.create(wave=wave, orders_n=orders, seconds=how.seconds, gap=how.gap)
    note_change(TOPIC)


def decide_jointly(wave: Wave, snapshot: Snapshot, how: Jointly) -> Decided:
    """Solve outside any transaction; the same orders decided one by one stand beside the plan."""
    problem, watch = snapshot.problem, Watch(wave.id, how.ending)
    started = time.monotonic()
    stop = Stop(seconds=how.seconds, gap=how.gap, asked=watch.asked)
    plan = solve(problem, stop, how.seed, watch.progress)
    joint = plan.joint
    assert joint is not None
    took = time.monotonic() - started
    watch.points.append([round(min(took, how.seconds), 3), joint.objective, joint.bound or None])
    rules, plans = allocate(problem), {"joint": plan_figures(problem, plan)}
    by_distance = nearest_first(problem)
    plans["nearest"] = plan_figures(problem, rules if by_distance is problem else allocate(by_distance))
    if by_distance is not problem:
        plans["rules"] = plan_figures(problem, rules)
    JointRun.objects.filter(wave=wave).update(chart=watch.points, plans=plans)
    moves = moves_between(snapshot, rules, plan)
    figures = {
        "objective_minor": joint.objective,
        "bound_minor": joint.bound,
        "gap": joint.gap,
        "sweeps": joint.sweeps,
        "kept": joint.kept,
        "ended": _ended(joint, how, stopped=watch.stopped),
        "moved": len(moves.order_o),
    }
    return Decided(plan, figures, moves)


def _ended(joint: JointFigures, how: Jointly, *, stopped: bool) -> str:
    """Why the search ended: it was stopped, what it found is near enough, or the time was up."""
    if stopped:
        return "stopped"
    return "gap" if joint.gap is not None and joint.gap <= max(how.gap, 1e-9) else "time"


def nearest_first(problem: Problem) -> Problem:
    """The same problem with every rule ranking by distance first; itself where all do."""
    if all(_is_by_distance(rule) for rule in problem.rules):
        return problem
    return replace(problem, rules=tuple(map(_by_distance, problem.rules)))


def _is_by_distance(rule: Rule) -> bool:
    return rule.then.strategies[0] == Strategy.NEAREST and not rule.then.look_ahead


def _by_distance(rule: Rule) -> Rule:
    if _is_by_distance(rule):
        return rule
    return replace(rule, then=replace(rule.then, strategies=(Strategy.NEAREST,), look_ahead=False))


def keep_joint(wave: Wave, snapshot: Snapshot, decided: Decided) -> None:
    """Keep prices and moved orders, after the plan was committed."""
    joint = decided.plan.joint
    assert joint is not None
    warehouse_ids = [warehouse.id for warehouse in snapshot.network.warehouses]
    team_ids = [team.id for team in snapshot.network.teams]
    prices = [
        [
            int(snapshot.sku_id_s[one.sku]) if one.sku >= 0 else 0,
            warehouse_ids[one.warehouse] if one.warehouse >= 0 else 0,
            team_ids[one.team] if one.team >= 0 else 0,
            one.minor,
        ]
        for one in joint.prices
    ]
    JointRun.objects.filter(wave=wave).update(prices=prices, moved_n=len(decided.moves.order_o))
    write_moves(connection.connection, wave.id, decided.moves)
    note_change(TOPIC)


def ask_stop(wave_id: int, *, now: datetime, by: User | None) -> bool:
    """Ask a running joint wave to end with the best plan so far; whether there was one to ask."""
    running = JointRun.objects.filter(wave_id=wave_id, wave__state=WaveState.RUNNING, stop_asked_at=None)
    asked = JointRun.objects.filter(pk__in=running).update(stop_asked_at=now, stop_asked_by=by)
    if asked:
        note_change(TOPIC)
    return bool(asked)

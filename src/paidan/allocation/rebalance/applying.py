"""Carrying out a planned rebalance, step by step, each in one short transaction through the ordinary guarded moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse

from ..exchange import Target, exchange_allocations
from ..outcomes import Batch
from ..reassign import Why
from ..relieve import move_chunk
from ..states import Origin
from .planning import Planned, PlannedStep, RebalancePlan

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Applied:
    """What became of a rebalance: how many moved, what that saves, and why the others stayed."""

    done: int = 0
    saving_minor: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    created: list[int] = field(default_factory=list)

    def add(self, step: PlannedStep, batch: Batch) -> None:
        """Count one step in."""
        done = set(batch.done)
        self.done += len(done)
        self.saving_minor += sum(move.saving_minor for move in step.moves if move.allocation in done)
        self.refused.update(batch.refused.values())
        self.created += batch.created


def apply_rebalance(
    plan: RebalancePlan,
    *,
    now: datetime,
    by: User | None = None,
    progress: Progress | None = None,
    nightly: bool = False,
) -> Applied:
    """Carry the plan out; what changed meanwhile stays and is told. Nothing is half written when it is killed."""
    applied = Applied()
    try:
        for tried, step in _counted(plan.steps):
            applied.add(step, apply_step(step, now=now, by=by))
            if progress:
                progress(tried, plan.number)
    finally:
        log_rebalance(applied, now=now, by=by, nightly=nightly)
    return applied


def _counted(steps: Iterable[PlannedStep]) -> Iterable[tuple[int, PlannedStep]]:
    tried = 0
    for step in steps:
        tried += len(step.moves)
        yield tried, step


def log_rebalance(applied: Applied, *, now: datetime, by: User | None, nightly: bool = False) -> None:
    """Say in the change log that something was decided again, and what it saves."""
    if applied.done:
        action = "allocations.rebalanced_nightly" if nightly else "allocations.rebalanced"
        record_change(action, by=by, now=now, number=applied.done, saving_minor=applied.saving_minor)


def apply_step(step: PlannedStep, *, now: datetime, by: User | None) -> Batch:
    """Move what one step says, in one transaction; a target that was paused or closed meanwhile gets nothing."""
    if not step.moves:
        return Batch()
    ids = [move.allocation for move in step.moves]
    warehouses = Warehouse.objects.in_bulk({move.target for move in step.moves})
    teams = Team.objects.in_bulk({move.team for move in step.moves if move.team})
    if not all(move.target in warehouses and warehouses[move.target].is_open for move in step.moves):
        return Batch((), dict.fromkeys(ids, "paused"))
    targets = {move.allocation: (warehouses[move.target], teams.get(move.team)) for move in step.moves}
    try:
        return _moved(targets, step.together, now=now, by=by, why=why_of(step.moves))
    except Refusal as refusal:
        return Batch((), dict.fromkeys(ids, refusal.code))


def why_of(moves: Sequence[Planned]) -> Why:
    """What the events keep: that it was decided again, why, and what it saves."""
    said: Mapping[int, Mapping[str, object]] = {
        move.allocation: {"saving_minor": move.saving_minor, "why": move.cause.value} for move in moves
    }
    return Why({"cause": "rebalanced"}, said, Origin.REBALANCED)


def _moved(targets: Mapping[int, Target], together: bool, *, now: datetime, by: User | None, why: Why) -> Batch:
    if together:
        return exchange_allocations(targets, now=now, by=by, why=why)
    warehouse, team = next(iter(targets.values()))
    return move_chunk(list(targets), warehouse=warehouse, team=team, now=now, by=by, why=why)

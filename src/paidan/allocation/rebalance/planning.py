"""What deciding again would change: planned on a snapshot, written nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from paidan.engine.codes import Reason
from paidan.engine.joint import Stop, solve
from paidan.engine.plan import Plan
from paidan.engine.problem import I64

from ..rebalanced import Cause
from ..relieve import Sums, reason_of
from .asked import Rebalance, candidates
from .before_after import PlaceSums, place_sums, sums_after, sums_before
from .choosing import Choice, Chooser
from .moves import Move, moves_of
from .shares import Shares
from .standing import Standing, standing
from .steps import steps_of

FIRST_SHARE = 0.6
"""Of the seconds given, what the first solution takes; the rest is for one without what turned out not to pay."""
GAP = 0.0005


@dataclass(frozen=True, slots=True)
class Planned:
    """One move by the ids of the database; team 0 = whoever has least to do there, or nobody."""

    allocation: int
    source: int
    target: int
    team: int
    saving_minor: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """Moves of one transaction, see `steps.Step`."""

    moves: tuple[Planned, ...]
    together: bool


@dataclass(frozen=True, slots=True)
class RebalancePlan:
    """Who would move, in steps that are feasible one after another, what that changes, and what must stay.

    `stuck` are allocations of paused warehouses that find no place, with the reason. `beyond` would have moved, were
    more moves allowed.
    """

    considered: int
    steps: tuple[PlannedStep, ...]
    saving_minor: int
    before: Sums
    after: Sums
    places: tuple[PlaceSums, ...]
    stuck: tuple[tuple[int, Reason], ...]
    beyond: int
    causes: tuple[tuple[Cause, int], ...]

    @property
    def moves(self) -> list[Planned]:
        """All moves in the order of their steps."""
        return [move for step in self.steps for move in step.moves]

    @property
    def number(self) -> int:
        return sum(len(step.moves) for step in self.steps)

    @property
    def reasons(self) -> list[tuple[Reason, int]]:
        """Why those of paused warehouses stay, most frequent first."""
        return Counter(reason for _id, reason in self.stuck).most_common()


@dataclass(frozen=True, slots=True)
class _Attempt:
    ground: Standing
    plan: Plan
    choice: Choice
    free: list[int]

    @property
    def worth(self) -> tuple[int, int]:
        """First what leaves paused warehouses, then what it is worth."""
        leaving = sum(move.cause == Cause.PAUSED for chain in self.choice.chains for move in chain.moves)
        return leaving, self.choice.worth_minor

    def unwanted(self) -> I64:
        """Ids of what the solver moved and it did not pay or fit; what is in a paused warehouse is never given up."""
        found = np.array(sorted(self.choice.too_dear | self.choice.without_room.keys()), np.int64)
        return self.ground.read.id_a[found[~self.ground.paused_a[found]]]


def plan_rebalance(asked: Rebalance, *, now: datetime) -> RebalancePlan:
    """Decide again what no team has accepted; writes nothing.

    1. Solve all of it jointly, with what it holds given back. 2. Choose the moves that fit, pay and are allowed.
    3. What the solver moved in vain stays where it is: solve once more without it, and take what is better.
    """
    ids = candidates(asked)
    best = first = _attempt(ids, asked, asked.seconds * FIRST_SHARE, now)
    unwanted = first.unwanted()
    if len(unwanted):
        rest = np.setdiff1d(ids, unwanted)
        again = _attempt(rest, asked, asked.seconds * (1 - FIRST_SHARE), now)
        best = max(first, again, key=lambda attempt: attempt.worth)
    return _told(best, first.ground)


def _attempt(ids: I64, asked: Rebalance, seconds: float, now: datetime) -> _Attempt:
    ground = standing(ids, asked, now=now)
    plan = solve(ground.read.problem, Stop(seconds, GAP), asked.seed)
    free = ground.free_r.tolist()
    choice = Chooser(moves_of(ground, plan), list(free), Shares(ground), asked).run()
    return _Attempt(ground, plan, choice, free)


def _told(best: _Attempt, all_of_it: Standing) -> RebalancePlan:
    """The attempt by the ids of the database, before and after over everything that was considered."""
    steps = steps_of(best.choice.chains, best.free)
    moves = [move for step in steps for move in step.moves]
    ground, read = best.ground, best.ground.read
    place = np.searchsorted(all_of_it.read.id_a, read.id_a[[move.at for move in moves]])
    of_all = [replace(move, at=at) for move, at in zip(moves, place.tolist(), strict=True)]
    return RebalancePlan(
        considered=len(all_of_it.read.id_a),
        steps=tuple(PlannedStep(_planned(step.moves, ground), step.together) for step in steps),
        saving_minor=sum(move.saving_minor for move in moves),
        before=sums_before(ground, moves),
        after=sums_after(moves),
        places=place_sums(all_of_it, of_all),
        stuck=_stuck(best, moves),
        beyond=len(best.choice.beyond),
        causes=tuple(Counter(move.cause for move in moves).most_common()),
    )


def _planned(moves: Sequence[Move], ground: Standing) -> tuple[Planned, ...]:
    network, id_a = ground.read.network, ground.read.id_a
    return tuple(
        Planned(
            allocation=int(id_a[move.at]),
            source=network.warehouses[move.source].id,
            target=network.warehouses[move.target].id,
            team=network.teams[move.team].id if move.team >= 0 else 0,
            saving_minor=move.saving_minor,
            cause=move.cause,
        )
        for move in moves
    )


def _stuck(best: _Attempt, moves: Sequence[Move]) -> tuple[tuple[int, Reason], ...]:
    """What must stay in a paused warehouse, and why: what its candidates lack, or what was short when it came to it."""
    ground, choice, plan = best.ground, best.choice, best.plan
    gone = {move.at for move in moves} | choice.beyond
    count_w = len(ground.read.network.warehouses)
    slots = ground.read.problem.available_sw.size
    found = []
    for at in np.flatnonzero(ground.paused_a).tolist():
        if at in gone:
            continue
        short = choice.without_room.get(at)
        if short is None:
            others = np.delete(np.arange(count_w), ground.at_a[at])
            reason = reason_of(plan, at, others)
        elif short < slots:
            reason = Reason.STOCK_SHORT
        else:
            reason = Reason.WAREHOUSE_FULL if short < slots + count_w else Reason.TEAM_FULL
        found.append((int(ground.read.id_a[at]), reason))
    return tuple(found)

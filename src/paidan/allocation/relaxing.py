"""One condition let go once, for chosen orders: what a person allows when the published rules leave orders stuck.

The rules themselves stay as they are; the wave that ran so says in its parameters what was let go, and by whom.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np

from paidan.engine.codes import Split, Strategy
from paidan.engine.problem import UNLIMITED, Action, Problem, Rule

from .snapshot import Snapshot

PARCELS = 3
"""The most parcels a split that was allowed once may have."""


class Relax(StrEnum):
    """What may be let go."""

    SPLIT = "split"
    PARTIAL = "partial"
    DISTANCE = "distance"
    COVERAGE = "coverage"
    CAPACITY = "capacity"
    TEAM = "team"


def relaxed(snapshot: Snapshot, relax: Relax | None) -> Snapshot:
    """The same moment with one condition let go; everything else binds as before."""
    return snapshot if relax is None else replace(snapshot, problem=_problem(snapshot.problem, relax))


def _problem(problem: Problem, relax: Relax) -> Problem:
    match relax:
        case Relax.COVERAGE:
            count = len(problem.warehouses.id_w)
            everywhere = replace(problem.warehouses, covers_w=(None,) * count, excludes_w=((),) * count)
            return replace(problem, warehouses=everywhere)
        case Relax.CAPACITY:
            roomy = replace(problem.warehouses, capacity_w=np.full_like(problem.warehouses.capacity_w, UNLIMITED))
            free = replace(problem.teams, capacity_t=np.full_like(problem.teams.capacity_t, UNLIMITED))
            return replace(problem, warehouses=roomy, teams=free)
    return replace(problem, rules=tuple(_rule(rule, relax) for rule in problem.rules))


def _rule(rule: Rule, relax: Relax) -> Rule:
    return replace(rule, then=_action(rule.then, relax))


def _action(then: Action, relax: Relax) -> Action:
    match relax:
        case Relax.SPLIT:
            # In whole lines, for platforms accept one waybill per line, and in as few parcels as will do.
            return replace(_fewest(then), max_parcels=max(then.max_parcels or 0, PARCELS))
        case Relax.PARTIAL:
            # Also part of a line: whoever ships what is there knows that its rest is another parcel.
            return replace(_fewest(then), split=Split.BY_PIECE, max_parcels=1, partial=True)
        case Relax.DISTANCE:
            return replace(then, max_m=None)
        case Relax.TEAM:
            return replace(then, team="warehouse")
    return then


def _fewest(then: Action) -> Action:
    others = tuple(one for one in then.strategies if one != Strategy.FEWEST_PARCELS)
    split = Split.BY_LINE if then.split == Split.NEVER else then.split
    return replace(then, split=split, strategies=(Strategy.FEWEST_PARCELS, *others[:2]))

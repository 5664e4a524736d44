"""What the solver would move, with what each move takes, what it leaves behind, and what it saves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from paidan.engine.codes import Strategy
from paidan.engine.joint.listing import kept_rules
from paidan.engine.plan import Plan
from paidan.engine.problem import Rule

from ..rebalanced import Cause
from .standing import Standing

HOUR_S = 3600
Uses = tuple[tuple[int, int], ...]
"""Resources (see `Standing.free_r`) and how much of each."""


@dataclass(frozen=True, slots=True)
class Move:
    """One allocation (its place among those of the problem) from one warehouse to another; rows of the axes."""

    at: int
    source: int
    target: int
    team: int  # −1 = whoever has least to do, or nobody
    saving_minor: int  # may be below 0
    cause: Cause
    takes: Uses
    leaves: Uses
    counted: bool  # its slot at the source is one of the current work day
    freight_minor: int
    distance_m: int
    late_s: int


def moves_of(ground: Standing, plan: Plan) -> list[Move]:
    """The moves of a plan: allocations it has elsewhere than where they are. Deterministic, by allocation."""
    read = ground.read
    late_minor = read.problem.objective.late_minor_per_h
    was_a, late_a = read.freight_minor_a[plan.order_a], read.late_s_a[plan.order_a]
    saving_a = was_a - plan.freight_minor_a + late_minor * (late_a // HOUR_S - plan.late_s_a // HOUR_S)
    uses, causes = _Uses(ground), _Causes(ground)
    moves = []
    for a in np.argsort(plan.order_a, kind="stable").tolist():
        at, target, team = int(plan.order_a[a]), int(plan.warehouse_a[a]), int(plan.team_a[a])
        source = int(ground.at_a[at])
        if target == source:
            continue
        cause = causes.of(at, source, target, int(plan.rule_a[a]))
        if cause is not None:
            moves.append(
                Move(
                    at, source, target, team, int(saving_a[a]), cause,
                    uses.taken(at, target, team), uses.left(at), bool(ground.counts_a[at]),
                    int(plan.freight_minor_a[a]), int(plan.distance_m_a[a]), int(plan.late_s_a[a]),
                )
            )  # fmt: skip
    return moves


class _Uses:
    """What an allocation uses of stock and slots at a place."""

    def __init__(self, ground: Standing) -> None:
        problem = ground.read.problem
        self._ground, self._width = ground, len(problem.warehouses.id_w)
        self._slots = problem.available_sw.size
        self._ptr = problem.orders.ptr.tolist()
        self._sku, self._qty = problem.orders.sku_l.tolist(), problem.orders.qty_l.tolist()

    def _pieces(self, at: int, warehouse: int) -> dict[int, int]:
        pieces: dict[int, int] = {}
        for line in range(self._ptr[at], self._ptr[at + 1]):
            cell = self._sku[line] * self._width + warehouse
            pieces[cell] = pieces.get(cell, 0) + self._qty[line]
        return pieces

    def taken(self, at: int, warehouse: int, team: int) -> Uses:
        used = self._pieces(at, warehouse)
        used[self._slots + warehouse] = 1
        if team >= 0:
            used[self._slots + self._width + team] = 1
        return tuple(used.items())

    def left(self, at: int) -> Uses:
        ground = self._ground
        source, team = int(ground.at_a[at]), int(ground.team_a[at])
        used = self._pieces(at, source)
        if ground.counts_a[at]:
            used[self._slots + source] = 1
        if ground.team_counts_a[at]:
            used[self._slots + self._width + team] = 1
        return tuple(used.items())


class _Causes:
    """Why an allocation would move; None where the rule's own will is no better served there."""

    def __init__(self, ground: Standing) -> None:
        problem = ground.read.problem
        self._paused_a = ground.paused_a
        self._kept_r = kept_rules(problem)
        self._rules = problem.rules
        self._place_rw = [_listed(rule, problem.warehouses.id_w, problem.warehouses.position_w) for rule in self._rules]

    def of(self, at: int, source: int, target: int, rule: int) -> Cause | None:
        if self._paused_a[at]:
            return Cause.PAUSED
        if not self._kept_r[rule]:
            return Cause.SAVING
        first = self._rules[rule].then.strategies[0]
        if first == Strategy.RATIO:
            return Cause.RATIO
        if first == Strategy.RANKED:
            places = self._place_rw[rule]
            return Cause.RULE if places[target] < places[source] else None
        return Cause.SAVING


def _listed(rule: Rule, codes: Iterable[str], position_w: npt.NDArray[np.int32]) -> list[int]:
    """What `ranked` sorts by: the place in the rule's list, else the position; a warehouse left out comes last."""
    nowhere = 1 << 30
    listed = rule.then.warehouses
    places = []
    for code, position in zip(codes, position_w.tolist(), strict=True):
        if code in rule.then.excluded or (listed is not None and code not in listed):
            places.append(nowhere)
        else:
            places.append(position if listed is None else listed.index(code))
    return places

"""From chosen chains to steps: allocations that go to one place in one transaction, in an order in which all fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from .choosing import Chain
from .moves import Move

CHUNK = 200
"""Moves of one transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """Moves of one transaction: to one warehouse and team, or an exchange in which each gets what another leaves."""

    moves: tuple[Move, ...]
    together: bool = False


def steps_of(chains: Sequence[Chain], free: list[int]) -> list[Step]:
    """Cut chains into stages in which no move needs what another of the stage leaves, and stages into steps by target.

    `free` is what is free of every resource before the first move; it is used up. Within a stage the order is free.
    """
    stages = _Stages(free)
    for chain in chains:
        alone = len(chain.moves) - chain.together
        for move in chain.moves[:alone]:
            stages.add((move,))
        if chain.together:
            stages.add(chain.moves[alone:])
    return [step for stage in sorted(stages.units) for step in _steps(stages.units[stage])]


class _Stages:
    """The first stage each unit (a move, or moves that go at once) fits into.

    A unit counts all that units before it take, in whatever stage, and what they leave in stages before its own. So
    when a stage is carried out, of those that have taken something the one chosen last has counted all the others,
    and no more is free in its sum than there is.
    """

    def __init__(self, free: list[int]) -> None:
        self._free = free  # less all that was taken, whatever was left
        self._left: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.units: dict[int, list[tuple[Move, ...]]] = defaultdict(list)

    def add(self, unit: tuple[Move, ...]) -> None:
        """Put it into the first stage in which it fits."""
        leaves: dict[int, int] = defaultdict(int)
        for move in unit:
            for resource, qty in move.leaves:
                leaves[resource] += qty
            for resource, qty in move.takes:
                self._free[resource] -= qty
        own = leaves if len(unit) > 1 else {}
        taken = {resource for move in unit for resource, _qty in move.takes}
        stage = max(self._stage(resource, own.get(resource, 0)) for resource in taken)
        for resource, qty in leaves.items():
            self._left[resource][stage] += qty
        self.units[stage].append(unit)

    def _stage(self, resource: int, own: int) -> int:
        """The first stage before which so much of a resource was left that none is missing."""
        missing = -(self._free[resource] + own)
        stage = 0
        for at, qty in sorted(self._left[resource].items()):
            if missing <= 0:
                break
            missing -= qty
            stage = at + 1
        return stage


def _steps(units: Sequence[tuple[Move, ...]]) -> list[Step]:
    """The steps of one stage: chunks by target, then the exchanges."""
    moves = sorted((unit[0] for unit in units if len(unit) == 1), key=lambda move: (move.target, move.team))
    steps = []
    for _place, group in groupby(moves, lambda move: (move.target, move.team)):
        same = tuple(group)
        steps += [Step(same[at : at + CHUNK]) for at in range(0, len(same), CHUNK)]
    return [*steps, *(Step(unit, together=True) for unit in units if len(unit) > 1)]

"""From chosen chains to steps: allocations that go to one place in one transaction, in an order in which all fit."""

from __future__ import annotations

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

    `free` is what is free of every resource before the first move; it is used up. O(moves).
    """
    steps: list[Step] = []
    stage: list[Move] = []

    def close() -> None:
        for move in stage:
            for resource, qty in move.leaves:
                free[resource] += qty
        stage.sort(key=lambda move: (move.target, move.team))  # stable: within a target as chosen
        for _place, same in groupby(stage, lambda move: (move.target, move.team)):
            moves = tuple(same)
            steps.extend(Step(moves[at : at + CHUNK]) for at in range(0, len(moves), CHUNK))
        stage.clear()

    for chain in chains:
        alone = len(chain.moves) - chain.together
        for move in chain.moves[:alone]:
            if any(free[resource] < qty for resource, qty in move.takes):
                close()
            for resource, qty in move.takes:
                free[resource] -= qty
            stage.append(move)
        if chain.together:
            close()
            stage_of_one = chain.moves[alone:]
            for move in stage_of_one:
                for resource, qty in move.takes:
                    free[resource] -= qty
                for resource, qty in move.leaves:
                    free[resource] += qty
            steps.append(Step(stage_of_one, together=True))
    close()
    return steps

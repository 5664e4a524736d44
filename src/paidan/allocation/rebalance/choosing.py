"""Choosing among moves: chains that fit one after another, save what they should, and are no more than allowed.

A move often fits only when another has left first. So moves are taken up largest saving first, each with those that
must make room for it; what is chosen is feasible at every step, however many of its last are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..rebalanced import Cause
from .asked import Rebalance
from .moves import Move, Uses
from .shares import Shares

LONGEST = 12
"""Moves of one chain."""
LOOKED_AT = 8
"""Of those that could make room, how many are looked at for one that needs no room itself."""
PASSES = 3
"""How often what did not fit is tried again after others have left."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Moves that were chosen together, in an order in which each fits; the last `together` fit only at once.

    `worth_minor` is what they save and, where the objective counts it, what closer shares are worth.
    """

    moves: tuple[Move, ...]
    worth_minor: int
    together: int = 0


@dataclass(slots=True)
class Choice:
    """What was chosen, in order, and what was not: it found no room, or saved too little, or was one too many."""

    chains: list[Chain] = field(default_factory=list)
    without_room: dict[int, int] = field(default_factory=dict)  # by allocation: a resource that was short
    too_dear: set[int] = field(default_factory=set)
    beyond: set[int] = field(default_factory=set)

    @property
    def number(self) -> int:
        return sum(len(chain.moves) for chain in self.chains)

    @property
    def worth_minor(self) -> int:
        return sum(chain.worth_minor for chain in self.chains)


class Chooser:
    """Chooses chains; `free` is what is free of every resource, and changes with every move that is chosen."""

    def __init__(self, moves: Sequence[Move], free: list[int], shares: Shares, asked: Rebalance) -> None:
        self._moves, self._free, self._shares, self._asked = moves, free, shares, asked
        self._pending, self._chosen = [True] * len(moves), [False] * len(moves)
        self._left = len(moves) if asked.most is None else asked.most
        self._leavers: dict[int, list[int]] = {}
        by_saving = sorted(range(len(moves)), key=lambda m: (-moves[m].saving_minor, moves[m].at))
        for m in by_saving:
            for resource, _qty in moves[m].leaves:
                self._leavers.setdefault(resource, []).append(m)
        self._sequence = sorted(by_saving, key=lambda m: moves[m].cause != Cause.PAUSED)

    def run(self) -> Choice:
        """Deterministic: paused warehouses first, then by saving, then by allocation."""
        choice = Choice()
        for _pass in range(PASSES):
            before = len(choice.chains)
            for m in self._sequence:
                if self._pending[m] and self._worth_starting(self._moves[m]):
                    self._try(m, choice)
            if len(choice.chains) == before:
                break
        chosen = {move.at for chain in choice.chains for move in chain.moves}
        choice.without_room = {at: short for at, short in choice.without_room.items() if at not in chosen}
        choice.beyond -= chosen
        rest = {move.at for move in self._moves} - chosen - choice.without_room.keys() - choice.beyond
        choice.too_dear = rest
        return choice

    def _worth_starting(self, move: Move) -> bool:
        """Whether a chain may begin with it: by itself it saves, or has a cause that is not money."""
        if move.cause in (Cause.PAUSED, Cause.RULE, Cause.RATIO) or self._shares.weighs:
            return True
        return move.saving_minor > 0

    def _try(self, first: int, choice: Choice) -> None:
        deviation = self._shares.deviation
        members, short = self._with_room(first)
        at = self._moves[first].at
        if short is not None:
            choice.without_room[at] = short
            return
        choice.without_room.pop(at, None)
        closer = deviation - self._shares.deviation
        saving = sum(self._moves[m].saving_minor for m in members) + round(self._shares.weight_minor * closer)
        if not self._is_worth(self._moves[first].cause, saving, len(members), closer):
            self._take_back(members)
        elif len(members) > self._left:
            self._take_back(members)
            choice.beyond.add(at)
        else:
            self._left -= len(members)
            for m in members:
                self._chosen[m] = True
            choice.chains.append(self._ordered([self._as_chosen(m, first) for m in members], saving))

    def _as_chosen(self, m: int, first: int) -> Move:
        """The move with the cause it was chosen for: what saves nothing makes room, or brings the shares closer."""
        move = self._moves[m]
        if move.cause == Cause.SAVING and move.saving_minor <= 0:
            return replace(move, cause=Cause.RATIO if m == first else Cause.ROOM)
        return move

    def _is_worth(self, cause: Cause, saving: int, number: int, closer: float) -> bool:
        least = self._asked.saving_minor
        if cause == Cause.PAUSED:
            return True
        if least is None and cause == Cause.RULE:
            return True
        if least is None and cause == Cause.RATIO:
            return closer >= 1
        return saving >= max(1, least or 0) * number

    def _with_room(self, first: int) -> tuple[list[int], int | None]:
        """The move and those that make room for it, all made; or nothing made, and the resource that stayed short."""
        members = [first]
        self._make(first)
        while True:
            short = self._short(members)
            if short is None:
                return members, None
            other = self._leaver(short) if len(members) < LONGEST else None
            if other is None:
                self._take_back(members)
                return [], short
            members.append(other)
            self._make(other)

    def _short(self, members: Sequence[int]) -> int | None:
        return next((r for m in members for r, _qty in self._moves[m].takes if self._free[r] < 0), None)

    def _leaver(self, resource: int) -> int | None:
        """Of those that would leave some of this resource the one that saves most, preferably without a chain."""
        leavers = self._leavers.get(resource, [])
        first, looked_at, gone = None, 0, 0
        for m in leavers:
            if not self._pending[m]:
                gone += 1
                continue
            if self._fits(self._moves[m].takes):
                first = m
                break
            first = m if first is None else first
            looked_at += 1
            if looked_at == LOOKED_AT:
                break
        if gone > 2 * LOOKED_AT:
            self._leavers[resource] = [m for m in leavers if not self._chosen[m]]
        return first

    def _fits(self, takes: Uses) -> bool:
        return all(self._free[resource] >= qty for resource, qty in takes)

    def _make(self, m: int) -> None:
        self._pending[m] = False
        self._enter(self._moves[m])
        self._leave(self._moves[m])
        self._shares.move(self._moves[m])

    def _take_back(self, members: Sequence[int]) -> None:
        for m in members:
            self._pending[m] = True
            self._enter(self._moves[m], -1)
            self._leave(self._moves[m], -1)
            self._shares.move(self._moves[m], back=True)

    def _enter(self, move: Move, times: int = 1) -> None:
        for resource, qty in move.takes:
            self._free[resource] -= times * qty

    def _leave(self, move: Move, times: int = 1) -> None:
        for resource, qty in move.leaves:
            self._free[resource] += times * qty

    def _ordered(self, rest: list[Move], saving: int) -> Chain:
        """The moves in an order in which each fits; those for which there is none come last, together."""
        for move in rest:
            self._enter(move, -1)
            self._leave(move, -1)
        ordered: list[Move] = []
        while fitting := next((move for move in reversed(rest) if self._fits(move.takes)), None):
            rest.remove(fitting)
            ordered.append(fitting)
            self._enter(fitting)
            self._leave(fitting)
        for move in rest:
            self._enter(move)
            self._leave(move)
        return Chain((*ordered, *rest), saving, len(rest))

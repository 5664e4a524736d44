"""Requests that arrive while another is being worked on are worked on together: as many queries for five as for one.

One of the threads that wait leads: it takes what has gathered, does the work for all, and hands over to the next. A
request that comes alone does not wait for anybody. Every process gathers by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(eq=False)
class _Waiting(Generic[In, Out]):
    """One request: what it asks, and what became of it."""

    asked: In
    group: Hashable
    keys: frozenset[Hashable]
    called: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answers: list[Out] = field(default_factory=list)
    failed: Exception | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.answers) or self.failed is not None


class Together(Generic[In, Out]):
    """Runs `work` over what several threads ask for at about the same time.

    `work` answers as many values as it was asked for, in order. Where it fails for several, each is tried alone, so
    that nobody suffers for what somebody else asked. Only requests of one group are worked on together, and never two
    that share a key; those of a key keep their order.
    """

    def __init__(self, work: Callable[[Sequence[In]], Sequence[Out]], most: int) -> None:
        self._work, self._most = work, most
        self._lock = threading.Lock()
        self._line: list[_Waiting[In, Out]] = []
        self._busy = False

    def run(self, asked: In, group: Hashable, keys: frozenset[Hashable]) -> Out:
        """Ask for this, and wait for the answer, or for what `work` raises."""
        mine: _Waiting[In, Out] = _Waiting(asked, group, keys)
        with self._lock:
            self._line.append(mine)
            mine.leads = not self._busy
            self._busy = True
        if not mine.leads:
            mine.called.wait()
        if mine.leads:
            self._lead(mine)
        if mine.failed is not None:
            raise mine.failed
        return mine.answers[0]

    def _lead(self, mine: _Waiting[In, Out]) -> None:
        """Work on what has gathered until one's own request is answered; then call the next to lead."""
        try:
            while not mine.is_done:
                self._answer(self._taken())
        finally:
            with self._lock:
                self._busy = bool(self._line)
                following = self._line[0] if self._line else None
                if following is not None:
                    following.leads = True
            if following is not None:
                following.called.set()

    def _taken(self) -> list[_Waiting[In, Out]]:
        """The first in line and those that can go with it."""
        with self._lock:
            taken: list[_Waiting[In, Out]] = []
            barred: set[Hashable] = set()
            for one in self._line:
                goes = one.group == self._line[0].group and not one.keys & barred
                if goes and len(taken) < self._most:
                    taken.append(one)
                barred |= one.keys
            self._line = [one for one in self._line if one not in taken]
            return taken

    def _answer(self, taken: Sequence[_Waiting[In, Out]]) -> None:
        """All at once, or, where that fails, one by one; whoever is called finds an answer or a failure."""
        tries = [list(taken)] if len(taken) == 1 else [list(taken), *([one] for one in taken)]
        try:
            for several in tries:
                if all(one.is_done for one in several):
                    continue
                try:
                    self._try(several)
                except Exception as error:
                    if len(several) == 1:
                        several[0].failed = error
        finally:  # also when this thread is ended meanwhile
            for one in taken:
                if not one.is_done:
                    one.failed = RuntimeError("the thread that worked on this was ended")
                one.called.set()

    def _try(self, several: Sequence[_Waiting[In, Out]]) -> None:
        for one, answer in zip(several, self._work([one.asked for one in several]), strict=True):
            one.answers.append(answer)

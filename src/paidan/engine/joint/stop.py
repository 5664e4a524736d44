"""When the joint solver ends, and the clock it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic
from typing import Any

from numba.core import event


@dataclass(frozen=True, slots=True)
class Stop:
    """Whichever comes first: seconds, a gap reached (0.001 = 0.1 %), or sweeps over the orders made.

    `asked` is looked at between steps: a person may end the run, and gets the best plan so far.
    """

    seconds: float = 10.0
    gap: float = 0.0
    sweeps: int | None = None
    asked: Callable[[], bool] | None = None
    clock: Callable[[], float] = monotonic

    def __post_init__(self) -> None:
        if self.seconds < 0 or self.gap < 0 or (self.sweeps is not None and self.sweeps < 1):
            raise ValueError("seconds and gap are 0 or more, sweeps 1 or more")


class _Compiling(event.Listener):
    """How long machine code has been made, by whichever thread: what numba's events begin and end, one in another."""

    def __init__(self) -> None:
        self._lock, self._depth, self._since, self._total = Lock(), 0, 0.0, 0.0

    def spent(self) -> float:
        """Seconds so far, those of what is being made right now included."""
        with self._lock:
            return self._total + (monotonic() - self._since if self._depth else 0.0)

    def on_start(self, event: Any) -> None:  # noqa: ARG002 - one is as good as another
        """A compilation began, perhaps within another."""
        with self._lock:
            self._since = self._since if self._depth else monotonic()
            self._depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        """One ended; time counts until the outermost does."""
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._total += monotonic() - self._since


@contextmanager
def without_compiling(stop: Stop) -> Iterator[Stop]:
    """The same stop by a clock that stands still while machine code is made.

    Once per machine that takes a minute and more, and the seconds somebody gave are for solving. A clock of the
    caller's own is left as it is.
    """
    if stop.clock is not monotonic:
        yield stop
        return
    compiling = _Compiling()
    with event.install_listener("numba:compile", compiling):
        yield replace(stop, clock=lambda: monotonic() - compiling.spent())

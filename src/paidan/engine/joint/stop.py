"""When the joint solver ends, and the clock it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic


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


@contextmanager
def without_compiling(stop: Stop) -> Iterator[Stop]:
    """The same stop by a clock that stands still while machine code is made.

    Once per machine that takes a minute and more, and the seconds somebody gave are for solving. A clock of the
    caller's own is left as it is.
    """
    if stop.clock is not monotonic:
        yield stop
        return
    from numba.core import event

    compiling: list[float] = []
    with event.install_timer("numba:compile", compiling.append):
        yield replace(stop, clock=lambda: monotonic() - sum(compiling))

"""When the joint solver ends, and the clock it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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

"""All invariants of the stored data in one go: what `paidan doctor` and the tests ask."""

from collections.abc import Iterator
from itertools import chain

from paidan.kit.violations import Violation
from paidan.orders import checks as orders_checks
from paidan.stock import checks as stock_checks

from . import checks, replay

__all__ = ["Violation", "all_violations"]


def all_violations() -> Iterator[Violation]:
    """Everything that is wrong; nothing at all when every invariant holds."""
    return chain(stock_checks.violations(), orders_checks.violations(), checks.violations(), replay.violations())

"""The engine's small vocabularies: reason codes, order states, strategies and split modes, as integers for the arrays.

The numbers are stored in the database, so they are never reused: append only.
"""

from enum import IntEnum


class Reason(IntEnum):
    """Why a candidate lost, or why pieces stayed open (design §3). ``NONE`` on a candidate: ranked lower, or it won."""

    NONE = 0
    STOCK_SHORT = 1
    PAUSED = 2
    NOT_COVERED = 3
    TOO_FAR = 4
    TOO_LATE = 5
    WAREHOUSE_FULL = 6
    TEAM_FULL = 7
    EXCLUDED = 8
    NO_TEAM = 9
    NO_RULE = 10
    ADDRESS_UNRESOLVED = 11
    UNKNOWN_SKU = 12
    HELD = 13

    @property
    def code(self) -> str:
        """The word used in files, the API and the screens' translations, for example ``stock_short``."""
        return self.name.lower()


class Outcome(IntEnum):
    """What one run of the engine made of an order."""

    UNALLOCATED = 0
    PARTIAL = 1
    ALLOCATED = 2
    HELD = 3

    @property
    def code(self) -> str:
        return self.name.lower()


class Strategy(IntEnum):
    """How a rule ranks its candidates (design §3.4)."""

    NEAREST = 0
    CHEAPEST = 1
    FASTEST = 2
    RANKED = 3
    MOST_STOCK = 4
    LEAST_LOADED = 5
    RATIO = 6
    FEWEST_PARCELS = 7

    @property
    def code(self) -> str:
        return self.name.lower()


class Split(IntEnum):
    """Whether an order may be served by more than one warehouse, and how finely."""

    NEVER = 0
    BY_LINE = 1
    BY_PIECE = 2

    @property
    def code(self) -> str:
        return self.name.lower()


class Otherwise(IntEnum):
    """What becomes of what a rule cannot serve."""

    UNALLOCATED = 0
    NEXT = 1
    HOLD = 2

    @property
    def code(self) -> str:
        return self.name.lower()

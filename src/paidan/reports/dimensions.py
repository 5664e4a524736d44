"""What reports can be cut by, and the numbers of the views that hold one or two of these dimensions."""

from __future__ import annotations

from enum import IntEnum
from itertools import combinations


class Dimension(IntEnum):
    """Stored: append only. The values of a dimension are small integers; 0 = none."""

    NONE = 0
    HOUR = 1
    WAREHOUSE = 2
    TEAM = 3
    SHOP = 4
    RULE = 5
    REGION = 6  # province, or a whole country elsewhere
    REASON = 7


D = Dimension
OF_ORDERS = (D.HOUR, D.SHOP, D.REGION, D.REASON)
"""What is known of an order wherever it went."""
OF_ALLOCATIONS = (D.HOUR, D.WAREHOUSE, D.TEAM, D.SHOP, D.RULE, D.REGION)
PLACES = (D.WAREHOUSE, D.TEAM, D.RULE)
"""Known of allocations only."""


def view_of(one: Dimension, other: Dimension = D.NONE) -> tuple[int, bool]:
    """The number of the view that holds these dimensions, and whether they stand in it the other way round."""
    first, second = sorted((one, other))
    if first == D.NONE:
        first, second = second, first
    return first * 8 + second, (first, second) != (one, other)


def views_among(dimensions: tuple[Dimension, ...]) -> list[tuple[int, Dimension, Dimension]]:
    """(view, a, b) of every view that these dimensions make: none, one or two at a time."""
    pairs = [(D.NONE, D.NONE), *((one, D.NONE) for one in dimensions), *combinations(sorted(dimensions), 2)]
    return [(view_of(a, b)[0], a, b) for a, b in pairs]

"""What somebody asks to be decided again, within which limits and within whose reach."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.network.scopes import scope_of, visible_warehouses

from ..relieve import region_width
from ..states import AllocationState

MOST = 50_000
"""The most allocations one rebalance considers."""
SECONDS = 8.0
"""How long to look for a good plan; small ones are found in a fraction of it."""


@dataclass(frozen=True, slots=True)
class Rebalance:
    """What to decide again, and within which limits; None = no limit.

    `saving_minor` is what a move must save; of moves that belong together each on average. What has to leave a paused
    warehouse is not held to it.
    """

    most: int | None = None
    saving_minor: int | None = None
    warehouse_ids: tuple[int, ...] | None = None  # only what is there now
    shop_ids: tuple[int, ...] | None = None
    team_ids: tuple[int, ...] | None = None
    region: int = 0
    to: tuple[int, ...] | None = None  # warehouses that may get something
    seconds: float = SECONDS
    seed: int = 0


def within_reach(asked: Rebalance, user: User) -> Rebalance:
    """The same question where this user may act: neither what moves nor where it goes lies beyond their scope."""
    scope = scope_of(user)
    visible = tuple(visible_warehouses(user).values_list("id", flat=True))
    return replace(
        asked,
        warehouse_ids=_both(asked.warehouse_ids, scope.warehouses),
        shop_ids=_both(asked.shop_ids, scope.shops),
        team_ids=_both(asked.team_ids, scope.teams),
        to=visible if asked.to is None else tuple(key for key in asked.to if key in visible),
    )


def _both(asked: tuple[int, ...] | None, reach: Collection[int] | None) -> tuple[int, ...] | None:
    if asked is None:
        return None if reach is None else tuple(sorted(reach))
    return tuple(key for key in asked if reach is None or key in reach)


# Where there are too many: what must leave, then what costs most where it is.
_FROM = f"""
FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id JOIN network_warehouse w ON w.id = a.warehouse_id
WHERE a.state = {AllocationState.ASSIGNED} AND NOT a.frozen
  AND (%(warehouses)s::int[] IS NULL OR a.warehouse_id = ANY(%(warehouses)s))
  AND (%(shops)s::int[] IS NULL OR o.shop_id = ANY(%(shops)s))
  AND (%(teams)s::int[] IS NULL OR a.team_id = ANY(%(teams)s))
  AND (%(low)s = 0 OR o.region BETWEEN %(low)s AND %(high)s)
"""
_CANDIDATES = f"SELECT a.id {_FROM} ORDER BY w.is_open, a.late_s > 0 DESC, a.freight_minor DESC, a.id LIMIT {MOST}"
_COUNT = f"SELECT count(*) {_FROM}"


def candidates(asked: Rebalance) -> npt.NDArray[np.int64]:
    """The ids of what may be decided again, ascending: assigned, not frozen, as asked for."""
    rows = array_cursor().execute(_CANDIDATES, _values(asked)).fetchall()
    return np.sort(np.array([row[0] for row in rows], np.int64))


def count_candidates(asked: Rebalance) -> int:
    """How many allocations could be decided again."""
    row = array_cursor().execute(_COUNT, _values(asked)).fetchone()
    assert row is not None
    return int(row[0])


def _values(asked: Rebalance) -> dict[str, object]:
    def listed(ids: tuple[int, ...] | None) -> list[int] | None:
        return None if ids is None else list(ids)

    return {
        "warehouses": listed(asked.warehouse_ids),
        "shops": listed(asked.shop_ids),
        "teams": listed(asked.team_ids),
        "low": asked.region,
        "high": asked.region + region_width(asked.region) - 1,
    }

"""The facts of the orders paid in a period, as columns: one row per order, one per allocation, whatever became of it.

An order without a time of payment belongs to the moment it was received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from paidan.allocation.states import COUNTED
from paidan.engine.codes import Reason
from paidan.kit.copy import select_columns
from paidan.orders.states import EventKind, OrderState

Columns = dict[str, npt.NDArray[Any]]

# Written so that both indexes serve.
COHORT = """
SELECT o.*, o.paid_at AS came_at FROM orders_order o WHERE o.paid_at >= {start} AND o.paid_at < {end} {only}
UNION ALL
SELECT o.*, o.received_at AS came_at FROM orders_order o
WHERE o.paid_at IS NULL AND o.received_at >= {start} AND o.received_at < {end} {only}
"""
_HELD = "EXISTS (SELECT FROM orders_hold h WHERE h.order_id = c.id AND h.released_at IS NULL)"
_LOCAL = "(c.came_at AT TIME ZONE {zone})"
_CLOCK = f"({_LOCAL}::date - '1970-01-01'::date), extract(hour FROM {_LOCAL})::int"
ORDERS = f"""
SELECT c.id, {_CLOCK.format(zone="{zone}")}, c.shop_id,
       CASE WHEN c.region < 100000 THEN c.region ELSE c.region / 10000 * 10000 END, c.state::int2, {_HELD},
       CASE WHEN {_HELD} THEN {int(Reason.HELD)} ELSE c.reason END::int2, c.amount_minor,
       EXISTS (SELECT FROM orders_orderexception e WHERE e.order_id = c.id AND e.resolved_at IS NULL)
FROM ({COHORT}) c
"""
ALLOCATIONS = f"""
SELECT a.id, a.order_id, {_CLOCK.format(zone="w.timezone")}, a.warehouse_id, coalesce(a.team_id, 0),
       coalesce(r.id, 0), a.state::int2, a.origin::int2, a.replaces_id IS NOT NULL, c.came_at, a.created_at, a.state_at,
       c.ship_by_at IS NOT NULL, coalesce(c.ship_by_at, c.came_at), coalesce(a.distance_m, -1), a.freight_minor
FROM ({COHORT}) c JOIN allocation_allocation a ON a.order_id = c.id
JOIN network_warehouse w ON w.id = a.warehouse_id
LEFT JOIN rules_rule u ON u.id = a.rule_id LEFT JOIN reports_reportedrule r ON r.code = u.code
"""
ACCEPTED = f"""
SELECT e.allocation_id, max(e.at) FROM ({COHORT}) c JOIN orders_event e ON e.order_id = c.id
WHERE e.kind = {int(EventKind.ACCEPTED)} AND e.allocation_id IS NOT NULL GROUP BY 1
"""
PROBLEMS = f"""
SELECT e.allocation_id, count(*)::int FROM ({COHORT}) c JOIN orders_orderexception e ON e.order_id = c.id
WHERE e.allocation_id IS NOT NULL GROUP BY 1
"""
_ORDER = {
    "id": "i8", "day": "i4", "hour": "i4", "shop": "i4", "region": "i4", "state": "i2", "held": "b1", "reason": "i2",
    "amount": "i8", "troubled": "b1",
}  # fmt: skip
_ALLOCATION = {
    "id": "i8", "order": "i8", "day": "i4", "hour": "i4", "warehouse": "i4", "team": "i4", "rule": "i4",
    "state": "i2", "origin": "i2", "replaces": "b1", "came": "i8", "created": "i8", "state_at": "i8",
    "has_due": "b1", "due": "i8", "distance": "i4", "freight": "i8",
}  # fmt: skip
OPEN_STATES = (OrderState.UNALLOCATED, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Facts:
    """Orders ascending by id, and their allocations. Instants in microseconds.

    `at` is the row of an allocation's order, `each` how many allocations of that order count.
    """

    orders: Columns
    allocations: Columns

    def only(self, orders: npt.NDArray[np.bool_], allocations: npt.NDArray[np.bool_]) -> Facts:
        """Some of the orders, and of their allocations some."""
        row = np.cumsum(orders) - 1
        allocations = allocations & orders[self.allocations["at"]]
        kept = {name: column[allocations] for name, column in self.allocations.items()}
        kept["at"] = row[kept["at"]]
        return Facts({name: column[orders] for name, column in self.orders.items()}, kept)


def read_facts(
    start: datetime,
    end: datetime,
    zone: str,
    *,
    only: str = "",
    values: Mapping[str, Any] | None = None,
) -> Facts:
    """Read the orders of a period, the end excluded, on the clock `zone`; `only` narrows the orders `o`."""
    parameters = {"start": start, "end": end, "zone": zone, **(values or {})}
    names = {"start": "%(start)s", "end": "%(end)s", "only": only}

    def read(statement: str, kinds: dict[str, str], **more: str) -> Columns:
        return select_columns(connection.connection, statement.format(**names, **more), kinds, parameters)

    connection.ensure_connection()
    orders = read(ORDERS, _ORDER, zone="%(zone)s")
    by_id = np.argsort(orders["id"], kind="stable")
    orders = {name: column[by_id] for name, column in orders.items()}
    allocations = read(ALLOCATIONS, _ALLOCATION)
    by_id = np.argsort(allocations["id"], kind="stable")
    allocations = {name: column[by_id] for name, column in allocations.items()}
    allocations["at"] = np.searchsorted(orders["id"], allocations["order"])
    counted = np.isin(allocations["state"], [int(one) for one in COUNTED])
    allocations["each"] = np.bincount(allocations["at"], counted, len(orders["id"]))[allocations["at"]]
    accepted = read(ACCEPTED, {"id": "i8", "at": "i8"})
    allocations["accepted"] = _joined(allocations["id"], accepted["id"], accepted["at"], -1)
    problems = read(PROBLEMS, {"id": "i8", "n": "i4"})
    allocations["problems"] = _joined(allocations["id"], problems["id"], problems["n"], 0)
    return Facts(orders, allocations)


def _joined(keys: npt.NDArray[Any], ids: npt.NDArray[Any], values: npt.NDArray[Any], none: int) -> npt.NDArray[Any]:
    """The value of each key in unsorted (ids, values); `none` where there is none. `keys` ascend."""
    found = np.full(len(keys), none, np.int64)
    if len(keys):
        at = np.minimum(np.searchsorted(keys, ids), len(keys) - 1)
        known = keys[at] == ids
        found[at[known]] = values[known]
    return found

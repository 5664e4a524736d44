"""The problem of relief: assigned allocations as orders, every other warehouse's stock, loads and rules as they are.

An allocation moves whole or not at all, so the published rules apply without splitting and without partial service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from paidan.engine.codes import Otherwise, Split
from paidan.engine.problem import Objective, Problem
from paidan.engine.problem import Rule as EngineRule
from paidan.kit.copy import select_columns
from paidan.network.columns import Network, network_at
from paidan.rules.queries import published_rules

from .snapshot import Source, available_of, orders_of, skus_of, with_loads_t, with_loads_w

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

OF = "FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id WHERE a.id = ANY(%s)"
ORDER_COLUMNS = {
    "id": "i8",
    "shop": "i4",
    "region": "i4",
    "priority": "i4",
    "amount": "i8",
    "ship_by": "i8",
    "paid": "i8",
    "lat": "f8",
    "lng": "f8",
    "address_state": "i2",
    "team": "i4",
    "warehouse": "i4",
    "day": "i4",
    "freight": "i8",
    "distance": "i4",
    "late": "i4",
}
ORDERS = f"""
SELECT a.id, o.shop_id, o.region, o.priority, o.amount_minor, coalesce(o.ship_by_at, 'infinity'),
       coalesce(o.paid_at, 'infinity'), coalesce(o.lat, 'NaN'), coalesce(o.lng, 'NaN'), o.address_state,
       coalesce(a.team_id, 0), a.warehouse_id, a.work_day - '1970-01-01'::date, a.freight_minor,
       coalesce(a.distance_m, -1), a.late_s
{OF} ORDER BY a.id
"""
PART_COLUMNS = {"allocation": "i8", "sku": "i4", "qty": "i4"}
PARTS = """
SELECT allocation_id, sku_id, qty FROM allocation_allocationline WHERE allocation_id = ANY(%s)
ORDER BY allocation_id, line_id
"""


@dataclass(frozen=True, slots=True)
class ReliefProblem:
    """A problem whose orders are allocations, ascending by id, and what each of them costs where it is now."""

    problem: Problem
    network: Network
    id_a: I64
    warehouse_a: I32
    team_a: I32  # 0 = none
    day_a: I32  # work day, days since 1970-01-01
    freight_minor_a: I64
    distance_m_a: I64  # −1 = unknown
    late_s_a: I64
    sku_id_s: I32


def relief_problem(ids: I64, *, open_w: Sequence[int], now: datetime) -> ReliefProblem:
    """Read the problem of moving these allocations to the warehouses named (those of them that are not paused)."""
    raw = connection.connection
    network = network_at(now)
    found = select_columns(raw, ORDERS, ORDER_COLUMNS, [ids])
    parts = select_columns(raw, PARTS, PART_COLUMNS, [ids])
    ptr = np.searchsorted(parts["allocation"], np.append(found["id"], np.iinfo(np.int64).max)).astype(np.int64)
    skus, sku_l = skus_of(parts["sku"])
    warehouses, _key = with_loads_w(network)
    wanted = np.isin([warehouse.id for warehouse in network.warehouses], list(open_w))
    warehouses = replace(warehouses, open_w=warehouses.open_w & wanted)
    teams, _key = with_loads_t(network, warehouses)
    rules = published_rules(now)
    whole = tuple(_whole(rule) for rule in rules.rules)
    lines: dict[str, npt.NDArray[Any]] = {"qty": parts["qty"].astype(np.int64)}
    problem = Problem(
        warehouses=warehouses,
        teams=teams,
        freight=network.freight_columns,
        skus=skus.columns,
        available_sw=available_of(skus.ids, [warehouse.id for warehouse in network.warehouses]),
        rules=whole,
        orders=orders_of(Source("a.id", OF, ids), found, lines, ptr, sku_l, whole),
        objective=Objective(**rules.objective),
    )
    return ReliefProblem(
        problem,
        network,
        found["id"].astype(np.int64),
        found["warehouse"].astype(np.int32),
        found["team"].astype(np.int32),
        found["day"].astype(np.int32),
        found["freight"].astype(np.int64),
        found["distance"].astype(np.int64),
        found["late"].astype(np.int64),
        skus.ids,
    )


def _whole(rule: EngineRule) -> EngineRule:
    """The rule for a parcel that stays one, and of which nobody is asked again when it cannot move."""
    after = Otherwise.NEXT if rule.then.otherwise == Otherwise.NEXT else Otherwise.UNALLOCATED
    return replace(rule, then=replace(rule.then, split=Split.NEVER, partial=False, otherwise=after))

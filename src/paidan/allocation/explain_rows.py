"""The rows an explanation is made of: orders, what waves decided of them, where their pieces are and who holds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from paidan.kit.arrays import array_cursor

Ids = npt.NDArray[np.int64]
Row = TypeVar("Row", bound=tuple[Any, ...])


class OrderRow(NamedTuple):
    """An order with its shop; `merged_into` is empty or the shop and number of the order it became part of."""

    id: int
    number: str
    state: int
    reason: int
    region: int
    address_state: int
    ship_by_at: datetime | None
    lat: float | None
    lng: float | None
    shop: str
    shop_name: str
    merged_into: str


class DecisionRow(NamedTuple):
    """What one wave of `orders_n` orders made of one of them, looking at these scarcity prices.

    The byte strings run along `warehouse_ids`.
    """

    order_id: int
    wave_id: int
    rule_id: int | None
    rank_w: bytes
    reason_w: bytes
    short_w: bytes
    started_at: datetime
    warehouse_ids: Sequence[int]
    mode: int
    orders_n: int
    prices_id: int | None


class AllocationRow(NamedTuple):
    """An allocation with the names of its warehouse and team."""

    id: int
    order_id: int
    wave_id: int | None
    warehouse_id: int
    warehouse: str
    warehouse_name: str
    timezone: str
    team: str
    team_name: str
    state: int
    state_at: datetime
    distance_m: int | None
    freight_minor: int
    carrier: str
    late_s: int
    work_day: date
    origin: int
    frozen: bool
    tracking_number: str


class HoldRow(NamedTuple):
    """A hold in force."""

    order_id: int
    reason: str
    held_at: datetime
    held_by: str
    until_at: datetime | None
    detail: Mapping[str, Any] | None


_ORDERS = """
SELECT o.id, o.number, o.state, o.reason, o.region, o.address_state, o.ship_by_at, o.lat, o.lng, s.code, s.name,
       coalesce((SELECT other.code || '/' || m.number FROM orders_order m
                 JOIN network_shop other ON other.id = m.shop_id WHERE m.id = o.merged_into_id), '')
FROM orders_order o JOIN network_shop s ON s.id = o.shop_id WHERE o.id = ANY(%s)
"""
_DECISIONS = """
SELECT d.order_id, d.wave_id, d.rule_id, d.rank_w, d.reason_w, d.short_w, w.started_at, w.warehouse_ids, w.mode,
       coalesce((w.statistics->>'orders')::int, 0), (w.parameters->>'prices')::bigint
FROM allocation_decision d JOIN allocation_wave w ON w.id = d.wave_id
WHERE d.order_id = ANY(%s) ORDER BY d.wave_id DESC
"""
_ALLOCATIONS = """
SELECT a.id, a.order_id, a.wave_id, a.warehouse_id, w.code, w.name, w.timezone, coalesce(t.code, ''),
       coalesce(t.name, ''), a.state, a.state_at, a.distance_m, a.freight_minor, a.carrier, a.late_s, a.work_day,
       a.origin, a.frozen, a.tracking_number
FROM allocation_allocation a JOIN network_warehouse w ON w.id = a.warehouse_id
LEFT JOIN network_team t ON t.id = a.team_id WHERE a.order_id = ANY(%s) ORDER BY a.id
"""
_HOLDS = """
SELECT h.order_id, h.reason, h.held_at, coalesce(u.username, ''), h.until_at, h.detail
FROM orders_hold h LEFT JOIN accounts_user u ON u.id = h.held_by_id
WHERE h.order_id = ANY(%s) AND h.released_at IS NULL ORDER BY h.id
"""


def orders_of(ids: Ids) -> dict[int, OrderRow]:
    """By id; what does not exist is not in it."""
    return {row.id: row for row in _rows(_ORDERS, ids, OrderRow)}


def decisions_of(ids: Ids) -> list[DecisionRow]:
    """The last first."""
    return _rows(_DECISIONS, ids, DecisionRow)


def allocations_of(ids: Ids) -> list[AllocationRow]:
    """All there ever were, as they came."""
    return _rows(_ALLOCATIONS, ids, AllocationRow)


def holds_of(ids: Ids) -> list[HoldRow]:
    """As they came."""
    rows = _rows(_HOLDS, ids, HoldRow)
    return [row._replace(detail=json.loads(row.detail)) if isinstance(row.detail, str) else row for row in rows]


def _rows(query: str, ids: Ids, kind: type[Row]) -> list[Row]:
    return [kind._make(row) for row in array_cursor().execute(query, (ids,)).fetchall()]  # type: ignore[attr-defined]

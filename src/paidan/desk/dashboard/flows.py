"""Where goods go: today's allocations by warehouse and buyers' city, for the map and its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from paidan.accounts.models import User
from paidan.desk.board.cards import city_of
from paidan.geo import region
from paidan.geo.codes import code_of
from paidan.network.models import Warehouse
from paidan.network.scopes import scope_of
from paidan.web.components import HUES

from .figures import Today, both_conditions

SHOWN = 60
"""Lines on the map: more would be a ball of wool."""

LATEST = 20_000
"""Of a day with more allocations only the latest are looked at: the map shows proportions, and has to be quick."""

_FLOWS = f"""
SELECT a.warehouse_id, CASE WHEN o.region < 100000 THEN o.region ELSE o.region / 100 * 100 END, count(*),
       coalesce(sum(a.distance_m), 0)::bigint, count(a.distance_m), sum(a.freight_minor)::bigint,
       count(*) FILTER (WHERE a.origin <> 2)
FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id
WHERE a.id > (SELECT max(id) FROM allocation_allocation) - {LATEST}
  AND a.created_at >= %(midnight)s AND a.state <= 5 {{where}} GROUP BY 1, 2 ORDER BY 3 DESC
"""


@dataclass(frozen=True, slots=True)
class Flow:
    """From one warehouse to one city."""

    warehouse: Warehouse
    region: int
    city: str
    lng: float | None
    lat: float | None
    number: int


@dataclass(frozen=True, slots=True)
class Flows:
    """The largest flows, and what all of them come to."""

    largest: tuple[Flow, ...]
    number: int
    mean_m: int | None
    freight_minor: int
    automatic: float | None

    @property
    def is_part(self) -> bool:
        """Whether there were (about) more than were looked at."""
        return self.number > 0.8 * LATEST

    @property
    def freight_each_minor(self) -> int | None:
        return round(self.freight_minor / self.number) if self.number else None


def flows(user: User, warehouses: dict[int, Warehouse], today: Today) -> Flows:
    """One pass over today's latest allocations; what matters stands in few rows."""
    scope = scope_of(user)
    _join, where, values = both_conditions(scope)
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS.format(where=where), {**values, "midnight": today.midnight})
        rows = cursor.fetchall()
    number, known = sum(row[2] for row in rows), sum(row[4] for row in rows)
    largest = [_flow(warehouses[row[0]], row[1], row[2]) for row in rows if row[0] in warehouses and row[1]]
    return Flows(
        tuple(largest[:SHOWN]),
        number,
        round(sum(row[3] for row in rows) / known) if known else None,
        sum(row[5] for row in rows),
        sum(row[6] for row in rows) / number if number else None,
    )


def _flow(warehouse: Warehouse, number: int, count: int) -> Flow:
    code = code_of(number)
    try:
        place = region(code) if code else None
    except LookupError:
        place = None
    at = (None, None) if place is None else (place.lng, place.lat)
    return Flow(warehouse, number, city_of(number), *at, count)


def as_chart(found: Flows, warehouses: list[Warehouse], orders_url: str) -> dict[str, Any]:
    """What the island draws: places with their hue, and lines between them."""
    hue = {one.id: HUES[(at) % len(HUES)] for at, one in enumerate(warehouses)}
    placed = [one for one in warehouses if one.lat is not None]
    return {
        "warehouses": [{"name": str(one), "at": [one.lng, one.lat], "hue": hue[one.id]} for one in placed],
        "flows": [
            {
                "from": str(flow.warehouse),
                "to": flow.city,
                "line": [[flow.warehouse.lng, flow.warehouse.lat], [flow.lng, flow.lat]],
                "number": flow.number,
                "hue": hue[flow.warehouse.id],
                "url": f"{orders_url}?warehouse={flow.warehouse.id}&region={flow.region}&paid_on=today",
            }
            for flow in found.largest
            if flow.lng is not None and flow.warehouse.lng is not None
        ],
    }

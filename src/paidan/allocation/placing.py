"""Putting pieces on a place by hand: new allocations with their parts, then distance, freight, carrier and lateness.

The arithmetic is the engine's, so that a parcel costs the same whoever decided it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _
from psycopg import Cursor

from paidan.engine.distance import UNKNOWN, distances_m
from paidan.engine.freight import FreightTables, freight_tables
from paidan.engine.price_kernel import row_price as compiled_row_price
from paidan.engine.problem import Objective
from paidan.geo import coordinates
from paidan.geo.codes import code_of
from paidan.kit.errors import Refusal
from paidan.network.columns import Network, network_at
from paidan.network.models import Team, Warehouse
from paidan.rules.queries import published_version

from .models import TeamDay
from .states import AllocationState, Origin

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

row_price: Callable[[FreightTables, int, int, int], int] = cast(Any, compiled_row_price).py_func
"""The kernel's price of a freight row, as the plain function it was compiled from."""

_INSERT = """
INSERT INTO allocation_allocation (order_id, replaces_id, freight_minor, created_at, state_at, warehouse_id, team_id,
    late_s, work_day, state, origin, frozen, carrier, tracking_number)
SELECT n.order_id, nullif(n.replaces_id, 0), 0, %(now)s, %(now)s, %(warehouse)s, %(team)s::int,
       0, '1970-01-01'::date + %(day)s::int, %(state)s, %(origin)s, false, '', ''
FROM unnest(%(orders)s, %(replaces)s) AS n (order_id, replaces_id) RETURNING id
"""

_FACTS = """
SELECT o.region, coalesce(o.lat, 'NaN'), coalesce(o.lng, 'NaN'),
       coalesce(extract(epoch FROM o.ship_by_at)::bigint, -1), p.weight_g, p.volume_cm3
FROM unnest(%s) WITH ORDINALITY AS n (id, at) JOIN allocation_allocation a USING (id)
JOIN orders_order o ON o.id = a.order_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(part.qty::bigint * s.weight_g), 0)::bigint AS weight_g,
           coalesce(sum(part.qty::bigint * s.volume_cm3), 0)::bigint AS volume_cm3
    FROM allocation_allocationline part JOIN catalog_sku s ON s.id = part.sku_id WHERE part.allocation_id = a.id
) p ORDER BY n.at
"""

_PRICE = """
UPDATE allocation_allocation a
SET distance_m = nullif(n.distance_m, -1), freight_minor = n.freight_minor, carrier = n.carrier,
    late_s = least(n.late_s, 2147483647)
FROM unnest(%s, %s, %s, %s, %s::text[]) AS n (id, distance_m, freight_minor, late_s, carrier) WHERE a.id = n.id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse and team as they are now: the network around them, and the work day a new allocation counts for."""

    warehouse: Warehouse
    team_id: int  # 0 = none
    row: int  # the warehouse on the network's axis
    day: int  # days since 1970-01-01
    network: Network
    now: datetime


def place_for(warehouse: Warehouse, team: Team | None, now: datetime) -> Place:
    """Look a place up; without a team named, the warehouse's least loaded one takes it, if it has any."""
    network = network_at(now)
    row = next(row for row, known in enumerate(network.warehouses) if known.id == warehouse.id)
    day = int(network.warehouse_columns.work_day_w[row])
    if team is None:
        return Place(warehouse, _least_loaded_team(network, row, day), row, day, network, now)
    if team.warehouse_id not in (None, warehouse.id):
        sentence = _("Team %(team)s belongs to another warehouse than %(warehouse)s.")
        raise Refusal("team_elsewhere", sentence, team=team.code, warehouse=warehouse.code)
    if not team.active:
        raise Refusal("team_inactive", _("Team %(team)s is not active."), team=team.code)
    return Place(warehouse, team.id, row, day, network, now)


def insert_allocations(cursor: Cursor[Any], place: Place, order_a: I64, replaces_a: I64) -> I64:
    """Append assigned allocations decided by hand, without parts or price; answers their ids along `order_a`."""
    values = {
        "now": place.now,
        "warehouse": place.warehouse.id,
        "team": place.team_id or None,
        "day": place.day,
        "state": int(AllocationState.ASSIGNED),
        "origin": int(Origin.BY_HAND),
        "orders": order_a,
        "replaces": replaces_a,
    }
    return np.array([row[0] for row in cursor.execute(_INSERT, values).fetchall()], np.int64)


def price_allocations(cursor: Cursor[Any], place: Place, ids: I64) -> None:
    """Write distance, freight, carrier and lateness of new allocations whose parts are in place."""
    facts = np.array(cursor.execute(_FACTS, (ids,)).fetchall(), np.float64).reshape(-1, 6)
    region_a, ship_by_a = facts[:, 0].astype(np.int32), facts[:, 3].astype(np.int64)
    lat_a, lng_a = coordinates(region_a)
    own = ~np.isnan(facts[:, 1])
    lat_a, lng_a = np.where(own, facts[:, 1], lat_a), np.where(own, facts[:, 2], lng_a)
    columns, at = place.network.warehouse_columns, slice(place.row, place.row + 1)
    distance_a = distances_m(lat_a, lng_a, columns.lat_w[at], columns.lng_w[at])[:, 0].astype(np.int32)
    row_a, freight_a = _freight(place, region_a, facts[:, 4].astype(np.int64), facts[:, 5].astype(np.int64), distance_a)
    transit_a = np.array([0 if row < 0 else place.network.rates[row].transit_s for row in row_a.tolist()], np.int64)
    arrives_a = columns.ready_at_w[place.row] + transit_a
    late_a = np.where(ship_by_a < 0, 0, np.maximum(0, arrives_a - ship_by_a))
    carriers = ["" if row < 0 else place.network.rates[row].carrier for row in row_a.tolist()]
    cursor.execute(_PRICE, (ids, distance_a, freight_a, late_a, carriers))


def _freight(place: Place, region_a: I32, weight_a: I64, volume_a: I64, distance_a: I32) -> tuple[I64, I64]:
    """The freight row (−1 = by distance) and price of each parcel, by the engine's rule."""
    regions, index_a = np.unique(region_a, return_inverse=True)
    codes = [code_of(int(region)) or "" for region in regions]
    none = [at for at, code in enumerate(codes) if not code]
    tables = freight_tables(
        place.network.freight_columns, [code or "ZZ" for code in codes], len(place.network.warehouses)
    )
    index_a = np.where(np.isin(index_a, none), len(codes), index_a)
    version = published_version()
    km_minor = Objective(**version.objective).km_minor if version else Objective().km_minor
    rows, prices = np.full(len(region_a), -1, np.int64), np.zeros(len(region_a), np.int64)
    for a, region in enumerate(index_a.tolist()):
        row, price = _cheapest(tables, int(tables.group_gw[region, place.row]), int(weight_a[a]), int(volume_a[a]))
        if row < 0 and distance_a[a] != UNKNOWN:
            price = (int(distance_a[a]) * km_minor + 500) // 1000
        rows[a], prices[a] = row, price
    return rows, prices


def _cheapest(tables: FreightTables, group: int, weight_g: int, volume_cm3: int) -> tuple[int, int]:
    """The cheapest row of a group, then the fastest, then as listed; (−1, 0) where no row applies."""
    if group < 0:
        return -1, 0
    rows = tables.freight_row[tables.freight_ptr_k[group] : tables.freight_ptr_k[group + 1]].tolist()
    prices = {row: int(row_price(tables, row, weight_g, volume_cm3)) for row in rows}
    best = min(rows, key=lambda row: (prices[row], int(tables.transit_s_f[row])))
    return best, prices[best]


def _least_loaded_team(network: Network, row: int, day: int) -> int:
    """The warehouse's active team with the smallest load ÷ capacity that day (then the smallest load, then id)."""
    warehouse = network.warehouses[row]
    teams = [team for team in network.teams if team.warehouse_id == warehouse.id]
    days = TeamDay.objects.filter(team_id__in=[team.id for team in teams], day=np.datetime64(day, "D").item())
    loads = dict(days.values_list("team_id", "load_n"))

    def burden(team: Team) -> tuple[float, int, int]:
        load = loads.get(team.id, 0)
        return (load / team.capacity if team.capacity else 0.0, load, team.id)

    return min(teams, key=burden).id if teams else 0

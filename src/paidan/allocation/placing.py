"""Putting pieces on a place by hand: new allocations with their parts, then distance, freight, carrier and lateness.

A parcel costs the same whoever decided it: tests hold this arithmetic against the engine's kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy as _
from psycopg import Cursor

from paidan.engine.distance import UNKNOWN, distances_m
from paidan.engine.problem import Objective
from paidan.engine.regions import ancestors, normalised
from paidan.geo import coordinates
from paidan.geo.codes import code_of
from paidan.kit.errors import Refusal
from paidan.network.columns import Network, network_at
from paidan.network.models import FreightRate, Team, Warehouse
from paidan.rules.queries import published_version

from .models import TeamDay
from .states import AllocationState, Origin

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

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


def insert_allocations(
    cursor: Cursor[Any], place: Place, order_a: I64, replaces_a: I64, origin: Origin = Origin.BY_HAND
) -> I64:
    """Append assigned allocations no wave decided, without parts or price; answers their ids along `order_a`."""
    values = {
        "now": place.now,
        "warehouse": place.warehouse.id,
        "team": place.team_id or None,
        "day": place.day,
        "state": int(AllocationState.ASSIGNED),
        "origin": int(origin),
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
    """The freight row (−1 = by distance) and price of each parcel: cheapest, then fastest, then as listed."""
    version = published_version()
    km_minor = Objective(**version.objective).km_minor if version else Objective().km_minor
    by_km_a = np.where(distance_a == UNKNOWN, 0, (distance_a.astype(np.int64) * km_minor + 500) // 1000)
    row_a, price_a = np.full(len(region_a), -1, np.int64), by_km_a
    rows_of = _rows_by_region(place)
    for region in np.unique(region_a).tolist():
        rows, here = _applying(rows_of, code_of(region)), region_a == region
        if not rows:
            continue
        price_fa = np.stack([_price(place.network.rates[row], weight_a[here], volume_a[here]) for row in rows])
        transit_f = np.array([place.network.rates[row].transit_s for row in rows])
        best_a = np.lexsort((np.broadcast_to(transit_f[:, None], price_fa.shape), price_fa), axis=0)[0]
        row_a[here], price_a[here] = np.array(rows)[best_a], price_fa[best_a, np.arange(price_fa.shape[1])]
    return row_a, price_a


def _rows_by_region(place: Place) -> dict[str | None, list[int]]:
    """The warehouse's freight rows as listed, by the region they are for; None = everywhere."""
    rows_of: dict[str | None, list[int]] = {}
    for row, rate in enumerate(place.network.rates):
        if rate.warehouse_id == place.warehouse.id:
            code = code_of(rate.region)
            rows_of.setdefault(None if code is None else normalised(code), []).append(row)
    return rows_of


def _applying(rows_of: dict[str | None, list[int]], region: str | None) -> list[int]:
    """The rows of the most specific region that has any."""
    levels = ancestors(region)[::-1] if region else ()
    return next((rows_of[level] for level in levels if level in rows_of), rows_of.get(None, []))


def _price(rate: FreightRate, weight_a: I64, volume_a: I64) -> I64:
    """First weight plus every further weight begun; charged by volume where that is more. Minor units."""
    charged_a = weight_a
    if rate.volumetric_cm3_per_kg:
        charged_a = np.maximum(weight_a, -(-volume_a * 1000 // rate.volumetric_cm3_per_kg))
    further_a = np.maximum(0, charged_a - rate.first_g)
    price_a: I64 = rate.first_minor + -(-further_a // rate.next_g) * rate.next_minor
    return price_a


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

"""Machine code that finds the sites an order may ship from under a rule: open warehouses with a team that has room."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..codes import Reason
from ..jit import inner
from ..price_kernel import charged_price, pick_row
from ..problem import NEVER_DUE
from ..rank_kernel import lasting_reason

NONE, NO_TEAM, TOO_LATE = int(Reason.NONE), int(Reason.NO_TEAM), int(Reason.TOO_LATE)
WAREHOUSE_FULL, TEAM_FULL = int(Reason.WAREHOUSE_FULL), int(Reason.TEAM_FULL)
NO_TEAM_NEEDED, ANY_TEAM = -1, -2
"""Of a site: the warehouse has none; or one without a limit is there, and whose turn it is shows at the end."""


class Ground(NamedTuple):
    """What sites depend on, from `tables.Tables`, the loads the run starts from, and the weight of an hour's delay."""

    place_o: Any
    region_p: Any
    ship_by_o: Any
    place_in_list_aw: Any
    status_bw: Any
    open_w: Any
    covered_gw: Any
    distance_pw: Any
    max_m_a: Any
    room_w: Any  # capacity − load, a large number where there is no limit
    room_t: Any
    unlimited_w: Any
    unlimited_t: Any
    team_ptr: Any
    team_list: Any
    group_gw: Any
    freight_ptr_k: Any
    freight_row: Any
    first_g_f: Any
    first_minor_f: Any
    next_g_f: Any
    next_minor_f: Any
    transit_s_f: Any
    volumetric_f: Any
    ready_at_w: Any
    km_minor: int
    late_minor: int


@inner
def parcel(g: Any, order: int, w: int, weight: int, volume: int) -> tuple[int, int]:
    """What a parcel from the warehouse costs, in minor units, and by how many seconds it is late."""
    place = g.place_o[order]
    group, arrival = g.group_gw[g.region_p[place], w], g.ready_at_w[w]
    if group >= 0:
        row = pick_row(
            g.freight_row, g.freight_ptr_k[group], g.freight_ptr_k[group + 1], g.first_g_f, g.first_minor_f,
            g.next_g_f, g.next_minor_f, g.transit_s_f, g.volumetric_f, weight, volume,
        )  # fmt: skip
        arrival += g.transit_s_f[row]
        price = charged_price(
            g.first_g_f, g.first_minor_f, g.next_g_f, g.next_minor_f, g.volumetric_f, row, weight, volume
        )
    else:
        metres = np.int64(g.distance_pw[place, w])
        price = (metres * g.km_minor + 500) // 1000 if metres >= 0 else 0
    due = g.ship_by_o[order]
    return price, max(0, arrival - due) if due != NEVER_DUE else 0


@inner
def find_sites(
    g: Any, order: int, action: int, block: int, weight: int, volume: int, site_w: Any, site_t: Any, why_w: Any,
    in_time_w: Any,
) -> int:  # fmt: skip
    """Fill the order's sites (warehouse and team) under an action; their number. `why_w`: why each warehouse is none.

    A late warehouse is a site only while those in time could all be full: then the sequential engine takes it too.
    """
    place = g.place_o[order]
    region, some_in_time, always_in_time = g.region_p[place], False, False
    for w in range(len(g.open_w)):
        in_time_w[w] = False
        why_w[w] = lasting_reason(
            g.place_in_list_aw, g.status_bw, g.open_w, g.covered_gw, g.distance_pw, g.max_m_a, action, block, place,
            region, w,
        )  # fmt: skip
        if why_w[w] == NONE and g.room_w[w] <= 0:
            why_w[w] = WAREHOUSE_FULL
        if why_w[w] == NONE:
            in_time_w[w] = parcel(g, order, w, weight, volume)[1] == 0
            some_in_time |= in_time_w[w]
            always_in_time |= in_time_w[w] and g.unlimited_w[w]
    count = 0
    for w in range(len(g.open_w)):
        if why_w[w] != NONE:
            continue
        if always_in_time and not in_time_w[w]:
            why_w[w] = TOO_LATE
            continue
        if g.status_bw[block, w] == NO_TEAM:
            why_w[w] = NO_TEAM
            continue
        before = count
        count = _add_teams(g, block, w, site_w, site_t, count)
        if count == before:
            why_w[w] = TEAM_FULL
    return count


@inner
def _add_teams(g: Any, block: int, w: int, site_w: Any, site_t: Any, count: int) -> int:
    """One site where the team does not matter, else one for each team with room."""
    at = block * len(g.open_w) + w
    first, end = g.team_ptr[at], g.team_ptr[at + 1]
    if first == end:
        site_w[count], site_t[count] = w, NO_TEAM_NEEDED
        return count + 1
    for k in range(first, end):
        if g.unlimited_t[g.team_list[k]]:
            site_w[count], site_t[count] = w, ANY_TEAM
            return count + 1
    for k in range(first, end):
        if g.room_t[g.team_list[k]] > 0:
            site_w[count], site_t[count] = w, g.team_list[k]
            count += 1
    return count

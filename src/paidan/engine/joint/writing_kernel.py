"""Machine code that prices the allocations of a joint plan and gives each to a team whose turn it is."""

from __future__ import annotations

from typing import Any

from ..jit import entry, inner
from ..price_kernel import charged_price, pick_row
from ..problem import NEVER_DUE
from .sites_kernel import ANY_TEAM

TOLERANCE = 1e-9


@entry
def write_allocations(
    g: Any, order_a: Any, warehouse_a: Any, block_a: Any, weight_a: Any, volume_a: Any, team_a: Any, row_a: Any,
    price_a: Any, late_a: Any, metres_a: Any, ratio_t: Any, credit_t: Any,
) -> None:  # fmt: skip
    """Fill freight row, price, lateness and distance of every allocation, and the team where any without limit may."""
    for a in range(len(order_a)):
        order, w = order_a[a], warehouse_a[a]
        place = g.place_o[order]
        group, row, arrival = g.group_gw[g.region_p[place], w], -1, g.ready_at_w[w]
        metres_a[a] = g.distance_pw[place, w]
        if group >= 0:
            row = pick_row(
                g.freight_row, g.freight_ptr_k[group], g.freight_ptr_k[group + 1], g.first_g_f, g.first_minor_f,
                g.next_g_f, g.next_minor_f, g.transit_s_f, g.volumetric_f, weight_a[a], volume_a[a],
            )  # fmt: skip
            arrival += g.transit_s_f[row]
            price_a[a] = charged_price(
                g.first_g_f, g.first_minor_f, g.next_g_f, g.next_minor_f, g.volumetric_f, row, weight_a[a], volume_a[a]
            )
        else:
            price_a[a] = (metres_a[a] * g.km_minor + 500) // 1000 if metres_a[a] >= 0 else 0
        row_a[a] = row
        due = g.ship_by_o[order]
        late_a[a] = max(0, arrival - due) if due != NEVER_DUE else 0
        if team_a[a] == ANY_TEAM:
            at = block_a[a] * len(g.open_w) + w
            team_a[a] = _whose_turn(g, g.team_ptr[at], g.team_ptr[at + 1], ratio_t, credit_t)


@inner
def _whose_turn(g: Any, first: int, end: int, ratio_t: Any, credit_t: Any) -> int:
    """The team without a limit that has the largest credit, after all of them were credited by ratio (design §3)."""
    total, members, best = 0, 0, -1
    for k in range(first, end):
        if g.unlimited_t[g.team_list[k]]:
            total += ratio_t[g.team_list[k]]
            members += 1
            best = g.team_list[k]
    if members < 2:
        return best
    best = -1
    for k in range(first, end):
        team = g.team_list[k]
        if g.unlimited_t[team]:
            credit_t[team] += ratio_t[team] / total if total > 0 else 1.0 / members
            if best < 0 or credit_t[team] > credit_t[best] + TOLERANCE:
                best = team
    credit_t[best] -= 1.0
    return best

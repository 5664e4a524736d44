"""Machine code that tabulates what every parcel of every order costs from every warehouse."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..jit import entry
from .compact import NEVER
from .sites_kernel import NO_TEAM_NEEDED, find_sites, parcel


@entry
def tabulate_parcels(
    g: Any, ptr_o: Any, sku_l: Any, qty_l: Any, row_o: Any, weight_s: Any, volume_s: Any, shop_o: Any, action_o: Any,
    block_a: Any, block_h: Any, available_sw: Any, cost_rn: Any, in_time_ow: Any, reason_ow: Any, needs_team_ow: Any,
) -> None:  # fmt: skip
    """Fill the costs of the orders that have lines; a parcel that cannot be stays as it is.

    Also which warehouses would be in time, why each is none, and whether its parcels need a team.
    """
    warehouses = available_sw.shape[1]
    site_w, site_t = np.empty(warehouses + 1, np.int32), np.empty(warehouses + 1, np.int32)
    for order in range(len(ptr_o) - 1):
        first, lines = ptr_o[order], ptr_o[order + 1] - ptr_o[order]
        if lines == 0:
            continue
        weight, volume = 0, 0
        for line in range(first, first + lines):
            weight += qty_l[line] * weight_s[sku_l[line]]
            volume += qty_l[line] * volume_s[sku_l[line]]
        action = action_o[order]
        block = block_a[action] if block_a[action] >= 0 else block_h[shop_o[order]]
        sites = find_sites(g, order, action, block, weight, volume, site_w, site_t, reason_ow[order], in_time_ow[order])
        rows = row_o[order + 1] - row_o[order]
        for i in range(sites):
            w = site_w[i]
            needs_team_ow[order, w] = site_t[i] != NO_TEAM_NEEDED
            for r in range(rows):
                mask = r + 1 if rows > 1 else (1 << lines) - 1
                weight, volume, there = 0, 0, True
                for k in range(lines):
                    if mask >> k & 1:
                        sku, qty = sku_l[first + k], qty_l[first + k]
                        weight += qty * weight_s[sku]
                        volume += qty * volume_s[sku]
                        there &= available_sw[sku, w] >= qty
                if there:
                    price, late_s = parcel(g, order, w, weight, volume)
                    cost_rn[row_o[order] + r, w] = min(price + g.late_minor * (late_s // 3600), NEVER)

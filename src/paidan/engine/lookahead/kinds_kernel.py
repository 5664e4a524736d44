"""The loop that tabulates what an order of each kind costs from each warehouse."""

from __future__ import annotations

import numpy as np

from paidan.engine.jit import entry
from paidan.engine.price_kernel import charged_price, pick_row
from paidan.engine.problem import F64, I8, I32, I64, Bools
from paidan.engine.rank_kernel import NONE, lasting_reason


@entry
def tabulate_kinds(
    ptr: I64,
    sku_i: I32,
    qty_i: I64,
    weight_g_s: I64,
    volume_cm3_s: I64,
    place_k: I32,
    action_k: I32,
    block_k: I32,
    whole_k: Bools,
    region_p: I32,
    distance_pw: I32,
    place_in_list_aw: I32,
    status_bw: I8,
    open_w: Bools,
    covered_gw: Bools,
    max_m_a: I64,
    group_gw: I32,
    freight_ptr_k: I64,
    freight_row: I32,
    first_g_f: I64,
    first_minor_f: I64,
    next_g_f: I64,
    next_minor_f: I64,
    transit_s_f: I64,
    volumetric_f: I64,
    km_minor: int,
    parcel_kv: F64,
    line_iv: F64,
) -> None:
    """Fill `parcel_kv` and `line_iv` where a warehouse can serve a kind; the rest stays as it is.

    A kind that goes as a whole costs its parcel. One that may be split costs the empty parcel, and each line its part
    by weight of what the whole costs beyond that.
    """
    for k in range(len(action_k)):
        if action_k[k] < 0:
            continue
        weight, volume = 0, 0
        for line in range(ptr[k], ptr[k + 1]):
            weight += qty_i[line] * weight_g_s[sku_i[line]]
            volume += qty_i[line] * volume_cm3_s[sku_i[line]]
        place = place_k[k]
        region = region_p[place]
        for w in range(len(open_w)):
            reason = lasting_reason(
                place_in_list_aw, status_bw, open_w, covered_gw, distance_pw, max_m_a, action_k[k], block_k[k], place,
                region, w,
            )  # fmt: skip
            group, metres = group_gw[region, w], np.int64(distance_pw[place, w])
            if reason != NONE or status_bw[block_k[k], w] != NONE or (group < 0 and metres < 0):
                continue
            if group >= 0:
                first, end = freight_ptr_k[group], freight_ptr_k[group + 1]
                row = pick_row(
                    freight_row, first, end, first_g_f, first_minor_f, next_g_f, next_minor_f, transit_s_f,
                    volumetric_f, weight, volume,
                )  # fmt: skip
                whole = charged_price(
                    first_g_f, first_minor_f, next_g_f, next_minor_f, volumetric_f, row, weight, volume
                )
                least = first_minor_f[row]
            else:
                whole = int((metres * km_minor + 500) // 1000)
                least = whole
            parcel_kv[k, w] = whole if whole_k[k] else least
            for line in range(ptr[k], ptr[k + 1]):
                part = qty_i[line] * weight_g_s[sku_i[line]] / weight if weight > 0 else 0.0
                line_iv[line, w] = 0.0 if whole_k[k] else (whole - least) * part

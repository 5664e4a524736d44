"""The loop's view of freight: which row prices a parcel, what it costs, and when it arrives."""

from __future__ import annotations

import numpy as np

from .jit import inlined, inner
from .problem import I32, I64
from .tables import Tables

UNPRICED = -1


@inlined
def charged_price(
    first_g_f: I64,
    first_minor_f: I64,
    next_g_f: I64,
    next_minor_f: I64,
    volumetric_f: I64,
    row: int,
    weight: int,
    volume: int,
) -> int:
    """First weight plus every further weight begun; charged by volume where that is more. Minor units."""
    charged = weight
    per_kg = volumetric_f[row]
    if per_kg > 0:
        charged = max(charged, (volume * 1000 + per_kg - 1) // per_kg)
    price = first_minor_f[row]
    further = charged - first_g_f[row]
    step = next_g_f[row]
    if further > 0 and step > 0:
        price += (further + step - 1) // step * next_minor_f[row]
    return price


@inlined
def pick_row(
    freight_row: I32,
    first: int,
    end: int,
    first_g_f: I64,
    first_minor_f: I64,
    next_g_f: I64,
    next_minor_f: I64,
    transit_s_f: I64,
    volumetric_f: I64,
    weight: int,
    volume: int,
) -> int:
    """The row of ``freight_row[first:end]`` that carries a parcel: cheapest, then fastest, then as listed."""
    best = freight_row[first]
    if end - first == 1:
        return best
    best_price = charged_price(first_g_f, first_minor_f, next_g_f, next_minor_f, volumetric_f, best, weight, volume)
    for at in range(first + 1, end):
        row = freight_row[at]
        price = charged_price(first_g_f, first_minor_f, next_g_f, next_minor_f, volumetric_f, row, weight, volume)
        if price < best_price or (price == best_price and transit_s_f[row] < transit_s_f[best]):
            best, best_price = row, price
    return best


@inner
def cheapest_row(t: Tables, place: int, warehouse: int, weight_g: int, volume_cm3: int) -> int:
    """The freight row that carries a parcel; `UNPRICED` if none applies."""
    group = t.group_gw[t.region_p[place], warehouse]
    if group < 0:
        return UNPRICED
    return pick_row(
        t.freight_row,
        t.freight_ptr_k[group],
        t.freight_ptr_k[group + 1],
        t.first_g_f,
        t.first_minor_f,
        t.next_g_f,
        t.next_minor_f,
        t.transit_s_f,
        t.volumetric_f,
        weight_g,
        volume_cm3,
    )


@inner
def parcel_price(t: Tables, place: int, warehouse: int, row: int, weight_g: int, volume_cm3: int) -> int:
    """What the parcel costs: by its freight row, else by kilometre, rounded half up; 0 where that is unknown."""
    if row >= 0:
        return charged_price(
            t.first_g_f, t.first_minor_f, t.next_g_f, t.next_minor_f, t.volumetric_f, row, weight_g, volume_cm3
        )
    metres = np.int64(t.distance_pw[place, warehouse])
    return (metres * t.km_minor + 500) // 1000 if metres >= 0 else 0


@inner
def arrives_at(t: Tables, warehouse: int, row: int) -> int:
    """The instant a parcel of a new order from this warehouse is delivered."""
    return t.ready_at_w[warehouse] + (t.transit_s_f[row] if row >= 0 else 0)

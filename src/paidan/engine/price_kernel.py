"""The loop's view of freight: which row prices a parcel, what it costs, and when it arrives."""

from __future__ import annotations

from .jit import inner
from .tables import Tables

UNPRICED = -1


@inner
def row_price(t: Tables, row: int, weight_g: int, volume_cm3: int) -> int:
    """First weight plus every further weight begun; charged by volume where that is more. Minor units."""
    charged = weight_g
    per_kg = t.volumetric_f[row]
    if per_kg > 0:
        charged = max(charged, (volume_cm3 * 1000 + per_kg - 1) // per_kg)
    price = t.first_minor_f[row]
    further = charged - t.first_g_f[row]
    step = t.next_g_f[row]
    if further > 0 and step > 0:
        price += (further + step - 1) // step * t.next_minor_f[row]
    return price


@inner
def cheapest_row(t: Tables, place: int, warehouse: int, weight_g: int, volume_cm3: int) -> int:
    """The freight row that carries a parcel: cheapest, then fastest, then as listed; `UNPRICED` if none applies."""
    group = t.group_gw[t.region_p[place], warehouse]
    if group < 0:
        return UNPRICED
    best, best_price = -1, 0
    for at in range(t.freight_ptr_k[group], t.freight_ptr_k[group + 1]):
        row = t.freight_row[at]
        price = row_price(t, row, weight_g, volume_cm3)
        faster = best >= 0 and price == best_price and t.transit_s_f[row] < t.transit_s_f[best]
        if best < 0 or price < best_price or faster:
            best, best_price = row, price
    return best


@inner
def parcel_price(t: Tables, place: int, warehouse: int, row: int, weight_g: int, volume_cm3: int) -> int:
    """What the parcel costs: by its freight row, else by kilometre, rounded half up; 0 where the distance is unknown."""
    if row >= 0:
        return row_price(t, row, weight_g, volume_cm3)
    metres = t.distance_pw[place, warehouse]
    return (metres * t.km_minor + 500) // 1000 if metres >= 0 else 0


@inner
def arrives_at(t: Tables, warehouse: int, row: int) -> int:
    """The instant a parcel of a new order from this warehouse is delivered."""
    return t.ready_at_w[warehouse] + (t.transit_s_f[row] if row >= 0 else 0)

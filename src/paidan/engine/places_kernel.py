"""Distinct places among the orders: by hashing, since sorting a million of them takes longer than deciding them."""

from __future__ import annotations

import numpy as np

from .jit import entry
from .problem import I32, I64


@entry
def intern_places(region_o: I32, lat_bits_o: I64, lng_bits_o: I64) -> tuple[I32, I64]:
    """The place of each order, int32 (orders,), and the first order of each place; equal bits are equal coordinates."""
    count = len(region_o)
    slots = 1 << 4
    while slots < 2 * count:
        slots <<= 1
    place_h = np.full(slots, -1, np.int32)
    place_o = np.empty(count, np.int32)
    first_p = np.empty(count, np.int64)
    places = 0
    for order in range(count):
        mixed = (lat_bits_o[order] ^ (lng_bits_o[order] << 1) ^ region_o[order]) * -0x61C8864680B583EB
        slot = (mixed >> 29) & (slots - 1)
        place = place_h[slot]
        while place >= 0:
            first = first_p[place]
            if (
                region_o[first] == region_o[order]
                and lat_bits_o[first] == lat_bits_o[order]
                and lng_bits_o[first] == lng_bits_o[order]
            ):
                break
            slot = (slot + 1) & (slots - 1)
            place = place_h[slot]
        if place < 0:
            place = places
            place_h[slot] = place
            first_p[place] = order
            places += 1
        place_o[order] = place
    return place_o, first_p[:places].copy()

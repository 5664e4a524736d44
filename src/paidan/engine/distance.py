"""Great-circle distances on a sphere, in whole metres."""

from __future__ import annotations

import numpy as np

from .problem import F64, I32

EARTH_RADIUS_M = 6_371_000
UNKNOWN = -1
"""The distance between two points of which one has no coordinates."""


def distances_m(lat_p: F64, lng_p: F64, lat_w: F64, lng_w: F64) -> I32:
    """Distances from every place to every warehouse by the haversine formula, int32 metres (places, warehouses).

    Rounded to the metre so that equal roads tie; `UNKNOWN` where either end has no coordinates.
    """
    lat_from, lat_to = np.radians(lat_p)[:, None], np.radians(lat_w)[None, :]
    half_lat = (lat_to - lat_from) / 2
    half_lng = (np.radians(lng_w)[None, :] - np.radians(lng_p)[:, None]) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(lat_from) * np.cos(lat_to) * np.sin(half_lng) ** 2
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return np.where(np.isnan(metres), UNKNOWN, np.rint(np.nan_to_num(metres))).astype(np.int32)

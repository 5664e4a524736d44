"""Coordinates and distances of many regions at once, as arrays; single regions answer through `regions`."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paidan.geo.table import region_table

EARTH_RADIUS_M = 6_371_000

_NO_SEAT = (math.nan, math.nan)


def coordinates(region_numbers: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes in degrees of int32 region numbers of any shape; NaN for 0, countries and the unknown.

    Retired codes have their successor's; a region without coordinates has its parent's. O(n log r).
    """
    known, lats, lngs = _sorted_points()
    wanted = np.asarray(region_numbers, dtype=np.int32)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found = known[at] == wanted
    return np.where(found, lats[at], np.nan), np.where(found, lngs[at], np.nan)


@lru_cache(maxsize=1)
def _sorted_points() -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    table = region_table()
    known = sorted({*table.names, *table.successors})
    points = np.array([table.point(table.current(number)) or _NO_SEAT for number in known])
    return np.array(known, dtype=np.int32), points[:, 0].copy(), points[:, 1].copy()


def distance_m(lat_a: float, lng_a: float, lat_b: float, lng_b: float) -> int:
    """Great-circle distance in metres between two points in degrees, on a sphere of 6,371 km (haversine)."""
    return round(float(distances_m(lat_a, lng_a, lat_b, lng_b)))


def distances_m(lat_a: ArrayLike, lng_a: ArrayLike, lat_b: ArrayLike, lng_b: ArrayLike) -> NDArray[np.float64]:
    """`distance_m` of arrays that broadcast against each other, unrounded; NaN where a coordinate is NaN."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_phi = (phi_b - phi_a) / 2
    half_lambda = (np.radians(lng_b) - np.radians(lng_a)) / 2
    chord = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))), dtype=np.float64)

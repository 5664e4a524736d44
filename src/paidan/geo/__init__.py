"""Regions of China, their coordinates, and addresses resolved to them: pure Python and packaged tables, no Django.

The names below are loaded on first use, so that whoever asks for one address does not pay for numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paidan.geo.address import Resolution, resolve, resolve_many
    from paidan.geo.points import coordinates, distance_m, distances_m
    from paidan.geo.regions import (
        Region,
        UnknownRegionError,
        ancestors,
        children,
        current_number,
        full_name,
        is_region,
        region,
        search,
    )

__all__ = [
    "Region",
    "Resolution",
    "UnknownRegionError",
    "ancestors",
    "children",
    "coordinates",
    "current_number",
    "distance_m",
    "distances_m",
    "full_name",
    "is_region",
    "region",
    "resolve",
    "resolve_many",
    "search",
]

_ADDRESS = {"Resolution", "resolve", "resolve_many"}
_POINTS = {"coordinates", "distance_m", "distances_m"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "address" if name in _ADDRESS else "points" if name in _POINTS else "regions"
    return getattr(import_module(f"{__name__}.{module}"), name)

"""Reading the packaged originals: baskets, goods, and people per region. scripts/practice_data.py made them."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from functools import cache
from importlib import resources
from zlib import crc32

import numpy as np

SEED = 1111

Basket = tuple[tuple[str, int], ...]
"""What was bought together: SKU codes and pieces."""


def chance(purpose: str) -> np.random.Generator:
    """A source of chance of its own for every purpose, so that a change to one leaves the others as they were."""
    return np.random.default_rng([SEED, crc32(purpose.encode())])


def spread(key: str, low: float, high: float) -> float:
    """A number between `low` and `high` that always belongs to `key`."""
    return low + (high - low) * crc32(key.encode()) / 0xFFFFFFFF


@cache
def baskets() -> tuple[Basket, ...]:
    """The baskets in the order in which they were bought."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in _rows("baskets.csv.gz"):
        found.setdefault(row["basket"], []).append((row["sku"], int(row["qty"])))
    return tuple(map(tuple, found.values()))


@cache
def originals() -> tuple[tuple[str, str, int], ...]:
    """Code, name and price in pence of every good in the baskets, by code."""
    return tuple((row["sku"], row["name"], int(row["price_pence"])) for row in _rows("goods.csv.gz"))


@cache
def populations() -> dict[int, int]:
    """People per prefecture (its urban districts) or county, by region number."""
    return {int(row["region"]): int(row["population"]) for row in _rows("cities.csv.gz")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    packed = resources.files(__package__).joinpath("raw", name).read_bytes()
    return iter(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))

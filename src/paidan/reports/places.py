"""Where orders would better be served from: nearest warehouses that are passed over, dearer ones that need not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from paidan.allocation.prices import Parcel, by_place, cheapest_freight
from paidan.engine.distance import distances_m
from paidan.geo import children, region
from paidan.network.coverage import Coverage
from paidan.network.models import FreightRate, Warehouse

from .dimensions import Dimension
from .periods import Days
from .questions import Question, counts_of_pairs

D = Dimension
FEWEST_PARCELS = 30
LEAST_MINOR = 10_000
"""Less than a hundred yuan in four weeks is not worth a rule."""
TYPICAL = Parcel(1_000, 0)
"""Prices are compared for a parcel of one kilogram."""
PASSED_OVER = 0.5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Parcels to a province that another warehouse would send for less."""

    region: int
    warehouse: Warehouse
    better: Warehouse
    number: int
    each_minor: int  # cheaper per parcel
    nearer_m: int

    @property
    def stake_minor(self) -> int:
        return self.number * self.each_minor


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A province of which the nearest warehouse serves less than half."""

    region: int
    nearest: Warehouse
    share: float
    number: int
    detour_m: int


@dataclass(frozen=True, slots=True)
class Places:
    """What a look at who serves which province came to."""

    elsewhere: Sequence[Elsewhere]
    passed_over: Sequence[PassedOver]
    overtaken: Sequence[Warehouse]  # nearest to no province they cover


def look_at_places(days: Days, warehouses: Sequence[Warehouse]) -> Places:
    """Compare who served each province with who is nearest and who is cheapest, from the roll-ups of these days."""
    open_ones = [one for one in warehouses if one.is_open and one.lat is not None]
    question = Question(days.first, days.last)
    counts = counts_of_pairs(question, (D.WAREHOUSE, D.REGION), ("auto_n", "hand_n"))
    served: dict[int, dict[int, int]] = {}
    for (warehouse, number), n in counts.items():
        if number >= 100_000 and n:
            served.setdefault(number, {})[warehouse] = n
    away = distances(open_ones)
    nearest = {number: min(row, key=lambda one: (row[one], one)) for number, row in away.items() if row}
    known = {one.pk: one for one in open_ones}
    overtaken = [one for one in open_ones if len(open_ones) > 1 and one.pk not in nearest.values()]
    return Places(_elsewhere(served, away, known), _passed_over(served, away, nearest, known), overtaken)


def distances(warehouses: Sequence[Warehouse]) -> dict[int, dict[int, int]]:
    """Metres from each province's middle to every warehouse that covers it."""
    found: dict[int, dict[int, int]] = {}
    if not warehouses:
        return found
    lat_w, lng_w = (np.array([getattr(one, name) for one in warehouses], np.float64) for name in ("lat", "lng"))
    for province in children("CN"):
        place = region(province.code)
        if place.lat is None or place.lng is None:
            continue
        metres = distances_m(np.array([place.lat]), np.array([place.lng]), lat_w, lng_w).ravel().tolist()
        found[int(province.code)] = {
            one.pk: metre
            for one, metre in zip(warehouses, metres, strict=True)
            if Coverage.of(one.covers, one.excludes).has(province.code)
        }
    return found


def _elsewhere(
    served: Mapping[int, Mapping[int, int]], away: Mapping[int, Mapping[int, int]], known: Mapping[int, Warehouse]
) -> list[Elsewhere]:
    rates = by_place(FreightRate.objects.all())
    found = []
    for number, row in served.items():
        prices = {key: cheapest_freight(rates, key, number, TYPICAL) for key in away.get(number, {})}
        priced = {key: price for key, price in prices.items() if price is not None}
        if not priced:
            continue
        best = min(priced, key=lambda key: (priced[key], away[number][key], key))
        for warehouse, n in row.items():
            each = priced.get(warehouse, 0) - priced[best]
            if n >= FEWEST_PARCELS and each * n >= LEAST_MINOR:
                nearer = away[number][warehouse] - away[number][best]
                found.append(Elsewhere(number, known[warehouse], known[best], n, each, nearer))
    return sorted(found, key=lambda one: (-one.stake_minor, one.region))


def _passed_over(
    served: Mapping[int, Mapping[int, int]],
    away: Mapping[int, Mapping[int, int]],
    nearest: Mapping[int, int],
    known: Mapping[int, Warehouse],
) -> list[PassedOver]:
    found = []
    for number, row in served.items():
        total, best = sum(row.values()), nearest.get(number)
        if best is None or total < FEWEST_PARCELS or row.get(best, 0) >= PASSED_OVER * total:
            continue
        metres = sum(n * (away[number][key] - away[number][best]) for key, n in row.items() if key in away[number])
        found.append(PassedOver(number, known[best], row.get(best, 0) / total, total, round(metres / total)))
    return sorted(found, key=lambda one: (-one.number * one.detour_m, one.region))

"""What the carriers ask for one parcel: the engine's rule for a whole wave, here for one order that is looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from paidan.engine.regions import ancestors
from paidan.geo.codes import code_of, number_of
from paidan.network.models import FreightRate


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent together."""

    weight_g: int
    volume_cm3: int


Rates = Mapping[tuple[int, int], Sequence[FreightRate]]
"""Freight rates by warehouse and region."""


def by_place(rates: Iterable[FreightRate]) -> Rates:
    """The rates as `cheapest_freight` looks them up."""
    found: dict[tuple[int, int], list[FreightRate]] = {}
    for rate in rates:
        found.setdefault((rate.warehouse_id, rate.region), []).append(rate)
    return found


def cheapest_freight(rates: Rates, warehouse_id: int, region: int, parcel: Parcel) -> int | None:
    """The cheapest carrier's price by the most specific region that has any; None where no price applies."""
    for level in _levels(region):
        if asked := rates.get((warehouse_id, level)):
            return min(price(rate, parcel) for rate in asked)
    return None


@lru_cache(maxsize=4_096)
def _levels(region: int) -> tuple[int, ...]:
    """The region and what it lies in, the smallest first, and 0 for everywhere."""
    code = code_of(region)
    return (*map(number_of, reversed(ancestors(code))), 0) if code else (0,)


def price(rate: FreightRate, parcel: Parcel) -> int:
    """First weight plus every further weight begun; charged by volume where that is more. Minor units."""
    charged = parcel.weight_g
    if rate.volumetric_cm3_per_kg:
        charged = max(charged, -(-parcel.volume_cm3 * 1000 // rate.volumetric_cm3_per_kg))
    further = max(0, charged - rate.first_g)
    return rate.first_minor + -(-further // rate.next_g) * rate.next_minor

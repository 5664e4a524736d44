"""What the carriers ask for one parcel: the engine's rule for a whole wave, here for one order that is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

from paidan.engine.regions import ancestors
from paidan.geo.codes import code_of, number_of
from paidan.network.models import FreightRate


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent together."""

    weight_g: int
    volume_cm3: int


def cheapest_freight(rates: Iterable[FreightRate], warehouse_id: int, region: int, parcel: Parcel) -> int | None:
    """The cheapest carrier's price by the most specific region that has any; None where no price applies."""
    of_warehouse = [rate for rate in rates if rate.warehouse_id == warehouse_id]
    code = code_of(region)
    levels = [*map(number_of, reversed(ancestors(code))), 0] if code else [0]
    for level in levels:
        prices = [price(rate, parcel) for rate in of_warehouse if rate.region == level]
        if prices:
            return min(prices)
    return None


def price(rate: FreightRate, parcel: Parcel) -> int:
    """First weight plus every further weight begun; charged by volume where that is more. Minor units."""
    charged = parcel.weight_g
    if rate.volumetric_cm3_per_kg:
        charged = max(charged, -(-parcel.volume_cm3 * 1000 // rate.volumetric_cm3_per_kg))
    further = max(0, charged - rate.first_g)
    return rate.first_minor + -(-further // rate.next_g) * rate.next_minor

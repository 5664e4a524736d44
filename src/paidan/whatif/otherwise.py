"""A network that was not: warehouses that are tried where there is none, and carriers that ask other prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils.translation import gettext_lazy as _

from paidan.engine.problem import I64
from paidan.geo import UnknownRegionError, region, resolve
from paidan.kit.errors import Refusal
from paidan.network.columns import Network, network_of
from paidan.network.models import FreightRate, Warehouse

_COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
EVERYWHERE = 0
"""As a warehouse of `freight_percent`: all of them."""
LEAST_PERCENT, MOST_PERCENT = -90, 900


@dataclass(frozen=True, slots=True)
class Added:
    """A warehouse that is tried: where, with which share of everybody's stock, priced like which other one."""

    code: str
    lat: float
    lng: float
    stock_percent: int = 0
    like: int = 0  # the id of a warehouse whose freight table and calendar it has; 0 = priced by distance, works daily
    ratio: int = 0
    capacity: int | None = None


def place_of(text: str) -> tuple[float, float]:
    """Coordinates written as “lat,lng”, a region code, or an address or place name; Refusal where it is none."""
    written = _COORDINATES.fullmatch(text)
    if written and abs(float(written[1])) <= 90 and abs(float(written[2])) <= 180:
        return float(written[1]), float(written[2])
    code = text if text.isdecimal() and len(text) == 6 else resolve(text).code
    try:
        found = region(code) if code else None
    except UnknownRegionError:
        found = None
    if found is None or found.lat is None or found.lng is None:
        sentence = _("“%(text)s” is no place we know. Write a city and district, or latitude,longitude.")
        raise Refusal("unknown_place", sentence, pointer="/added", text=text)
    return found.lat, found.lng


def network_with(network: Network, added: tuple[Added, ...], percent: Mapping[int, int], now: datetime) -> Network:
    """The network with these warehouses at its end and these changes of price, in percent by warehouse id."""
    if not added and not percent:
        return network
    if sum(one.stock_percent for one in added) > 100:
        raise Refusal("too_much_stock", _("More than all stock cannot be shared out."), pointer="/added")
    known = {one.id: one for one in network.warehouses}
    codes = {one.code for one in network.warehouses}
    warehouses, rates = list(network.warehouses), [_priced(rate, percent) for rate in network.rates]
    for number, one in enumerate(added, 1):
        if not one.code or one.code in codes:
            sentence = _("There is a warehouse %(place)s already. Give the new one another code.")
            raise Refusal("code_taken", sentence, pointer="/added", place=one.code)
        codes.add(one.code)
        new = _built(one, id_of(network, number), number + max((w.position for w in warehouses), default=0), known)
        warehouses.append(new)
        rates += [_moved(rate, new) for rate in rates if one.like and rate.warehouse_id == one.like]
    return network_of(tuple(warehouses), network.teams, tuple(rates), now)


def id_of(network: Network, number: int) -> int:
    """The id the n-th added warehouse goes by, in this what-if only."""
    return max((one.id for one in network.warehouses), default=0) + number


def _built(one: Added, key: int, position: int, known: Mapping[int, Warehouse]) -> Warehouse:
    model = known.get(one.like)
    new = Warehouse(
        id=key, code=one.code, position=position, lat=one.lat, lng=one.lng, ratio=one.ratio, capacity=one.capacity
    )
    if model is not None:
        for name in ("timezone", "cutoff", "handling_s", "weekdays_off", "holidays"):
            setattr(new, name, getattr(model, name))
    days = list(model.days.all()) if model is not None else []
    new._prefetched_objects_cache = {"days": Days(days)}  # type: ignore[attr-defined]
    return new


class Days(list):  # type: ignore[type-arg]
    """Calendar days as a prefetched relation hands them over."""

    def all(self) -> Days:
        return self


def _priced(rate: FreightRate, percent: Mapping[int, int]) -> FreightRate:
    more = percent.get(rate.warehouse_id, percent.get(EVERYWHERE, 0))
    if not more:
        return rate
    other = copy(rate)
    other.first_minor = (rate.first_minor * (100 + more) + 50) // 100
    other.next_minor = (rate.next_minor * (100 + more) + 50) // 100
    return other


def _moved(rate: FreightRate, new: Warehouse) -> FreightRate:
    other = copy(rate)
    other.warehouse_id = new.id
    return other


@dataclass(frozen=True, slots=True)
class Sharing:
    """How pieces are shared with added warehouses, the last `len(percent)` columns."""

    percent: tuple[int, ...]

    def opened(self, free_sw: I64) -> I64:
        """Free pieces with the new columns: each takes its percentage of what every other has free."""
        columns, rest = [], free_sw.copy()
        for percent in self.percent:
            taken = np.maximum(free_sw, 0) * percent // 100
            rest -= taken
            columns.append(taken.sum(1))
        return np.column_stack([rest, *columns]).astype(np.int64) if columns else free_sw

    def delivered(self, free_sw: I64, sku: int, place: int, qty: int) -> None:
        """Pieces that come in for a warehouse, shared alike; what goes out is the warehouse's own."""
        for number, percent in enumerate(self.percent):
            taken = max(qty, 0) * percent // 100
            free_sw[sku, free_sw.shape[1] - len(self.percent) + number] += taken
            free_sw[sku, place] -= taken
        free_sw[sku, place] += qty

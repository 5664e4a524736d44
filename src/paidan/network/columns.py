"""The network as the engine's columns: warehouses, teams and freight as they are at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from paidan.engine.calendar import ready_at, work_day
from paidan.engine.problem import UNLIMITED, Freight, Teams, Warehouses
from paidan.geo.codes import code_of

from .calendars import days_off
from .kept import Kept, Mark, terms_mark
from .models import FreightRate, Shop, Team, Warehouse


@dataclass(frozen=True, slots=True)
class Network:
    """Database rows in the order of the engine's axes, beside the engine's columns of them."""

    warehouses: tuple[Warehouse, ...]
    teams: tuple[Team, ...]
    rates: tuple[FreightRate, ...]
    warehouse_columns: Warehouses
    team_columns: Teams
    freight_columns: Freight


def network_at(now: datetime, mark: Mark | None = None) -> Network:
    """Warehouses, teams and freight as they are; loads and credits are left at zero for the caller to fill.

    Its rows are shared with other callers and must not be changed. `mark` saves asking for it where it is known.
    """
    return as_of(_NETWORK.at(mark or terms_mark()), now)


def lasting_network(mark: Mark) -> Network:
    """The network without what clock and calendar decide: its work days are those of no particular moment."""
    return _NETWORK.at(mark)


def _read_network() -> Network:
    warehouses = tuple(Warehouse.objects.prefetch_related("days").order_by("position", "id"))
    teams = tuple(Team.objects.filter(active=True).prefetch_related("shops").order_by("id"))
    return network_of(warehouses, teams, tuple(FreightRate.objects.order_by("id")), datetime(2000, 1, 1, tzinfo=UTC))


_NETWORK = Kept(_read_network)


def shops_by_id(mark: Mark | None = None) -> Mapping[int, Shop]:
    """All shops; shared, and not to be changed."""
    return _SHOPS.at(mark or terms_mark())


def _read_shops() -> Mapping[int, Shop]:
    return Shop.objects.in_bulk()


_SHOPS = Kept(_read_shops)


def network_of(
    warehouses: tuple[Warehouse, ...], teams: tuple[Team, ...], rates: tuple[FreightRate, ...], now: datetime
) -> Network:
    """The network that these rows make at one moment; rows may be ones that were never saved."""
    row_of = {warehouse.id: row for row, warehouse in enumerate(warehouses)}
    return Network(
        warehouses,
        teams,
        rates,
        _warehouse_columns(warehouses, now),
        _team_columns(teams, row_of),
        _freight_columns(rates, row_of),
    )


def as_of(network: Network, now: datetime) -> Network:
    """The same network at another moment: only what clock and calendar decide differs."""
    return replace(network, warehouse_columns=_warehouse_columns(network.warehouses, now))


def _limit(capacity: int | None) -> int:
    return UNLIMITED if capacity is None else capacity


def _warehouse_columns(warehouses: tuple[Warehouse, ...], now: datetime) -> Warehouses:
    count = len(warehouses)
    ready, days = np.zeros(count, np.int64), np.zeros(count, np.int32)
    for row, warehouse in enumerate(warehouses):
        local = now.astimezone(ZoneInfo(warehouse.timezone))
        off = frozenset(days_off(warehouse, warehouse.days.all(), local.date()))
        days[row] = work_day(now, warehouse.timezone, warehouse.cutoff, off)
        ready[row] = ready_at(now, warehouse.timezone, warehouse.cutoff, off, warehouse.handling_s)
    return Warehouses(
        id_w=tuple(w.code for w in warehouses),
        position_w=np.array([w.position for w in warehouses], np.int32),
        open_w=np.array([w.is_open for w in warehouses], np.bool_),
        lat_w=np.array([np.nan if w.lat is None else w.lat for w in warehouses], np.float64),
        lng_w=np.array([np.nan if w.lng is None else w.lng for w in warehouses], np.float64),
        covers_w=tuple(None if w.covers is None else tuple(w.covers) for w in warehouses),
        excludes_w=tuple(tuple(w.excludes) for w in warehouses),
        capacity_w=np.array([_limit(w.capacity) for w in warehouses], np.int64),
        load_w=np.zeros(count, np.int64),
        ratio_w=np.array([w.ratio for w in warehouses], np.int64),
        credit_w=np.zeros(count, np.float64),
        ready_at_w=ready,
        work_day_w=days,
    )


def _team_columns(teams: tuple[Team, ...], row_of: Mapping[int, int]) -> Teams:
    return Teams(
        id_t=tuple(t.code for t in teams),
        warehouse_t=np.array([-1 if t.warehouse_id is None else row_of[t.warehouse_id] for t in teams], np.int32),
        shops_t=tuple(tuple(shop.code for shop in t.shops.all()) for t in teams),
        skills_t=tuple(tuple(t.skills) for t in teams),
        ratio_t=np.array([t.ratio for t in teams], np.int64),
        capacity_t=np.array([_limit(t.capacity) for t in teams], np.int64),
        load_t=np.zeros(len(teams), np.int64),
        credit_t=np.zeros(len(teams), np.float64),
    )


def _freight_columns(rates: tuple[FreightRate, ...], row_of: Mapping[int, int]) -> Freight:
    def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([getattr(rate, name) for rate in rates], np.int64)

    return Freight(
        warehouse_f=np.array([row_of[rate.warehouse_id] for rate in rates], np.int32),
        carrier_f=tuple(rate.carrier for rate in rates),
        region_f=tuple(code_of(rate.region) for rate in rates),
        first_g_f=column("first_g"),
        first_minor_f=column("first_minor"),
        next_g_f=column("next_g"),
        next_minor_f=column("next_minor"),
        transit_s_f=column("transit_s"),
        volumetric_cm3_per_kg_f=column("volumetric_cm3_per_kg"),
    )

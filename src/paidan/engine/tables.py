"""A problem compiled for the kernel: interned places, a row per action, team lists per block. Arrays, read-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .codes import Reason
from .distance import distances_m
from .freight import freight_tables
from .places_kernel import intern_places
from .problem import F64, I8, I32, I64, Action, Bools, Orders, Problem, Rule, Teams, Warehouses
from .regions import coverage

NO_LIMIT = np.iinfo(np.int64).max


class Tables(NamedTuple):
    """What the kernel reads. Axes as in `problem`, and: p places, a actions, b team blocks."""

    ptr: I64
    sku_l: I32
    qty_l: I64
    unresolved_o: Bools
    ship_by_o: I64
    shop_o: I32
    place_o: I32
    region_p: I32  # row of `covered_gw` and `group_gw`
    distance_pw: I32  # metres, −1 unknown
    covered_gw: Bools
    known_s: Bools
    weight_g_s: I64
    volume_cm3_s: I64
    facts_s3: I64  # weight, volume, 1 = known, side by side for the short way
    open_w: Bools
    capacity_w: I64
    ratio_w: I64
    ready_at_w: I64
    tie_w: I32  # rank by position, then as listed
    capacity_t: I64
    ratio_t: I64
    warehouse_t: I32
    action_r: I32
    place_in_list_aw: I32  # what `ranked` sorts by, −1 = not among the rule's warehouses
    strategies_ak: I8  # (actions, 3), −1 = no more
    max_m_a: I64
    split_a: I8
    max_parcels_a: I64
    partial_a: Bools
    otherwise_a: I8
    block_a: I32  # team block; for the shop's team −1: see block_h
    block_h: I32  # (shops + 1,) team block of each shop, the last of "no shop"
    status_bw: I8  # Reason.NONE, NO_TEAM or EXCLUDED
    team_ptr: I64  # (blocks x warehouses + 1,) into team_list
    team_list: I32
    look_a: Bools  # compares money with the prices; False where nothing has a price
    price_sw: I64  # (0, 0) where no action looks ahead
    slot_w: I64
    km_minor: int
    group_gw: I32  # group of freight rows of a region and warehouse, −1 = none: see `freight.FreightTables`
    transit_gw: I64
    longest_gw: I64
    arrival_gw: I64  # ready_at_w + transit_gw, −1 where the latter is
    freight_ptr_k: I64
    freight_row: I32
    first_g_f: I64
    first_minor_f: I64
    next_g_f: I64
    next_minor_f: I64
    transit_s_f: I64
    volumetric_f: I64


def compile_tables(problem: Problem) -> Tables:
    """Intern and tabulate everything of `problem` that does not change while orders are decided."""
    orders, warehouses, teams, skus = problem.orders, problem.warehouses, problem.teams, problem.skus
    count_w = len(warehouses.id_w)
    place_o, region_p, lat_p, lng_p = _places(orders)
    actions, action_r = _actions(problem.rules)
    by_tie = np.lexsort((np.arange(count_w), warehouses.position_w))
    tie_w = np.empty(count_w, np.int32)
    tie_w[by_tie] = np.arange(count_w, dtype=np.int32)
    blocks = _TeamBlocks(teams, count_w)
    block_a = np.array([blocks.of_words(action.team) for action in actions], np.int32)
    asks_shop = any(action.team == "shop" for action in actions)
    block_h = np.array([blocks.of_shop(shop) for shop in (*orders.shops, "")] if asks_shop else [0], np.int32)
    status_bw, team_ptr, team_list = blocks.arrays()
    freight = freight_tables(problem.freight, orders.regions, count_w)
    look_a, price_sw, slot_w = _prices(problem, actions)
    arrival_gw = np.where(freight.transit_gw < 0, -1, freight.transit_gw + warehouses.ready_at_w)
    tables = Tables(
        ptr=orders.ptr,
        sku_l=orders.sku_l,
        qty_l=orders.qty_l,
        unresolved_o=orders.unresolved_o,
        ship_by_o=orders.ship_by_o,
        shop_o=orders.shop_o,
        place_o=place_o,
        region_p=region_p,
        distance_pw=distances_m(lat_p, lng_p, warehouses.lat_w, warehouses.lng_w),
        covered_gw=coverage(orders.regions, warehouses.covers_w, warehouses.excludes_w),
        known_s=skus.known_s,
        weight_g_s=skus.weight_g_s,
        volume_cm3_s=skus.volume_cm3_s,
        facts_s3=np.stack([skus.weight_g_s, skus.volume_cm3_s, skus.known_s.astype(np.int64)], 1),
        open_w=warehouses.open_w,
        capacity_w=warehouses.capacity_w,
        ratio_w=warehouses.ratio_w,
        ready_at_w=warehouses.ready_at_w,
        tie_w=tie_w,
        capacity_t=teams.capacity_t,
        ratio_t=teams.ratio_t,
        warehouse_t=teams.warehouse_t,
        action_r=action_r,
        place_in_list_aw=_places_in_list(actions, warehouses, tie_w),
        strategies_ak=_strategies(actions),
        max_m_a=np.array([NO_LIMIT if a.max_m is None else a.max_m for a in actions], np.int64),
        split_a=np.array([a.split for a in actions], np.int8),
        max_parcels_a=np.array([NO_LIMIT if a.max_parcels is None else a.max_parcels for a in actions], np.int64),
        partial_a=np.array([a.partial for a in actions], np.bool_),
        otherwise_a=np.array([a.otherwise for a in actions], np.int8),
        block_a=block_a,
        block_h=block_h,
        status_bw=status_bw,
        team_ptr=team_ptr,
        team_list=team_list,
        look_a=look_a,
        price_sw=price_sw,
        slot_w=slot_w,
        km_minor=problem.objective.km_minor,
        arrival_gw=arrival_gw,
        **freight._asdict(),
    )
    return _exact(tables)


def _exact(tables: Tables) -> Tables:
    """The tables with every column of its declared type, contiguous, aligned and writable.

    Machine code is made per type: a column that came in as a read-only view would cost another half minute.
    """
    dtypes = {"I64": np.int64, "I32": np.int32, "I8": np.int8, "Bools": np.bool_}
    declared = {name: getattr(kind, "__forward_arg__", kind) for name, kind in Tables.__annotations__.items()}
    columns: dict[str, Any] = {
        name: np.require(getattr(tables, name), dtypes[kind], ["C", "A", "W"])
        for name, kind in declared.items()
        if kind in dtypes
    }
    return tables._replace(**columns)


def _places(orders: Orders) -> tuple[I32, I32, F64, F64]:
    """Distinct (region, coordinates) of the orders: place per order, and region row, latitude, longitude per place."""
    region_o = np.where(orders.region_o < 0, len(orders.regions), orders.region_o).astype(np.int32)
    lat_o, lng_o = (np.require(column, np.float64, ["C", "A", "W"]) for column in (orders.lat_o, orders.lng_o))
    place_o, first = intern_places(region_o, lat_o.view(np.int64), lng_o.view(np.int64))
    return place_o, region_o[first], lat_o[first], lng_o[first]


def _actions(rules: Sequence[Rule]) -> tuple[list[Action], I32]:
    """Distinct actions, and which one each rule takes."""
    seen: dict[Action, int] = {}
    action_r = [seen.setdefault(rule.then, len(seen)) for rule in rules]
    return list(seen), np.array(action_r, np.int32)


def _places_in_list(actions: Sequence[Action], warehouses: Warehouses, tie_w: I32) -> I32:
    """Each warehouse's place in the rule's list, or by position where the rule lists none; −1 = excluded."""
    row_of = {code: row for row, code in enumerate(warehouses.id_w)}
    places = np.full((len(actions), len(row_of)), -1, np.int32)
    for row, action in zip(places, actions, strict=True):
        if action.warehouses is None:
            row[:] = tie_w
        for place, code in enumerate(action.warehouses or ()):
            if code in row_of and row[row_of[code]] < 0:
                row[row_of[code]] = place
        row[[row_of[code] for code in action.excluded if code in row_of]] = -1
    return places


def _prices(problem: Problem, actions: Sequence[Action]) -> tuple[Bools, I64, I64]:
    """Which actions look ahead, and the prices they look at; none where all are 0."""
    looks, prices = [action.look_ahead for action in actions], problem.prices
    if prices is None or not any(looks) or not (prices.price_sw.any() or prices.slot_w.any()):
        return np.zeros(len(actions), np.bool_), np.zeros((0, 0), np.int64), np.zeros(0, np.int64)
    return np.array(looks, np.bool_), prices.price_sw, prices.slot_w


def _strategies(actions: Sequence[Action]) -> I8:
    codes = np.full((len(actions), 3), -1, np.int8)
    for row, action in zip(codes, actions, strict=True):
        row[: len(action.strategies)] = action.strategies
    return codes


class _TeamBlocks:
    """Who may serve at each warehouse, per word a rule's `team` can be; equal words share a block."""

    def __init__(self, teams: Teams, warehouse_count: int) -> None:
        self._teams = teams
        self._count = warehouse_count
        self._blocks: list[tuple[list[int], list[list[int]]]] = []
        self._seen: dict[tuple[str, str], int] = {}

    def of_words(self, words: str) -> int:
        """The block of ``warehouse``, ``skill:…`` or a team's id; −1 for ``shop``, which depends on the order."""
        if words == "shop":
            return -1
        return self._block("words", words)

    def of_shop(self, shop: str) -> int:
        return self._block("shop", shop)

    def _block(self, kind: str, words: str) -> int:
        key = (kind, words)
        if key not in self._seen:
            self._seen[key] = len(self._blocks)
            self._blocks.append(self._built(kind, words))
        return self._seen[key]

    def _built(self, kind: str, words: str) -> tuple[list[int], list[list[int]]]:
        home = self._teams.warehouse_t.tolist()
        everyone = range(len(home))
        if kind == "shop":
            mine = [t for t in everyone if words and words in self._teams.shops_t[t]]
        elif words == "warehouse":
            mine = [t for t in everyone if home[t] >= 0]
        elif words.startswith("skill:"):
            mine = [t for t in everyone if home[t] >= 0 and words.removeprefix("skill:") in self._teams.skills_t[t]]
        else:
            mine = [t for t in everyone if self._teams.id_t[t] == words]
        lists = [[t for t in mine if home[t] in (w, -1)] for w in range(self._count)]
        if words == "warehouse" and kind == "words":
            missing = Reason.NONE
        elif words.startswith("skill:") and kind == "words":
            missing = Reason.NO_TEAM
        else:
            missing = Reason.EXCLUDED if mine else Reason.NO_TEAM
        return [int(Reason.NONE if listed else missing) for listed in lists], lists

    def arrays(self) -> tuple[I8, I64, I32]:
        status = np.array([status for status, _ in self._blocks], np.int8).reshape(len(self._blocks), self._count)
        lists = [listed for _, block in self._blocks for listed in block]
        sizes = np.array([len(listed) for listed in lists], np.int64)
        ptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])
        return status, ptr, np.array([t for listed in lists for t in listed], np.int32)

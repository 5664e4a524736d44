"""Instances for the joint solver: orders of Chinese cities over warehouses with scarce, uneven stock.

Great-circle distances between real cities (china_cities.csv: GeoNames, CC BY 4.0); warehouses are chosen far from each
other and near people; orders arrive in proportion to population; SKUs follow a Zipf law; stock is `stock_ratio` x
demand per SKU, spread unevenly over some of the warehouses; capacity is `capacity_ratio` x orders, uneven. In fen.
Freight of an order at a warehouse = 400 + km x (0.30 + 0.25 x kg); unserved, it costs twice its dearest warehouse. A
second parcel (family *split*) pays its own 400 + 0.30 x km and 500 more.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from paidan.engine.joint.compact import ENDLESS, NEVER, Compact
from paidan.engine.problem import F32, F64, I32, I64

EARTH_KM = 6371.0
FIRST_PARCEL, NEXT_PARCEL, PER_KM, PER_KM_KG = 400, 500, 0.30, 0.25


@dataclass(frozen=True)
class Instance:
    """Axes: o orders, l lines, s SKUs, w warehouses. Lines of order i are ptr[i]:ptr[i+1]."""

    ptr: I64
    sku_l: I32
    qty_l: I32
    kg_l: F64
    stock_sw: I64
    capacity_w: I64  # parcels
    freight_ow: I32  # fen, the whole order from one warehouse
    unserved_o: I64  # fen
    km_ow: F64


def instance(
    orders: int,
    *,
    warehouses: int = 20,
    skus: int = 2_000,
    seed: int = 0,
    stock_ratio: float = 1.15,
    capacity_ratio: float = 1.10,
    zipf: float = 0.9,
    min_population: int = 300_000,
) -> Instance:
    """The same arguments always give the same instance."""
    rng = np.random.default_rng(seed)
    km_cc, people_c = _cities(min_population)
    sites = [int(np.argmax(people_c))]
    for _ in range(warehouses - 1):
        sites.append(int(np.argmax(people_c**0.8 * km_cc[:, sites].min(1))))
    city_o = rng.choice(len(people_c), orders, p=people_c / people_c.sum())
    ptr, sku_l, qty_l = _lines(rng, orders, skus, zipf)
    kg_s = np.clip(rng.lognormal(np.log(0.5), 0.8, skus), 0.05, 15)
    kg_l = kg_s[sku_l] * qty_l
    total_s = np.ceil(stock_ratio * np.bincount(sku_l, weights=qty_l, minlength=skus)).astype(np.int64)
    size_w = rng.dirichlet(np.full(warehouses, 3.0))
    stock_sw = _stock(rng, total_s, size_w)
    share_w = 0.5 * stock_sw.sum(0) / stock_sw.sum() + 0.5 * size_w
    km_ow = km_cc[:, sites][city_o]
    per_km_o = PER_KM_KG * np.add.reduceat(kg_l, ptr[:-1])
    freight_ow = np.rint(FIRST_PARCEL + PER_KM * km_ow + km_ow * per_km_o[:, None]).astype(np.int32)
    capacity_w = np.ceil(capacity_ratio * orders * share_w).astype(np.int64)
    unserved_o = 2 * freight_ow.max(1).astype(np.int64)
    return Instance(ptr, sku_l, qty_l, kg_l, stock_sw, capacity_w, freight_ow, unserved_o, km_ow)


def compact_of(of: Instance, *, split: bool = False) -> Compact:
    """The instance as the solver takes it: of orders two warehouses may share, a parcel for every set of lines."""
    skus, warehouses = of.stock_sw.shape
    lines_o = np.diff(of.ptr)
    rows_o = (1 << lines_o) - 1 if split else np.ones_like(lines_o)
    row_o = np.concatenate([[0], np.cumsum(rows_o)]).astype(np.int64)
    cost_rn = np.full((int(row_o[-1]), warehouses + 1), NEVER, np.float32)
    cost_rn[row_o[1:] - 1, -1] = of.unserved_o
    _fill(of.ptr, of.sku_l, of.qty_l, of.kg_l, of.stock_sw, of.freight_ow, of.km_ow, row_o, cost_rn)
    stock_sn = np.full((skus, warehouses + 1), ENDLESS, np.int32)
    stock_sn[:, :-1] = of.stock_sw
    slots_n = np.append(of.capacity_w, ENDLESS).astype(np.int64)
    return Compact(of.ptr, of.sku_l, of.qty_l, row_o, cost_rn, stock_sn, slots_n, float(NEXT_PARCEL))


@njit(cache=True)
def _fill(
    ptr: I64, sku_l: I32, qty_l: I32, kg_l: F64, stock_sw: I64, freight_ow: I32, km_ow: F64, row_o: I64, cost_rn: F32
) -> None:
    """The freight of every parcel from every warehouse that has its lines."""
    for order in range(len(ptr) - 1):
        first, lines, rows = ptr[order], ptr[order + 1] - ptr[order], row_o[order + 1] - row_o[order]
        for row in range(rows):
            mask = row + 1 if rows > 1 else (1 << lines) - 1
            kg = 0.0
            for k in range(lines):
                kg += kg_l[first + k] if mask >> k & 1 else 0.0
            for w in range(stock_sw.shape[1]):
                there = True
                for k in range(lines):
                    there &= not mask >> k & 1 or stock_sw[sku_l[first + k], w] >= qty_l[first + k]
                if there and row == rows - 1:
                    cost_rn[row_o[order] + row, w] = freight_ow[order, w]
                elif there:
                    per_km = PER_KM + PER_KM_KG * kg
                    cost_rn[row_o[order] + row, w] = np.rint(FIRST_PARCEL + per_km * km_ow[order, w])


def _cities(min_population: int) -> tuple[F64, F64]:
    """Kilometres between the cities with so many people, and their people."""
    with (Path(__file__).parent / "china_cities.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["population"]) >= min_population]
    lat, lng, people = (np.array([float(row[key]) for row in rows]) for key in ("lat", "lon", "population"))
    lat, lng = np.radians(lat), np.radians(lng)
    half = np.sin((lat - lat[:, None]) / 2) ** 2
    chord = half + np.cos(lat) * np.cos(lat[:, None]) * np.sin((lng - lng[:, None]) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(chord)), people


def _lines(rng: np.random.Generator, orders: int, skus: int, zipf: float) -> tuple[I64, I32, I32]:
    """One to five lines an order, each of another SKU."""
    lines_o = rng.choice(np.arange(1, 6), orders, p=[0.63, 0.22, 0.09, 0.04, 0.02])
    ptr = np.concatenate([[0], np.cumsum(lines_o)]).astype(np.int64)
    popularity = 1.0 / np.arange(1, skus + 1) ** zipf
    popularity /= popularity.sum()
    sku_l = rng.choice(skus, int(ptr[-1]), p=popularity).astype(np.int32)
    order_l = np.repeat(np.arange(orders), lines_o)
    for _ in range(1_000):
        by = np.lexsort((sku_l, order_l))
        again = (order_l[by][1:] == order_l[by][:-1]) & (sku_l[by][1:] == sku_l[by][:-1])
        if not again.any():
            break
        sku_l[by[1:][again]] = rng.choice(skus, int(again.sum()), p=popularity)
    return ptr, sku_l, rng.choice([1, 2, 3], len(sku_l), p=[0.85, 0.10, 0.05]).astype(np.int32)


def _stock(rng: np.random.Generator, total_s: I64, size_w: F64) -> I64:
    """Popular SKUs lie in most warehouses, rare ones in a few; shares are uneven."""
    skus, warehouses = len(total_s), len(size_w)
    stock_sw = np.zeros((skus, warehouses), np.int64)
    fewest = min(4, warehouses)
    for s in range(skus):
        many = fewest + rng.binomial(warehouses - fewest, 1 - 0.8 * s / skus)
        held = rng.choice(warehouses, many, replace=False)
        share = rng.dirichlet(np.ones(len(held))) * size_w[held]
        stock_sw[s, held] = rng.multinomial(total_s[s], share / share.sum())
    return stock_sw

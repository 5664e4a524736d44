"""Freight tables compiled for the kernel: which price rows of a warehouse apply in a region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .problem import I32, I64, Freight
from .regions import levels_of, normalised


class FreightTables(NamedTuple):
    """Axes: g regions (the last row is "no region"), w warehouses, k groups of rows of equal region and warehouse."""

    group_gw: I32  # −1 = no row applies: priced by distance
    transit_gw: I64  # of the group's only row, 0 where no row applies; −1 = depends on the weight
    longest_gw: I64  # of the group's rows
    freight_ptr_k: I64
    freight_row: I32  # freight rows, group by group, as listed
    first_g_f: I64
    first_minor_f: I64
    next_g_f: I64
    next_minor_f: I64
    transit_s_f: I64
    volumetric_f: I64


def freight_tables(freight: Freight, regions: Sequence[str], warehouse_count: int) -> FreightTables:
    """Give each region and warehouse the rows of the most specific region that has any (design §3, problem format)."""
    codes = [None if code is None else normalised(code) for code in freight.region_f]
    column = {code: index for index, code in enumerate(dict.fromkeys(c for c in codes if c is not None))}
    everywhere = len(column)
    groups: dict[tuple[int, int], list[int]] = {}
    for row, (code, warehouse) in enumerate(zip(codes, freight.warehouse_f.tolist(), strict=True)):
        groups.setdefault((everywhere if code is None else column[code], warehouse), []).append(row)
    group_cw = np.full((everywhere + 2, warehouse_count), -1, np.int32)  # the last row stays −1: level not priced
    for group, (code_index, warehouse) in enumerate(groups):
        group_cw[code_index, warehouse] = group
    group_gw = np.full((len(regions) + 1, warehouse_count), -1, np.int32)
    for level in levels_of(regions, column).T:
        group_gw = np.where(group_gw >= 0, group_gw, group_cw[level])
    group_gw = np.where(group_gw >= 0, group_gw, group_cw[everywhere])
    sizes = [len(rows) for rows in groups.values()]
    transit_k = [int(freight.transit_s_f[rows[0]]) if len(rows) == 1 else -1 for rows in groups.values()]
    return FreightTables(
        np.ascontiguousarray(group_gw, np.int32),
        np.array([*transit_k, 0], np.int64)[group_gw],
        np.array([*(max(int(freight.transit_s_f[row]) for row in rows) for rows in groups.values()), 0], np.int64)[
            group_gw
        ],
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64),
        np.array([row for rows in groups.values() for row in rows], np.int32),
        freight.first_g_f,
        freight.first_minor_f,
        freight.next_g_f,
        freight.next_minor_f,
        freight.transit_s_f,
        freight.volumetric_cm3_per_kg_f,
    )

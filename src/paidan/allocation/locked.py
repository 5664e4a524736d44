"""Allocations under lock, as columns: what every change to allocations starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from .states import AllocationState

I16 = npt.NDArray[np.int16]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_COLUMNS = "id, order_id, state, frozen::int, warehouse_id, coalesce(team_id, 0), work_day - '1970-01-01'::date"
_BY_ID = f"SELECT {_COLUMNS} FROM allocation_allocation WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_BY_ORDER = f"""
SELECT {_COLUMNS} FROM allocation_allocation WHERE order_id = ANY(%s) AND state = ANY(%s) ORDER BY id FOR UPDATE
"""
_PARTS = """
SELECT allocation_id, line_id, sku_id, qty FROM allocation_allocationline
WHERE allocation_id = ANY(%s) ORDER BY allocation_id, line_id
"""


@dataclass(frozen=True, slots=True)
class Allocations:
    """Locked allocations by id; `team_a` is 0 for none, `day_a` counts days since 1970-01-01."""

    id_a: I64
    order_a: I64
    state_a: I16
    frozen_a: Mask
    warehouse_a: I32
    team_a: I32
    day_a: I32

    def only(self, mask: Mask) -> Allocations:
        return Allocations(*(getattr(self, field.name)[mask] for field in fields(self)))

    def in_state(self, *states: AllocationState) -> Mask:
        return np.isin(self.state_a, [int(state) for state in states])

    def __len__(self) -> int:
        return len(self.id_a)


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of some allocations; `at_p` is the position of the part's allocation among them."""

    at_p: npt.NDArray[np.intp]
    line_p: I64
    sku_p: I32
    qty_p: I64

    def only(self, mask: Mask) -> Parts:
        return Parts(self.at_p[mask], self.line_p[mask], self.sku_p[mask], self.qty_p[mask])


def lock_allocations(cursor: Cursor[Any], ids: I64) -> Allocations:
    """Lock these allocations in the order of their ids."""
    return _columns(cursor.execute(_BY_ID, (np.unique(ids),)).fetchall())


def lock_allocations_of(cursor: Cursor[Any], order_ids: I64, states: Sequence[AllocationState]) -> Allocations:
    """Lock the allocations of these (locked) orders that are in one of these states."""
    wanted = np.array([int(state) for state in states], np.int16)
    return _columns(cursor.execute(_BY_ORDER, (order_ids, wanted)).fetchall())


def orders_of(cursor: Cursor[Any], ids: I64) -> I64:
    """The orders of these allocations, read without a lock: an allocation never changes its order."""
    found = cursor.execute("SELECT DISTINCT order_id FROM allocation_allocation WHERE id = ANY(%s)", (ids,)).fetchall()
    return np.array([row[0] for row in found], np.int64)


def parts_of(cursor: Cursor[Any], allocations: Allocations) -> Parts:
    """The parts of these allocations, by allocation and line."""
    rows = cursor.execute(_PARTS, (allocations.id_a,)).fetchall()
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Parts(
        np.searchsorted(allocations.id_a, table[:, 0]), table[:, 1].copy(), table[:, 2].astype(np.int32), table[:, 3]
    )


def as_ids(ids: Sequence[int] | I64) -> I64:
    """Ids as a caller has them, as a column without doubles."""
    return np.unique(np.asarray(ids, np.int64))


def _columns(rows: list[tuple[Any, ...]]) -> Allocations:
    table = np.array(rows, np.int64).reshape(-1, 7)
    return Allocations(
        table[:, 0].copy(),
        table[:, 1].copy(),
        table[:, 2].astype(np.int16),
        table[:, 3].astype(np.bool_),
        table[:, 4].astype(np.int32),
        table[:, 5].astype(np.int32),
        table[:, 6].astype(np.int32),
    )

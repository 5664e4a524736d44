"""Ending locked allocations: state, stock, loads, and shortages that are over. The orders are settled elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.orders.events import Detail, write_events
from paidan.orders.states import EventKind, ExceptionKind
from paidan.stock.reservations import give_back, summed_pairs

from .loads import shift_loads
from .locked import Allocations, parts_of
from .shortages import end_shortages
from .states import AllocationState

_SET_STATE = "UPDATE allocation_allocation SET state = %s, state_at = %s, frozen = false WHERE id = ANY(%s)"
_ANSWER_HAND_BACK = f"""
UPDATE orders_orderexception SET resolved_at = %s, resolution = %s
WHERE allocation_id = ANY(%s) AND kind = {ExceptionKind.HANDED_BACK} AND resolved_at IS NULL
"""


def cancel_locked(
    cursor: Cursor[Any], allocations: Allocations, *, now: datetime, by: User | None, detail: Detail | None = None
) -> None:
    """Cancel locked live allocations: their pieces are open again, their stock free, their load gone.

    Locks go on in the common order: stock, then the warehouses' and the teams' days. The caller settles the orders.
    """
    if not len(allocations):
        return
    set_state(cursor, allocations, AllocationState.CANCELLED, now)
    parts = parts_of(cursor, allocations)
    skus, warehouses, pieces = summed_pairs(parts.sku_p, allocations.warehouse_a[parts.at_p], parts.qty_p)
    give_back(cursor, skus, warehouses, pieces, now)
    off = np.full(len(allocations), -1, np.int64)
    shift_loads(cursor, allocations.warehouse_a, allocations.team_a, allocations.day_a, off)
    end_shortages(cursor, skus, warehouses, now=now, by=by)
    states = np.full(len(allocations), AllocationState.CANCELLED, np.int16)
    write_events(
        cursor,
        EventKind.CANCELLED,
        allocations.order_a,
        states,
        now=now,
        by=by,
        allocation_ids=allocations.id_a,
        details=detail,
    )


def set_state(cursor: Cursor[Any], allocations: Allocations, state: AllocationState, now: datetime) -> None:
    """Write a state; whatever was frozen is not any more, and whatever was handed back has found its way on."""
    cursor.execute(_SET_STATE, (int(state), now, allocations.id_a))
    cursor.execute(_ANSWER_HAND_BACK, (now, state.code, allocations.id_a))

"""Moving allocations to another warehouse or team: reservation and load move in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.network.models import Team, Warehouse
from paidan.orders.events import write_events
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind
from paidan.stock.reservations import give_back, lock_and_reserve, lock_stock, summed_pairs

from .closing import set_state
from .loads import shift_loads
from .locked import Allocations, Mask, Parts, as_ids, lock_allocations, orders_of, parts_of
from .outcomes import Batch
from .placing import Place, insert_allocations, place_for, price_allocations
from .scarcity import take_what_fits
from .shortages import end_shortages
from .states import AllocationState, Origin
from .transitions import judge_movable

I64 = npt.NDArray[np.int64]

_COPY_PARTS = """
INSERT INTO allocation_allocationline (allocation_id, line_id, sku_id, qty)
SELECT n.new_id, p.line_id, p.sku_id, p.qty
FROM unnest(%s, %s) AS n (old_id, new_id) JOIN allocation_allocationline p ON p.allocation_id = n.old_id
"""

# Decided again, an allocation still counts for the rule that placed its order.
_COPY_RULE = """
UPDATE allocation_allocation a SET rule_id = old.rule_id
FROM unnest(%s, %s) AS n (old_id, new_id) JOIN allocation_allocation old ON old.id = n.old_id WHERE a.id = n.new_id
"""


@dataclass(frozen=True, slots=True)
class Why:
    """Why allocations move, as their events keep it: values for all of them and, by id, of single ones.

    `origin` is who decided the allocations that replace them.
    """

    detail: Mapping[str, object] = field(default_factory=dict)
    of: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    origin: Origin = Origin.BY_HAND

    def said(self, allocation: int) -> dict[str, object]:
        """What the event of this one keeps."""
        return {**self.detail, **self.of.get(allocation, {})}


@transaction.atomic
def reassign_allocations(
    ids: Sequence[int] | I64,
    *,
    warehouse: Warehouse,
    team: Team | None = None,
    now: datetime,
    by: User | None = None,
    force: bool = False,
    reason: str = "",
    why: Why | None = None,
) -> Batch:
    """Move allocations to a warehouse and team; each is closed as reassigned and replaced by an assigned one.

    1. Lock orders, then allocations; refuse what is frozen, packed or further, accepted (without `force`), or at
    that place already. 2. Lock the stock rows of both ends; refuse those the new place has not enough for (later
    ids give way). 3. Close, create, price. 4. Move the loads. `created` runs along `done`.

    `reason` (what somebody gave, or all of `why`) is kept with the event.
    """
    cursor = array_cursor()
    asked = as_ids(ids)
    lock_orders(orders_of(cursor, asked))
    place = place_for(warehouse, team, now)
    allocations = lock_allocations(cursor, asked)
    verdicts = judge_movable(allocations, asked, force=force)
    here = allocations.warehouse_a == warehouse.id
    verdicts.refuse(here if team is None else here & (allocations.team_a == place.team_id), "same_place")
    verdicts.refuse(~_move_stock(cursor, allocations, verdicts.ok & ~here, place, by), "stock_short")
    moved = allocations.only(verdicts.ok)
    if not len(moved):
        return verdicts.batch()
    created = replace_rows(cursor, moved, place, by, why or Why({"reason": reason} if reason else {}))
    shift_loads_of(cursor, moved, [place] * len(moved))
    return verdicts.batch(created.tolist())


def _move_stock(cursor: Cursor[Any], allocations: Allocations, wanted: Mask, place: Place, by: User | None) -> Mask:
    """Reserve at the new place what fits and give it back at the old ones; which allocations fit, bool."""
    parts = parts_of(cursor, allocations)
    parts = parts.only(wanted[parts.at_p])
    there_p = np.full(len(parts.at_p), place.warehouse.id, np.int32)
    old_p = allocations.warehouse_a[parts.at_p]
    both = summed_pairs(np.tile(parts.sku_p, 2), np.append(old_p, there_p), np.tile(parts.qty_p, 2))
    lock_stock(cursor, both[0], both[1])

    def reserve(chosen: Mask) -> I64:
        skus, warehouses, needs = summed_pairs(parts.sku_p[chosen], there_p[chosen], parts.qty_p[chosen])
        return lock_and_reserve(cursor, skus, warehouses, needs, place.now)

    fits = take_what_fits(len(allocations), parts.at_p, parts.sku_p, there_p, parts.qty_p, reserve)
    give_back_all(cursor, parts.only(fits[parts.at_p]), allocations, place.now, by)
    return fits


def give_back_all(cursor: Cursor[Any], parts: Parts, allocations: Allocations, now: datetime, by: User | None) -> None:
    """Give back what these parts have reserved where they are."""
    skus, warehouses, pieces = summed_pairs(parts.sku_p, allocations.warehouse_a[parts.at_p], parts.qty_p)
    give_back(cursor, skus, warehouses, pieces, now)
    end_shortages(cursor, skus, warehouses, now=now, by=by)


def replace_rows(cursor: Cursor[Any], moved: Allocations, place: Place, by: User | None, why: Why) -> I64:
    """Close the old rows and write the new ones with the same parts, their price and their events."""
    count = len(moved)
    set_state(cursor, moved, AllocationState.REASSIGNED, place.now)
    created = insert_allocations(cursor, place, moved.order_a, moved.id_a, why.origin)
    cursor.execute(_COPY_PARTS, (moved.id_a, created))
    if why.origin == Origin.REBALANCED:
        cursor.execute(_COPY_RULE, (moved.id_a, created))
    price_allocations(cursor, place, created)
    closed = np.full(count, AllocationState.REASSIGNED, np.int16)
    opened = np.full(count, AllocationState.ASSIGNED, np.int16)
    pairs = list(zip(moved.id_a.tolist(), created.tolist(), strict=True))
    to = [{"to": new, **why.said(old)} for old, new in pairs]
    replaces = [{"replaces": old, **(why.said(old) if why.of else {})} for old, _new in pairs]
    now, log = place.now, EventKind.REASSIGNED
    write_events(cursor, log, moved.order_a, closed, allocation_ids=moved.id_a, details=to, now=now, by=by)
    log = EventKind.ASSIGNED
    write_events(cursor, log, moved.order_a, opened, allocation_ids=created, details=replaces, now=now, by=by)
    return created


def shift_loads_of(cursor: Cursor[Any], moved: Allocations, place_a: Sequence[Place]) -> None:
    """Take the loads of the allocations off their old places and count them at the new ones, all days locked at once.

    `place_a` runs along the allocations.
    """
    count = len(moved)
    shift_loads(
        cursor,
        np.append(moved.warehouse_a, np.array([place.warehouse.id for place in place_a], np.int32)),
        np.append(moved.team_a, np.array([place.team_id for place in place_a], np.int32)),
        np.append(moved.day_a, np.array([place.day for place in place_a], np.int32)),
        np.repeat(np.array([-1, 1], np.int64), count),
    )

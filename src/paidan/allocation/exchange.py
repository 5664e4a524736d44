"""Moving allocations that make room for each other: all of them in one transaction, or none.

One may take the piece or the slot another leaves at the same moment, which no sequence of single moves could do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.network.models import Team, Warehouse
from paidan.orders.queue import lock_orders
from paidan.stock.reservations import lock_and_reserve, lock_stock, summed_pairs

from .locked import Allocations, as_ids, lock_allocations, orders_of, parts_of
from .outcomes import Batch
from .placing import Place, place_for
from .reassign import Why, give_back_all, replace_rows, shift_loads_of
from .relieve import over_capacity
from .transitions import judge_movable

Target = tuple[Warehouse, Team | None]


class _Broken(Exception):
    """The exchange cannot be: the code that all of it is refused with."""


def exchange_allocations(
    targets: Mapping[int, Target], *, now: datetime, by: User | None = None, why: Why | None = None
) -> Batch:
    """Move each allocation to its warehouse and team, all or none.

    1. Lock orders, then allocations; one that may not move spares all. 2. Lock the stock rows of all ends, give
    everything back, then reserve everything. 3. Close, create, price. 4. Move all loads at once; over a capacity,
    nothing is written.
    """
    asked = as_ids(list(targets))
    try:
        with transaction.atomic():
            cursor = array_cursor()
            lock_orders(orders_of(cursor, asked))
            place_of = _places(targets, now)
            allocations = lock_allocations(cursor, asked)
            verdicts = judge_movable(allocations, asked, force=False)
            if verdicts.refused:
                others = dict.fromkeys(set(targets) - set(verdicts.refused), "only_together")
                return Batch((), {**verdicts.refused, **others})
            place_a = [place_of[_key(targets[key])] for key in allocations.id_a.tolist()]
            _move_stock(cursor, allocations, place_a, now, by)
            created = _replace_all(cursor, allocations, place_a, by, why or Why())
            shift_loads_of(cursor, allocations, place_a)
            over, code = over_capacity(created)
            if over:
                raise _Broken(code)
            return Batch(tuple(allocations.id_a.tolist()), {}, tuple(created))
    except _Broken as broken:
        return Batch((), dict.fromkeys(targets, str(broken)))


def _key(target: Target) -> tuple[int, int]:
    warehouse, team = target
    return warehouse.pk, team.pk if team else 0


def _places(targets: Mapping[int, Target], now: datetime) -> dict[tuple[int, int], Place]:
    return {_key(target): place_for(*target, now) for target in targets.values()}


def _move_stock(
    cursor: Cursor[object], allocations: Allocations, place_a: list[Place], now: datetime, by: User | None
) -> None:
    """Give back at the old places, then reserve at the new ones, with the rows of both ends locked first."""
    parts = parts_of(cursor, allocations)
    there_p = np.array([place.warehouse.id for place in place_a], np.int32)[parts.at_p]
    old_p = allocations.warehouse_a[parts.at_p]
    both = summed_pairs(np.tile(parts.sku_p, 2), np.append(old_p, there_p), np.tile(parts.qty_p, 2))
    lock_stock(cursor, both[0], both[1])
    give_back_all(cursor, parts, allocations, now, by)
    needs = summed_pairs(parts.sku_p, there_p, parts.qty_p)
    if lock_and_reserve(cursor, *needs, now).any():
        raise _Broken("stock_short")


def _replace_all(
    cursor: Cursor[object], allocations: Allocations, place_a: list[Place], by: User | None, why: Why
) -> list[int]:
    """Write the new rows place by place; their ids along the allocations."""
    created = np.zeros(len(allocations), np.int64)
    for place in {id(place): place for place in place_a}.values():
        mine = np.array([one is place for one in place_a], np.bool_)
        created[mine] = replace_rows(cursor, allocations.only(mine), place, by, why)
    return [int(key) for key in created]

"""The only writer of quantities on hand: counts, adjustments and shipments, set-based, each with its movement.

What a count below what is reserved means for allocations is decided above, in `allocation.counts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

from paidan.accounts.models import User

from .models import MovementKind
from .reservations import lock_stock, summed_pairs

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

LEAVE = -1
"""A quantity that is not to be changed."""

_OPEN_ROWS = """
INSERT INTO stock_stock (sku_id, warehouse_id, on_hand_qty, reserved_qty, safety_qty, changed_at)
SELECT sku_id, warehouse_id, 0, 0, 0, %s FROM unnest(%s, %s) AS n (sku_id, warehouse_id)
ORDER BY sku_id, warehouse_id ON CONFLICT DO NOTHING RETURNING sku_id, warehouse_id
"""

_READ = """
SELECT n.at - 1, s.on_hand_qty, s.reserved_qty, s.safety_qty
FROM unnest(%s, %s) WITH ORDINALITY AS n (sku_id, warehouse_id, at) JOIN stock_stock s USING (sku_id, warehouse_id)
"""

_SET = """
UPDATE stock_stock s SET on_hand_qty = n.on_hand_qty, safety_qty = n.safety_qty, changed_at = %s
FROM unnest(%s, %s, %s, %s) AS n (sku_id, warehouse_id, on_hand_qty, safety_qty)
WHERE s.sku_id = n.sku_id AND s.warehouse_id = n.warehouse_id
"""

_MOVED = """
INSERT INTO stock_stockmovement (sku_id, warehouse_id, kind, delta_qty, on_hand_qty, by_id, reason, at)
SELECT sku_id, warehouse_id, %s, delta, on_hand, %s, %s, %s
FROM unnest(%s, %s, %s, %s) AS n (sku_id, warehouse_id, delta, on_hand)
"""

_SHIP = """
UPDATE stock_stock s SET on_hand_qty = s.on_hand_qty - n.qty, reserved_qty = s.reserved_qty - n.qty, changed_at = %s
FROM unnest(%s, %s, %s) AS n (sku_id, warehouse_id, qty)
WHERE s.sku_id = n.sku_id AND s.warehouse_id = n.warehouse_id
"""

# The rows already hold what is left after all of them, so each movement adds back what left after itself.
_SHIPPED = """
INSERT INTO stock_stockmovement (sku_id, warehouse_id, kind, delta_qty, on_hand_qty, allocation_id, by_id, reason, at)
SELECT n.sku_id, n.warehouse_id, %s, -n.qty,
       s.on_hand_qty + coalesce(sum(n.qty) OVER (
           PARTITION BY n.sku_id, n.warehouse_id ORDER BY n.at ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 0),
       n.allocation_id, %s, '', %s
FROM unnest(%s, %s, %s, %s) WITH ORDINALITY AS n (allocation_id, sku_id, warehouse_id, qty, at)
JOIN stock_stock s USING (sku_id, warehouse_id) ORDER BY n.at
"""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Some (SKU, warehouse) pairs, as columns."""

    sku_n: I32
    warehouse_n: I32

    def only(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        return Pairs(self.sku_n[mask], self.warehouse_n[mask])

    def __len__(self) -> int:
        return len(self.sku_n)


@dataclass(frozen=True, slots=True)
class Written:
    """What writing quantities did: how many rows, and which pairs now have more to give or less than is reserved."""

    created: int
    changed: int
    unchanged: int
    grown: Pairs
    short: Pairs


def set_quantities(
    cursor: Cursor[Any],
    pairs: Pairs,
    on_hand_n: I64,
    safety_n: I64,
    *,
    now: datetime,
    by: User | None,
    reason: str = "",
    kind: MovementKind = MovementKind.COUNT,
) -> Written:
    """Set what is on hand and kept as safety stock (`LEAVE` = as it is); a movement tells every change on hand.

    1. Open the rows that are missing. 2. Lock all in order. 3. Compare, write what differs and its movements.
    Nothing is refused: what was counted is there.
    """
    opened = cursor.execute(_OPEN_ROWS, (now, pairs.sku_n, pairs.warehouse_n)).fetchall()
    on_hand, reserved, safety = _locked(cursor, pairs)
    new_on_hand = np.where(on_hand_n == LEAVE, on_hand, on_hand_n)
    new_safety = np.where(safety_n == LEAVE, safety, safety_n)
    changed = (new_on_hand != on_hand) | (new_safety != safety)
    _write(cursor, pairs.only(changed), new_on_hand[changed], new_safety[changed], now)
    moved = new_on_hand != on_hand
    _log(cursor, pairs.only(moved), (new_on_hand - on_hand)[moved], new_on_hand[moved], kind, now, by, reason)
    older = changed & ~_among(pairs, opened)
    return Written(
        created=len(opened),
        changed=int(older.sum()),
        unchanged=len(pairs) - len(opened) - int(older.sum()),
        grown=pairs.only(new_on_hand - new_safety > on_hand - safety),
        short=pairs.only(reserved > new_on_hand),
    )


def on_hand_after(cursor: Cursor[Any], pairs: Pairs, delta_n: I64) -> I64:
    """Lock the rows and answer what would be on hand after adding `delta_n`; a missing row has nothing."""
    after: I64 = _locked(cursor, pairs)[0] + delta_n
    return after


def take_shipped(
    cursor: Cursor[Any],
    allocation_p: I64,
    sku_p: I32,
    warehouse_p: I32,
    qty_p: I64,
    *,
    now: datetime,
    by: User | None,
) -> I64:
    """Take shipped parts off what is on hand and off what is reserved, or nothing; answers how far each pair is short.

    Pairs are those of `summed_pairs`. Short means that less is on hand than was shipped: somebody has to count first.
    """
    skus, warehouses, sums = summed_pairs(sku_p, warehouse_p, qty_p)
    on_hand, _reserved, _safety = _locked(cursor, Pairs(skus, warehouses))
    shortfalls: I64 = np.maximum(0, sums - on_hand)
    if not shortfalls.any():
        cursor.execute(_SHIP, (now, skus, warehouses, sums))
        person = None if by is None else by.pk
        columns = (allocation_p, sku_p.astype(np.int32), warehouse_p.astype(np.int32), qty_p)
        cursor.execute(_SHIPPED, (int(MovementKind.SHIPMENT), person, now, *columns))
    return shortfalls


def _locked(cursor: Cursor[Any], pairs: Pairs) -> tuple[I64, I64, I64]:
    """Lock the rows in order and answer (on hand, reserved, safety) along the pairs; zeros where there is no row."""
    lock_stock(cursor, pairs.sku_n, pairs.warehouse_n)
    table = np.zeros((3, len(pairs)), np.int64)
    for at, *quantities in cursor.execute(_READ, (pairs.sku_n, pairs.warehouse_n)).fetchall():
        table[:, at] = quantities
    return table[0], table[1], table[2]


def _among(pairs: Pairs, rows: list[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Which of the pairs are among these rows."""
    table = np.array(rows, np.int64).reshape(-1, 2)
    keys = (pairs.sku_n.astype(np.int64) << 32) | pairs.warehouse_n
    return np.isin(keys, (table[:, 0] << 32) | table[:, 1])


def _write(cursor: Cursor[Any], pairs: Pairs, on_hand_n: I64, safety_n: I64, now: datetime) -> None:
    if len(pairs):
        cursor.execute(_SET, (now, pairs.sku_n, pairs.warehouse_n, on_hand_n, safety_n))


def _log(
    cursor: Cursor[Any],
    pairs: Pairs,
    delta_n: I64,
    on_hand_n: I64,
    kind: MovementKind,
    now: datetime,
    by: User | None,
    reason: str,
) -> None:
    if len(pairs):
        person = None if by is None else by.pk
        cursor.execute(_MOVED, (int(kind), person, reason, now, pairs.sku_n, pairs.warehouse_n, delta_n, on_hand_n))

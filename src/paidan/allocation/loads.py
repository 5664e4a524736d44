"""The counters of work per warehouse and team and work day: moved together with the allocations they count."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg import Cursor

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

_TABLES = (("allocation_warehouseday", "warehouse_id"), ("allocation_teamday", "team_id"))

_OPEN = """
INSERT INTO {table} ({key}, day, load_n, credit, credit_key)
SELECT id, '1970-01-01'::date + day, 0, 0, 0 FROM unnest(%s, %s) AS n (id, day) ORDER BY id, day ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT count(*) FROM (
    SELECT 1 FROM {table} d JOIN unnest(%s, %s) AS n (id, day) ON d.{key} = n.id AND d.day = '1970-01-01'::date + n.day
    ORDER BY d.{key}, d.day FOR UPDATE OF d
) locked
"""
_SHIFT = """
UPDATE {table} d SET load_n = d.load_n + n.delta FROM unnest(%s, %s, %s) AS n (id, day, delta)
WHERE d.{key} = n.id AND d.day = '1970-01-01'::date + n.day
"""


def shift_loads(cursor: Cursor[Any], warehouse_a: I32, team_a: I32, day_a: I32, delta_a: I64) -> None:
    """Add `delta_a` (+1 or −1 per allocation) to its warehouse's and its team's work day; team 0 is none.

    Warehouses' days are locked before teams' days, each by (id, day); days nobody counted yet are opened.
    """
    for (table, key), id_a in zip(_TABLES, (warehouse_a, team_a), strict=True):
        counted = id_a > 0
        ids, days, deltas = _summed(id_a[counted], day_a[counted], delta_a[counted])
        if not len(ids):
            continue
        cursor.execute(_OPEN.format(table=table, key=key), (ids, days))
        cursor.execute(_LOCK.format(table=table, key=key), (ids, days))
        cursor.execute(_SHIFT.format(table=table, key=key), (ids, days, deltas))


def _summed(id_a: I32, day_a: I32, delta_a: I64) -> tuple[I32, I32, I64]:
    """The distinct (id, day) pairs whose deltas do not cancel out, in lock order."""
    keys, inverse = np.unique((id_a.astype(np.int64) << 32) | day_a, return_inverse=True)
    deltas = np.zeros(len(keys), np.int64)
    np.add.at(deltas, inverse, delta_a)
    keys, deltas = keys[deltas != 0], deltas[deltas != 0]
    return (keys >> 32).astype(np.int32), (keys & 0xFFFF_FFFF).astype(np.int32), deltas

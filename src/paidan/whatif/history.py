"""What happened in a period, as columns: the orders that were tried, in which waves, and all that moved stock and load.

A replay starts from the stock and load of the period's first moment. Those are counted back from now: what came in
since is taken off, what was given out since is put back. So reading costs what the period holds, not what the house
has ever shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from paidan.allocation.states import COUNTED
from paidan.engine.problem import I32, I64
from paidan.kit.arrays import array_cursor
from paidan.kit.copy import select_columns
from paidan.orders.states import EventKind
from paidan.stock.models import MovementKind

Columns = dict[str, npt.NDArray[Any]]
CLOSE = 4
"""Ids lie close where their range is not longer than so many times their number."""

TRIES = f"""
SELECT e.id, e.order_id, e.wave_id, e.kind = {EventKind.ASSIGNED} FROM orders_event e
WHERE e.at >= %s AND e.at < %s AND e.wave_id IS NOT NULL AND e.kind IN ({EventKind.ASSIGNED}, {EventKind.TRIED})
"""
INSTANTS = "SELECT e.id, e.at FROM orders_event e WHERE e.id = ANY(%s)"
CREATED = """
SELECT a.id, a.warehouse_id, coalesce(a.team_id, 0), a.work_day - '1970-01-01'::date
FROM allocation_allocation a WHERE a.created_at >= %s
"""
CREATED_PARTS = """
SELECT p.allocation_id, p.line_id, p.sku_id, p.qty FROM allocation_allocationline p
WHERE p.allocation_id >= %s AND p.allocation_id <= %s
"""
BIRTHS = f"""
SELECT e.id, e.at, e.allocation_id FROM orders_event e
WHERE e.at >= %s AND e.allocation_id IS NOT NULL AND e.wave_id IS NULL AND e.kind = {EventKind.ASSIGNED}
ORDER BY e.id
"""
ENDS = f"""
SELECT e.id, e.at, e.allocation_id FROM orders_event e
WHERE e.at >= %s AND e.allocation_id IS NOT NULL AND e.kind IN ({EventKind.CANCELLED}, {EventKind.REASSIGNED})
ORDER BY e.id
"""
OLDER = """
SELECT a.id, a.order_id, a.warehouse_id, coalesce(a.team_id, 0), a.work_day - '1970-01-01'::date
FROM allocation_allocation a WHERE a.id = ANY(%s) AND a.created_at < %s ORDER BY a.id
"""
OLDER_PARTS = """
SELECT p.allocation_id, p.line_id, p.sku_id, p.qty
FROM allocation_allocation a JOIN allocation_allocationline p ON p.allocation_id = a.id
WHERE a.id = ANY(%s) AND a.created_at < %s ORDER BY p.allocation_id, p.line_id
"""
CANCELLED_PIECES = """
SELECT e.id, e.at, c.key::bigint, c.value::int
FROM orders_event e CROSS JOIN LATERAL jsonb_each_text(e.detail -> 'cancelled') c
WHERE e.at >= %s AND e.detail ? 'cancelled' ORDER BY e.id
"""
CHANGED = f"""
SELECT e.id, e.order_id, e.detail::text FROM orders_event e
WHERE e.at >= %s AND e.kind = {EventKind.CHANGED} AND e.detail ?| ARRAY['was', 'mapped', 'tag']
ORDER BY e.id
"""
SUPPLY = f"""
SELECT m.at, m.sku_id, m.warehouse_id, m.delta_qty FROM stock_stockmovement m
WHERE m.at >= %s AND m.kind <> {MovementKind.SHIPMENT} ORDER BY m.id
"""
FREE = "SELECT sku_id, warehouse_id, on_hand_qty - reserved_qty - safety_qty FROM stock_stock"
LOADS = "SELECT {0}_id, day - '1970-01-01'::date, load_n FROM allocation_{0}day WHERE day >= %s::date - 40"
EARLIER_PIECES = """
SELECT p.line_id, sum(p.qty)::bigint
FROM orders_orderline l JOIN allocation_allocationline p ON p.line_id = l.id
JOIN allocation_allocation a ON a.id = p.allocation_id
WHERE l.order_id = ANY(%s) AND a.created_at < %s AND (a.state = ANY(%s) OR a.id = ANY(%s)) GROUP BY p.line_id
"""


@dataclass(frozen=True, slots=True)
class History:
    """Everything since `since`, as far as a replay until `until` needs it. Instants: PostgreSQL microseconds."""

    since: datetime
    until: datetime
    tries: Columns  # id, order, wave, assigned
    created: Columns  # allocations made since `since`, by id
    created_parts: Columns
    births: Columns  # events of those made without a wave
    ends: Columns  # allocations that were cancelled or moved away
    older: Columns  # those of them made before `since`
    older_parts: Columns
    cancelled: Columns  # pieces of order lines
    changes: tuple[tuple[int, int, dict[str, Any]], ...]  # (event id, order id, detail) of what orders were before
    supply: Columns  # movements of stock other than shipments
    free: Columns  # free pieces now
    load_w: Columns
    load_t: Columns

    order_ids: I64  # the orders a wave of the period tried, ascending

    def held_before(self, order_ids: I64) -> tuple[I64, I64]:
        """Line ids and their pieces that stood on allocations made before the period when it began."""
        kinds = {"line": "i8", "qty": "i8"}
        counted = [int(state) for state in COUNTED]
        values = [order_ids, self.since, counted, self.older["id"].astype(np.int64)]
        rows = select_columns(connection.connection, EARLIER_PIECES, kinds, values)
        return rows["line"].astype(np.int64), rows["qty"].astype(np.int64)


def read_history(since: datetime, until: datetime) -> History:
    """Read a period, its start included, its end not; call it inside one repeatable-read transaction."""
    ends = _read(ENDS, {"id": "i8", "at": "i8", "allocation": "i8"}, since)
    ended: I64 = ends["allocation"].astype(np.int64)
    older = {"id": "i8", "order": "i8", "warehouse": "i4", "team": "i4", "day": "i4"}
    parts = {"allocation": "i8", "line": "i8", "sku": "i4", "qty": "i4"}
    created = by_keys(_read(CREATED, {"id": "i8", "warehouse": "i4", "team": "i4", "day": "i4"}, since), "id")
    by_day = {"id": "i4", "day": "i4", "n": "i4"}
    tries = by_keys(_read(TRIES, {"id": "i8", "order": "i8", "wave": "i8", "assigned": "b1"}, since, until), "id")
    return History(
        since=since,
        until=until,
        tries=tries,
        created=created,
        created_parts=_created_parts(created["id"].astype(np.int64), parts),
        births=_read(BIRTHS, {"id": "i8", "at": "i8", "allocation": "i8"}, since),
        ends=ends,
        older=_read(OLDER, older, ended, since),
        older_parts=_read(OLDER_PARTS, parts, ended, since),
        cancelled=_read(CANCELLED_PIECES, {"id": "i8", "at": "i8", "line": "i8", "qty": "i4"}, since),
        changes=tuple((event, order, loads(told)) for event, order, told in array_cursor().execute(CHANGED, [since])),
        supply=_read(SUPPLY, {"at": "i8", "sku": "i4", "warehouse": "i4", "qty": "i8"}, since),
        free=_read(FREE, {"sku": "i4", "warehouse": "i4", "qty": "i8"}),
        load_w=_read(LOADS.format("warehouse"), by_day, since),
        load_t=_read(LOADS.format("team"), by_day, since),
        order_ids=distinct(tries["order"].astype(np.int64)),
    )


def _created_parts(ids: I64, kinds: dict[str, str]) -> Columns:
    """The parts of these allocations, ascending: a range, which a scan answers fastest, less what is not theirs."""
    if not len(ids):
        return _read(CREATED_PARTS, kinds, 0, -1)
    rows = _read(CREATED_PARTS, kinds, int(ids[0]), int(ids[-1]))
    theirs = positions(rows["allocation"].astype(np.int64), ids) >= 0
    return by_keys({name: column[theirs] for name, column in rows.items()}, "allocation", "line")


def distinct(ids: I64) -> I64:
    """The distinct ids, ascending."""
    if not len(ids):
        return ids
    first, last = int(ids.min()), int(ids.max())
    if last - first >= CLOSE * len(ids):
        return np.unique(ids)
    seen = np.zeros(last - first + 1, np.bool_)
    seen[ids - first] = True
    return np.flatnonzero(seen) + first


def tally(*columns: npt.NDArray[Any]) -> list[tuple[int, ...]]:
    """The distinct rows of columns of small numbers ≥ 0, ascending, each followed by how often it stands there."""
    if not len(columns[0]):
        return []
    widths = [int(column.max()) + 1 for column in columns]
    key = np.zeros(len(columns[0]), np.int64)
    for column, width in zip(columns, widths, strict=True):
        key = key * width + column
    if np.prod(widths, dtype=np.float64) <= 4 * len(key) + 100_000:
        counts = np.bincount(key)
        found = np.flatnonzero(counts)
        counts = counts[found]
    else:
        found, counts = np.unique(key, return_counts=True)
    return list(zip(*(part.tolist() for part in np.unravel_index(found, widths)), counts.tolist(), strict=True))


def by_keys(columns: Columns, *keys: str) -> Columns:
    """By the keys; what a scan hands over mostly is already."""
    first = columns[keys[0]]
    if bool((first[1:] > first[:-1]).all()) or (len(keys) > 1 and _ascend(first, columns[keys[1]])):
        return columns
    order = np.lexsort([columns[key] for key in reversed(keys)])
    return {name: column[order] for name, column in columns.items()}


def _ascend(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> bool:
    """Whether pairs come in ascending order."""
    same = first[1:] == first[:-1]
    return bool(((first[1:] > first[:-1]) | (same & (second[1:] > second[:-1]))).all())


def instants_of(event_ids: I64) -> dict[int, int]:
    """When these events happened."""
    rows = _read(INSTANTS, {"id": "i8", "at": "i8"}, event_ids)
    return dict(zip(rows["id"].tolist(), rows["at"].tolist(), strict=True))


def rows_of(select: str, key: str, kinds: dict[str, str], ids: I64) -> Columns:
    """The rows `select` (with its WHERE open at the end) finds of ascending `ids`, in no order.

    Ids that lie close are asked for as a range, which a scan answers fastest; what is not among them falls away.
    """
    if len(ids) and ids[-1] - ids[0] < CLOSE * len(ids):
        rows = _read(f"{select} {key} >= %s AND {key} <= %s", kinds, int(ids[0]), int(ids[-1]))
        theirs = positions(rows[next(iter(kinds))].astype(np.int64), ids) >= 0
        return rows if theirs.all() else {name: column[theirs] for name, column in rows.items()}
    return _read(f"{select} {key} = ANY(%s)", kinds, ids)


def _read(select: str, kinds: dict[str, str], *values: object) -> Columns:
    return select_columns(connection.connection, select, kinds, values)


def positions(keys: I64, among: I64) -> I32:
    """Where each key stands in the ascending `among`, −1 if nowhere; by a table where `among` lies close."""
    if not len(among):
        return np.full(len(keys), -1, np.int32)
    first, last = int(among[0]), int(among[-1])
    if last - first < CLOSE * len(among) < 50 * CLOSE * len(keys):
        table = np.full(last - first + 2, -1, np.int32)
        table[among - first] = np.arange(len(among), dtype=np.int32)
        return table[np.where((keys >= first) & (keys <= last), keys - first, -1)]
    at = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.where(among[at] == keys, at, -1).astype(np.int32)

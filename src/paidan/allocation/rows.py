"""The rows a committed chunk leaves behind: allocations, their lines, events, decisions, reasons and holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from psycopg import Connection

from paidan.engine.codes import Outcome
from paidan.engine.plan import Plan
from paidan.kit.arrays import array_cursor
from paidan.kit.copy import copy_in, copy_in_nullable, instants, next_ids
from paidan.orders.announcing import announce
from paidan.orders.models import Hold
from paidan.orders.states import EventKind, OrderState

from .chunks import Chunk
from .snapshot import Snapshot, postgres_days
from .states import LIVE, AllocationState, Origin

Raw = Connection[object]
ALLOCATION = {
    "id": "i8",
    "order_id": "i8",
    "wave_id": "i8",
    "freight_minor": "i8",
    "created_at": "i8",
    "state_at": "i8",
    "warehouse_id": "i4",
    "team_id": "i4",
    "rule_id": "i4",
    "distance_m": "i4",
    "late_s": "i4",
    "work_day": "i4",
    "state": "i2",
    "origin": "i2",
    "frozen": "b1",
    "carrier": "S40",
    "tracking_number": "S1",
}
PART = {"allocation_id": "i8", "line_id": "i8", "sku_id": "i4", "qty": "i4"}
EVENT = {"at": "i8", "order_id": "i8", "allocation_id": "i8", "wave_id": "i8", "kind": "i2", "state": "i2"}
FORGET_FAILED_TRIES = """
DELETE FROM allocation_decision d USING wave_result r
WHERE d.order_id = r.order_id AND d.wave_id <> %s AND d.outcome = %s
"""
SET_LINE_REASONS = """
UPDATE orders_orderline l SET reason = n.reason
FROM unnest(%s, %s) n(id, reason) WHERE l.id = n.id AND l.reason <> n.reason
"""
FREEZE = f"""
UPDATE allocation_allocation SET frozen = true WHERE id IN (
    SELECT id FROM allocation_allocation WHERE order_id = ANY(%s) AND state IN ({", ".join(str(int(s)) for s in LIVE)})
    ORDER BY id FOR UPDATE)
"""
_INT4 = np.iinfo(np.int32).max


def write_allocations(raw: Raw, wave_id: int, snapshot: Snapshot, plan: Plan, chunk: Chunk, now: datetime) -> None:
    """Append the chunk's allocations, their lines and an event each."""
    rows = len(chunk.allocation_c)
    if not rows:
        return
    ids = next_ids(raw, "allocation_allocation", rows)
    order_ids = snapshot.id_o[chunk.order_c][chunk.order_at_a]
    columns, present = _allocation_columns(wave_id, snapshot, plan, chunk, now)
    copy_in_nullable(raw, "allocation_allocation", ALLOCATION, {**columns, "id": ids, "order_id": order_ids}, present)
    line_p = plan.line_p[chunk.part_c]
    copy_in(
        raw,
        "allocation_allocationline",
        PART,
        {
            "allocation_id": ids[chunk.allocation_at_p],
            "line_id": snapshot.line_id_l[line_p],
            "sku_id": snapshot.sku_id_s[snapshot.problem.orders.sku_l[line_p]],
            "qty": plan.qty_p[chunk.part_c],
        },
    )
    states = np.full(rows, AllocationState.ASSIGNED, np.int16)
    _write_events(raw, wave_id, now, EventKind.ASSIGNED, order_ids, states, ids)
    announce(array_cursor(raw), EventKind.ASSIGNED, order_ids, now=now, allocation_ids=ids)


def _allocation_columns(
    wave_id: int, snapshot: Snapshot, plan: Plan, chunk: Chunk, now: datetime
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, npt.NDArray[np.bool_]]]:
    at, network = chunk.allocation_c, snapshot.network
    rows = len(at)
    warehouse_a, team_a, row_a = plan.warehouse_a[at], plan.team_a[at], plan.freight_row_a[at]
    warehouse_ids = np.array([w.id for w in network.warehouses], np.int32)
    team_ids = np.array([t.id for t in network.teams] or [0], np.int32)
    carriers, carrier_lengths = _texts([rate.carrier for rate in network.rates], 40)
    instant = int(instants(np.array([now.timestamp()], np.int64))[0])
    columns: dict[str, npt.NDArray[Any]] = {
        "wave_id": np.full(rows, wave_id),
        "freight_minor": plan.freight_minor_a[at],
        "created_at": np.full(rows, instant),
        "state_at": np.full(rows, instant),
        "warehouse_id": warehouse_ids[warehouse_a],
        "team_id": team_ids[np.maximum(team_a, 0)],
        "rule_id": snapshot.rules.id_r[plan.rule_a[at]],
        "distance_m": np.maximum(plan.distance_m_a[at], 0),
        "late_s": np.minimum(plan.late_s_a[at], _INT4),
        "work_day": postgres_days(snapshot.problem.warehouses.work_day_w)[warehouse_a],
        "state": np.full(rows, AllocationState.ASSIGNED),
        "origin": np.full(rows, Origin.AUTOMATIC),
        "frozen": np.zeros(rows, np.bool_),
        "carrier": carriers[row_a],
        "carrier_n": carrier_lengths[row_a],
        "tracking_number": np.zeros((rows, 1), np.uint8),
        "tracking_number_n": np.zeros(rows, np.int64),
    }
    return columns, {"team_id": team_a >= 0, "distance_m": plan.distance_m_a[at] >= 0}


def _texts(values: list[str], width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Short texts as a table of UTF-8 bytes and their lengths; one more, empty row stands at index −1."""
    encoded = [value.encode()[:width] for value in [*values, ""]]
    table = np.zeros((len(encoded), width), np.uint8)
    for row, text in enumerate(encoded):
        table[row, : len(text)] = np.frombuffer(text, np.uint8)
    return table, np.array([len(text) for text in encoded], np.int64)


def _write_events(
    raw: Raw,
    wave_id: int,
    now: datetime,
    kind: EventKind,
    order_ids: npt.NDArray[np.int64],
    states: npt.NDArray[np.int16],
    allocation_ids: npt.NDArray[np.int64] | None = None,
) -> None:
    rows = len(order_ids)
    none = allocation_ids is None
    columns = {
        "at": np.full(rows, instants(np.array([now.timestamp()], np.int64))[0]),
        "order_id": order_ids,
        "allocation_id": np.zeros(rows, np.int64) if allocation_ids is None else allocation_ids,
        "wave_id": np.full(rows, wave_id),
        "kind": np.full(rows, kind),
        "state": states,
    }
    copy_in_nullable(raw, "orders_event", EVENT, columns, {"allocation_id": np.full(rows, not none)})


def write_tries(
    raw: Raw, wave_id: int, snapshot: Snapshot, plan: Plan, chunk: Chunk, states: npt.NDArray[np.int16], now: datetime
) -> None:
    """Append an event for every order that something of stayed open; `states` along the chunk's orders.

    Outside, only what is unallocated for the first time is news: it is tried again every ten minutes.
    """
    tried = plan.outcome_o[chunk.order_c] != Outcome.ALLOCATED
    if tried.any():
        order_ids = snapshot.id_o[chunk.order_c[tried]]
        _write_events(raw, wave_id, now, EventKind.TRIED, order_ids, states[tried])
    news = chunk.order_c[tried & (states == OrderState.UNALLOCATED) & ~snapshot.tried_o[chunk.order_c]]
    reasons = plan.reason_o[news].astype(np.int16)
    announce(array_cursor(raw), EventKind.TRIED, snapshot.id_o[news], now=now, reasons=reasons)


def write_decisions(raw: Raw, wave_id: int, snapshot: Snapshot, plan: Plan, chunk: Chunk) -> None:
    """Append why each order went where it went; an earlier try that allocated nothing is forgotten."""
    order_c = chunk.order_c
    rows, width = len(order_c), len(snapshot.network.warehouses)
    if not rows:
        return
    if snapshot.tried_o[order_c].any():
        with connection.cursor() as cursor:
            cursor.execute(FORGET_FAILED_TRIES, [wave_id, int(Outcome.UNALLOCATED)])
    rule_o = plan.rule_o[order_c]
    id_r = snapshot.rules.id_r if len(snapshot.rules.id_r) else np.zeros(1, np.int32)
    kinds = {
        "order_id": "i8",
        "wave_id": "i8",
        "rule_id": "i4",
        "outcome": "i2",
        "reason": "i2",
        "rank_w": f"S{width}",
        "reason_w": f"S{width}",
        "short_w": f"S{2 * width}",
    }
    columns: dict[str, npt.NDArray[Any]] = {
        "order_id": snapshot.id_o[order_c],
        "wave_id": np.full(rows, wave_id),
        "rule_id": id_r[np.maximum(rule_o, 0)],
        "outcome": plan.outcome_o[order_c],
        "reason": plan.reason_o[order_c],
        "rank_w": plan.rank_ow[order_c],
        "rank_w_n": np.full(rows, width),
        "reason_w": plan.reason_ow[order_c].view(np.uint8),
        "reason_w_n": np.full(rows, width),
        "short_w": np.ascontiguousarray(plan.short_ow[order_c].astype("<u2")).view(np.uint8).reshape(rows, 2 * width),
        "short_w_n": np.full(rows, 2 * width),
    }
    copy_in_nullable(raw, "allocation_decision", kinds, columns, {"rule_id": rule_o >= 0})


def write_line_reasons(snapshot: Snapshot, plan: Plan, chunk: Chunk) -> None:
    """Say on an open line why it is open where the order's own reason does not; clear what an earlier try said."""
    ptr, order_c = snapshot.problem.orders.ptr, chunk.order_c
    order_c = order_c[(plan.outcome_o[order_c] != Outcome.ALLOCATED) | snapshot.tried_o[order_c]]
    counts = ptr[order_c + 1] - ptr[order_c]
    lines = np.repeat(ptr[order_c] - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    own = np.where(plan.reason_l[lines] == np.repeat(plan.reason_o[order_c], counts), 0, plan.reason_l[lines])
    said = (own != 0) | np.repeat(snapshot.tried_o[order_c], counts)
    if said.any():
        array_cursor().execute(SET_LINE_REASONS, (snapshot.line_id_l[lines[said]], own[said].astype(np.int16)))


def write_holds(snapshot: Snapshot, plan: Plan, chunk: Chunk, now: datetime) -> None:
    """Open a hold for every order whose rule says that a person shall look at it; what is live of it is frozen."""
    held = chunk.order_c[plan.outcome_o[chunk.order_c] == Outcome.HELD]
    rules = snapshot.problem.rules
    Hold.objects.bulk_create(
        [
            Hold(order_id=int(snapshot.id_o[o]), reason=f"rule:{rules[plan.rule_o[o]].id}", held_at=now)
            for o in held.tolist()
        ],
        ignore_conflicts=True,
    )
    if len(held):
        array_cursor().execute(FREEZE, (snapshot.id_o[held],))

"""Writing a wave's plan: chunk by chunk, each in one short transaction, set-based, guarded against whoever was faster.

What was decided on a snapshot is committed only if it still holds: the lease and the order's version, the stock, and
the capacities. What lost the race goes back to the queue. Locks are taken in the order of docs/adr/0003-locking.md:
queue rows (skipping locked ones), stock by (sku, warehouse), work days of warehouses, then of teams.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from paidan.engine.codes import Outcome
from paidan.engine.plan import Plan
from paidan.kit.copy import copy_in, copy_out
from paidan.orders.states import OrderState

from . import rows
from .chunks import Chunk, chunks_of
from .guard import reserve
from .snapshot import Snapshot

CHUNK = 25_000
"""Orders per transaction: large enough that statements cost little each, small enough that locks are held briefly."""

RESULT = {"order_id": "i8", "version": "i4", "state": "i2", "reason": "i2"}
MAKE_RESULT = """
CREATE TEMPORARY TABLE IF NOT EXISTS wave_result
    (order_id bigint PRIMARY KEY, version integer, state smallint, reason smallint) ON COMMIT DELETE ROWS
"""
# Locking the queue row is what makes the commit exclusive: whoever changes a queued order takes that row first.
EMPTY_RESULT = "DELETE FROM wave_result"  # the last chunk's, while an outer transaction is open
LOCK = """
SELECT q.order_id FROM wave_result r JOIN orders_queuedorder q ON q.order_id = r.order_id AND q.wave_id = {}
JOIN orders_order o ON o.id = r.order_id AND o.version = r.version FOR UPDATE OF q SKIP LOCKED
"""
DROP_LOST = "DELETE FROM wave_result WHERE order_id = ANY(%s)"
SET_STATE = "UPDATE orders_order o SET state = r.state, reason = r.reason FROM wave_result r WHERE o.id = r.order_id"
LEAVE_QUEUE = "DELETE FROM orders_queuedorder q USING wave_result r WHERE q.order_id = r.order_id"
BACK_TO_QUEUE = """
UPDATE orders_queuedorder SET wave_id = NULL, leased_until = NULL WHERE wave_id = %s AND order_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the orders of a wave or of one of its chunks."""

    orders: int = 0
    allocated: int = 0
    partial: int = 0
    unallocated: int = 0
    held: int = 0
    lost: int = 0
    allocations: int = 0

    def plus(self, other: Outcomes) -> Outcomes:
        return Outcomes(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def commit_plan(
    wave_id: int,
    snapshot: Snapshot,
    plan: Plan,
    *,
    now: datetime,
    guarded: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Outcomes:
    """Commit the plan in chunks of the order in which it was decided; `guarded=False` is for control tests only."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_RESULT)
    done, outcomes = 0, Outcomes()
    for chunk in chunks_of(plan, CHUNK):
        with transaction.atomic():
            outcomes = outcomes.plus(_commit_chunk(wave_id, snapshot, plan, chunk, now, guarded))
        done += len(chunk.order_c)
        if progress:
            progress(done, len(plan.sequence))
    return outcomes


def _commit_chunk(wave_id: int, snapshot: Snapshot, plan: Plan, chunk: Chunk, now: datetime, guarded: bool) -> Outcomes:
    """Commit one chunk.

    1. Lock the queue rows that are still leased to this wave and whose orders nobody has changed.
    2. Reserve stock and work days; while something is short, the last-taken orders that need it give way.
    3. Write allocations, their lines, events and decisions.
    4. Set the orders' states; the winners leave the queue, the losers go back.
    """
    raw = connection.connection
    _stage(snapshot, plan, chunk)
    mine = copy_out(raw, LOCK.format(int(wave_id)), {"id": "i8"})["id"]
    won = np.isin(snapshot.id_o[chunk.order_c], mine)
    won = reserve(snapshot, plan, chunk, won, now=now, guarded=guarded)
    lost_ids = snapshot.id_o[chunk.order_c[~won]].tolist()
    with connection.cursor() as cursor:
        if lost_ids:
            cursor.execute(DROP_LOST, [lost_ids])
            cursor.execute(BACK_TO_QUEUE, [wave_id, lost_ids])
    kept = chunk.only(won)
    rows.write_allocations(raw, wave_id, snapshot, plan, kept, now)
    rows.write_tries(raw, wave_id, snapshot, plan, kept, coming_states(snapshot, plan, kept.order_c), now)
    rows.write_decisions(raw, wave_id, snapshot, plan, kept)
    rows.write_line_reasons(snapshot, plan, kept)
    rows.write_holds(snapshot, plan, kept, now)
    with connection.cursor() as cursor:
        cursor.execute(SET_STATE)
        cursor.execute(LEAVE_QUEUE)
    return _count(plan, kept, len(lost_ids))


def _stage(snapshot: Snapshot, plan: Plan, chunk: Chunk) -> None:
    """Put the chunk's orders and their coming states beside the tables, for joins instead of long lists of ids."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY_RESULT)
    order_c = chunk.order_c
    columns = {
        "order_id": snapshot.id_o[order_c],
        "version": snapshot.version_o[order_c],
        "state": coming_states(snapshot, plan, order_c),
        "reason": plan.reason_o[order_c],
    }
    copy_in(connection.connection, "wave_result", RESULT, columns)


def coming_states(snapshot: Snapshot, plan: Plan, order_c: npt.NDArray[np.integer]) -> npt.NDArray[np.int16]:
    """The order states that follow: what was already live or shipped makes a failed try a partial order."""
    state_of = np.zeros(len(Outcome), np.int16)
    state_of[Outcome.UNALLOCATED] = state_of[Outcome.HELD] = OrderState.UNALLOCATED
    state_of[Outcome.PARTIAL] = OrderState.PARTIAL
    state_of[Outcome.ALLOCATED] = OrderState.ALLOCATED
    states = state_of[plan.outcome_o[order_c]]
    served = plan.served_o()[order_c] | snapshot.live_o[order_c]
    return np.where(served & (states == OrderState.UNALLOCATED), OrderState.PARTIAL, states).astype(np.int16)


def _count(plan: Plan, kept: Chunk, lost: int) -> Outcomes:
    by_outcome = np.bincount(plan.outcome_o[kept.order_c], minlength=len(Outcome))
    return Outcomes(
        orders=len(kept.order_c) + lost,
        allocated=int(by_outcome[Outcome.ALLOCATED]),
        partial=int(by_outcome[Outcome.PARTIAL]),
        unallocated=int(by_outcome[Outcome.UNALLOCATED]),
        held=int(by_outcome[Outcome.HELD]),
        lost=lost,
        allocations=len(kept.allocation_c),
    )

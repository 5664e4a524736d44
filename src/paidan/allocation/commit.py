"""Writing a wave's plan: chunk by chunk, each in one short transaction, set-based, guarded against whoever was faster.

What was decided on a snapshot is committed only if it still holds: the lease and the order's version, the stock, and
the capacities. What lost the race goes back to the queue. Locks are taken in the order of docs/adr/0003-locking.md,
stock and work days last, so that what everybody wants is held for the shortest time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from paidan.engine.codes import Outcome
from paidan.engine.plan import Plan
from paidan.kit.arrays import array_cursor
from paidan.kit.copy import copy_in, select_columns
from paidan.orders.states import OrderState

from . import rows
from .chunks import Chunk, chunks_of
from .guard import GiveWay, reserve
from .lanes import Turn, in_lanes
from .snapshot import Snapshot

CHUNK = 20_000
"""Orders per transaction: large enough that statements cost little each, small enough that locks are held briefly."""

RESULT = {"order_id": "i8", "version": "i4", "state": "i2", "reason": "i2"}
# Emptied too: of the last chunk, where an outer transaction is still open.
MAKE_RESULT = """
CREATE TEMPORARY TABLE IF NOT EXISTS wave_result
    (order_id bigint PRIMARY KEY, version integer, state smallint, reason smallint) ON COMMIT DELETE ROWS;
DELETE FROM wave_result
"""
# Locking the queue row is what makes the commit exclusive: whoever changes a queued order takes that row first.
LOCK = """
SELECT q.order_id FROM wave_result r JOIN orders_queuedorder q ON q.order_id = r.order_id
WHERE q.wave_id = %s FOR UPDATE OF q SKIP LOCKED
"""
KEEP_ONLY = """
DELETE FROM wave_result r WHERE NOT EXISTS (SELECT 1 FROM unnest(%s) kept(id) WHERE kept.id = r.order_id)
"""
SET_STATE = """
UPDATE orders_order o SET state = r.state, reason = r.reason FROM wave_result r
WHERE o.id = r.order_id AND o.version = r.version
"""
SET_NEW_STATE = """
WITH done AS (DELETE FROM orders_queuedorder WHERE order_id = ANY(%s))
UPDATE orders_order o SET state = n.state, reason = n.reason FROM unnest(%s, %s, %s) n(id, state, reason)
WHERE o.id = n.id
"""
STALE = """
SELECT r.order_id FROM wave_result r LEFT JOIN orders_order o ON o.id = r.order_id AND o.version = r.version
WHERE o.id IS NULL
"""
LEAVE_QUEUE = "DELETE FROM orders_queuedorder q USING wave_result r WHERE q.order_id = r.order_id"
# A loser may be locked by somebody who waits for stock held here: never wait, `release_claims` comes for the rest.
BACK_TO_QUEUE = """
UPDATE orders_queuedorder SET wave_id = NULL, leased_until = NULL WHERE order_id IN (
    SELECT order_id FROM orders_queuedorder WHERE wave_id = %s AND order_id = ANY(%s) FOR UPDATE SKIP LOCKED)
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


@dataclass(frozen=True, slots=True)
class Commit:
    """One plan to be committed; `guarded=False` is for the tests that prove the guard is needed."""

    wave_id: int
    snapshot: Snapshot
    plan: Plan
    now: datetime
    guarded: bool = True


def commit_plan(commit: Commit, *, progress: Callable[[int, int], None] | None = None) -> Outcomes:
    """Commit the plan in chunks of the order in which it was decided.

    Two chunks are written at a time, on two connections, but they take stock one after the other in that order, so an
    order decided earlier never loses its pieces to one decided later.
    """
    chunks = chunks_of(commit.plan, CHUNK)
    done, outcomes = 0, Outcomes()
    for chunk, outcome in zip(chunks, in_lanes(chunks, lambda c, turn: _commit_chunk(commit, c, turn)), strict=True):
        outcomes = outcomes.plus(outcome)
        done += len(chunk.order_c)
        if progress:
            progress(done, len(commit.plan.sequence))
    return outcomes


def _commit_chunk(commit: Commit, chunk: Chunk, turn: Turn) -> Outcomes:
    """Commit one chunk.

    1. Lock the queue rows that are still leased to this wave.
    2. Write allocations, their lines, events, decisions and states; an order that changed meanwhile gives way.
    3. In turn, reserve stock and work days; while something is short, the last-taken orders that need it give way.
    4. The winners leave the queue, the losers go back.
    """
    with transaction.atomic(savepoint=False):
        _stage(commit, chunk)
        mine = select_columns(connection.connection, LOCK, {"id": "i8"}, [commit.wave_id])["id"]
        won = np.isin(commit.snapshot.id_o[chunk.order_c], mine)
        while True:
            try:
                with transaction.atomic():
                    _write(commit, chunk.only(won), len(won), turn)
                break
            except GiveWay as lost:
                won = won.copy()
                won[np.flatnonzero(won)[lost.order_c]] = False
        lost_ids = commit.snapshot.id_o[chunk.order_c[~won]]
        cursor = array_cursor()
        cursor.execute(LEAVE_QUEUE)
        if len(lost_ids):
            cursor.execute(BACK_TO_QUEUE, (commit.wave_id, lost_ids))
    return _count(commit.plan, chunk.only(won), len(lost_ids))


def commit_new(commit: Commit) -> tuple[Outcomes, npt.NDArray[np.bool_]]:
    """Commit the plan of orders that this very transaction has stored, few of them, which nobody else can have seen.

    Call it inside that transaction. As `commit_plan`, but for what others might have done to the orders meanwhile.
    Answers also which orders kept what was decided, bool along the snapshot's orders.
    """
    [chunk] = chunks_of(commit.plan, len(commit.plan.sequence))
    turn, won = Turn(None), np.ones(len(chunk.order_c), np.bool_)
    while True:
        try:
            with transaction.atomic():
                _write_new(commit, chunk.only(won), turn)
            break
        except GiveWay as lost:
            won[np.flatnonzero(won)[lost.order_c]] = False
    if not won.all():
        lost_ids = commit.snapshot.id_o[chunk.order_c[~won]]
        array_cursor().execute(BACK_TO_QUEUE, (commit.wave_id, lost_ids))
    kept_o = np.zeros(len(commit.snapshot.id_o), np.bool_)
    kept_o[chunk.order_c[won]] = True
    return _count(commit.plan, chunk.only(won), int((~won).sum())), kept_o


def _write_new(commit: Commit, kept: Chunk, turn: Turn) -> None:
    snapshot, plan = commit.snapshot, commit.plan
    ids, states = snapshot.id_o[kept.order_c], coming_states(snapshot, plan, kept.order_c)
    array_cursor().execute(SET_NEW_STATE, (ids, ids, states, plan.reason_o[kept.order_c].astype(np.int16)))
    _write_rows(commit, kept, states, turn)


def _stage(commit: Commit, chunk: Chunk) -> None:
    """Put the chunk's orders and their coming states beside the tables, for joins instead of long lists of ids."""
    snapshot, order_c = commit.snapshot, chunk.order_c
    with connection.cursor() as cursor:
        cursor.execute(MAKE_RESULT)
    columns: dict[str, npt.NDArray[Any]] = {
        "order_id": snapshot.id_o[order_c],
        "version": snapshot.version_o[order_c],
        "state": coming_states(snapshot, commit.plan, order_c),
        "reason": commit.plan.reason_o[order_c],
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


def _write(commit: Commit, kept: Chunk, staged: int, turn: Turn) -> None:
    """Write everything for the orders still ours, the contended rows last; raises GiveWay with who cannot stay."""
    raw, snapshot, plan = connection.connection, commit.snapshot, commit.plan
    cursor = array_cursor()
    ids = snapshot.id_o[kept.order_c]
    if len(ids) < staged:
        cursor.execute(KEEP_ONLY, (ids,))
    cursor.execute(SET_STATE)
    if cursor.rowcount != len(ids):
        stale = select_columns(raw, STALE, {"id": "i8"})["id"]
        raise GiveWay(np.isin(ids, stale))
    _write_rows(commit, kept, coming_states(snapshot, plan, kept.order_c), turn)


def _write_rows(commit: Commit, kept: Chunk, states: npt.NDArray[np.int16], turn: Turn) -> None:
    """What every committed order leaves behind; then, in turn, its stock and work days."""
    raw, snapshot, plan = connection.connection, commit.snapshot, commit.plan
    rows.write_allocations(raw, commit.wave_id, snapshot, plan, kept, commit.now)
    rows.write_tries(raw, commit.wave_id, snapshot, plan, kept, states, commit.now)
    rows.write_decisions(raw, commit.wave_id, snapshot, plan, kept)
    rows.write_line_reasons(snapshot, plan, kept)
    rows.write_holds(snapshot, plan, kept, commit.now)
    turn.wait()
    reserve(snapshot, plan, kept, now=commit.now, guarded=commit.guarded)


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

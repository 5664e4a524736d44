"""Trying chosen orders at once instead of waiting for the next wave, and what such a try would come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from paidan.accounts.models import User
from paidan.engine.codes import Outcome
from paidan.engine.sequential import allocate
from paidan.kit.arrays import array_cursor
from paidan.orders.models import Order
from paidan.orders.queue import enqueue, lock_orders
from paidan.orders.states import OrderState

from .claims import claim_orders
from .locked import as_ids
from .models import Wave
from .outcomes import Batch, Verdicts
from .relaxing import Relax, relaxed
from .snapshot import take_snapshot
from .wave import run_wave, worker_name

I64 = npt.NDArray[np.int64]
Ids = Sequence[int] | I64

_HELD = "SELECT DISTINCT order_id FROM orders_hold WHERE order_id = ANY(%s) AND released_at IS NULL"
_OPEN = (OrderState.PENDING, OrderState.UNALLOCATED, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying came to, or would: orders served wholly or in part, the reason of each that is not, and the price."""

    served: tuple[int, ...] = ()
    failed: dict[int, int] = field(default_factory=dict)  # order → engine reason
    refused: dict[int, str] = field(default_factory=dict)
    freight_minor: int = 0
    distance_m: int = 0  # summed over the parcels that have one
    parcels: int = 0
    late: int = 0  # parcels that miss their ship-by


def try_now(ids: Ids, *, now: datetime, relax: Relax | None = None, by: User | None = None) -> Trial:
    """Allocate these orders in a wave of their own; call it outside any transaction.

    1. Queue those that may be tried. 2. Run the wave. 3. Read back what became of them; an order another worker took
    first counts by where it is now.
    """
    with transaction.atomic():
        queued = _queue(as_ids(ids))
    if queued.done:
        run_wave(now=now, worker=worker_name(), order_ids=queued.done, relax=relax, by=by)
    rows = Order.objects.filter(id__in=queued.done).values_list("id", "state", "reason")
    served = tuple(key for key, state, _reason in rows if state not in (OrderState.PENDING, OrderState.UNALLOCATED))
    failed = {key: reason for key, state, reason in rows if key not in set(served)}
    return Trial(served, failed, dict(queued.refused))


def foresee(ids: Ids, *, now: datetime, relax: Relax | None = None) -> Trial:
    """What `try_now` would come to; nothing is written, for the transaction that claims the orders is rolled back."""
    with transaction.atomic():
        trial = _solve(as_ids(ids), now, relax)
        transaction.set_rollback(True)
    return trial


def _solve(ids: I64, now: datetime, relax: Relax | None) -> Trial:
    queued = _queue(ids)
    if not queued.done:
        return Trial(refused=dict(queued.refused))
    wave = Wave.objects.create(worker=worker_name(), started_at=now)
    claimed = claim_orders(wave.id, now=now, order_ids=queued.done)
    snapshot = relaxed(take_snapshot(wave.id, claimed, now), relax)
    plan = allocate(snapshot.problem)
    served_o = (plan.outcome_o == Outcome.ALLOCATED) | (plan.outcome_o == Outcome.PARTIAL)
    lost = zip(snapshot.id_o[~served_o].tolist(), plan.reason_o[~served_o].tolist(), strict=True)
    return Trial(
        served=tuple(snapshot.id_o[served_o].tolist()),
        failed=dict(lost),
        refused=dict(queued.refused),
        freight_minor=int(plan.freight_minor_a.sum()),
        distance_m=int(plan.distance_m_a[plan.distance_m_a >= 0].sum()),
        parcels=len(plan.order_a),
        late=int((plan.late_s_a > 0).sum()),
    )


def _queue(ids: I64) -> Batch:
    """Put the orders that have something open and no hold into the queue; the rest is refused."""
    cursor = array_cursor()
    found, states = lock_orders(ids)
    verdicts = Verdicts(ids, found)
    held = np.array([row[0] for row in cursor.execute(_HELD, (found,)).fetchall()], np.int64)
    verdicts.refuse(np.isin(found, held), "on_hold")
    verdicts.refuse(~np.isin(states, [int(state) for state in _OPEN]), "nothing_open")
    enqueue(cursor, found[verdicts.ok])
    return verdicts.batch()

"""Counting stock, and what a count means for allocations: growth wakes waiting orders, a shortage sends some back.

A count is stored whatever it says, for reality cannot be refused (design §3a).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.orders.queue import queue_waiting
from paidan.stock.models import MovementKind
from paidan.stock.services import LEAVE, Pairs, Written, on_hand_after, set_quantities

from .relief import relieve_shortages
from .shortages import end_shortages, open_shortages

Column = npt.NDArray[np.integer[Any]] | Sequence[int]
I64 = npt.NDArray[np.int64]

CHUNK = 5_000
"""Rows per transaction: waves wait for these locks."""


@dataclass(frozen=True, slots=True)
class CountReport:
    """What counting did: stock rows, the shortages it found, allocations sent back, orders queued again."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    short: int = 0
    sent_back: int = 0
    queued: int = 0


def count_stock(
    sku_ids: Column,
    warehouse_ids: Column,
    on_hand: Column,
    safety: Column | None = None,
    *,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> CountReport:
    """Store what was counted, in any number of rows; `LEAVE` leaves a quantity as it is.

    1. In chunks in lock order, each its own transaction: quantities, movements, exceptions for shortages.
    2. Send unaccepted allocations back where less is on hand than promised. 3. Queue the orders that wait for what
    grew. Raises `Refusal` for negative quantities and pairs counted twice, before anything is written.
    """
    pairs, on_hand_n, safety_n = _columns(sku_ids, warehouse_ids, on_hand, safety)
    total = CountReport()
    grown: list[npt.NDArray[np.int32]] = []
    short: list[Pairs] = []
    for start in range(0, len(pairs), CHUNK):
        chunk = slice(start, start + CHUNK)
        part = Pairs(pairs.sku_n[chunk], pairs.warehouse_n[chunk])
        written = _write(part, on_hand_n[chunk], safety_n[chunk], MovementKind.COUNT, now, by, reason)
        grown.append(written.grown.sku_n)
        short.append(written.short)
        total = _plus(total, written)
        if progress:
            progress(min(start + CHUNK, len(pairs)), len(pairs))
    return _consequences(total, grown, short, now, by)


def adjust_stock(
    *, sku_id: int, warehouse_id: int, delta: int, now: datetime, by: User | None = None, reason: str = ""
) -> CountReport:
    """Add to or take from what is on hand (goods came in, were damaged); refused if less than nothing would be left."""
    pair = Pairs(np.array([sku_id], np.int32), np.array([warehouse_id], np.int32))
    with transaction.atomic():
        after = on_hand_after(array_cursor(), pair, np.array([delta], np.int64))
        if after[0] < 0:
            sentence = _("Only %(on_hand)s are on hand; %(pieces)s cannot be taken.")
            raise Refusal("less_than_nothing", sentence, on_hand=int(after[0]) - delta, pieces=-delta)
        written = _write(pair, after, np.array([LEAVE], np.int64), MovementKind.ADJUSTMENT, now, by, reason)
    return _consequences(_plus(CountReport(), written), [written.grown.sku_n], [written.short], now, by)


def set_safety(
    sku_ids: Column, warehouse_ids: Column, safety: Column, *, now: datetime, by: User | None = None
) -> CountReport:
    """Set the pieces that are kept back; what is reserved already stays reserved."""
    return count_stock(sku_ids, warehouse_ids, np.full(len(sku_ids), LEAVE), safety, now=now, by=by)


@transaction.atomic
def _write(
    pairs: Pairs, on_hand_n: I64, safety_n: I64, kind: MovementKind, now: datetime, by: User | None, reason: str
) -> Written:
    cursor = array_cursor()
    written = set_quantities(cursor, pairs, on_hand_n, safety_n, now=now, by=by, reason=reason, kind=kind)
    open_shortages(cursor, written.short.sku_n, written.short.warehouse_n, now=now, by=by)
    end_shortages(cursor, pairs.sku_n, pairs.warehouse_n, now=now, by=by)
    return written


def _consequences(
    total: CountReport, grown: list[npt.NDArray[np.int32]], short: list[Pairs], now: datetime, by: User | None
) -> CountReport:
    skus = np.concatenate([pairs.sku_n for pairs in short] or [np.zeros(0, np.int32)])
    warehouses = np.concatenate([pairs.warehouse_n for pairs in short] or [np.zeros(0, np.int32)])
    sent_back = relieve_shortages(Pairs(skus, warehouses), now=now, by=by) if len(skus) else 0
    more = np.unique(np.concatenate(grown or [np.zeros(0, np.int32)]))
    queued = queue_waiting(sku_ids=more) if len(more) else 0
    return CountReport(total.created, total.changed, total.unchanged, len(skus), sent_back, queued)


def _columns(sku_ids: Column, warehouse_ids: Column, on_hand: Column, safety: Column | None) -> tuple[Pairs, I64, I64]:
    """The rows in lock order, checked."""
    sku_n, warehouse_n = np.asarray(sku_ids, np.int32), np.asarray(warehouse_ids, np.int32)
    on_hand_n = np.asarray(on_hand, np.int64)
    safety_n = np.full(len(sku_n), LEAVE, np.int64) if safety is None else np.asarray(safety, np.int64)
    if len(sku_n) and min(on_hand_n.min(), safety_n.min()) < LEAVE:
        raise Refusal("negative_count", _("A quantity cannot be negative."))
    order = np.lexsort((warehouse_n, sku_n))
    pairs = Pairs(sku_n[order], warehouse_n[order])
    if ((np.diff(pairs.sku_n) == 0) & (np.diff(pairs.warehouse_n) == 0)).any():
        raise Refusal("counted_twice", _("A SKU is counted twice for the same warehouse."))
    return pairs, on_hand_n[order], safety_n[order]


def _plus(total: CountReport, written: Written) -> CountReport:
    return CountReport(
        created=total.created + written.created,
        changed=total.changed + written.changed,
        unchanged=total.unchanged + written.unchanged,
    )

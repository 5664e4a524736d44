"""Leases on queued orders: how a wave makes orders its own, and how it lets go of them.

A lease is the wave's id and an end written on the narrow queue row. Two waves never claim the same row because of
`FOR UPDATE SKIP LOCKED`; a wave that dies loses its rows when the lease runs out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

LEASE = timedelta(minutes=5)
"""Far longer than a wave of `MOST_ORDERS` takes; a worker that died costs its orders no more than this."""
MOST_ORDERS = 1_000_000
"""The most orders one wave takes, so that its memory stays bounded (design §6: 2 GiB); the next wave takes the rest."""

# Chosen once: as a condition, the planner might choose again for every row, and go beyond the limit.
CLAIM = """
WITH chosen AS MATERIALIZED (
    SELECT order_id FROM orders_queuedorder
    WHERE (wave_id IS NULL OR leased_until < %(now)s) {only}
    ORDER BY priority DESC, ship_by_at, order_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE orders_queuedorder q SET wave_id = %(wave)s, leased_until = %(until)s FROM chosen
WHERE q.order_id = chosen.order_id
"""
# In order of the orders, as everybody locks them: it may have to wait for somebody who changes one.
RELEASE = """
UPDATE orders_queuedorder SET wave_id = NULL, leased_until = NULL WHERE order_id IN (
    SELECT order_id FROM orders_queuedorder WHERE wave_id = %s ORDER BY order_id FOR UPDATE)
"""


EXTEND = """
UPDATE orders_queuedorder SET leased_until = now() + %(lease)s WHERE order_id IN (
    SELECT order_id FROM orders_queuedorder WHERE wave_id = %(wave)s AND leased_until < now() + %(lease)s
    ORDER BY order_id FOR UPDATE SKIP LOCKED)
"""


def claim_orders(
    wave_id: int,
    *,
    now: datetime,
    limit: int | None = None,
    order_ids: Sequence[int] | None = None,
    lease: timedelta = LEASE,
) -> int:
    """Lease the queued orders that nobody holds (the most urgent `limit`, or only those named); answers how many."""
    parameters: dict[str, Any] = {
        "wave": wave_id,
        "now": now,
        "until": now + lease,
        "limit": limit or MOST_ORDERS,
        "ids": None if order_ids is None else list(order_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM.format(only="" if order_ids is None else "AND order_id = ANY(%(ids)s)"), parameters)
        return int(cursor.rowcount)


def extend_claims(wave_id: int) -> None:
    """Hold on to what a wave has claimed, while it is being decided for long."""
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"wave": wave_id, "lease": LEASE}
        cursor.execute(EXTEND, parameters)


def release_claims(wave_id: int) -> int:
    """Give back what a wave still holds, so that the next one can take it at once."""
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, [wave_id])
        return int(cursor.rowcount)

"""Choosing another carrier for parcels that have not left: the price is the carrier's own, where it has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.network.models import FreightRate
from paidan.orders.events import write_events
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind

from .locked import Allocations, as_ids, lock_allocations_of
from .outcomes import Batch, Verdicts
from .prices import Parcel, by_place, cheapest_freight
from .states import LIVE

I64 = npt.NDArray[np.int64]

_FACTS = """
SELECT a.id, a.carrier, a.freight_minor, a.warehouse_id, o.region, coalesce(p.weight_g, 0), coalesce(p.volume_cm3, 0)
FROM allocation_allocation a JOIN orders_order o ON o.id = a.order_id
CROSS JOIN LATERAL (
    SELECT sum(part.qty::bigint * s.weight_g)::bigint AS weight_g,
           sum(part.qty::bigint * s.volume_cm3)::bigint AS volume_cm3
    FROM allocation_allocationline part JOIN catalog_sku s ON s.id = part.sku_id WHERE part.allocation_id = a.id
) p WHERE a.id = ANY(%s) ORDER BY a.id
"""
_WRITE = """
UPDATE allocation_allocation a SET carrier = n.carrier, freight_minor = n.freight_minor
FROM unnest(%s, %s, %s::text[]) AS n (id, freight_minor, carrier) WHERE a.id = n.id
"""


@transaction.atomic
def change_carriers(
    carrier_of: Mapping[int, str], *, now: datetime, by: User | None = None
) -> tuple[Batch, dict[int, str]]:
    """Give the live parcels of orders (by order id) to another carrier; answers also what each parcel had before.

    Refused are orders without a live parcel, and those whose parcels all have that carrier already.
    """
    cursor, asked = array_cursor(), as_ids(list(carrier_of))
    found, _states = lock_orders(asked)
    verdicts = Verdicts(asked, found)
    live = lock_allocations_of(cursor, found, LIVE)
    facts = cursor.execute(_FACTS, (live.id_a,)).fetchall()
    differs = np.array([row[1] != carrier_of[order] for row, order in zip(facts, live.order_a.tolist(), strict=True)])
    verdicts.refuse(~np.isin(found, live.order_a), "nothing_live")
    verdicts.refuse(~np.isin(found, live.order_a[differs.astype(np.bool_)]), "same_carrier")
    changed = [row for row, other in zip(facts, differs.tolist(), strict=True) if other]
    moved = live.only(differs.astype(np.bool_))
    wanted = [carrier_of[order] for order in moved.order_a.tolist()]
    _write(cursor, moved, changed, wanted, now=now, by=by)
    return verdicts.batch(), {row[0]: row[1] for row in changed}


def _write(
    cursor: Cursor[Any],
    moved: Allocations,
    facts: Sequence[tuple[Any, ...]],
    wanted: Sequence[str],
    *,
    now: datetime,
    by: User | None,
) -> None:
    """Store carrier and price; a carrier without a rate for that warehouse and region leaves the price as it was."""
    if not len(moved):
        return
    rows = list(FreightRate.objects.filter(carrier__in=set(wanted)))
    rates = {carrier: by_place(row for row in rows if row.carrier == carrier) for carrier in set(wanted)}
    prices = []
    for (_id, _was, freight, warehouse, region, weight, volume), carrier in zip(facts, wanted, strict=True):
        asked = cheapest_freight(rates[carrier], warehouse, region, Parcel(weight, volume))
        prices.append(freight if asked is None else asked)
    cursor.execute(_WRITE, (moved.id_a, np.array(prices, np.int64), list(wanted)))
    told = [
        {"fields": ["carrier"], "carrier": carrier, "before": row[1]}
        for row, carrier in zip(facts, wanted, strict=True)
    ]
    kind = EventKind.CHANGED
    write_events(cursor, kind, moved.order_a, moved.state_a, allocation_ids=moved.id_a, details=told, now=now, by=by)

"""Pausing and resuming a warehouse: a paused one gets nothing new, a resumed one may be what orders waited for."""

from __future__ import annotations

from django.db import transaction

from paidan.network.models import Warehouse
from paidan.network.services import set_open
from paidan.orders.queue import queue_waiting


def pause_warehouse(warehouse: Warehouse) -> bool:
    """Give it nothing new; what it has stays. False when it was paused already."""
    return set_open(warehouse, False)


@transaction.atomic
def resume_warehouse(warehouse: Warehouse) -> int | None:
    """Let it take orders again and queue all that wait; answers how many, or None when it was open already."""
    return queue_waiting() if set_open(warehouse, True) else None

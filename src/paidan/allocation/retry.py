"""Which orders are tried again, and when: on a cause (stock, a warehouse, rules), and every ten minutes anyway."""

from __future__ import annotations

from datetime import datetime, timedelta

from paidan.orders.queue import queue_waiting

from .holds import release_due
from .relief import open_shortage_pairs, relieve_shortages

EVERY = timedelta(minutes=10)
"""How often `queue_retries` is due when nothing else happens."""


def queue_retries(*, now: datetime) -> int:
    """Queue every unallocated or partial order that nobody holds; answers how many. Run it every ten minutes.

    1. Release the holds whose time has come. 2. Go on with shortages whose relief was interrupted. 3. Queue; a
    pending order that lost its place in the queue, however that came, gets it back.
    """
    release_due(now=now)
    short = open_shortage_pairs()
    if len(short):
        relieve_shortages(short, now=now)
    return queue_waiting(lost=True)

"""Delivering what is due: claimed by a lease, sent outside any transaction, its outcome a conditional update.

Any number of workers may deliver at the same time. One that dies leaves leases that run out; what it had sent without
writing so is sent again. Per endpoint and key only the oldest waiting message is ever on its way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import Error, close_old_connections, connection, transaction
from django.utils import timezone

from ..models import Delivery, Endpoint
from .patience import DOWN_AFTER, GIVE_UP_AFTER, MOST_TRIES, rest_after, wait_after
from .relay import listen_for_active, relay
from .sending import TOTAL_S, Answer, Parcel, Sender

LOG = logging.getLogger("paidan.webhooks")
LEASE = timedelta(seconds=4 * TOTAL_S)
"""Four times what one message may take: a worker that is alive always writes its outcome in time."""
AT_A_TIME = 64
"""Messages on their way to one endpoint, by one worker."""
LOOK_EVERY_S = 1.0
RELAY_EVERY_S = 0.5
TOGETHER_S = 0.02
"""What comes back within this time is written in one transaction."""
GONE = 410
"""The status by which a receiver says that it will never want to hear of this again."""

_DUE = """
SELECT e.id, e.url, e.secrets, e.failures_n FROM alerts_endpoint e
WHERE e.active AND (e.rest_until_at IS NULL OR e.rest_until_at <= %(now)s) AND EXISTS (
    SELECT FROM alerts_delivery d WHERE d.endpoint_id = e.id AND d.state = 1 AND d.next_at <= %(now)s
    AND (d.leased_until_at IS NULL OR d.leased_until_at <= %(now)s))
ORDER BY e.id
"""
# The head of each key only; whoever else claims it at this moment holds its lock, and has leased it when it lets go.
_CLAIM = """
WITH head AS MATERIALIZED (
    SELECT d.id FROM alerts_delivery d
    WHERE d.endpoint_id = %(endpoint)s AND d.state = 1 AND d.next_at <= %(now)s
    AND (d.leased_until_at IS NULL OR d.leased_until_at <= %(now)s)
    AND NOT EXISTS (SELECT FROM alerts_delivery b
        WHERE b.endpoint_id = d.endpoint_id AND b.key = d.key AND b.state = 1 AND b.id < d.id)
    ORDER BY d.next_at, d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED)
UPDATE alerts_delivery d SET leased_until_at = %(until)s, tries_n = d.tries_n + 1 FROM head
WHERE d.id = head.id RETURNING d.id, d.message, d.body, d.tries_n
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery this worker has the lease of."""

    id: int
    endpoint_id: int
    tries: int
    until: datetime
    parcel: Parcel


def claim_due(now: datetime, in_flight: Counter[int] | None = None) -> list[Claimed]:
    """Take the lease of what may be sent now; to an endpoint that was down, one message to see whether it is up."""
    busy = in_flight or Counter()
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now})
        endpoints = cursor.fetchall()
        found: list[Claimed] = []
        for key, url, secrets, failures in endpoints:
            most = (1 if failures >= DOWN_AFTER else AT_A_TIME) - busy[key]
            if most > 0 and busy[key] <= AT_A_TIME // 2:  # a claim costs a commit: not for every message that is back
                until = now + LEASE
                cursor.execute(_CLAIM, {"endpoint": key, "now": now, "until": until, "most": most})
                for row, message, body, tries in cursor.fetchall():
                    found.append(Claimed(row, key, tries, until, Parcel(url, secrets, message, body)))
    return found


def record(landed: Sequence[tuple[Claimed, Answer]], now: datetime, chance: Random) -> None:
    """Write what became of some deliveries, and how their endpoints fare, in one transaction.

    What was taken counts also when its lease was lost meanwhile, for it has arrived; a failure counts only with it.
    """
    with transaction.atomic():
        arrived: dict[int | None, list[int]] = {}
        for claimed, answer in landed:
            if answer.taken:
                arrived.setdefault(answer.status, []).append(claimed.id)
        for status, ids in arrived.items():
            told = {"status": status, "problem": "", "done_at": now, "leased_until_at": None}
            waiting = Delivery.objects.filter(pk__in=ids, state=Delivery.State.WAITING)
            waiting.update(state=Delivery.State.DELIVERED, **told)
        for endpoint in sorted({claimed.endpoint_id for claimed, answer in landed if answer.taken}):
            _it_works(endpoint, now)
        for claimed, answer in landed:
            if not answer.taken:
                rows = Delivery.objects.filter(pk=claimed.id, state=Delivery.State.WAITING)
                if rows.filter(leased_until_at=claimed.until).update(**_after_failure(claimed, answer, now, chance)):
                    _it_fails(claimed.endpoint_id, answer, now, chance)


def _after_failure(claimed: Claimed, answer: Answer, now: datetime, chance: Random) -> dict[str, object]:
    told: dict[str, object] = {"status": answer.status, "problem": answer.problem[:300], "leased_until_at": None}
    if claimed.tries >= MOST_TRIES:
        return {**told, "state": Delivery.State.DEAD, "done_at": now}
    return {**told, "next_at": now + wait_after(claimed.tries, chance)}


def _it_works(endpoint_id: int, now: datetime) -> None:
    """Note it at most once a minute while nothing is wrong: a row that all messages write is a queue of its own."""
    rows = Endpoint.objects.filter(pk=endpoint_id)
    if not rows.exclude(failures_n=0).update(failures_n=0, failing_since_at=None, rest_until_at=None, heard_at=now):
        rows.exclude(heard_at__gt=now - timedelta(minutes=1)).update(heard_at=now)


def _it_fails(endpoint_id: int, answer: Answer, now: datetime, chance: Random) -> None:
    """Count the failure; let the endpoint rest, or switch it off for good, when there were too many.

    What was on its way when the rest began says nothing new.
    """
    row = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    row.failing_since_at = row.failing_since_at or now
    if row.rest_until_at is None or now >= row.rest_until_at:
        row.failures_n += 1
        rest = rest_after(row.failures_n, chance)
        row.rest_until_at = now + rest if rest else None
    if answer.status == GONE or now - row.failing_since_at >= GIVE_UP_AFTER:
        row.active, row.stopped_at = False, now
    row.save(update_fields=["failures_n", "failing_since_at", "rest_until_at", "active", "stopped_at"])
    if not row.active:
        listen_for_active()


def deliver_due(sender: Sender, now: datetime, chance: Random) -> int:
    """Send once whatever is due at this moment, and wait for the answers; answers how many messages that were."""
    relay(now)
    flights = [(sender.send(claimed.parcel, now), claimed) for claimed in claim_due(now)]
    record([(claimed, flight.result()) for flight, claimed in flights], now, chance)
    return len(flights)


def deliver_until(
    stop: threading.Event,
    *,
    clock: Callable[[], datetime] = timezone.now,
    chance: Random | None = None,
    total_s: float = TOTAL_S,
) -> None:
    """Deliver whatever is due, looking every second; a database that is away is waited for."""
    rounds = Rounds(clock, chance or Random())
    with Sender(total_s) as sender:
        while not stop.is_set() or rounds.flights:
            try:
                if not rounds.go_on(sender, ending=stop.is_set()):
                    stop.wait(LOOK_EVERY_S)
            except Error as error:
                LOG.warning("No webhooks: %s", error)
                stop.wait(LOOK_EVERY_S)
            except Exception:
                LOG.exception("Webhooks stumbled; they go on")
                stop.wait(LOOK_EVERY_S)
            finally:
                close_old_connections()
    connection.close()


class Rounds:
    """What one worker has on its way. If an outcome cannot be written, the message is sent again after its lease."""

    def __init__(self, clock: Callable[[], datetime], chance: Random) -> None:
        self.clock, self.chance = clock, chance
        self.flights: dict[Future[Answer], Claimed] = {}
        self.relay_at = 0.0

    def go_on(self, sender: Sender, *, ending: bool) -> bool:
        """Send what is due, then write down what has come back; false when there was nothing to do."""
        if not ending:
            if time.monotonic() >= self.relay_at:
                relay(self.clock())
                self.relay_at = time.monotonic() + RELAY_EVERY_S
            busy = Counter(claimed.endpoint_id for claimed in self.flights.values())
            for claimed in claim_due(self.clock(), busy):
                self.flights[sender.send(claimed.parcel, self.clock())] = claimed
        if not self.flights:
            return False
        wait(self.flights, LOOK_EVERY_S, FIRST_COMPLETED)
        landed = wait(self.flights, TOGETHER_S).done
        record([(self.flights.pop(flight), flight.result()) for flight in landed], self.clock(), self.chance)
        return True

"""From the outbox to deliveries: every announcement becomes a message for each endpoint that wants to hear it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import accumulate, takewhile

from django.db import connection, transaction

from paidan.orders.announcing import announce_only
from paidan.orders.models import Announcement

from ..models import Delivery, Endpoint
from .events import kinds_of
from .messages import Message, messages_of

AT_ONCE = 20_000
"""Transitions after which the relay commits what it has, and takes at least one announcement."""
ROWS = 1_000
DELIVERED_KEPT = timedelta(days=7)
OTHERS_KEPT = timedelta(days=60)

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('paidan.alerts.relay'))"
_SIZES = "SELECT id, cardinality(order_ids) FROM orders_announcement ORDER BY id LIMIT %s"
_COPY = """
COPY alerts_delivery
    (endpoint_id, message, event, key, order_number, body, created_at, next_at, state, tries_n, problem)
FROM STDIN
"""
Line = tuple[object, ...]


def listen_for_active() -> None:
    """Have word left of what active endpoints want to hear, and of nothing else. Call it after any change of them."""
    wanted = Endpoint.objects.filter(active=True).values_list("events", flat=True)
    announce_only(kinds_of(event for events in wanted for event in events))


def relay(now: datetime) -> int:
    """Pass on what waits in the outbox; answers how many announcements that were."""
    passed = 0
    while done := _relay_some(now):
        passed += done
    return passed


@transaction.atomic
def _relay_some(now: datetime) -> int:
    """1. One relay at a time, so that ids follow the outbox. 2. Write deliveries. 3. Forget the announcements.

    What becomes visible late is of other orders than what was passed on before it: whoever changes an order or an
    allocation holds its lock until the commit, and draws the number in the outbox while holding it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_SIZES, [ROWS])
        ids, sizes = zip(*cursor.fetchall(), strict=True) if cursor.rowcount else ((), ())
    taken = sum(1 for _ in takewhile(lambda before: before < AT_ONCE, accumulate(sizes[:-1], initial=0))) if ids else 0
    rows = list(Announcement.objects.filter(id__in=ids[:taken]).order_by("id"))
    endpoints = list(Endpoint.objects.filter(active=True).prefetch_related("shops").order_by("id"))
    _write(line for row in rows for line in _lines(row, endpoints, now))
    Announcement.objects.filter(id__in=[row.pk for row in rows]).delete()
    return len(rows)


def _lines(row: Announcement, endpoints: Iterable[Endpoint], now: datetime) -> Iterator[Line]:
    """A delivery for every endpoint and message it wants."""
    shops = {endpoint.pk: {shop.pk for shop in endpoint.shops.all()} for endpoint in endpoints}
    for message in messages_of(row):
        for endpoint in endpoints:
            if _wants(endpoint, shops[endpoint.pk], message):
                yield (
                    endpoint.pk,
                    message.id,
                    message.event.value,
                    message.key,
                    message.order_number,
                    message.body,
                    row.at,
                    now,
                    int(Delivery.State.WAITING),
                    0,
                    "",
                )


def _wants(endpoint: Endpoint, shops: set[int], message: Message) -> bool:
    return message.event.value in endpoint.events and (not shops or message.shop_id in shops)


def _write(lines: Iterable[Line]) -> None:
    written = list(lines)  # read to the end first: a connection that copies cannot answer queries
    if written:
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for line in written:
                copy.write_row(line)


def forget_old(now: datetime) -> None:
    """Drop what was delivered a week ago, and what could not be in two months."""
    Delivery.objects.filter(state=Delivery.State.DELIVERED, done_at__lt=now - DELIVERED_KEPT).delete()
    Delivery.objects.filter(created_at__lt=now - OTHERS_KEPT).delete()

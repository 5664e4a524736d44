"""What people do with webhooks: set one up, exchange its secret, switch it, try it, send given-up messages again."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.models import Shop

from ..models import Delivery, Endpoint
from .events import TRIAL
from .relay import listen_for_active
from .sending import Answer, Parcel, Sender
from .signing import new_secret

SECRETS = 2
"""The one in force and the one before it: messages are signed by both, until the next exchange."""


@transaction.atomic
def add_endpoint(row: Endpoint, *, shops: Sequence[Shop], now: datetime, by: User | None) -> str:
    """Set a webhook up; answers its secret, which is not shown again."""
    secret = new_secret()
    row.secrets, row.created_at = [secret], now
    row.save()
    row.shops.set(shops)
    listen_for_active()
    record_change("webhook.added", by=by, now=now, of=row, events=row.events)
    return secret


@transaction.atomic
def change_endpoint(row: Endpoint, *, shops: Sequence[Shop], now: datetime, by: User | None) -> None:
    """Another name, address, choice of events or shops; what waits already goes to the new address."""
    row.save(update_fields=["name", "url", "events"])
    row.shops.set(shops)
    listen_for_active()
    record_change("webhook.changed", by=by, now=now, of=row, events=row.events)


@transaction.atomic
def switch_endpoint(row: Endpoint, on: bool, *, now: datetime, by: User | None) -> None:
    """Off: nothing new is kept for it, and what waits goes on waiting. On: that is sent, its failures forgotten."""
    row.active, row.stopped_at, row.failing_since_at, row.rest_until_at, row.failures_n = on, None, None, None, 0
    row.save(update_fields=["active", "stopped_at", "failing_since_at", "rest_until_at", "failures_n"])
    if on:
        row.deliveries.filter(state=Delivery.State.WAITING).update(next_at=now)
    listen_for_active()
    record_change("webhook.switched_on" if on else "webhook.switched_off", by=by, now=now, of=row)


@transaction.atomic
def drop_endpoint(row: Endpoint, *, now: datetime, by: User | None) -> None:
    """Remove it with everything that was kept for it."""
    record_change("webhook.removed", by=by, now=now, of=row)
    row.delete()
    listen_for_active()


@transaction.atomic
def exchange_secret(row: Endpoint, *, now: datetime, by: User | None) -> str:
    """A new secret, shown once; messages carry a signature by the old one too until the next exchange."""
    secret = new_secret()
    locked = Endpoint.objects.select_for_update().get(pk=row.pk)
    locked.secrets = [secret, *locked.secrets][:SECRETS]
    locked.save(update_fields=["secrets"])
    record_change("webhook.secret_exchanged", by=by, now=now, of=row)
    return secret


def send_again(ids: Sequence[int], *, now: datetime) -> list[int]:
    """Have messages sent anew that were given up or delivered already; answers which."""
    rows = Delivery.objects.filter(pk__in=ids).exclude(state=Delivery.State.WAITING)
    with transaction.atomic():
        found = list(rows.select_for_update().order_by("id").values_list("id", flat=True))
        waiting = {"state": Delivery.State.WAITING, "tries_n": 0, "next_at": now, "done_at": None}
        Delivery.objects.filter(pk__in=found).update(**waiting, leased_until_at=None)
    return found


def send_trial(row: Endpoint, *, now: datetime) -> Answer:
    """Send one message to see that it arrives, now and without a row; answers what the receiver said."""
    body = f'{{"type":"{TRIAL}","timestamp":"{now.isoformat()}","data":{{}}}}'
    parcel = Parcel(row.url, row.secrets, f"msg_{TRIAL}_{int(now.timestamp())}", body)
    with Sender() as sender:
        return sender.send(parcel, now).result()

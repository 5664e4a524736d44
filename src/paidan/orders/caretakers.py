"""Who looks after a stuck order: one person, until the order is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from paidan.accounts.models import User

from .models import Caretaker, OrderException

Before = dict[int, int | None]
"""Who looked after it before, by order or exception; None = nobody."""


@transaction.atomic
def entrust_orders(ids: Sequence[int], *, to: User | None, now: datetime, by: User | None = None) -> Before:
    """Give orders into somebody's care (None = nobody's); answers who had those that changed hands."""
    had = dict(Caretaker.objects.filter(order_id__in=ids).values_list("order_id", "user_id"))
    person = None if to is None else to.pk
    changed: Before = {key: had.get(key) for key in ids if had.get(key) != person}
    Caretaker.objects.filter(order_id__in=changed).delete()
    if to is not None:
        Caretaker.objects.bulk_create(
            [Caretaker(order_id=key, user=to, since_at=now, entrusted_by=by) for key in changed]
        )
    return changed


@transaction.atomic
def entrust_exceptions(ids: Sequence[int], *, to: User | None) -> Before:
    """Give open exceptions into somebody's care; answers who had those that changed hands."""
    rows = OrderException.objects.select_for_update().filter(pk__in=ids, resolved_at=None).order_by("pk")
    person = None if to is None else to.pk
    changed: Before = {row.pk: row.assignee_id for row in rows if row.assignee_id != person}
    OrderException.objects.filter(pk__in=changed).update(assignee=to)
    return changed

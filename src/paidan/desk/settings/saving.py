"""Saving a settings form: the row, the change log, and the orders that may go on because of it, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.network.models import Team, Warehouse
from paidan.network.plans import keep_as_normal
from paidan.network.services_rows import save_row
from paidan.orders.queue import queue_waiting

UNBLOCKING = frozenset(
    (
        *("is_open", "covers", "excludes", "capacity", "cutoff", "handling_s", "weekdays_off", "holidays", "timezone"),
        *("region", "lat", "lng", "active", "warehouse", "shops", "teams", "skills", "code"),
    )
)
"""What may be the cause of an order that waits; the rest (names, ratios) never is."""


@transaction.atomic
def save_settings(
    row: Model,
    values: Mapping[str, Any],
    related: Mapping[str, Collection[Model]] | None = None,
    *,
    by: User,
    now: datetime,
) -> int:
    """Save what the form changed, log it, queue what waits if it may have been the cause; answers how many."""
    is_new = row.pk is None
    before, after = save_row(row, values, related)
    if not after:
        return 0
    if isinstance(row, Warehouse | Team):
        keep_as_normal(row, after)
    kind = row._meta.model_name
    what = "created" if is_new else "changed"
    record_change(f"{kind}.{what}", by=by, now=now, of=row, before=None if is_new else before, after=after)
    return queue_waiting() if UNBLOCKING & set(after) and kind in ("warehouse", "team", "shop") else 0


def saved(row: Model, queued: int) -> str:
    """What the toast says."""
    if not queued:
        return _("%(name)s saved") % {"name": row}
    sentence = ngettext(
        "%(name)s saved; %(number)d waiting order is tried again",
        "%(name)s saved; %(number)d waiting orders are tried again",
        queued,
    )
    return sentence % {"name": row, "number": queued}

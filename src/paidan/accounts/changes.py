"""Writing the change log: the callers of services (pages, API, commands) say what they had changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from .models import ChangeLogEntry, User

Values = Mapping[str, Any]


def record_change(
    action: str,
    *,
    by: User | None,
    now: datetime,
    of: Model | None = None,
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
    address: str | None = None,
    **others: object,
) -> ChangeLogEntry:
    """Log one change in the transaction that made it.

    `action` is "<thing>.<what was done>" ("warehouse.paused"); `before` and `after` are codes and plain values of
    what changed, never sentences; `others` are further values of what was done, such as how many orders a batch had.
    """
    return ChangeLogEntry.objects.create(
        at=now,
        by=by,
        action=action,
        subject=of._meta.model_name or "" if of is not None else "",
        subject_id=str(of.pk) if of is not None else "",
        label=str(of)[:200] if of is not None and type(of).__str__ is not Model.__str__ else "",
        before=dict(before) if before is not None else None,
        after={**(after or {}), **others} if after is not None or others else None,
        reason=reason[:500],
        address=address,
    )


def changed_values(before: Values, after: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, as the pair `record_change` takes."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def address_of(request: HttpRequest) -> str | None:
    """Where a request came from: what our own proxy saw, where there is one, else what our server saw.

    Only the last entry of the header is the proxy's own word; whatever stands before it, anybody can write.
    """
    if settings.BEHIND_PROXY:
        seen = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if seen:
            return seen
    return request.META.get("REMOTE_ADDR") or None

"""The events another system can hear of, by the names it knows them by."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from paidan.orders.states import EventKind


class WebhookEvent(models.TextChoices):
    """What a webhook can be told. The values are part of the interface and never change."""

    CREATED = "allocation.created", _("an allocation was made")
    REASSIGNED = "allocation.reassigned", _("an allocation went to another warehouse or team")
    CANCELLED = "allocation.cancelled", _("an allocation was cancelled")
    SHIPPED = "allocation.shipped", _("an allocation was shipped")
    UNALLOCATED = "order.unallocated", _("an order found no warehouse")
    EXCEPTION = "exception.opened", _("an exception was opened")


TRIAL = "trial"
"""The type of the message the trial button sends; nobody subscribes to it."""

EVENT_OF: dict[int, WebhookEvent] = {
    EventKind.ASSIGNED: WebhookEvent.CREATED,
    EventKind.REASSIGNED: WebhookEvent.REASSIGNED,
    EventKind.CANCELLED: WebhookEvent.CANCELLED,
    EventKind.SHIPPED: WebhookEvent.SHIPPED,
    EventKind.TRIED: WebhookEvent.UNALLOCATED,
    EventKind.EXCEPTION_OPENED: WebhookEvent.EXCEPTION,
}
"""What a transition in the log is called outside."""


def kinds_of(events: Iterable[str]) -> set[EventKind]:
    """The transitions somebody has to leave word of for these events to be told."""
    wanted = set(events)
    return {EventKind(kind) for kind, event in EVENT_OF.items() if event in wanted}

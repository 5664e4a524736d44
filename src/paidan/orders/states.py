"""The vocabularies an order's rows use, as small integers with their words. Stored: append only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.IntegerChoices):
    """Where an order stands (design §3a). It always follows from the order's pieces."""

    PENDING = 1, _("pending")
    UNALLOCATED = 2, _("unallocated")
    PARTIAL = 3, _("partial")
    ALLOCATED = 4, _("allocated")
    FULFILLED = 5, _("fulfilled")
    CANCELLED = 6, _("cancelled")
    MERGED = 7, _("merged")

    @property
    def code(self) -> str:
        return self.name.lower()


class AddressState(models.IntegerChoices):
    """What became of the address that came with an order."""

    NONE = 0, _("no address")
    RESOLVED = 1, _("resolved")
    AMBIGUOUS = 2, _("ambiguous")
    UNRESOLVED = 3, _("unresolved")


class ExceptionKind(models.IntegerChoices):
    """What kind of problem an exception is."""

    OTHER = 0, _("other")
    SHORTAGE = 1, _("shortage")
    INTERCEPT = 2, _("intercept")
    CHANGED_AFTER_SHIPPING = 3, _("changed after shipping")
    DAMAGED = 4, _("damaged")
    NOT_FOUND = 5, _("not found")
    ADDRESS = 6, _("address")
    REMARK_CHANGED = 7, _("remark changed")
    HANDED_BACK = 8, _("handed back")


class EventKind(models.IntegerChoices):
    """What happened to an order or allocation. The log of these replays to the current state."""

    RECEIVED = 1, _("received")
    CHANGED = 2, _("changed")
    ASSIGNED = 3, _("assigned")
    TRIED = 4, _("tried")
    ACCEPTED = 5, _("accepted")
    PICKED = 6, _("picked")
    PACKED = 7, _("packed")
    SHIPPED = 8, _("shipped")
    REASSIGNED = 9, _("reassigned")
    CANCELLED = 10, _("cancelled")
    HELD = 11, _("held")
    RELEASED = 12, _("released")
    EXCEPTION_OPENED = 13, _("exception opened")
    EXCEPTION_RESOLVED = 14, _("exception resolved")
    MERGED = 15, _("merged")
    UNMERGED = 16, _("unmerged")
    HANDED_BACK = 17, _("handed back")
    QUEUED = 18, _("to be tried again")


def order_state(*, open_qty: int, live_qty: int, shipped_qty: int, tried: bool) -> OrderState:
    """The state that follows from an order's pieces; `tried` tells unallocated from pending."""
    if open_qty:
        if live_qty or shipped_qty:
            return OrderState.PARTIAL
        return OrderState.UNALLOCATED if tried else OrderState.PENDING
    if live_qty:
        return OrderState.ALLOCATED
    return OrderState.FULFILLED if shipped_qty else OrderState.CANCELLED

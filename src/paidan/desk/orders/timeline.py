"""What happened to an order, newest first: one sentence per event, made of its codes and values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.allocation.models import Allocation
from paidan.allocation.rebalanced import rebalanced_words
from paidan.orders.models import Event
from paidan.orders.states import EventKind, ExceptionKind, OrderState
from paidan.web import formats

from .rows import REASON_WORDS, hold_words

K = EventKind
FIELD_WORDS: dict[str, str | Promise] = {
    "address": gettext_lazy("address"),
    "lines": gettext_lazy("lines"),
    "amount_minor": gettext_lazy("amount"),
    "buyer_remark": gettext_lazy("buyer's remark"),
    "seller_remark": gettext_lazy("seller's remark"),
    "paid_at": gettext_lazy("payment"),
    "ship_by_at": gettext_lazy("deadline"),
    "priority": gettext_lazy("priority"),
    "tags": gettext_lazy("tags"),
    "payment": gettext_lazy("payment type"),
    "delivery": gettext_lazy("delivery type"),
    "content_hash": gettext_lazy("source"),
    "currency": gettext_lazy("currency"),
}
STYLES = {
    K.ASSIGNED: "allocated",
    K.REASSIGNED: "allocated",
    K.ACCEPTED: "progress",
    K.PICKED: "progress",
    K.PACKED: "progress",
    K.SHIPPED: "shipped",
    K.HELD: "held",
    K.RELEASED: "held",
    K.EXCEPTION_OPENED: "exception",
    K.EXCEPTION_RESOLVED: "exception",
}
SIMPLE: dict[int, str | Promise] = {
    K.RECEIVED: gettext_lazy("Order received"),
    K.ACCEPTED: gettext_lazy("Accepted by %(place)s"),
    K.PICKED: gettext_lazy("Picked at %(place)s"),
    K.PACKED: gettext_lazy("Packed at %(place)s"),
    K.REASSIGNED: gettext_lazy("Taken from %(place)s"),
    K.HANDED_BACK: gettext_lazy("Handed back by %(place)s"),
    K.RELEASED: gettext_lazy("Released"),
    K.UNMERGED: gettext_lazy("Taken apart again"),
    K.QUEUED: gettext_lazy("To be tried again"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the timeline. `why` is what somebody gave as the reason."""

    at: datetime
    sentence: str
    who: str
    why: str
    style: str


def steps_of(
    events: Sequence[Event], allocations: Iterable[Allocation], reason: int, named: Mapping[str, str]
) -> list[Step]:
    """The timeline; `reason` is the order's own now, which the last try explains."""
    by_id = {row.pk: row for row in allocations}
    last_try = max((event.pk for event in events if event.kind == K.TRIED), default=0)
    steps = []
    for event, times in _together(events):
        detail = event.detail or {}
        allocation = by_id.get(event.allocation_id or 0)
        words = _sentence(event, detail, allocation, reason if event.pk == last_try else 0, named)
        if times > 1:
            words = _("%(sentence)s (%(times)s times)") % {"sentence": words, "times": formats.count(times)}
        why = "" if event.kind == K.HELD else str(detail.get("reason") or rebalanced_words(detail, formats.money))
        steps.append(Step(event.at, words, _who(event), why, _style(event)))
    return steps


def _together(events: Sequence[Event]) -> list[tuple[Event, int]]:
    """Newest first; tries that failed one after another are told once, with how many they were."""
    found: list[tuple[Event, int]] = []
    for event in reversed(events):
        if found and _failed(event) and _failed(found[-1][0]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((event, 1))
    return found


def _failed(event: Event) -> bool:
    return event.kind == K.TRIED and event.state == OrderState.UNALLOCATED


def _style(event: Event) -> str:
    if event.kind == K.TRIED and event.state in (OrderState.UNALLOCATED, OrderState.PARTIAL):
        return "unallocated"
    return STYLES.get(EventKind(event.kind), "pending")


def _who(event: Event) -> str:
    if event.by is not None:
        return event.by.display_name
    if event.wave_id:
        return _("System · wave %(number)s") % {"number": f"{event.wave_id:,}"}
    return _("System")


def _sentence(
    event: Event, detail: Mapping[str, Any], allocation: Allocation | None, reason: int, named: Mapping[str, str]
) -> str:
    kind = EventKind(event.kind)
    values = {"place": place_of(allocation)}
    if kind in SIMPLE:
        return str(SIMPLE[kind]) % values
    if kind == K.ASSIGNED:
        return _("Assigned to %(place)s") % values
    if kind == K.TRIED:
        return _tried(event, reason)
    if kind == K.SHIPPED:
        return _shipped(detail, values)
    if kind == K.CANCELLED:
        return _("Taken back from %(place)s") % values if allocation else _cancelled(event, detail)
    if kind == K.HELD:
        return _held(event, detail, named)
    if kind in (K.EXCEPTION_OPENED, K.EXCEPTION_RESOLVED):
        return _exception(kind, detail)
    if kind == K.MERGED:
        return _merged(detail)
    return _changed(detail)


def place_of(allocation: Allocation | None) -> str:
    if allocation is None:
        return formats.DASH
    return f"{allocation.warehouse} · {allocation.team}" if allocation.team else str(allocation.warehouse)


def _tried(event: Event, reason: int) -> str:
    if event.state == OrderState.ALLOCATED:
        return _("Allocated")
    if event.state == OrderState.PARTIAL:
        return _("Allocated in part")
    if reason:
        return _("Tried without success: %(reason)s") % {"reason": REASON_WORDS.get(reason, "")}
    return _("Tried without success")


def _shipped(detail: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if detail.get("tracking_number"):
        number = {"tracking": detail["tracking_number"], "carrier": detail.get("carrier") or ""}
        return _("Shipped from %(place)s, %(carrier)s %(tracking)s") % {**values, **number}
    return _("Shipped from %(place)s") % values


def _cancelled(event: Event, detail: Mapping[str, Any]) -> str:
    pieces = sum(int(qty) for qty in (detail.get("cancelled") or {}).values())
    if event.state == OrderState.CANCELLED:
        return _("Order cancelled")
    said = ngettext("Cancelled %(number)s piece", "Cancelled %(number)s pieces", pieces)
    return said % {"number": formats.count(pieces)}


def _held(event: Event, detail: Mapping[str, Any], named: Mapping[str, str]) -> str:
    values = {"reason": hold_words(str(detail.get("reason") or ""), named)}
    until = parse_datetime(str(detail.get("until") or "")) if detail.get("until") else None
    if until:
        return _("Held until %(until)s: %(reason)s") % {**values, "until": formats.moment_in_full(until, now=event.at)}
    return _("Held: %(reason)s") % values


def _exception(kind: EventKind, detail: Mapping[str, Any]) -> str:
    values = {"kind": ExceptionKind(detail.get("kind", 0)).label}
    if kind == K.EXCEPTION_OPENED:
        return _("Exception: %(kind)s") % values
    return _("Exception settled: %(kind)s") % values


def _merged(detail: Mapping[str, Any]) -> str:
    if "from" in detail:
        number = len(detail["from"])
        return ngettext("Made of %(number)d order", "Made of %(number)d orders", number) % {"number": number}
    return _("Merged into another order")


def _changed(detail: Mapping[str, Any]) -> str:
    if detail.get("tag"):
        said = _("Tagged %(tag)s") if detail.get("added") else _("Tag %(tag)s taken off")
        return said % {"tag": detail["tag"]}
    if detail.get("carrier"):
        return _("Carrier changed to %(carrier)s") % {"carrier": detail["carrier"]}
    if detail.get("mapped"):
        return _("Code %(code)s mapped to %(sku)s") % {"code": detail["mapped"], "sku": detail.get("sku", "")}
    if detail.get("cause") == "refund_asked":
        return _("Refund asked")
    if detail.get("intercept") == "confirmed":
        return _("Intercept confirmed")
    words = [str(FIELD_WORDS.get(name, name)) for name in detail.get("fields", ())]
    if words:
        return _("Changed: %(fields)s") % {"fields": _(", ").join(words)}
    return _("Changed")

"""Batch actions on orders themselves: hold, release, tag, mark as exception, cancel, merge and unmerge."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.tagging import tag_orders, untag_orders
from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import Hold, Order, OrderException
from paidan.orders.states import ExceptionKind, OrderState
from paidan.rules.models import Rule, VersionState
from paidan.web.forms import PaidanForm
from paidan.web.lists.batch import Choices

from .batch_base import OrderAction, Outcome

VIP = "VIP"
KINDS_BY_HAND = (
    ExceptionKind.ADDRESS,
    ExceptionKind.DAMAGED,
    ExceptionKind.NOT_FOUND,
    ExceptionKind.OTHER,
)
"""What a person may open on an order; the rest is the system's."""


class HoldForm(PaidanForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    until = forms.DateTimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    give_back = forms.BooleanField(label=gettext_lazy("Give back the stock reserved for them"), required=False)


class HoldOrders(OrderAction):
    key, label, capability, shortcut = "hold", gettext_lazy("Hold…"), Capability.HOLD_ORDERS, "H"
    icon, form_class, log = "player-pause", HoldForm, "orders.held"

    def title(self, number: int) -> str:
        return ngettext("Hold %(number)d order", "Hold %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("%(number)d order is on hold", "%(number)d orders are on hold", number) % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        until = parse_datetime(str(choices["until"])) if choices.get("until") else None
        give_back = bool(choices.get("give_back"))
        batch = hold_orders(ids, reason=choices["reason"], until_at=until, give_back=give_back, now=now, by=user)
        return Outcome(batch.done, batch.refused, undo=batch.done)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:
        batch = release_orders(items, reason=choices["reason"], now=now, by=user)
        return Outcome(batch.done, batch.refused)


class Release(OrderAction):
    key, label, capability, shortcut = "release", gettext_lazy("Release"), Capability.HOLD_ORDERS, "R"
    icon, log = "player-play", "orders.released"

    def title(self, number: int) -> str:
        return ngettext("Release %(number)d order", "Release %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Released %(number)d order", "Released %(number)d orders", number) % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        holds = Hold.objects.filter(order_id__in=ids, released_at=None).values_list("order_id", "reason", "until_at")
        undo = [[key, reason, until.isoformat() if until else ""] for key, reason, until in holds]
        batch = release_orders(ids, now=now, by=user)
        return Outcome(batch.done, batch.refused, undo=undo)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        alike: dict[tuple[str, str], list[int]] = {}
        for key, reason, until in items:
            alike.setdefault((reason, until), []).append(key)
        done: list[int] = []
        refused: dict[int, str] = {}
        for (reason, until), ids in alike.items():
            at = parse_datetime(until) if until else None
            batch = hold_orders(ids, reason=reason, until_at=at, now=now, by=user)
            done += batch.done
            refused |= batch.refused
        return Outcome(done, refused)


def vip_tag() -> str:
    """How the published rules spell the tag, for they compare it letter by letter."""
    for when in Rule.objects.filter(version__state=VersionState.PUBLISHED).values_list("when", flat=True):
        for word in when.get("tag", ()):
            if str(word).upper() == VIP:
                return str(word)
    return VIP


class TagForm(PaidanForm):
    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=40, initial=vip_tag)


class Tag(OrderAction):
    """VIP by default; whatever is open of the orders is tried again, for a rule may ask for the tag."""

    key, label, capability, shortcut = "tag", gettext_lazy("Tag…"), Capability.CHANGE_ORDERS, "T"
    icon, log, form_class = "tag", "orders.tagged", TagForm

    def form(self, user: Any, data: Any = None) -> TagForm:  # noqa: ARG002
        return TagForm(data or {"tag": vip_tag()})

    def title(self, number: int) -> str:
        return ngettext("Tag %(number)d order", "Tag %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:
        said = ngettext("Tagged %(number)d order %(tag)s", "Tagged %(number)d orders %(tag)s", number)
        return said % {"number": number, "tag": choices.get("tag", VIP)}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        batch = tag_orders(ids, tag=choices["tag"], now=now, by=user)
        return Outcome(batch.done, batch.refused, undo=batch.done)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:
        batch = untag_orders(items, tag=choices["tag"], now=now, by=user)
        return Outcome(batch.done, batch.refused)


class ExceptionForm(PaidanForm):
    kind = forms.TypedChoiceField(
        label=gettext_lazy("Kind"), coerce=int, choices=[(int(kind), kind.label) for kind in KINDS_BY_HAND]
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=500)


class MarkException(OrderAction):
    key, label, capability = "exception", gettext_lazy("Mark as exception…"), Capability.RESOLVE_EXCEPTIONS
    icon, in_menu, log, form_class = "flag", True, "orders.exception_opened", ExceptionForm

    def title(self, number: int) -> str:
        said = ngettext("Mark %(number)d order as exception", "Mark %(number)d orders as exceptions", number)
        return said % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        said = ngettext("Marked %(number)d order as exception", "Marked %(number)d orders as exceptions", number)
        return said % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        kind = ExceptionKind(int(choices["kind"]))
        have = set(
            OrderException.objects.filter(order_id__in=ids, kind=kind, resolved_at=None).values_list(
                "order_id", flat=True
            )
        )
        fresh = [key for key in ids if key not in have]
        rows = [report_exception(kind, order_id=key, note=choices["note"], now=now, by=user) for key in fresh]
        return Outcome(fresh, dict.fromkeys(have, "already"), undo=[row.pk for row in rows])

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        order_of = dict(OrderException.objects.filter(pk__in=items).values_list("pk", "order_id"))
        done = [key for key in items if resolve_exception(key, resolution="undone", now=now, by=user)]
        rest = {order_of[key]: "already" for key in items if key not in set(done)}
        return Outcome([order_of[key] for key in done], rest)


class CancelForm(PaidanForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class Cancel(OrderAction):
    key, label, capability = "cancel", gettext_lazy("Cancel orders…"), Capability.CANCEL_ORDERS
    icon, in_menu, log, form_class, undo_minutes = "circle-x", True, "orders.cancelled", CancelForm, 0

    def title(self, number: int) -> str:
        return ngettext("Cancel %(number)d order", "Cancel %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Cancelled %(number)d order", "Cancelled %(number)d orders", number) % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        batch = cancel_orders(ids, reason=choices["reason"], now=now, by=user)
        return Outcome(batch.done, batch.refused)


class Merge(OrderAction):
    """Orders of one shop for one person and address become one parcel."""

    key, label, capability = "merge", gettext_lazy("Merge"), Capability.MERGE_ORDERS
    icon, in_menu, log, chunk = "git-merge", True, "orders.merged", 5_000

    def title(self, number: int) -> str:
        return ngettext("Merge %(number)d order", "Merge %(number)d orders", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return ngettext("Merged %(number)d order", "Merged %(number)d orders", number) % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        batch = merge_orders(ids, now=now, by=user)
        return Outcome(batch.done, batch.refused, undo=batch.created)

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        batch = unmerge_orders(items, now=now, by=user)
        return Outcome(batch.created, batch.refused)


class Unmerge(OrderAction):
    """Take merged orders apart, the new ones or any of those that went into them."""

    key, label, capability = "unmerge", gettext_lazy("Undo the merge"), Capability.MERGE_ORDERS
    icon, in_menu, log, undo_minutes = "arrow-back-up", True, "orders.unmerged", 0

    def title(self, number: int) -> str:
        return ngettext("Take %(number)d order apart", "Take %(number)d orders apart", number) % {"number": number}

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        said = ngettext("Took %(number)d merged order apart", "Took %(number)d merged orders apart", number)
        return said % {"number": number}

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        merged = Order.objects.filter(pk__in=ids, state=OrderState.MERGED)
        target_of = {key: into for key, into in merged.values_list("pk", "merged_into_id") if into}
        wanted = [target_of.get(key, key) for key in ids]
        batch = unmerge_orders(wanted, now=now, by=user)
        asked = {target: key for key, target in zip(ids, wanted, strict=True)}
        return Outcome([asked[key] for key in batch.done], {asked[key]: code for key, code in batch.refused.items()})

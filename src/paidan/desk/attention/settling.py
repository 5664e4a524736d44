"""What people do with exceptions: settle them, entrust them, answer intercepts for the team, relieve shortages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import numpy as np
from django import forms
from django.utils.translation import gettext_lazy, ngettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.outcomes import Batch
from paidan.allocation.relief import relieve_shortages
from paidan.desk.orders.batch_base import OrderAction, Outcome, sentence
from paidan.orders.caretakers import entrust_exceptions
from paidan.orders.exceptions import resolve_exception
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind
from paidan.stock.services import Pairs
from paidan.web.forms import PaidanForm
from paidan.web.lists.batch import Choices, Failure

from .remedies import CaretakerForm, people


def label_of(row: OrderException) -> str:
    """What a screen reader and a batch's report call it."""
    return f"{ExceptionKind(row.kind).label} {row.order.number if row.order else row.pk}"


class OnException(OrderAction):
    """What the actions here share: their rows are exceptions."""

    capability = Capability.RESOLVE_EXCEPTIONS
    verb: ClassVar[Any]

    def title(self, number: int) -> str:
        return str(self.verb % {"number": number})

    def button(self, number: int) -> str:
        return self.title(number)

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        return self.title(number)

    def told(self, refused: Mapping[int, str]) -> list[Failure]:
        rows = OrderException.objects.select_related("order").in_bulk(list(refused))
        labels = {key: label_of(rows[key]) if key in rows else str(key) for key in refused}
        return [Failure(key, labels[key], sentence(code, labels[key])) for key, code in refused.items()]


class ResolutionForm(PaidanForm):
    resolution = forms.CharField(label=gettext_lazy("How it ended"), max_length=500)


class Resolve(OnException):
    key, label, icon, shortcut = "resolve", gettext_lazy("Settle…"), "circle-check", "S"
    log, form_class, primary, undo_minutes = "exceptions.resolved", ResolutionForm, True, 0
    verb = ngettext_lazy("Settle %(number)d exception", "Settle %(number)d exceptions", "number")

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        done: list[int] = []
        refused: dict[int, str] = {}
        for row in OrderException.objects.filter(pk__in=ids).order_by("pk"):
            if row.kind == ExceptionKind.INTERCEPT:
                refused[row.pk] = "intercept"
            elif resolve_exception(row.pk, resolution=choices["resolution"], now=now, by=user):
                done.append(row.pk)
            else:
                refused[row.pk] = "resolved"
        return Outcome(done, refused)


class EntrustExceptions(OnException):
    key, label, icon, log = "entrust", gettext_lazy("Caretaker…"), "user-check", "exceptions.entrusted"
    verb = ngettext_lazy("Entrust %(number)d exception", "Entrust %(number)d exceptions", "number")

    def form(self, user: Any, data: Any = None) -> CaretakerForm:
        return CaretakerForm(user, data or {"person": user.pk if people().filter(pk=user.pk).exists() else ""})

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        before = entrust_exceptions(ids, to=User.objects.filter(pk=choices.get("person") or 0).first())
        refused = {key: "already" for key in ids if key not in before}
        return Outcome(list(before), refused, undo=[[key, was] for key, was in before.items()])

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        done: list[int] = []
        for was in {was for _key, was in items}:
            to = User.objects.filter(pk=was or 0).first()
            done += entrust_exceptions([key for key, had in items if had == was], to=to)
        return Outcome(done, {})


class SettleIntercepts(OnException):
    """Confirm or refuse for the team, which told it by telephone."""

    undo_minutes, in_menu, chunk = 0, True, 200

    def settle(self, ids: Sequence[int], user: Any, now: datetime) -> Batch:
        raise NotImplementedError

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        rows = OrderException.objects.filter(pk__in=ids, kind=ExceptionKind.INTERCEPT, resolved_at=None)
        of = {row.allocation_id: row.pk for row in rows if row.allocation_id}
        batch = self.settle(list(of), user, now)
        refused = {key: "no_intercept" for key in ids if key not in of.values()}
        refused |= {of[key]: code for key, code in batch.refused.items()}
        return Outcome([of[key] for key in batch.done], refused)


class Confirm(SettleIntercepts):
    key, label, log = "confirm", gettext_lazy("Stopped: confirm the intercept"), "intercepts.confirmed"
    verb = ngettext_lazy("Confirm %(number)d intercept", "Confirm %(number)d intercepts", "number")

    def settle(self, ids: Sequence[int], user: Any, now: datetime) -> Batch:
        return confirm_intercepts(ids, now=now, by=user)


class Refuse(SettleIntercepts):
    key, label, log = "refuse", gettext_lazy("Too late to stop: refuse the intercept"), "intercepts.refused"
    verb = ngettext_lazy("Refuse %(number)d intercept", "Refuse %(number)d intercepts", "number")

    def settle(self, ids: Sequence[int], user: Any, now: datetime) -> Batch:
        return refuse_intercepts(ids, now=now, by=user)


class SendBack(OnException):
    """Shortages: what no team has accepted goes back to be tried elsewhere."""

    key, label, log = "send-back", gettext_lazy("Send unaccepted orders back"), "shortages.relieved"
    undo_minutes, in_menu = 0, True
    verb = ngettext_lazy("Relieve %(number)d shortage", "Relieve %(number)d shortages", "number")

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:  # noqa: ARG002
        rows = list(
            OrderException.objects.filter(pk__in=ids, kind=ExceptionKind.SHORTAGE, resolved_at=None, order=None)
        )
        done: list[int] = []
        refused = {key: "nothing_open" for key in ids if key not in {row.pk for row in rows}}
        for row in rows:
            pair = Pairs(np.array([row.sku_id], np.int32), np.array([row.warehouse_id], np.int32))
            if relieve_shortages(pair, now=now, by=user):
                done.append(row.pk)
            else:
                refused[row.pk] = "accepted"
        return Outcome(done, refused)

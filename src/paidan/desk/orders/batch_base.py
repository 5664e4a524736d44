"""What the desk's batch actions have in common: the preview is the service itself, rolled back; refusals in words."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.changes import record_change
from paidan.allocation.outcomes import REFUSALS
from paidan.kit.errors import Refusal
from paidan.orders.models import Order
from paidan.web.lists import Applied, BatchAction, Change, Failure, Preview, Refusals
from paidan.web.lists.batch import Choices

R = TypeVar("R")
MOST_FORESEEN = 10_000
"""The preview of a larger selection looks at the first so many: the service runs in full and is rolled back."""

WHY: dict[str, tuple[str | Promise, str | Promise]] = {
    "finished": (gettext_lazy("fulfilled, cancelled or merged"), ""),
    "held": (gettext_lazy("on hold for that reason already"), ""),
    "not_held": (gettext_lazy("not on hold"), ""),
    "on_hold": (gettext_lazy("on hold"), gettext_lazy("Release them first")),
    "nothing_open": (gettext_lazy("nothing left to allocate"), ""),
    "unknown_sku": (gettext_lazy("unknown SKU"), gettext_lazy("Map the shop's code first")),
    "stock_short": (gettext_lazy("stock short"), gettext_lazy("Choose another warehouse")),
    "accepted": (gettext_lazy("a team has begun"), gettext_lazy("Ask the team to hand back")),
    "packed": (gettext_lazy("packed"), gettext_lazy("Only shipping or an intercept is possible")),
    "shipped": (gettext_lazy("shipped"), ""),
    "closed": (gettext_lazy("closed meanwhile"), ""),
    "frozen": (gettext_lazy("frozen by a hold or an intercept"), gettext_lazy("Release or settle it first")),
    "same_place": (gettext_lazy("there already"), ""),
    "already": (gettext_lazy("so already"), ""),
    "nothing_live": (gettext_lazy("nothing waits to be shipped"), gettext_lazy("Allocate them first")),
    "same_carrier": (gettext_lazy("with that carrier already"), ""),
    "tagged": (gettext_lazy("tagged already"), ""),
    "not_tagged": (gettext_lazy("without that tag"), ""),
    "alone": (gettext_lazy("nobody else for the same person and address"), ""),
    "not_merged": (gettext_lazy("not a merged order"), ""),
    "nothing_kept": (gettext_lazy("held orders do not keep enough of it"), ""),
    "not_yours": (gettext_lazy("orders outside your shops keep it"), gettext_lazy("Ask an operations lead")),
    "no_intercept": (gettext_lazy("no intercept is open"), ""),
    "intercept": (gettext_lazy("an intercept: its team confirms or refuses it"), ""),
    "resolved": (gettext_lazy("settled already"), ""),
    "not_found": (gettext_lazy("gone"), ""),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action did, by order: done, refused with a code; what it changed, and what would take it back."""

    done: Sequence[int]
    refused: Mapping[int, str]
    changes: Sequence[Change] = ()
    undo: Sequence[Any] = ()


def rolled_back(run: Callable[[], R]) -> R:
    """Do it and undo it: what it answers is what would happen."""
    with transaction.atomic():
        result = run()
        transaction.set_rollback(True)
    return result


class OrderAction(BatchAction):
    """An action on orders that is one service call per chunk: subclasses say `run` and perhaps `take_back`."""

    log: ClassVar[str]
    """What the change log calls it."""

    def run(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Outcome:
        raise NotImplementedError

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:
        looked_at = ids[:MOST_FORESEEN]
        try:
            found = rolled_back(lambda: self.run(user, looked_at, choices, now))
        except Refusal as refusal:
            return Preview(0, [Refusals(str(refusal), len(ids))])
        note = ""
        if len(ids) > len(looked_at):
            note = _("The first %(number)s were looked at; all will be tried.") % {"number": f"{len(looked_at):,}"}
        return Preview(len(found.done), grouped(found.refused), found.changes, note)

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:
        try:
            with transaction.atomic():
                found = self.run(user, ids, choices, now)
                if found.done:
                    told = {key: value for key, value in choices.items() if value not in (None, "")}
                    record_change(self.log, by=user, now=now, number=len(found.done), **told)
        except Refusal as refusal:
            found = Outcome((), dict.fromkeys(ids, str(refusal)))
        return Applied(len(found.done), self.told(found.refused), found.undo)

    def undo(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Applied:
        found = self.take_back(user, items, choices, now)
        if found.done:
            record_change(f"{self.log}.undone", by=user, now=now, number=len(found.done))
        return Applied(len(found.done), self.told(found.refused))

    def take_back(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Outcome:
        raise NotImplementedError

    def told(self, refused: Mapping[int, str]) -> list[Failure]:
        """The refusals by name; rows that are not orders name themselves."""
        return failures(refused)


def grouped(refused: Mapping[int, str]) -> list[Refusals]:
    """Refusals by their reason, most frequent first."""
    found = []
    for code, number in Counter(refused.values()).most_common():
        words, remedy = WHY.get(code, (code, ""))
        found.append(Refusals(words, number, remedy))
    return found


def failures(refused: Mapping[int, str]) -> list[Failure]:
    """One sentence per refused order."""
    numbers = dict(Order.objects.filter(pk__in=list(refused)).values_list("pk", "number"))
    return [
        Failure(key, numbers.get(key, str(key)), sentence(code, numbers.get(key, str(key))))
        for key, code in refused.items()
    ]


def sentence(code: str, name: str) -> str:
    """A refusal of the services with the order's number in it; what is a sentence already stays."""
    if code in REFUSALS:
        return str(REFUSALS[code]) % {"id": name}
    return str(WHY[code][0]) if code in WHY else code

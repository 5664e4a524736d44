"""A batch action on selected rows, as an app declares it: preview, apply in chunks, undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.forms import Form
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise
Choices = Mapping[str, Any]
"""What the action's form cleaned, as plain JSON values (a model choice is its id)."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Rows that cannot, for one reason; `url` shows them, `remedy` is a sentence or (words, url)."""

    reason: Words
    number: int
    remedy: Words = ""
    remedy_url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of before, after and difference; all written out. `better` None = neither good nor bad."""

    what: Words
    before: str
    after: str
    difference: str
    better: bool | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen. Nothing has been written."""

    can: int
    cannot: Sequence[Refusals] = ()
    changes: Sequence[Change] = ()
    note: Words = ""

    @property
    def cannot_number(self) -> int:
        return sum(refusals.number for refusals in self.cannot)


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that was refused when it came to it, and why in one sentence."""

    row_id: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one chunk. `undo` holds one plain JSON value for whatever can be taken back."""

    done: int
    failures: Sequence[Failure] = ()
    undo: Sequence[Any] = field(default=())


class BatchAction:
    """Subclass per action. Services say no per row with `Refusal`; a chunk never fails as a whole for one row."""

    key: ClassVar[str]
    label: ClassVar[Words]
    capability: ClassVar[str]
    icon: ClassVar[str] = ""
    shortcut: ClassVar[str] = ""
    primary: ClassVar[bool] = False
    in_menu: ClassVar[bool] = False
    """Behind the three dots rather than on the bar."""
    form_class: ClassVar[type[Form] | None] = None
    chunk: ClassVar[int] = 500
    undo_minutes: ClassVar[int] = 10
    """How long it can be undone; 0 = not at all."""

    def title(self, number: int) -> str:
        """Of the dialog: “Hold 37 orders”."""
        return _("%(action)s: %(number)d selected") % {"action": str(self.label).rstrip("…"), "number": number}

    def button(self, number: int) -> str:
        """Verb, number, object: “Hold 34 orders”."""
        return _("%(action)s (%(number)d)") % {"action": str(self.label).rstrip("…"), "number": number}

    def result(self, number: int, choices: Choices) -> str:  # noqa: ARG002
        """What is said afterwards: “Held 34 orders.”"""
        return _("%(action)s: %(number)d done") % {"action": str(self.label).rstrip("…"), "number": number}

    def form(self, user: Any, data: Any = None) -> Form | None:  # noqa: ARG002
        """The form that stands above the preview."""
        return self.form_class(data) if self.form_class else None

    def preview(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Preview:
        """How many can, how many cannot and why, and what it changes."""
        raise NotImplementedError

    def apply(self, user: Any, ids: Sequence[int], choices: Choices, now: datetime) -> Applied:
        """Do it for one chunk of rows, each or all in one short transaction of the service's own."""
        raise NotImplementedError

    def undo(self, user: Any, items: Sequence[Any], choices: Choices, now: datetime) -> Applied:
        """Take back what `apply` put into `Applied.undo`, as far as that is still possible."""
        raise NotImplementedError

"""Which checks there are, what can be set for each, and the reason of the hold each places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Settings = Mapping[str, Any]
"""What is set for one check: `on`, and its parameters by name."""


class Check(StrEnum):
    """One thing that is looked at. Stored in settings; `reason` is stored in holds: append only."""

    UNPAID = "unpaid"
    REFUND = "refund"
    TAGS = "tags"
    REMARK = "remark"
    ADDRESS = "address"
    VILLAGE = "village"
    TOGETHER = "together"
    AMOUNT = "amount"
    BLACKLIST = "blacklist"
    PRESALE = "presale"
    INVOICE = "invoice"

    @property
    def reason(self) -> str:
        """The reason of its hold; the two that platforms' words place as well keep the names they have there."""
        return {Check.UNPAID: UNPAID, Check.REFUND: REFUND_ASKED}.get(self, f"check:{self.value}")


UNPAID = "unpaid"
"""The reason of the hold on an order its buyer has not paid yet."""
REFUND_ASKED = "refund_asked"
"""The reason of the hold that keeps an order from being allocated again while its buyer waits for the money."""
SAID_BY_PLATFORMS = (Check.UNPAID, Check.REFUND)
"""Checks whose holds a platform's word places and ends."""
HOLDING = tuple(check for check in Check if check is not Check.TAGS)
REASONS = {check.reason: check for check in HOLDING}
"""The check of every hold's reason."""


class Kind(Enum):
    """What kind of value a parameter is."""

    FLAG = auto()
    NUMBER = auto()
    MONEY = auto()
    WORDS = auto()
    INSTANT = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that can be set for a check."""

    name: str
    kind: Kind
    default: Any
    label: str | Promise


@dataclass(frozen=True, slots=True)
class Spec:
    """What a check is called and does, whether it is on where nobody has said so, and its parameters."""

    label: str | Promise
    words: str | Promise
    on: bool = False
    parameters: tuple[Parameter, ...] = ()


SPECS: dict[Check, Spec] = {
    Check.UNPAID: Spec(
        _("Not paid"),
        _("The platform says that the buyer has not paid yet"),
        on=True,
        parameters=(
            Parameter("no_time", Kind.FLAG, False, _("also without a time of payment, but for cash on delivery")),
        ),
    ),
    Check.REFUND: Spec(_("Refund asked"), _("The buyer asks for the money back"), on=True),
    Check.TAGS: Spec(_("Remark words to tags"), _("Words in remarks tag the order; holds nothing")),
    Check.REMARK: Spec(
        _("Remark"),
        _("Somebody must read the remark"),
        parameters=(
            Parameter("buyer", Kind.FLAG, True, _("the buyer's")),
            Parameter("seller", Kind.FLAG, False, _("ours")),
            Parameter("understood", Kind.FLAG, True, _("not where its words became tags")),
        ),
    ),
    Check.ADDRESS: Spec(
        _("Doubtful address"),
        _("The place is not known, or the street is missing"),
        parameters=(Parameter("shortest", Kind.NUMBER, 4, _("fewest characters of a street")),),
    ),
    Check.VILLAGE: Spec(
        _("Village"),
        _("The address lies in the country, where not every carrier goes"),
        parameters=(
            Parameter("words", Kind.WORDS, ("村", "屯", "寨", "生产队"), _("words")),
            Parameter("but", Kind.WORDS, ("中关村", "新村", "度假村"), _("but not")),
        ),
    ),
    Check.TOGETHER: Spec(
        _("Duplicate or mergeable"),
        _("Another order of the shop goes to the same person and address"),
        parameters=(Parameter("within_h", Kind.NUMBER, 24, _("hours apart at most")),),
    ),
    Check.AMOUNT: Spec(
        _("Unusual amount"),
        _("Too little or too much money"),
        parameters=(
            Parameter("least_minor", Kind.MONEY, None, _("at least")),
            Parameter("most_minor", Kind.MONEY, None, _("at most")),
            Parameter("times", Kind.NUMBER, None, _("times the shop's usual, at most")),
        ),
    ),
    Check.BLACKLIST: Spec(_("Blacklist"), _("The buyer, phone or address stands on the blacklist")),
    Check.PRESALE: Spec(
        _("Presale not due"),
        _("Sold ahead: waits for its day"),
        parameters=(
            Parameter("tags", Kind.WORDS, ("预售", "presale"), _("orders tagged")),
            Parameter("until", Kind.INSTANT, None, _("until")),
            Parameter("days_before", Kind.NUMBER, 2, _("else so many days before its deadline")),
        ),
    ),
    Check.INVOICE: Spec(
        _("Invoice wanted"),
        _("A remark or a tag asks for an invoice"),
        parameters=(Parameter("words", Kind.WORDS, ("发票", "开票", "invoice"), _("words")),),
    ),
}


def defaults_of(check: Check) -> dict[str, Any]:
    """What holds where nobody has set anything."""
    spec = SPECS[check]
    return {"on": spec.on, **{one.name: one.default for one in spec.parameters}}

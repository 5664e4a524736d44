"""What the system's own holds are called, and why they are there, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.kit.formats import moment, money
from paidan.orders.checking.kinds import Check

from .explanation import HoldFacts

HOLD_WORDS: dict[str, str | Promise] = {
    Check.REFUND.reason: gettext_lazy("refund asked"),
    Check.UNPAID.reason: gettext_lazy("not paid yet"),
    "platform_shipped": gettext_lazy("the platform calls it shipped"),
    Check.REMARK.reason: gettext_lazy("remark to be read"),
    Check.ADDRESS.reason: gettext_lazy("doubtful address"),
    Check.VILLAGE.reason: gettext_lazy("village address"),
    Check.TOGETHER.reason: gettext_lazy("duplicate or mergeable"),
    Check.AMOUNT.reason: gettext_lazy("unusual amount"),
    Check.BLACKLIST.reason: gettext_lazy("on the blacklist"),
    Check.PRESALE.reason: gettext_lazy("presale not due"),
    Check.INVOICE.reason: gettext_lazy("invoice wanted"),
}
"""Reasons of holds that the system writes as codes; people's own are shown as they wrote them."""

Values = Mapping[str, Any]


def held_because(order: str, hold: HoldFacts) -> str | None:
    """The sentence of a hold the system knows the reason of; None for others."""
    if hold.reason not in SENTENCES:
        return None
    detail = hold.detail or {}
    values = {
        "order": order,
        "others": ", ".join(detail.get("orders", ())),
        "amount": money(detail.get("amount")),
        "usual": money(detail.get("usual")),
        "until": moment(hold.until_at),
    }
    return SENTENCES[hold.reason](detail) % values


def _address(detail: Values) -> str:
    match detail.get("why"):
        case "ambiguous":
            return _("%(order)s is held: its address could mean several places.")
        case "unresolved":
            return _("%(order)s is held: no place was found for its address.")
    return _("%(order)s is held: its address has no street, or hardly one.")


def _together(detail: Values) -> str:
    if detail.get("twice"):
        return _("%(order)s is held: it looks like %(others)s once more, for the same person, address and amount.")
    return _("%(order)s is held: it could travel with %(others)s, for the same person and address.")


def _amount(detail: Values) -> str:
    match detail.get("why"):
        case "low":
            return _("%(order)s is held: its amount of %(amount)s is less than the shop takes unseen.")
        case "times":
            return _("%(order)s is held: its amount of %(amount)s is far above the shop's usual %(usual)s.")
    return _("%(order)s is held: its amount of %(amount)s is more than the shop takes unseen.")


def _blacklist(detail: Values) -> str:
    match detail.get("by"):
        case "phone":
            return _("%(order)s is held: the phone stands on the blacklist.")
        case "buyer":
            return _("%(order)s is held: the buyer stands on the blacklist.")
        case "name":
            return _("%(order)s is held: the name stands on the blacklist.")
    return _("%(order)s is held: the address stands on the blacklist.")


SENTENCES: dict[str, Callable[[Values], str]] = {
    Check.UNPAID.reason: lambda _detail: _("%(order)s is held: the buyer has not paid yet."),
    Check.REFUND.reason: lambda _detail: _("%(order)s is held: the buyer asks for the money back."),
    "platform_shipped": lambda _detail: _("%(order)s is held: the platform calls it shipped, but we did not ship it."),
    Check.REMARK.reason: lambda _detail: _("%(order)s is held: somebody should read its remark first."),
    Check.ADDRESS.reason: _address,
    Check.VILLAGE.reason: lambda _detail: _("%(order)s is held: it goes to a village, where not every carrier goes."),
    Check.TOGETHER.reason: _together,
    Check.AMOUNT.reason: _amount,
    Check.BLACKLIST.reason: _blacklist,
    Check.PRESALE.reason: lambda _detail: _("%(order)s is held until %(until)s: it was sold ahead."),
    Check.INVOICE.reason: lambda _detail: _("%(order)s is held: the buyer wants an invoice."),
}

"""The index of all settings: what there is, how many, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.web import formats
from paidan.web.pages import page

from .lists import counts

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of setting. `number` is what the index says beside it, made from the counts of the same key."""

    view: str
    label: Words
    icon: str
    words: Words
    capability: str = Capability.SEE_NETWORK
    key: str = ""


GROUPS: tuple[tuple[Words, tuple[Entry, ...]], ...] = (
    (
        gettext_lazy("Network"),
        (
            Entry("desk:settings-shops", gettext_lazy("Shops"), "building-store",
                  gettext_lazy("Where orders come from, how soon they must ship, who handles them"), key="shops"),
            Entry("desk:settings-warehouses", gettext_lazy("Warehouses"), "building-warehouse",
                  gettext_lazy("Place, coverage, capacity, cut-off, days off"), key="warehouses"),
            Entry("desk:settings-teams", gettext_lazy("Teams"), "users-group",
                  gettext_lazy("Who works where, for which shops, with which skills"), key="teams"),
            Entry("desk:settings-freight", gettext_lazy("Freight"), "truck-delivery",
                  gettext_lazy("What each carrier asks from each warehouse, and how long it takes"), key="freight"),
            Entry("desk:settings-plans", gettext_lazy("Ratios and capacities"), "calendar-stats",
                  gettext_lazy("Normally, by weekday and during promotions")),
            Entry("desk:settings-rebalance", gettext_lazy("Nightly rebalance"), "moon",
                  gettext_lazy("Deciding again by itself what no team has accepted"), Capability.CHANGE_NETWORK),
            Entry("desk:settings-checks", gettext_lazy("Order check"), "shield-check",
                  gettext_lazy("What holds an order before it is allocated"), Capability.CHANGE_NETWORK),
            Entry("desk:settings-promotions", gettext_lazy("Promotions"), "flame",
                  gettext_lazy("Named periods for rules and reports"), key="promotions"),
        ),
    ),
    (
        gettext_lazy("Goods"),
        (
            Entry("desk:skus", gettext_lazy("SKUs"), "package",
                  gettext_lazy("What is stored and sold"), Capability.SEE_STOCK),
            Entry("desk:bundles", gettext_lazy("Bundles"), "stack-2",
                  gettext_lazy("Articles made of others"), Capability.SEE_STOCK),
            Entry("desk:shop-codes", gettext_lazy("Shops' codes"), "link",
                  gettext_lazy("Which SKU a shop's own code means"), Capability.SEE_STOCK),
            Entry("desk:stock", gettext_lazy("Stock"), "database",
                  gettext_lazy("On hand, reserved and safety, by warehouse"), Capability.SEE_STOCK),
            Entry("desk:movements", gettext_lazy("Movements"), "history",
                  gettext_lazy("What changed the stock, and who"), Capability.SEE_STOCK),
            Entry("desk:imports", gettext_lazy("Imports"), "file-import",
                  gettext_lazy("Bring files in, mend what was rejected"), Capability.IMPORT_FILES),
        ),
    ),
    (
        gettext_lazy("Other systems"),
        (
            Entry("desk:tokens", gettext_lazy("API tokens"), "key",
                  gettext_lazy("Keys for other systems"), Capability.MANAGE_TOKENS),
            Entry("desk:credentials", gettext_lazy("Other protocols"), "plug",
                  gettext_lazy("Programs written for Wangdiantong"), Capability.MANAGE_TOKENS),
            Entry("alerts:webhooks", gettext_lazy("Webhooks"), "send",
                  gettext_lazy("Which other systems hear of what happens here"), Capability.MANAGE_WEBHOOKS),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            Entry("desk:users", gettext_lazy("Users"), "users",
                  gettext_lazy("Who signs in, with which role and limits"), Capability.MANAGE_USERS),
            Entry("alerts:settings", gettext_lazy("Reminders"), "bell",
                  gettext_lazy("What is watched, and who hears of it"), Capability.MANAGE_ALERTS),
            Entry("desk:changes", gettext_lazy("Change log"), "clipboard-list",
                  gettext_lazy("Who changed what, before and after"), Capability.SEE_CHANGES),
        ),
    ),
)  # fmt: skip


@page(Capability.SEE_NETWORK)
def index(request: HttpRequest) -> HttpResponse:
    """Only what this reader may open, and what this installation has."""
    user = cast(User, request.user)
    numbers = {key: said(key, found) for key, found in counts(user).items()}
    groups = [(title, [_shown(entry, numbers) for entry in entries if _may(user, entry)]) for title, entries in GROUPS]
    context = {
        "heading": _("Settings"),
        "groups": [(title, entries) for title, entries in groups if entries],
        "live_topics": ["network"],
    }
    return render(request, "desk/settings/index.html", context)


def _may(user: User, entry: Entry) -> bool:
    return user.can(entry.capability) and bool(_url(entry.view))


def _url(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""


def _shown(entry: Entry, numbers: dict[str, tuple[str, str]]) -> dict[str, Any]:
    number, note = numbers.get(entry.key, ("", ""))
    return {"entry": entry, "url": _url(entry.view), "number": number, "note": note}


def said(key: str, found: dict[str, int]) -> tuple[str, str]:
    """How many, and what of them is not in use."""
    if key == "freight":
        sentence = ngettext("%(number)d carrier", "%(number)d carriers", found["carriers"])
        return formats.count(found["rows"]), sentence % {"number": found["carriers"]}
    if key == "promotions":
        note = _("%(number)d to come") % {"number": found["to_come"]} if found["to_come"] else ""
        return formats.count(found["all"]), note
    if not found["closed"]:
        return formats.count(found["all"]), ""
    words = _("%(number)d paused") if key == "warehouses" else _("%(number)d closed")
    return formats.count(found["all"]), words % {"number": found["closed"]}

"""What the page of looking ahead shows: in use or not and why, the test's figures and chart, the dearest prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from paidan.allocation.ahead.force import FRESH
from paidan.allocation.ahead.saying import region_name
from paidan.allocation.models import LookAhead, ScarcityPrices
from paidan.catalog.models import Sku
from paidan.network.models import Warehouse
from paidan.web import formats

SHOWN = 30
GOOD, IDLE, BAD = "shipped", "held", "unallocated"
VERDICTS: dict[str, str | Promise] = {
    "worse": gettext_lazy(
        "Not used: in the test of the past days the same orders would have cost over 1 % more with it. The forecast is "
        "too far off. It is tested again every night."
    ),
    "too_few": gettext_lazy("Not used: too few orders were decided in the past days to test it."),
    "too_few_days": gettext_lazy(
        "Not used: there is less than two weeks of orders, too little to foresee the next ones and to test it."
    ),
    "no_rules": gettext_lazy("Not used: no rules are in force."),
}


@dataclass(frozen=True, slots=True)
class State:
    """One sentence and its colour."""

    tone: str
    words: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What one more piece somewhere is worth."""

    sku: Sku | None
    place: Warehouse | None
    minor: int
    free_qty: int
    region: str


def state(row: LookAhead, solved: ScarcityPrices | None, asked: bool, now: datetime) -> State:
    """Whether prices are in use; the first thing that keeps them from it."""
    if not row.on:
        return State(IDLE, _("Switched off: no rule looks ahead."))
    if row.test and not row.trusted:
        return State(BAD, str(VERDICTS.get(row.test.get("verdict", ""), "")))
    if not asked:
        return State(IDLE, _("No rule in force asks for it. Open a rule and tick “Look ahead”."))
    if row.tested_at is None:
        return State(IDLE, _("Not used yet: a worker tests it on the past days first, within ten minutes."))
    if solved is None or now - solved.solved_at >= FRESH:
        return State(BAD, _("Not used: no prices were solved for six hours. Is a worker running?"))
    count = len(solved.minor)
    said = ngettext(
        "In use: %(count)s price of scarce stock, solved %(at)s.",
        "In use: %(count)s prices of scarce stock, solved %(at)s.",
        count,
    )
    return State(GOOD, said % {"count": formats.count(count), "at": formats.moment(solved.solved_at, now=now)})


def figures(test: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of the last test, each with its name."""
    if "blind_minor" not in test:
        return []
    blind, ahead = test["blind_minor"], test["ahead_minor"]
    change = (ahead - blind) / blind if blind else 0.0
    sign = "−" if change < 0 else "+"
    return [
        (_("Orders decided again"), formats.count(test["orders"])),
        (_("of them to another warehouse"), formats.count(test["moved"])),
        (_("Cost without looking ahead"), formats.money(blind)),
        (_("Cost looking ahead"), formats.money(ahead)),
        (_("Difference"), f"{sign}{formats.percent(abs(change), 2)} ({formats.money_change(ahead - blind)})"),
        (_("Prices solved meanwhile"), formats.count(test["solved"])),
        (_("Forecast off by, per SKU"), formats.percent(test["error_sku"])),
        (_("per SKU and province"), formats.percent(test["error_region"])),
    ]


def day_rows(test: Mapping[str, Any]) -> list[tuple[str, int, int, int]]:
    """Day, cost without, cost with, what was saved."""
    today = timezone.localdate()
    return [
        (formats.day(date.fromisoformat(day), today=today), blind, ahead, ahead - blind)
        for day, blind, ahead in test.get("days", ())
    ]


def chart(test: Mapping[str, Any]) -> dict[str, Any]:
    """Yuan saved per day, and all together so far."""
    rows = day_rows(test)
    saved = [-difference / 100 for _day, _blind, _ahead, difference in rows]
    return {
        "words": {"saved": _("saved"), "together": _("together")},
        "days": [row[0] for row in rows],
        "saved": saved,
        "together": [round(sum(saved[: at + 1]), 2) for at in range(len(saved))],
    }


def pieces(solved: ScarcityPrices | None) -> list[Piece]:
    """The dearest pieces."""
    if solved is None:
        return []
    rows = zip(solved.sku_ids, solved.warehouse_ids, solved.minor, solved.free_qty, solved.region, strict=True)
    dearest = sorted(rows, key=lambda row: (-row[2], row[0], row[1]))[:SHOWN]
    skus = Sku.objects.in_bulk({row[0] for row in dearest})
    places = Warehouse.objects.in_bulk({row[1] for row in dearest})
    return [
        Piece(skus.get(sku), places.get(place), minor, free, region_name(region))
        for sku, place, minor, free, region in dearest
    ]


def slots(solved: ScarcityPrices | None) -> list[tuple[Warehouse, int]]:
    """What one more parcel a warehouse could take is worth, the dearest first."""
    if solved is None:
        return []
    places = Warehouse.objects.in_bulk(solved.slot_warehouse_ids)
    rows = zip(solved.slot_warehouse_ids, solved.slot_minor, strict=True)
    return [(places[key], minor) for key, minor in sorted(rows, key=lambda row: -row[1]) if key in places]

"""The measures of a report as columns: what stands in a cell, and the plain value in a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paidan.web import formats

from .asking import Asked
from .figures import Figures
from .words import hours_and_minutes

Value = int | float | None
Take = Callable[[Figures], Value]


@dataclass(frozen=True, slots=True)
class Measure:
    """One column. `better`: 1 up is good, −1 down, 0 neither. `link` or `parcels` name the orders behind it."""

    key: str
    label: str | Promise
    value: Take
    write: Callable[[Value], str]
    better: int = 0
    link: str = ""  # a tab of the order list, or "all"
    parcels: str = ""  # a kind of allocations, as the order list's filter says it
    usual: bool = True  # stands in the table; the others in the full one and in files
    of_orders: bool = False
    unit: float = 1  # a file shows value ÷ unit
    unit_word: str | Promise = ""

    @property
    def head(self) -> str:
        """The head of its column in a file."""
        if not self.unit_word:
            return str(self.label)
        return gettext("%(label)s (%(unit)s)") % {"label": self.label, "unit": self.unit_word}


def _count(value: Value) -> str:
    return formats.count(None if value is None else int(value))


def _percent(value: Value) -> str:
    return formats.percent(value, 1)


def _money(value: Value) -> str:
    return formats.money(None if value is None else int(value), decimals=True)


def _distance(value: Value) -> str:
    return formats.distance(None if value is None else int(value))


def _sum(name: str) -> Take:
    return lambda one: one.n[name]


def _median(span: str) -> Take:
    return lambda one: one.median_s(span)


def _p90(span: str) -> Take:
    return lambda one: one.p90_s(span)


def _span(span: str, median: str | Promise, p90: str | Promise, *, usual: bool = False) -> tuple[Measure, Measure]:
    unit: dict[str, Any] = {"unit": 3600, "unit_word": _("h"), "usual": usual}
    return (
        Measure(f"{span}_median", median, _median(span), hours_and_minutes, -1, **unit),
        Measure(f"{span}_p90", p90, _p90(span), hours_and_minutes, -1, **unit),
    )


def _orders(key: str, label: str | Promise, name: str, link: str, *, usual: bool, better: int = 0) -> Measure:
    return Measure(key, label, _sum(name), _count, better, link, usual=usual, of_orders=True)


def _parcels(key: str, label: str | Promise, take: Take, kind: str, better: int = 0, *, usual: bool = False) -> Measure:
    return Measure(key, label, take, _count, better, parcels=kind, usual=usual)


MEASURES: tuple[Measure, ...] = (
    _orders("received", _("Received"), "received_n", "all", usual=True),
    _orders("pending", _("Pending"), "pending_n", "pending", usual=False),
    _orders("unallocated", _("Unallocated"), "stuck_n", "unallocated", usual=True, better=-1),
    _orders("held", _("Held"), "held_n", "held", usual=False),
    _orders("fulfilled", _("Fulfilled"), "fulfilled_n", "shipped", usual=False, better=1),
    _orders("cancelled_orders", _("Orders cancelled"), "cancelled_n", "", usual=False),
    _orders("troubled", _("Exception open"), "troubled_n", "exception", usual=False, better=-1),
    Measure(
        "amount",
        _("Amount"),
        _sum("amount_minor"),
        _money,
        usual=False,
        of_orders=True,
        unit=100,
        unit_word="¥",
    ),
    _parcels("orders", _("Orders allocated"), lambda one: one.orders, "any", usual=True),
    _parcels("parcels", _("Allocations"), lambda one: one.parcels, "any", usual=True),
    _parcels("by_hand", _("By hand"), _sum("hand_n"), "by_hand", -1, usual=True),
    _parcels("automatic", _("Automatic"), _sum("auto_n"), "automatic"),
    _parcels("waiting", _("To accept"), _sum("waiting_n"), "waiting"),
    _parcels("accepted", _("Accepted"), lambda one: one.accepted, "accepted"),
    _parcels("in_progress", _("In progress"), _sum("progress_n"), "in_progress"),
    _parcels("shipped", _("Shipped"), _sum("shipped_n"), "shipped", 1, usual=True),
    _parcels("exceptions", _("Exceptions"), _sum("problems_n"), "exceptions", -1, usual=True),
    Measure("on_time", _("On time"), lambda one: one.on_time, _percent, 1, unit=0.01, unit_word="%"),
    _parcels("late", _("Shipped late"), lambda one: one.late, "late", -1),
    _parcels("overdue", _("Overdue"), _sum("overdue_n"), "overdue", -1),
    *_span("whole", _("Paid → shipped, median"), _("Paid → shipped, p90"), usual=True),
    *_span("to_allocated", _("Paid → allocated, median"), _("Paid → allocated, p90")),
    *_span("to_accepted", _("Allocated → accepted, median"), _("Allocated → accepted, p90")),
    *_span("to_shipped", _("Accepted → shipped, median"), _("Accepted → shipped, p90")),
    Measure("split", _("Split"), lambda one: one.split, _percent, -1, usual=False, unit=0.01, unit_word="%"),
    _parcels("out", _("Moved away"), _sum("out_n"), "out", -1),
    _parcels("in", _("Moved in"), _sum("in_n"), "in"),
    _parcels("gone", _("Cancelled"), _sum("gone_n"), "gone", -1),
    Measure("distance", _("Distance"), lambda one: one.mean_m, _distance, -1, unit=1000, unit_word="km"),
    Measure("freight_each", _("Freight each"), lambda one: one.freight_each_minor, _money, -1, unit=100, unit_word="¥"),
    Measure("freight", _("Freight in all"), _sum("freight_minor"), _money, usual=False, unit=100, unit_word="¥"),
)


OF_STUCK = ("unallocated", "held", "amount")
"""What can be told of orders by the reason they are stuck for: nothing of them went anywhere."""


def measures(asked: Asked, *, everything: bool) -> list[Measure]:
    """The columns of a table: those of orders only where nothing asks where they went."""
    if asked.by == "reason":
        return [one for one in MEASURES if one.key in OF_STUCK]
    return [one for one in MEASURES if (asked.of_orders or not one.of_orders) and (everything or one.usual)]


def plain(measure: Measure, one: Figures) -> Value:
    """The value as a file has it, in the unit its key names, with no more digits than it is worth."""
    value = measure.value(one)
    if value is None or measure.unit == 1:
        return value
    return round(value / measure.unit, 2)

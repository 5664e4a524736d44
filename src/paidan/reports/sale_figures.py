"""The figures promotions are compared by: per day or per thousand, so that a short one stands beside a long one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.web import formats

from .sales import Sale
from .words import hours_and_minutes

Value = float | None


@dataclass(frozen=True, slots=True)
class SaleFigure:
    """One line of the comparison; `key` names its unit, as the API does."""

    key: str
    label: str | Promise
    value: Callable[[Sale], Value]
    write: Callable[[Value], str]


def _number(value: Value) -> str:
    return formats.DASH if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _percent(value: Value) -> str:
    return formats.percent(value, 1)


def _money(value: Value) -> str:
    return formats.money(None if value is None else int(value), decimals=True)


def _stuck(sale: Sale) -> Value:
    received = sale.figures.n["received_n"]
    return sale.figures.n["stuck_n"] / received * 1000 if received else None


SALE_FIGURES = (
    SaleFigure(
        "received_per_day", _("Orders received a day"), lambda one: one.per_day(one.figures.n["received_n"]), _number
    ),
    SaleFigure("allocations_per_day", _("Allocations a day"), lambda one: one.per_day(one.figures.parcels), _number),
    SaleFigure(
        "shipped_per_day",
        _("Shipped in these days, a day"),
        lambda one: one.per_day(one.work["shipped_n"]),
        _number,
    ),
    SaleFigure("on_time_share", _("On time"), lambda one: one.figures.on_time, _percent),
    SaleFigure(
        "whole_median_s", _("Paid → shipped, median"), lambda one: one.figures.median_s("whole"), hours_and_minutes
    ),
    SaleFigure("whole_p90_s", _("Paid → shipped, p90"), lambda one: one.figures.p90_s("whole"), hours_and_minutes),
    SaleFigure("unallocated_per_1000", _("Unallocated, of 1,000 orders"), _stuck, _number),
    SaleFigure(
        "exceptions_per_1000",
        _("Exceptions, of 1,000 allocations"),
        lambda one: one.per_thousand(one.figures.n["problems_n"]),
        _number,
    ),
    SaleFigure(
        "by_hand_per_1000",
        _("Decided by hand, of 1,000"),
        lambda one: one.per_thousand(one.figures.n["hand_n"]),
        _number,
    ),
    SaleFigure(
        "moved_by_hand_per_1000",
        _("Moved by hand, of 1,000"),
        lambda one: one.per_thousand(one.work["out_hand_n"]),
        _number,
    ),
    SaleFigure(
        "handed_back_per_1000",
        _("Handed back by teams, of 1,000"),
        lambda one: one.per_thousand(one.work["back_n"]),
        _number,
    ),
    SaleFigure("split_share", _("Split"), lambda one: one.figures.split, _percent),
    SaleFigure("freight_each_minor", _("Freight each"), lambda one: one.figures.freight_each_minor, _money),
)

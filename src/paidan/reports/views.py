"""The report's page and its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network.scopes import scope_of
from paidan.web import formats
from paidan.web.exports import TYPES, download
from paidan.web.pages import page

from . import charts
from .asking import BY, FILTERS, Asked, asked_for, choices_of
from .columns import Measure, measures, plain
from .figures import Figures
from .links import orders_url, parcels_url
from .periods import usual
from .refresh import as_of, catch_up
from .rows import Report, Row, report_of

EVERYTHING = "all"
SOON_DRAWN_DAYS = 62
NOTICEABLE = 0.005
"""Changes of less are not written."""


@page(Capability.SEE_REPORTS)
def index(request: HttpRequest) -> HttpResponse:
    """The allocation report: one table, its charts, and the orders behind every number."""
    user, now = cast(User, request.user), timezone.now()
    catch_up(now=now)
    asked = asked_for(user, request.GET)
    everything = request.GET.get("show") == EVERYTHING
    context: dict[str, Any] = {"heading": _("Reports"), "asked": asked, "as_of": as_of(), "everything": everything}
    context["sees_everything"] = scope_of(user).is_everything
    if asked.days.last >= timezone.localdate():
        context["live_topics"] = ["orders"]
    context |= choosing(user, asked, everything=everything)
    try:
        context |= told(report_of(asked), everything=everything) | to_be_drawn(asked)
    except Refusal as refusal:
        context["refusal"] = str(refusal)
    return render(request, "reports/index.html", context)


def choosing(user: User, asked: Asked, *, everything: bool) -> dict[str, Any]:
    """The bar: ranges, cuts, filters and files, each as an address."""
    keep = {"show": EVERYTHING if everything else None}
    free = {"from": None, "to": None, "beside_from": None, "beside_to": None, **keep}
    ranges = [
        {"url": asked.address(range=one.key, **free), "name": one.name, "here": one.same_as(asked.days)}
        for one in usual(timezone.localdate())
    ]
    cuts = [
        {"url": asked.address(by=key, **keep), "name": name, "here": key == asked.by} for key, (name, _d) in BY.items()
    ]
    filters = choices_of(user)
    for one in filters:
        one["value"] = asked.chosen.get(one["key"], "")
        one["said"] = dict(one["choices"]).get(one["value"], one["value"])
        one["without"] = asked.address(**{one["key"]: None, **keep})
    return {
        "ranges": ranges,
        "cuts": cuts,
        "filters": filters,
        "filtered": [one for one in filters if one["value"]],
        "filter_names": FILTERS,
        "beside_on": asked.address(beside="before", beside_from=None, beside_to=None, **keep),
        "beside_off": asked.address(beside=None, beside_from=None, beside_to=None, **keep),
        "show_all": asked.address(show=EVERYTHING),
        "show_usual": asked.address(show=None),
        "schedule": asked.address(**free | {"range": None, "beside": None}),
        "files": {kind: reverse("reports:export", args=[kind]) + asked.address() for kind in ("csv", "xlsx")},
    }


def told(report: Report, *, everything: bool) -> dict[str, Any]:
    """The table."""
    asked = report.asked
    shown = measures(asked, everything=everything)
    return {
        "report": report,
        "heads": shown,
        "lines": [line_of(row, shown, report) for row in report.rows],
        "total": line_of(report.total, shown, report),
        "cut_name": BY[asked.by][0],
    }


def drawn(asked: Asked) -> dict[str, Any]:
    """The charts and their tables."""
    lines, flow_rows = charts.flows(asked)
    trend = charts.trend(asked)
    numbers = zip(*(one["data"] for one in trend["series"]), strict=True)
    return {
        "trend": trend,
        "trend_rows": list(zip(trend["labels"], numbers, strict=False)),
        "hour_heads": [hour if hour % 3 == 0 else "" for hour in range(24)],
        "heat": charts.heat(asked),
        "reasons": charts.reasons(asked),
        "map": lines,
        "flows": flow_rows,
    }


def to_be_drawn(asked: Asked) -> dict[str, Any]:
    """Of many days the charts come after the table."""
    if asked.days.number <= SOON_DRAWN_DAYS:
        return drawn(asked)
    nothing: dict[str, Any] = {"series": [], "labels": [], "beside": [], "words": {}}
    return {
        "charts_url": reverse("reports:charts") + asked.address(),
        "trend": nothing,
        "map": {"warehouses": [], "flows": []},
    }


@page(Capability.SEE_REPORTS)
def late_charts(request: HttpRequest) -> HttpResponse:
    """What the charts of a long report draw."""
    return render(request, "reports/charts.html", drawn(asked_for(cast(User, request.user), request.GET)))


def line_of(row: Row, shown: list[Measure], report: Report) -> dict[str, Any]:
    """A row as the template writes it."""
    total = row is report.total
    cells = [cell_of(measure, row, report.asked, total=total) for measure in shown]
    over = bool(row.target) and row.share is not None and row.share > (row.target or 0) * 1.15 + 0.02
    return {"row": row, "cells": cells, "over_target": over, "hot": row.load is not None and row.load > 1}


def cell_of(measure: Measure, row: Row, asked: Asked, *, total: bool) -> dict[str, Any]:
    """One number, where the orders behind it are, and how it differs from the days beside."""
    value = measure.value(row.now)
    url, of_row = "", None if total else row.value
    if measure.link and value:
        url = orders_url(asked, measure.link, of_row, row.on)
    elif measure.parcels and value:
        url = parcels_url(asked, measure.parcels, of_row, row.on)
    return {"text": measure.write(value), "url": url, **change_of(measure, row)}


def change_of(measure: Measure, row: Row) -> dict[str, Any]:
    """The change against the days beside, in words and whether it is for the better."""
    if row.before is None:
        return {}
    now, before = measure.value(row.now), measure.value(row.before)
    if now is None or before is None:
        return {}
    if measure.unit_word == "%":
        words, size = formats.points(now - before), now - before
    elif before:
        size = now / before - 1
        words = ("+" if size > 0 else "") + formats.percent(size)
    else:
        return {}
    good = None if not measure.better or abs(size) < NOTICEABLE else (size > 0) == (measure.better > 0)
    return {"change": words, "good": good}


@page(Capability.SEE_REPORTS)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The same report as a file: every measure, and the days beside in a second block of columns."""
    if kind not in TYPES:
        raise Http404
    catch_up(now=timezone.now())
    asked = asked_for(cast(User, request.user), request.GET)
    try:
        report = report_of(asked)
    except Refusal as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    name = f"report-{asked.by}-{asked.days.first}-{asked.days.last}"
    return download(kind, name, heads_of(report), lines_of(report))


def heads_of(report: Report) -> list[str]:
    asked = report.asked
    shown = measures(asked, everything=True)
    heads = [str(BY[asked.by][0]), *(one.head for one in shown)]
    if asked.by in ("warehouse", "team"):
        heads += [_("Load (%)"), _("Share (%)"), _("Target (%)")]
    if asked.beside:
        days = asked.beside.words()
        heads += [_("%(measure)s, %(days)s") % {"measure": one.head, "days": days} for one in shown]
    return heads


def lines_of(report: Report) -> Iterator[list[object]]:
    """Every row and the total, unrounded where they are counts."""
    asked = report.asked
    shown = measures(asked, everything=True)
    for row in (*report.rows, report.total):
        name = _("Total") if row is report.total else row.on or row.name
        line: list[object] = [name, *(plain(one, row.now) for one in shown)]
        if asked.by in ("warehouse", "team"):
            shares = (row.load, row.share, row.target)
            line += [None if share is None else round(share * 100, 2) for share in shares]
        if asked.beside:
            line += [plain(one, row.before or Figures()) for one in shown]
        yield line

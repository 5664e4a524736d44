"""The page that compares promotions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.network.models import Promotion, Team, Warehouse
from paidan.web import formats
from paidan.web.components import HUES
from paidan.web.pages import page

from .advice_views import everything
from .periods import of_promotion
from .rates import Rate
from .refresh import catch_up
from .sale_figures import SALE_FIGURES
from .sales import Sale, ordinary_before, sale_of

MOST = 3
LISTED = 30
REASONS = 10
LONGEST_H = 96
"""The curve of times ends here."""


@page(Capability.SEE_REPORTS, scope=everything)
def promotions(request: HttpRequest) -> HttpResponse:
    """Up to three promotions beside each other and beside the ordinary days before the first of them."""
    now = timezone.now()
    catch_up(now=now)
    listed = list(Promotion.objects.filter(starts_at__lte=now).order_by("-starts_at")[:LISTED])
    wanted = {int(key) for key in request.GET.getlist("p") if key.isdecimal() and len(key) < 10}
    chosen = [one for one in listed if one.pk in wanted][:MOST] or listed[:2]
    context: dict[str, Any] = {
        "heading": _("Promotions compared"),
        "crumbs": [(_("Reports"), reverse("reports:index"))],
        "listed": [(one, one in chosen) for one in listed],
        "most": MOST,
    }
    if chosen:
        first = min(of_promotion(one).first for one in chosen)
        sales = [ordinary_before(Promotion.objects.all(), first), *(sale_of(one) for one in reversed(chosen))]
        context |= compared(sales)
    return render(request, "reports/promotions.html", context)


def compared(sales: Sequence[Sale]) -> dict[str, Any]:
    """The figures side by side, the speeds by place, the curves, the problems."""
    kinds = sorted({kind for sale in sales for kind, _number in sale.problems})
    by_kind = [dict(sale.problems) for sale in sales]
    places = list(Warehouse.objects.order_by("position", "id"))
    teams = list(Team.objects.filter(active=True, warehouse__isnull=False).order_by("warehouse__position", "code"))
    return {
        "names": [name_of(sale) for sale in sales],
        "figures": figure_rows(sales),
        "speeds": [
            *((str(one), False, [speed_of(sale.rate(one.pk)) for sale in sales]) for one in places),
            *((str(one), True, [speed_of(sale.rate(0, one.pk)) for sale in sales]) for one in teams),
        ],
        "moved": moved_rows(sales),
        "problems": [(kind.label, [counts.get(kind, 0) for counts in by_kind]) for kind in kinds],
        "curves": {
            "series": [
                {"name": name_of(sale), "data": [point for point in sale.curve if point[0] <= LONGEST_H], "hue": hue}
                for sale, hue in zip(sales, ("#98a2b3", *HUES), strict=False)
            ],
            "words": {"x": _("hours since payment"), "y": _("shipped")},
        },
        "curve_rows": curve_rows(sales),
    }


def name_of(sale: Sale) -> str:
    if sale.promotion is None:
        return _("%(days)d ordinary days") % {"days": len(sale.days)}
    return str(sale.promotion)


def figure_rows(sales: Sequence[Sale]) -> list[tuple[str, list[str]]]:
    """Each figure of all of them, per day or per thousand so that they can be compared."""
    days = (_("Days"), [formats.count(len(sale.days)) for sale in sales])
    return [days, *((str(one.label), [one.write(one.value(sale)) for sale in sales]) for one in SALE_FIGURES)]


def moved_rows(sales: Sequence[Sale]) -> list[tuple[str, list[int]]]:
    """Why people moved what was placed: the most frequent reasons, what else there was, and what nobody explained."""
    total: dict[str, int] = {}
    for sale in sales:
        for reason, number in sale.moved.items():
            total[reason] = total.get(reason, 0) + number
    said = sorted((reason for reason in total if reason), key=lambda reason: (-total[reason], reason))
    rows = [(reason, [sale.moved.get(reason, 0) for sale in sales]) for reason in said[:REASONS]]
    if rest := said[REASONS:]:
        rows.append((_("other reasons"), [sum(sale.moved.get(one, 0) for one in rest) for sale in sales]))
    if "" in total:
        rows.append((_("no reason given"), [sale.moved.get("", 0) for sale in sales]))
    return rows


def speed_of(rate: Rate) -> str:
    """Parcels an hour over saturated hours, ± half the interval."""
    if rate.is_thin:
        return formats.DASH
    return _("%(mean)s ± %(margin)s") % {"mean": f"{rate.mean:,.0f}", "margin": f"{rate.margin:,.0f}"}


def curve_rows(sales: Sequence[Sale]) -> list[tuple[str, list[str]]]:
    """The curve at hours people think in."""
    rows = []
    for hours in (1, 4, 8, 12, 24, 48, 72):
        shares = [max((share for at, share in sale.curve if at <= hours), default=None) for sale in sales]
        rows.append((_("%(number)s h") % {"number": hours}, [formats.percent(share) for share in shares]))
    return rows

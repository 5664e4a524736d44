"""What a joint wave came to: figures beside each other, its gap in words, the prices, lines for chart and map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from paidan.allocation.models import JointRun, Wave
from paidan.catalog.models import Sku
from paidan.desk.whatif.telling import flow_lines
from paidan.network.models import Team, Warehouse
from paidan.web import formats

PLANS = ("nearest", "rules", "joint")
WORDS = {
    "nearest": gettext_lazy("nearest first"),
    "rules": gettext_lazy("the rules, order by order"),
    "joint": gettext_lazy("jointly"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of every plan, written out, and what changes from the plan beside it to the joint one."""

    label: str
    cells: Sequence[str]
    change: str
    better: bool | None


@dataclass(frozen=True, slots=True)
class Price:
    """What one more of a scarce thing would have saved."""

    words: str
    minor: int


def columns_of(plans: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Which plans stand beside each other: nearest first is left out where the rules say just that."""
    return [name for name in PLANS if name in plans]


def rows_of(run: JointRun) -> list[Row]:
    """The table of figures; changes are against the column left of “jointly”."""
    plans = run.plans
    names = columns_of(plans)

    def row(label: str, value: Any, write: Any, *, more_is_better: bool = False) -> Row:
        values = [value(plans[name]) for name in names]
        change = values[-1] - values[-2]
        better = None if not change else (change > 0) == more_is_better
        sign = "+" if change > 0 else formats.MINUS if change < 0 else ""
        return Row(label, [write(one) for one in values], sign + write(abs(change)), better)

    def mean(one: Mapping[str, Any]) -> int:
        return round(one["distance_m"] / one["measured"]) if one["measured"] else 0

    return [
        row(_("Cost in all"), lambda one: one["objective_minor"], formats.money),
        row(_("Freight"), lambda one: one["freight_minor"], formats.money),
        row(_("Orders served"), lambda one: one["served"], formats.count, more_is_better=True),
        row(_("Not served"), lambda one: one["unserved"], formats.count),
        row(_("Parcels"), lambda one: one["parcels"], formats.count),
        row(pgettext("a number", "Split orders"), lambda one: one["split"], formats.count),
        row(_("Mean distance"), mean, formats.distance),
        row(_("Parcels that will be late"), lambda one: one["late"], formats.count),
    ]


def verdict(run: JointRun) -> tuple[str, str]:
    """The sentence over everything, and its tone."""
    plans = run.plans
    names = columns_of(plans)
    a, b = plans[names[-2]], plans["joint"]
    saved, served = a["objective_minor"] - b["objective_minor"], b["served"] - a["served"]
    if saved <= 0:
        return _("Deciding together changes nothing here: order by order was as good."), "mixed"
    orders = ngettext("%(number)s order", "%(number)s orders", b["orders"])
    values = {
        "orders": orders % {"number": formats.count(b["orders"])},
        "money": formats.money(saved),
        "share": formats.percent(saved / a["objective_minor"], 1),
    }
    said = [_("%(orders)s decided together cost %(money)s less than order by order (%(share)s).") % values]
    if served > 0:
        more = ngettext("%(number)s more order is served.", "%(number)s more orders are served.", served)
        said.append(more % {"number": formats.count(served)})
    elif served < 0:
        fewer = ngettext("%(number)s fewer order is served.", "%(number)s fewer orders are served.", -served)
        said.append(fewer % {"number": formats.count(-served)})
    return " ".join(said), "good" if served >= 0 else "mixed"


def gap_words(figures: Mapping[str, Any]) -> str:
    """How far from the best possible the plan can be at most, and what it is compared with."""
    return " ".join([_gap_sentence(figures), *_kept_sentence(figures.get("kept", 0))])


def _kept_sentence(kept: int) -> list[str]:
    if not kept:
        return []
    sentence = ngettext(
        "%(number)s order went as its rule says, by its list of warehouses or by ratio; all this is of the others.",
        "%(number)s orders went as their rules say, by a list of warehouses or by ratio; all this is of the others.",
        kept,
    )
    return [sentence % {"number": formats.count(kept)}]


def _gap_sentence(figures: Mapping[str, Any]) -> str:
    gap = figures.get("gap")
    if gap is None:
        return _("Nothing is proven about how good it is.")
    if gap <= 1e-9:
        return _("No plan of these orders costs less: this is proven.")
    digits = 1 if gap >= 0.0005 else 3
    values = {"gap": formats.percent(gap, digits), "bound": formats.money(figures["bound_minor"])}
    return _("At most %(gap)s above the best possible: no plan of these orders costs less than %(bound)s.") % values


def ended_words(figures: Mapping[str, Any], run: JointRun) -> str:
    """Why the search ended when it did, and why the plan taken is dearer than the last one found, where it is."""
    said = _ended_sentence(figures, run)
    if len(run.chart) > 1 and run.chart[-1][1] > run.chart[-2][1]:
        step = _(
            "The last step up is the plan that was taken: orders that would have been late, although a warehouse in "
            "time had room, gave way."
        )
        return f"{said} {step}"
    return said


def _ended_sentence(figures: Mapping[str, Any], run: JointRun) -> str:
    if figures.get("ended") == "stopped":
        if run.stop_asked_by:
            return _("%(who)s stopped the search; the best plan so far was taken.") % {
                "who": run.stop_asked_by.display_name
            }
        return _("The search was stopped; the best plan so far was taken.")
    if figures.get("ended") == "gap":
        return _("The search ended, because nothing much better is possible.")
    return _("The search ended after its %(seconds)s seconds.") % {"seconds": f"{run.seconds:g}"}


def prices_of(run: JointRun, first: int, last: int) -> list[Price]:
    """The prices, dearest first, each as a sentence."""
    chosen = run.prices[first:last]
    skus = Sku.objects.in_bulk({one[0] for one in chosen if one[0]})
    places = Warehouse.objects.in_bulk({one[1] for one in chosen if one[1]})
    teams = Team.objects.in_bulk({one[2] for one in chosen if one[2]})
    found = []
    for sku, warehouse, team, minor in chosen:
        values = {
            "sku": (skus[sku].name or skus[sku].code) if sku in skus else f"#{sku}",
            "place": str(places.get(warehouse, f"#{warehouse}")),
            "team": str(teams.get(team, f"#{team}")),
            "money": formats.money(minor),
        }
        if sku:
            sentence = _("One more “%(sku)s” in %(place)s would have saved %(money)s.")
        elif team:
            sentence = _("One more order for team %(team)s today would have saved %(money)s.")
        else:
            sentence = _("One more slot in %(place)s today would have saved %(money)s.")
        found.append(Price(sentence % values, minor))
    return found


def gap_chart(run: JointRun) -> dict[str, Any]:
    """Cost and bound over the seconds of the search, in whole units of money, and the gap between them."""
    points = [(s, cost, bound) for s, cost, bound in run.chart if bound]
    return {
        "words": {"gap": _("gap"), "seconds": _("seconds")},
        "points": [[s, max(100 * (cost - bound) / bound, 0.0001)] for s, cost, bound in points],
        "limit": 100 * run.gap,
    }


def maps_of(wave: Wave, warehouses: list[Warehouse]) -> dict[str, Any]:
    """Where the moved orders would have come from, and where they come from now."""
    return {
        "before": flow_lines(wave.moves.all(), "before_id", warehouses),
        "after": flow_lines(wave.moves.all(), "after_id", warehouses),
    }


def flows_of(wave: Wave) -> list[dict[str, Any]]:
    """Moved orders by from → to, the most first, with what they cost more or less."""
    grouped = wave.moves.values("before_id", "after_id")
    summed = grouped.annotate(number=Count("id"), freight=Sum("freight_minor"))
    return [dict(row) for row in summed.order_by("-number", "before_id", "after_id")]

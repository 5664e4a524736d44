"""What a what-if came to, in words, figures and lines for the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.desk.board.cards import city_of
from paidan.engine.codes import Reason
from paidan.geo import region
from paidan.geo.codes import code_of
from paidan.network.models import Team, Warehouse
from paidan.web import formats
from paidan.web.components import HUES
from paidan.whatif.models import WhatIf

LINES = 60
"""Lines on the map: more would be a ball of wool."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both sides, written out; `better` is None where more is neither better nor worse."""

    label: str
    before: str
    after: str
    change: str
    better: bool | None
    below: bool = False  # a part of the row above


@dataclass(frozen=True, slots=True)
class Peak:
    """A warehouse's busiest day on both sides, parcels."""

    place: Warehouse
    before: int
    after: int
    capacity: int | None


def warehouses_of(what_if: WhatIf) -> list[Warehouse]:
    """Every warehouse by position, and behind them those that were only tried, under the ids they had there."""
    there = list(Warehouse.objects.order_by("position", "id"))
    tried = what_if.assumed.get("added", ())
    new = [
        Warehouse(id=one["id"], code=one["code"], lat=one["lat"], lng=one["lng"], capacity=one["capacity"])
        for one in tried
        if "id" in one
    ]
    ids = {one.pk for one in new}
    return [*(one for one in there if one.pk not in ids), *new]


def on_time(one: Mapping[str, Any]) -> float:
    """The share of parcels that arrive in time."""
    return 1 - one["late"] / one["parcels"] if one["parcels"] else 1.0


def unserved(one: Mapping[str, Any]) -> int:
    return sum(one["unserved"].values())


def rows_of(what_if: WhatIf, reason_words: Mapping[int, Any]) -> list[Row]:
    """The table of results."""
    a, b = what_if.before or {}, what_if.after or {}

    def each(one: Mapping[str, Any]) -> float:
        return one["freight_minor"] / one["parcels"] if one["parcels"] else 0.0

    def metres(one: Mapping[str, Any]) -> float:
        return one["distance_m"] / one["measured"] if one["measured"] else 0.0

    def split(one: Mapping[str, Any]) -> float:
        return one["split"] / one["served"] if one["served"] else 0.0

    found = [
        _counted(_("Orders served"), a["served"], b["served"], more_is_better=True),
        _shares(_("On time"), on_time(a), on_time(b), more_is_better=True),
        _money(_("Freight in all"), a["freight_minor"], b["freight_minor"], decimals=False),
        _money(_("Freight per parcel"), round(each(a)), round(each(b)), decimals=True),
        Row(
            _("Mean distance"),
            formats.distance(round(metres(a))),
            formats.distance(round(metres(b))),
            _signed(formats.distance(abs(round(metres(b) - metres(a)))), metres(b) - metres(a)),
            _better(metres(b) - metres(a), more_is_better=False),
        ),
        _shares(_("Split orders"), split(a), split(b), more_is_better=False),
        _counted(_("Unallocated"), unserved(a), unserved(b), more_is_better=False),
    ]
    for key in sorted({*a["unserved"], *b["unserved"]}, key=lambda k: -b["unserved"].get(k, 0)):
        word = str(reason_words.get(int(key), Reason(int(key)).code))
        before, after = a["unserved"].get(key, 0), b["unserved"].get(key, 0)
        found.append(_counted(word, before, after, more_is_better=False, below=True))
    return found


def _counted(label: str, before: int, after: int, *, more_is_better: bool, below: bool = False) -> Row:
    change = formats.change(after - before) if after != before else "0"
    better = _better(after - before, more_is_better=more_is_better)
    return Row(label, formats.count(before), formats.count(after), change, better, below)


def _shares(label: str, before: float, after: float, *, more_is_better: bool) -> Row:
    better = _better(round(after - before, 4), more_is_better=more_is_better)
    return Row(label, formats.percent(before, 1), formats.percent(after, 1), formats.points(after - before), better)


def _money(label: str, before: int, after: int, *, decimals: bool) -> Row:
    change = formats.money_change(after - before)
    better = _better(after - before, more_is_better=False)
    return Row(label, formats.money(before, decimals=decimals), formats.money(after, decimals=decimals), change, better)


def _better(change: float, *, more_is_better: bool) -> bool | None:
    return None if not change else (change > 0) == more_is_better


def _signed(text: str, change: float) -> str:
    return ("+" if change > 0 else "−" if change < 0 else "") + text


def verdict(what_if: WhatIf, peaks: list[Peak]) -> tuple[str, str]:
    """One sentence with gain and price, and its tone: good, mixed or bad."""
    a, b = what_if.before or {}, what_if.after or {}
    served, freight = b["served"] - a["served"], b["freight_minor"] - a["freight_minor"]
    late = on_time(b) - on_time(a)
    if not what_if.moved_n and not served:
        return _("Nothing differs: every order goes where it went."), "mixed"
    parts = []
    if served:
        words = ngettext("%(number)s order", "%(number)s orders", abs(served)) % {"number": formats.count(abs(served))}
        more, fewer = _("%(orders)s more served"), _("%(orders)s fewer served")
        parts.append((more if served > 0 else fewer) % {"orders": words})
    if round(late, 3):
        more, fewer = _("%(points)s points more on time"), _("%(points)s points fewer on time")
        parts.append((more if late > 0 else fewer) % {"points": f"{abs(late) * 100:.1f}"})
    if freight:
        more, fewer = _("%(money)s more freight"), _("%(money)s less freight")
        parts.append((more if freight > 0 else fewer) % {"money": formats.money(abs(freight))})
    full = [one for one in peaks if one.capacity and max(one.before, one.after) > 0]
    if full:
        top = max(full, key=lambda one: abs(one.after - one.before) / (one.capacity or 1))
        if top.after != top.before:
            values = {
                "place": top.place,
                "before": formats.percent(top.before / (top.capacity or 1)),
                "after": formats.percent(top.after / (top.capacity or 1)),
            }
            parts.append(_("the busiest day of %(place)s goes from %(before)s to %(after)s") % values)
    gain, loss = (served > 0) + (late > 0.0005), (served < 0) + (late < -0.0005)
    if not gain and not loss:
        gain, loss = int(freight < 0), int(freight > 0)
    tone = "good" if gain and not loss else "bad" if loss and not gain else "mixed"
    if not parts:
        return _("Orders change places, and no figure changes."), "mixed"
    sentence = _(", ").join(parts) + _(".")
    return sentence[:1].upper() + sentence[1:], tone


def peaks_of(what_if: WhatIf, warehouses: list[Warehouse]) -> list[Peak]:
    """Every warehouse's busiest day, before and after."""
    capacities = what_if.assumed.get("capacity_w", {})

    def most(one: Mapping[str, Any] | None, key: int) -> int:
        return max((n for place, _day, n in (one or {}).get("load_w", ()) if place == key), default=0)

    found = [
        Peak(one, most(what_if.before, one.pk), most(what_if.after, one.pk), capacities.get(str(one.pk), one.capacity))
        for one in warehouses
    ]
    return [peak for peak in found if peak.before or peak.after]


def peaks_chart(peaks: list[Peak]) -> dict[str, Any]:
    return {
        "words": {"before": _("as it was"), "after": _("what-if"), "capacity": _("capacity")},
        "names": [str(one.place) for one in peaks],
        "before": [one.before for one in peaks],
        "after": [one.after for one in peaks],
        "capacity": [one.capacity for one in peaks],
    }


def team_rows(what_if: WhatIf, teams: Mapping[int, Team]) -> list[tuple[Team, int, int, int]]:
    """(team, parcels before, after, change), the largest change first."""

    def work(one: Mapping[str, Any] | None) -> dict[int, int]:
        sums: dict[int, int] = {}
        for key, _day, n in (one or {}).get("load_t", ()):
            sums[key] = sums.get(key, 0) + n
        return sums

    a, b = work(what_if.before), work(what_if.after)
    rows = [(teams[key], a.get(key, 0), b.get(key, 0)) for key in sorted({*a, *b}) if key in teams]
    return sorted(((t, x, y, y - x) for t, x, y in rows), key=lambda row: (-abs(row[3]), row[0].pk))


def map_chart(what_if: WhatIf, warehouses: list[Warehouse]) -> dict[str, Any]:
    """Lines from the new warehouse to the buyers' cities, for the orders that moved only."""
    return flow_lines(what_if.moves.all(), "after_id", warehouses)


def flow_lines(moves: QuerySet[Any], end: str, warehouses: list[Warehouse]) -> dict[str, Any]:
    """Lines from the warehouses of one end of the moves (`before_id`, `after_id`) to the buyers' cities."""
    hue = {one.pk: HUES[at % len(HUES)] for at, one in enumerate(warehouses)}
    places = {one.pk: one for one in warehouses if one.lat is not None}
    counted = (
        moves.filter(**{f"{end}__in": places})
        .values(end, city=F("order__region") / 100 * 100)
        .annotate(number=Count("id"))
        .order_by("-number", end, "city")[:LINES]
    )
    flows = []
    for row in counted:
        at = _place(row["city"])
        if at is not None:
            one = places[row[end]]
            line = [[one.lng, one.lat], at]
            flow = {"from": str(one), "to": city_of(row["city"]), "line": line, "number": row["number"]}
            flows.append(flow | {"hue": hue[one.pk], "url": ""})
    named = [{"name": str(one), "at": [one.lng, one.lat], "hue": hue[one.pk]} for one in places.values()]
    return {"warehouses": named, "flows": flows}


def _place(number: int) -> list[float] | None:
    code = code_of(number)
    try:
        found = region(code) if code else None
    except LookupError:
        return None
    return None if found is None or found.lng is None or found.lat is None else [found.lng, found.lat]


def flows_of(what_if: WhatIf) -> list[dict[str, Any]]:
    """Orders by from → to, the most first, with what they cost more or less."""
    grouped = what_if.moves.values("before_id", "after_id")
    summed = grouped.annotate(number=Count("id"), freight=Sum("freight_minor"))
    return [dict(row) for row in summed.order_by("-number", "before_id", "after_id")]

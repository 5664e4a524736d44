"""What the report's charts draw, each also as the rows of its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from paidan.engine.codes import Reason
from paidan.geo import region
from paidan.geo.codes import code_of
from paidan.network.models import Warehouse
from paidan.web import formats
from paidan.web.components import HUES

from .asking import Asked
from .dimensions import OF_ORDERS, Dimension
from .links import orders_url, parcels_url
from .questions import Question, counts_by_hour_and_weekday, counts_of_pairs, counts_over_time, figures
from .rows import TRENDED
from .words import names_of, place_of

D = Dimension
MOST_STEPS = 45
STACKED = 6
LINES = 60
"""Lines on the map: more would be a ball of wool."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Orders by weekday (rows) and hour: counts, and their share of the largest in percent."""

    rows: Sequence[tuple[str, Sequence[tuple[int, int, str]]]]
    busiest: str
    number: int


def trend(asked: Asked) -> dict[str, Any]:
    """Bars over time, stacked by the largest rows; a dashed line for the days beside."""
    steps = min(asked.days.number, MOST_STEPS)
    width = -(-asked.days.number // steps)
    dates = [asked.days.first + timedelta(days=at * width) for at in range(-(-asked.days.number // width))]
    by = D.NONE if asked.by in ("hour", "day", "platform", "reason") else asked.dimension
    counts = counts_over_time(asked.question(by), TRENDED, steps)
    keys = sorted(counts, key=lambda key: -sum(counts[key]))
    shown, rest = keys[:STACKED], keys[STACKED:]
    names = names_of(by, shown) if by else {0: _("Allocations")}
    places = Warehouse.objects.order_by("position", "id").values_list("pk", flat=True) if by == D.WAREHOUSE else ()
    positions = {key: at for at, key in enumerate(places, 1)}
    series = [
        {"name": names.get(key, f"#{key}"), "data": counts[key], "hue": _hue(positions.get(key) or at)}
        for at, key in enumerate(shown, 1)
    ]
    if rest:
        others = [sum(step) for step in zip(*(counts[key] for key in rest), strict=True)]
        series.append({"name": _("others"), "data": others, "hue": "#98a2b3"})
    beside: list[int] = []
    if asked.beside and asked.beside.number == asked.days.number:
        beside = counts_over_time(asked.question(D.NONE, asked.beside), TRENDED, steps).get(0, [])
    today = timezone.localdate()
    return {
        "labels": [formats.day(one, today=today) for one in dates],
        "series": series,
        "beside": beside,
        "words": {"beside": asked.beside.words() if asked.beside else ""},
    }


def _hue(position: int) -> str:
    return HUES[(position - 1) % len(HUES)]


def heat(asked: Asked) -> Heat:
    """When orders come: by what is received where that is told, else by what was allocated."""
    measures = ("received_n",) if set(asked.only) <= set(OF_ORDERS) else TRENDED
    counts = counts_by_hour_and_weekday(asked.question(D.HOUR), measures)
    most = max(counts.values(), default=0)
    rows = []
    for weekday in range(7):
        name = weekday_name(weekday)
        hours = [counts.get((weekday, hour), 0) for hour in range(24)]
        titles = (f"{name} {hour}:00 · {formats.count(n)}" for hour, n in enumerate(hours))
        cells = [(n, round(n / most * 100) if most else 0, title) for n, title in zip(hours, titles, strict=True)]
        rows.append((name, cells))
    if not most:
        return Heat(rows, "", 0)
    weekday, hour = max(counts, key=lambda key: (counts[key], key))
    return Heat(rows, f"{weekday_name(weekday)} {hour}:00", most)


def weekday_name(weekday: int) -> str:
    names = (
        *(pgettext("weekday", "Mon"), pgettext("weekday", "Tue"), pgettext("weekday", "Wed")),
        *(pgettext("weekday", "Thu"), pgettext("weekday", "Fri"), pgettext("weekday", "Sat")),
        pgettext("weekday", "Sun"),
    )
    return names[weekday]


def reasons(asked: Asked) -> list[dict[str, Any]]:
    """Why orders are stuck, the most frequent first; none where places, or two things at once, are asked for."""
    if not set(asked.only) <= set(OF_ORDERS):
        return []
    question = Question(asked.days.first, asked.days.last, D.REASON, asked.only)
    if len(question.only) > 1:
        return []
    found = figures(question)
    numbers = {key: one.n["received_n"] for key, one in found.items() if one.n["received_n"]}
    names, total, so_far = names_of(D.REASON, numbers), sum(numbers.values()), 0
    rows, most = [], max(numbers.values(), default=1)
    for key in sorted(numbers, key=lambda key: (-numbers[key], key)):
        so_far += numbers[key]
        url = orders_url(replace(asked, by="reason"), "held" if key == Reason.HELD else "unallocated", str(key))
        row = {
            "name": names[key],
            "number": numbers[key],
            "share": so_far / total,
            "url": url,
            "of_most": numbers[key] / most,
        }
        rows.append(row)
    return rows


def flows(asked: Asked) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """From warehouses to provinces: for the map, and the largest as rows; nothing where a third thing is asked for."""
    if set(asked.only) - {D.WAREHOUSE, D.REGION}:
        return {"warehouses": [], "flows": []}, []
    counts = counts_of_pairs(asked.question(D.NONE), (D.WAREHOUSE, D.REGION), ("orders_w_n",))
    places = list(Warehouse.objects.order_by("position", "id"))
    known = {one.pk: (at, one) for at, one in enumerate(places, 1)}
    rows: list[dict[str, Any]] = []
    for (warehouse, number), n in sorted(counts.items(), key=lambda pair: -pair[1])[:LINES]:
        if warehouse in known and n:
            at, one = known[warehouse]
            url = parcels_url(asked, "any", None, warehouse=warehouse, region=number)
            name = place_of(number) or _("no address")
            rows.append({"at": at, "place": one, "to": name, "number": n, "url": url, "region": number})
    placed = [(at, one) for at, one in known.values() if one.lat is not None]
    lines = [line for row in rows if (line := _line(row)) is not None]
    shown = [{"name": str(one), "at": [one.lng, one.lat], "hue": _hue(at)} for at, one in placed]
    return {"warehouses": shown, "flows": lines}, rows


def _line(row: dict[str, Any]) -> dict[str, Any] | None:
    """One row as a line of the map, where both ends have a place on it."""
    point, one = _point(row["region"]), row["place"]
    if point is None or one.lng is None:
        return None
    ends = {"from": str(one), "to": row["to"], "line": [[one.lng, one.lat], point]}
    return ends | {"number": row["number"], "hue": _hue(row["at"]), "url": row["url"]}


def _point(number: int) -> list[float] | None:
    code = code_of(number)
    try:
        place = region(code) if code else None
    except LookupError:
        return None
    return None if place is None or place.lng is None or place.lat is None else [place.lng, place.lat]

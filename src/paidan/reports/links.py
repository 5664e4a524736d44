"""From a number to the orders it counts: the order list, filtered as the report is."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from paidan.network.models import Shop

from .asking import Asked
from .dimensions import Dimension

SCOPED = {"warehouse": Dimension.WAREHOUSE, "team": Dimension.TEAM, "shop": Dimension.SHOP}
GONE = ("out", "gone")
"""What is no longer at a place is not seen by those who see that place only."""
NOTHING = {"team": "0", "rule": "-", "region": "0"}
"""How the list's filters say that there is none."""


def orders_url(asked: Asked, tab: str, value: str | None, on: date | None = None) -> str:
    """The order list of one row (`value` of what the report is cut by, None = of all), under a tab."""
    query = _of_row(asked, value, on)
    if tab == "held":
        query.pop("reason", None)  # held is the reason; what the order was stuck for before is another
    return _address(query | ({} if tab == "all" else {"tab": tab}))


def parcels_url(asked: Asked, kind: str, value: str | None, on: date | None = None, **also: object) -> str:
    """The orders with allocations of a kind, of one row; "" where the reader would not see them."""
    if kind in GONE and set(SCOPED.values()) & set(asked.only) and not _chosen_alone(asked):
        return ""
    narrower = {name: str(one) for name, one in also.items()}
    return _address(_of_row(asked, value, on) | {"parcels": kind} | narrower)


def _chosen_alone(asked: Asked) -> bool:
    """Whether the report is narrowed by what was chosen and not by what the reader may see."""
    chosen = {name for name in SCOPED if name in asked.chosen} | ({"shop"} if "platform" in asked.chosen else set())
    return all(name in chosen for name, dimension in SCOPED.items() if dimension in asked.only)


def _of_row(asked: Asked, value: str | None, on: date | None) -> dict[str, str]:
    first, last = (on, on) if on else (asked.days.first, asked.days.last)
    query = {"came_from": first.isoformat(), "came_to": last.isoformat()} | dict(asked.chosen)
    # What the reader may see stands in `only` beside what was chosen.
    for name, dimension in SCOPED.items():
        if dimension in asked.only:
            query[name] = ",".join(map(str, asked.only[dimension]))
    if value is None or on:
        return query
    if asked.by == "platform" and not value:
        shops = set(Shop.objects.filter(platform="").values_list("pk", flat=True))
        seen = asked.only.get(Dimension.SHOP)
        return query | {"shop": ",".join(map(str, sorted(shops if seen is None else shops & set(seen))))}
    return query | {asked.by: value or NOTHING.get(asked.by, "")}


def _address(query: dict[str, str]) -> str:
    return reverse("desk:orders") + "?" + urlencode(query)

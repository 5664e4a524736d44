"""From a number to the orders it counts: the order list, filtered as the report is."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from .asking import Asked

PLACED = "placed"
"""Of all tabs, those orders that have allocations."""


def orders_url(asked: Asked, tab: str, value: str | None, on: date | None = None) -> str:
    """The order list of one row (`value` of what the report is cut by, None = of all); "" where no filter says it."""
    first, last = (on, on) if on else (asked.days.first, asked.days.last)
    query = {"paid_from": first.isoformat(), "paid_to": last.isoformat()} | dict(asked.chosen)
    if value is not None and not on:
        if asked.by == "hour" or not value:
            return ""
        query[asked.by] = value
    if tab == PLACED:
        # Whoever asks for a place asks for what is placed.
        query |= {} if {"warehouse", "team", "rule"} & set(query) else {"placed": "1"}
    elif tab != "all":
        query["tab"] = tab
    return reverse("desk:orders") + "?" + urlencode(query)

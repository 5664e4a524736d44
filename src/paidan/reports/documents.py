"""The allocation report as programs read it: from `paidan report --json` and from the API."""

from __future__ import annotations

from typing import Any

from paidan.orders.states import OrderState

from .queries import AllocationReport, PlaceRow


def as_document(found: AllocationReport) -> dict[str, Any]:
    """The whole report, with codes and plain values."""
    return {
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "timezone": found.period.timezone,
        "received": found.received,
        **{state.code: found.by_state.get(state, 0) for state in OrderState},
        "held": found.held,
        "unallocated_by_reason": {reason.code: count for reason, count in found.stuck},
        "places": [record_of(place) for place in found.places],
        "total": {key: value for key, value in record_of(found.total).items() if key not in ("warehouse", "team")},
    }


def record_of(place: PlaceRow) -> dict[str, Any]:
    """What one team of one warehouse has."""
    return {
        "warehouse": place.warehouse,
        "team": place.team or None,
        "orders": place.orders,
        "allocations": place.allocations,
        "allocated": place.waiting,
        "in_progress": place.in_progress,
        "shipped": place.shipped,
        "late": place.late,
        "freight_minor": place.freight_minor,
        "distance_m": None if place.distance_m is None else round(place.distance_m),
        "paid_to_allocated_s": _whole(place.paid_to_allocated_s),
        "allocated_to_shipped_s": _whole(place.allocated_to_shipped_s),
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)

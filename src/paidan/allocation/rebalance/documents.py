"""A planned rebalance as a document: what the command line and the API hand out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidan.network.models import Team

from ..models import Allocation
from ..relieve import Sums
from .planning import RebalancePlan

LISTED = 1000
"""Moves a document lists, the largest savings first; the sums are over all."""


def as_document(plan: RebalancePlan) -> dict[str, Any]:
    """Codes and values only; money in minor units."""
    codes = {row.warehouse.id: row.warehouse.code for row in plan.places}
    listed = sorted(plan.moves, key=lambda move: (-move.saving_minor, move.allocation))[:LISTED]
    names = order_names([move.allocation for move in listed] + [key for key, _reason in plan.stuck[:LISTED]])
    teams = dict(Team.objects.values_list("id", "code"))
    return {
        "considered": plan.considered,
        "moving": plan.number,
        "saving_minor": plan.saving_minor,
        "before": _sums(plan.before),
        "after": _sums(plan.after),
        "beyond": plan.beyond,
        "causes": {cause.value: number for cause, number in plan.causes},
        "warehouses": [
            {
                "warehouse": row.warehouse.code,
                "capacity": row.warehouse.capacity,
                "load": row.load,
                "load_after": row.load_after,
                "allocations": row.number,
                "allocations_after": row.number_after,
                "before": _sums(row.before),
                "after": _sums(row.after),
            }
            for row in plan.places
        ],
        "moves": [
            {
                "allocation": move.allocation,
                **names[move.allocation],
                "from": codes[move.source],
                "to": codes[move.target],
                "team": teams.get(move.team),
                "saving_minor": move.saving_minor,
                "why": move.cause.value,
            }
            for move in listed
        ],
        "stuck": [{"allocation": key, **names[key], "reason": reason.code} for key, reason in plan.stuck[:LISTED]],
        "stuck_total": len(plan.stuck),
    }


def order_names(ids: list[int]) -> dict[int, Mapping[str, Any]]:
    """Shop, number and id of the order of each allocation."""
    rows = Allocation.objects.filter(id__in=ids).values_list("id", "order_id", "order__shop__code", "order__number")
    return {key: {"order": order, "shop": shop, "number": number} for key, order, shop, number in rows}


def _sums(sums: Sums) -> dict[str, int | None]:
    return {"freight_minor": sums.freight_minor, "distance_m": sums.distance_m, "late": sums.late}

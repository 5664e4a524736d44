"""One order split by hand, although its rule does not split: from as few and near warehouses as have it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from paidan.accounts.models import User
from paidan.network.models import Warehouse

from .by_hand import HandShare, assign_shares
from .explanation import Candidate, LineFacts
from .outcomes import refusal

Pieces = dict[int, int]
"""Pieces by line id."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one warehouse would send."""

    candidate: Candidate
    pieces: Pieces

    @property
    def qty(self) -> int:
        return sum(self.pieces.values())


def plan_split(lines: Sequence[LineFacts], candidates: Sequence[Candidate]) -> list[Share]:
    """Cover the open pieces: each time the warehouse that has most of what is left, then the nearest.

    Empty where the candidates do not have everything together, or one alone does.
    """
    left = {line.id: line.open_qty for line in lines if line.open_qty}
    free = {candidate.warehouse_id: _free(lines, candidate) for candidate in candidates}
    shares: list[Share] = []
    while left:
        takes = {candidate.warehouse_id: _take(lines, left, free[candidate.warehouse_id]) for candidate in candidates}
        best = min(
            candidates,
            key=lambda c: (
                -sum(takes[c.warehouse_id].values()),
                c.distance_m is None,
                c.distance_m or 0,
                c.rank or 256,
            ),
            default=None,
        )
        if best is None or not takes[best.warehouse_id]:
            return []
        shares.append(Share(best, takes[best.warehouse_id]))
        _deduct(left, takes[best.warehouse_id])
        candidates = [candidate for candidate in candidates if candidate.warehouse_id != best.warehouse_id]
    return shares if len(shares) > 1 else []


def _free(lines: Sequence[LineFacts], candidate: Candidate) -> dict[int, int]:
    return {line.sku_id: have for line, have in zip(lines, candidate.available, strict=True) if line.sku_id}


def _take(lines: Sequence[LineFacts], left: Mapping[int, int], free: Mapping[int, int]) -> Pieces:
    """What a warehouse with this stock can send of what is left; lines of one SKU share it."""
    rest, pieces = dict(free), {}
    for line in lines:
        qty = min(left.get(line.id, 0), rest.get(line.sku_id or 0, 0))
        if qty > 0:
            pieces[line.id] = qty
            rest[line.sku_id or 0] -= qty
    return pieces


def _deduct(left: Pieces, pieces: Pieces) -> None:
    for line, qty in pieces.items():
        left[line] -= qty
        if not left[line]:
            del left[line]


def split_once(
    order_id: int, shares: Mapping[int, Pieces], *, now: datetime, by: User | None = None
) -> tuple[int, ...]:
    """Assign an order's pieces to several warehouses at once (`shares`: pieces by line, by warehouse id), or none.

    Answers the new allocations. Somebody else's change in between makes it a refusal, not half a split.
    """
    places = Warehouse.objects.in_bulk(list(shares))
    if not shares or len(places) != len(shares):
        raise refusal("stock_short", order_id)
    named = [HandShare(places[key], pieces=pieces) for key, pieces in shares.items()]
    return assign_shares(order_id, named, now=now, by=by)

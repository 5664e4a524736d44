"""Comparing an order's lines with the list now wanted and writing the difference; pieces are cancelled, never lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor

from paidan.orders.models import OrderLine

_LINES = """
SELECT l.id, l.number, l.shop_code, coalesce(l.sku_id, 0), l.qty - l.cancelled_qty - coalesce(planned.qty, 0)
FROM orders_orderline l
LEFT JOIN LATERAL (
    SELECT sum((e.detail -> 'cancel' ->> l.id::text)::integer)::integer AS qty
    FROM orders_orderexception e WHERE e.order_id = l.order_id AND e.resolved_at IS NULL AND e.detail ? 'cancel'
) planned ON true
WHERE l.order_id = %s ORDER BY l.position
"""
_ADD_PIECES = "UPDATE orders_orderline SET qty = qty + %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as its source now says it: the pieces wanted in all. `sku_id` None = the shop's code is not mapped."""

    shop_code: str
    qty: int
    number: str = ""
    sku_id: int | None = None
    bundle_id: int | None = None
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class LineChanges:
    """The difference: pieces to add and to cancel by line id, and lines nobody had."""

    additions: dict[int, int] = field(default_factory=dict)
    reductions: dict[int, int] = field(default_factory=dict)
    new: tuple[WantedLine, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.additions or self.reductions or self.new)


def compare_lines(cursor: Cursor[Any], order_id: int, wanted: Sequence[WantedLine]) -> LineChanges:
    """Match lines by number, shop's code and SKU (an unmapped line matches whatever SKU its code means now).

    A stored line nobody wants any more is to be cancelled. Pieces already cancelled, or planned to be once a team
    confirms, do not count as wanted before.
    """
    stored: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for line_id, number, code, sku, qty in cursor.execute(_LINES, (order_id,)).fetchall():
        stored.setdefault((number, code), []).append((line_id, sku, qty))
    additions: dict[int, int] = {}
    reductions: dict[int, int] = {}
    new: list[WantedLine] = []
    for line in wanted:
        match = _take(stored.get((line.number, line.shop_code), []), line.sku_id or 0)
        if match is None:
            if line.qty:
                new.append(line)
        elif line.qty > match[2]:
            additions[match[0]] = line.qty - match[2]
        elif line.qty < match[2]:
            reductions[match[0]] = match[2] - line.qty
    reductions.update({line_id: qty for rest in stored.values() for line_id, _sku, qty in rest if qty > 0})
    return LineChanges(additions, reductions, tuple(new))


def write_lines(cursor: Cursor[Any], order_id: int, changes: LineChanges) -> None:
    """Write additions and new lines; reductions are cancelled by whoever withdraws the allocations first."""
    for line_id, qty in changes.additions.items():
        cursor.execute(_ADD_PIECES, (qty, line_id))
    if not changes.new:
        return
    taken = OrderLine.objects.filter(order_id=order_id).order_by("-position").values_list("position", flat=True).first()
    OrderLine.objects.bulk_create(
        OrderLine(
            order_id=order_id,
            position=position,
            number=line.number,
            shop_code=line.shop_code,
            sku_id=line.sku_id,
            bundle_id=line.bundle_id,
            qty=line.qty,
            amount_minor=line.amount_minor,
        )
        for position, line in enumerate(changes.new, (taken or 0) + 1)
    )


def _take(candidates: list[tuple[int, int, int]], sku: int) -> tuple[int, int, int] | None:
    """Take the stored line of this SKU off the candidates, or one that has no SKU yet."""
    for wanted in (sku, 0):
        for candidate in candidates:
            if candidate[1] == wanted or sku == 0:
                candidates.remove(candidate)
                return candidate
    return None

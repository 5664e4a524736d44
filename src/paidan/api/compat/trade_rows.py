"""What stands behind the keys of a page of trades: read at once for all of them, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from paidan.allocation.models import Allocation, AllocationLine
from paidan.catalog.models import Sku
from paidan.orders.models import Hold, Order, OrderException, OrderLine
from paidan.orders.states import ExceptionKind, OrderState

from . import registries
from .trade_keys import TradeKey

_OPEN_PIECES = "SELECT line_id, open_qty FROM allocation_line_pieces WHERE order_id = ANY(%s)"
_BAD_BITS = {
    "address": registries.BAD_ADDRESS,
    "lines": registries.BAD_GOODS,
    "amount": registries.BAD_GOODS,
    "remark": registries.BAD_REMARK,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Pieces of one line in a trade, and where the line came from."""

    line: OrderLine
    sku: Sku | None
    qty: int
    src_tid: str
    src_oid: str


@dataclass(slots=True)
class TradeRow:
    """One trade with everything a reply says of it."""

    key: TradeKey
    order: Order
    allocation: Allocation | None
    pieces: list[Piece] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    bad_reason: int = 0

    @property
    def src_tids(self) -> str:
        """The platform's numbers of the orders in it."""
        return ",".join(dict.fromkeys(piece.src_tid for piece in self.pieces)) or self.order.number


def trade_rows(keys: Sequence[TradeKey]) -> list[TradeRow]:
    """The trades of these keys, in their order."""
    orders = {
        row.pk: row
        for row in Order.objects.filter(id__in={key.order_id for key in keys}).select_related("shop", "recipient")
    }
    wanted = [key.allocation_id for key in keys if key.allocation_id]
    allocations = {row.pk: row for row in Allocation.objects.filter(id__in=wanted).select_related("warehouse", "team")}
    rows = [TradeRow(key, orders[key.order_id], allocations.get(key.allocation_id)) for key in keys]
    _add_holds(rows)
    _add_exceptions(rows)
    _add_pieces(rows)
    return rows


def _add_holds(rows: Iterable[TradeRow]) -> None:
    found: dict[int, list[str]] = {row.order.pk: [] for row in rows}
    for order_id, reason in Hold.objects.filter(order_id__in=list(found), released_at=None).values_list(
        "order_id", "reason"
    ):
        found[order_id].append(reason)
    for row in rows:
        row.holds = found[row.order.pk]


def _add_exceptions(rows: Iterable[TradeRow]) -> None:
    """Which changes a team still has to answer."""
    ids = [row.key.allocation_id for row in rows if row.key.allocation_id]
    kinds = (ExceptionKind.INTERCEPT, ExceptionKind.REMARK_CHANGED)
    bits: dict[int, int] = {}
    for one in OrderException.objects.filter(allocation_id__in=ids, resolved_at=None, kind__in=kinds):
        causes = ["remark"] if one.kind == ExceptionKind.REMARK_CHANGED else (one.detail or {}).get("causes", [])
        for cause in causes:
            bits[one.allocation_id or 0] = bits.get(one.allocation_id or 0, 0) | _BAD_BITS.get(cause, 0)
    for row in rows:
        row.bad_reason = bits.get(row.key.allocation_id, 0)


def _add_pieces(rows: Sequence[TradeRow]) -> None:
    ids = [row.key.allocation_id for row in rows if row.key.allocation_id]
    parts: dict[int, list[AllocationLine]] = {}
    for part in AllocationLine.objects.filter(allocation_id__in=ids).select_related("line", "sku"):
        parts.setdefault(part.allocation_id, []).append(part)
    rest = [row for row in rows if not row.key.allocation_id]
    lines: dict[int, list[OrderLine]] = {}
    for line in OrderLine.objects.filter(order_id__in=[row.order.pk for row in rest]).select_related("sku"):
        lines.setdefault(line.order_id, []).append(line)
    open_of = _open_pieces([row.order.pk for row in rest])
    found: list[tuple[OrderLine, Sku | None, int]]
    for row in rows:
        number = row.order.number
        if row.key.allocation_id:
            found = [(part.line, part.sku, part.qty) for part in parts.get(row.key.allocation_id, [])]
        elif row.order.state == OrderState.CANCELLED:
            found = [(line, line.sku, line.qty) for line in lines.get(row.order.pk, [])]
        else:
            found = [(ln, ln.sku, open_of[ln.pk]) for ln in lines.get(row.order.pk, []) if open_of.get(ln.pk)]
        found.sort(key=lambda one: one[0].position)
        row.pieces = [Piece(line, sku, qty, number, line.number) for line, sku, qty in found]
    _name_sources(rows)


def _open_pieces(order_ids: list[int]) -> dict[int, int]:
    if not order_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_PIECES, [order_ids])
        return dict(cursor.fetchall())


def _name_sources(rows: Sequence[TradeRow]) -> None:
    """A merged order's lines are known to the platform by the orders they came from."""
    ids = [piece.line.source_line_id for row in rows for piece in row.pieces if piece.line.source_line_id]
    if not ids:
        return
    sources = {line.pk: line for line in OrderLine.objects.filter(id__in=ids).select_related("order")}
    for row in rows:
        row.pieces = [_from_source(piece, sources.get(piece.line.source_line_id or 0)) for piece in row.pieces]


def _from_source(piece: Piece, source: OrderLine | None) -> Piece:
    if source is None:
        return piece
    return Piece(piece.line, piece.sku, piece.qty, source.order.number, source.number)

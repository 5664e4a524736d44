"""What happened outside the waves of a period: supply, moves by hand, ends of allocations, cancellations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from paidan.engine.problem import I32

from .book import Book, Piece
from .history import Columns, History, positions
from .otherwise import Sharing
from .past import PastOrders


class Facts:
    """What happened outside the waves, in order: supply, moves by hand, ends of allocations, cancelled pieces."""

    def __init__(self, history: History, past: PastOrders, warehouse_ids: I32, sharing: Sharing) -> None:
        self.history, self.past, self.sharing = history, past, sharing
        self.row_of = {int(key): row for row, key in enumerate(warehouse_ids)}
        self.sku_of = {int(key): row for row, key in enumerate(past.skus.ids)}
        born = set(history.births["allocation"].tolist())
        self.parts: dict[int, list[tuple[int, int, int]]] = {}
        self.place: dict[int, tuple[int, int, int]] = {}
        ended = set(history.ends["allocation"].tolist())
        self.by_hand = born | set(history.older["id"].tolist())
        for allocations, parts in ((history.created, history.created_parts), (history.older, history.older_parts)):
            self._note(allocations, parts, born | ended)
        watched = [part[0] for parts_ in self.parts.values() for part in parts_]
        lines = past.lines_at(np.array([*watched, *history.cancelled["line"].tolist()], np.int64))
        self.watched_l = np.zeros(len(past.line_id_l), np.bool_)
        self.watched_l[lines[lines >= 0]] = True

    def _note(self, allocations: Columns, parts: Columns, wanted: set[int]) -> None:
        keys = np.array(sorted(wanted), np.int64)
        for row in np.flatnonzero(positions(allocations["id"].astype(np.int64), keys) >= 0).tolist():
            self.place[int(allocations["id"][row])] = (
                int(allocations["warehouse"][row]),
                int(allocations["team"][row]),
                int(allocations["day"][row]),
            )
        chosen = np.flatnonzero(positions(parts["allocation"].astype(np.int64), keys) >= 0)
        for p in chosen.tolist():
            part = (int(parts["line"][p]), int(parts["sku"][p]), int(parts["qty"][p]))
            self.parts.setdefault(int(parts["allocation"][p]), []).append(part)

    def in_order(self) -> list[tuple[int, int, str, int]]:
        """(instant, event id, what, row), stock that came in first among what happened at one instant."""
        history = self.history
        found = [(int(at), -1, "supply", row) for row, at in enumerate(history.supply["at"])]
        for what, columns in (("birth", history.births), ("end", history.ends), ("cancelled", history.cancelled)):
            events = zip(columns["at"].tolist(), columns["id"].tolist(), strict=True)
            found += [(at, event, what, row) for row, (at, event) in enumerate(events)]
        return sorted(found)

    def apply(self, step: tuple[int, int, str, int], book: Book) -> None:
        _at, _event, what, row = step
        getattr(self, f"_{what}")(row, book)

    def _supply(self, row: int, book: Book) -> None:
        supply = self.history.supply
        sku, place = self.sku_of.get(int(supply["sku"][row])), self.row_of.get(int(supply["warehouse"][row]))
        if sku is not None and place is not None:
            self.sharing.delivered(book.free_sw, sku, place, int(supply["qty"][row]))

    def _pieces(self, allocation: int) -> Iterator[tuple[int, Piece]]:
        warehouse = self.row_of[self.place[allocation][0]]
        for line_id, sku, qty in self.parts.get(allocation, ()):
            line = int(self.past.lines_at(np.array([line_id], np.int64))[0])
            yield line, Piece(allocation, self.sku_of.get(sku, -1), warehouse, qty)

    def _birth(self, row: int, book: Book) -> None:
        """Somebody placed pieces by hand: wherever the replay has them, they go there."""
        allocation = int(self.history.births["allocation"][row])
        for line, piece in self._pieces(allocation):
            if line >= 0:
                open_qty = int(self.past.orders.qty_l[line] - book.cancelled_l[line] - book.held_l[line])
                book.release(line, piece.qty - max(open_qty, 0))
            book.hold(line, piece)
        book.count(*self.place[allocation], 1)

    def _end(self, row: int, book: Book) -> None:
        allocation = int(self.history.ends["allocation"][row])
        if allocation in self.by_hand:
            for line, piece in self._pieces(allocation):
                book.give_back(line, piece)
            book.count(*self.place[allocation], -1)
            return
        for line, piece in self._pieces(allocation):
            if line >= 0:
                book.release(line, piece.qty)

    def _cancelled(self, row: int, book: Book) -> None:
        """Pieces nobody wants any more, wherever the replay has them."""
        cancelled = self.history.cancelled
        line = int(self.past.lines_at(np.array([cancelled["line"][row]], np.int64))[0])
        if line < 0:
            return
        book.cancelled_l[line] += int(cancelled["qty"][row])
        book.release(line, int(book.held_l[line] + book.cancelled_l[line] - self.past.orders.qty_l[line]))

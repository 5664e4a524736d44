"""The book a replay keeps: free pieces, loads and ratio credits, and what each order line holds where."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from paidan.engine.problem import F64, I32, I64

from .history import Columns, History, positions, tally
from .past import PastOrders


@dataclass(slots=True)
class Piece:
    """Pieces of one line on one allocation of the replay."""

    allocation: int
    sku: int
    warehouse: int  # row
    qty: int


@dataclass(slots=True)
class Made:
    """An allocation of the replay that may end again: where its load counts, and the pieces still on it."""

    warehouse_id: int
    team_id: int
    day: int
    left: int


@dataclass(slots=True)
class Book:
    """Axes as in the engine's problem. Only lines that something happens to later are kept piece by piece."""

    free_sw: I64  # may be below 0
    held_l: I64
    cancelled_l: I64
    load_w: dict[tuple[int, int], int]  # (warehouse id, day)
    load_t: dict[tuple[int, int], int]
    credits: dict[tuple[str, int, int], F64] = field(default_factory=dict)
    pieces: dict[int, list[Piece]] = field(default_factory=lambda: defaultdict(list))
    made: dict[int, Made] = field(default_factory=dict)

    def hold(self, line: int, piece: Piece) -> None:
        """Take a piece at a place for a line (−1: a line of an order that is not replayed)."""
        if piece.sku >= 0:
            self.free_sw[piece.sku, piece.warehouse] -= piece.qty
        if line >= 0:
            self.held_l[line] += piece.qty

    def give_back(self, line: int, piece: Piece) -> None:
        if piece.sku >= 0:
            self.free_sw[piece.sku, piece.warehouse] += piece.qty
        if line >= 0:
            self.held_l[line] -= piece.qty

    def count(self, warehouse_id: int, team_id: int, day: int, n: int) -> None:
        self.load_w[warehouse_id, day] = self.load_w.get((warehouse_id, day), 0) + n
        if team_id:
            self.load_t[team_id, day] = self.load_t.get((team_id, day), 0) + n

    def release(self, line: int, qty: int) -> None:
        """Give back up to `qty` pieces that the replay itself decided for a line, the latest first."""
        stack = self.pieces.get(line, [])
        while qty > 0 and stack:
            piece = stack[-1]
            gone = min(qty, piece.qty)
            self.give_back(line, Piece(piece.allocation, piece.sku, piece.warehouse, gone))
            made = self.made[piece.allocation]
            made.left -= gone
            if not made.left:
                self.count(made.warehouse_id, made.team_id, made.day, -1)
            piece.qty -= gone
            qty -= gone
            if not piece.qty:
                stack.pop()


def open_book(history: History, past: PastOrders, warehouse_ids: list[int]) -> Book:
    """Stock and loads as they stood when the period began: those of now, with all that came since taken back."""
    row_of = np.full(max(warehouse_ids, default=0) + 2, -1, np.int32)
    row_of[warehouse_ids] = np.arange(len(warehouse_ids), dtype=np.int32)
    free = np.zeros((len(past.skus.ids), len(warehouse_ids)), np.int64)

    def add(sku_ids: I32, warehouses: I32, qty: I64) -> None:
        sku = positions(sku_ids.astype(np.int64), past.skus.ids.astype(np.int64))
        rows = row_of[np.minimum(warehouses, len(row_of) - 1)]
        known = (sku >= 0) & (rows >= 0)
        cell = sku[known].astype(np.int64) * len(warehouse_ids) + rows[known]
        pieces = np.bincount(cell, qty[known], free.size)  # sums below 2⁵³ are exact
        free[...] += pieces.astype(np.int64).reshape(free.shape)

    def add_parts(allocations: Columns, parts: Columns, alive: I64, sign: int) -> None:
        at = positions(parts["allocation"].astype(np.int64), allocations["id"].astype(np.int64))
        chosen = alive[at] == 1
        add(parts["sku"][chosen], allocations["warehouse"][at[chosen]], sign * parts["qty"][chosen])

    ended = np.sort(history.ends["allocation"].astype(np.int64))
    alive = (positions(history.created["id"].astype(np.int64), ended) < 0).astype(np.int64)
    add(history.free["sku"], history.free["warehouse"], history.free["qty"])
    add(history.supply["sku"], history.supply["warehouse"], -history.supply["qty"])
    add_parts(history.created, history.created_parts, alive, 1)
    if len(history.older["id"]):
        add_parts(history.older, history.older_parts, np.ones(len(history.older["id"]), np.int64), -1)
    book = Book(
        free_sw=free,
        held_l=past.held_l.copy(),
        cancelled_l=past.cancelled_l.copy(),
        load_w=_by_day(history.load_w),
        load_t=_by_day(history.load_t),
    )
    _uncount(book, history.created, alive, -1)
    _uncount(book, history.older, np.ones(len(history.older["id"]), np.int64), 1)
    return book


def _by_day(loads: Columns) -> dict[tuple[int, int], int]:
    keys = zip(loads["id"].tolist(), loads["day"].tolist(), strict=True)
    return dict(zip(keys, loads["n"].tolist(), strict=True))


def _uncount(book: Book, allocations: Columns, alive: I64, sign: int) -> None:
    chosen = alive == 1
    for warehouse, team, day, n in tally(*(allocations[name][chosen] for name in ("warehouse", "team", "day"))):
        book.count(warehouse, team, day, sign * n)

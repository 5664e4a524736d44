"""Two lanes for a wave's chunks: while the database stores one, the next is prepared and written beside it.

Each lane is a thread with a connection of its own. What must happen in order (taking stock) waits for its turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

LANES = 2
Piece = TypeVar("Piece")
Result = TypeVar("Result")


class Turn:
    """A place in a row: `wait` returns when everything before it has ended, well or badly."""

    def __init__(self, before: Turn | None) -> None:
        self._before = before
        self._ended = threading.Event()

    def wait(self) -> None:
        """Wait until the one before has ended."""
        if self._before is not None:
            self._before._ended.wait()

    def end(self) -> None:
        """Let the next one go on."""
        self._ended.set()
        self._before = None


def in_lanes(pieces: Sequence[Piece], work: Callable[[Piece, Turn], Result]) -> Iterator[Result]:
    """Do `work` on every piece, two at a time, and yield the results in order; the first error ends it.

    A single piece, or work inside an open transaction that another connection could not see, stays where it is.
    """
    turns = _row_of_turns(len(pieces))
    if len(pieces) < LANES or connection.in_atomic_block:
        for piece, turn in zip(pieces, turns, strict=True):
            yield _in_turn(work, piece, turn)
        return
    with ThreadPoolExecutor(LANES, thread_name_prefix="lane") as lanes:
        coming = [lanes.submit(_in_turn, work, piece, turn) for piece, turn in zip(pieces, turns, strict=True)]
        try:
            for future in coming:
                yield future.result()
        finally:
            _close(lanes, coming)


def _row_of_turns(count: int) -> list[Turn]:
    turns: list[Turn] = []
    for n in range(count):
        turns.append(Turn(turns[n - 1] if n else None))
    return turns


def _in_turn(work: Callable[[Piece, Turn], Result], piece: Piece, turn: Turn) -> Result:
    try:
        return work(piece, turn)
    finally:
        turn.end()


def _close(lanes: ThreadPoolExecutor, coming: list[Future[Result]]) -> None:
    """Begin nothing more, and close the lanes' connections (each thread closes its own)."""
    for future in coming:
        future.cancel()
    together = threading.Barrier(LANES)

    def close() -> None:
        together.wait()
        connection.close()

    for _ in range(LANES):
        lanes.submit(close)

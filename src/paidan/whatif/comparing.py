"""The use case: a past period under the rules it had, beside the same period under what is assumed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .figures import Figures, Moves, figures, moves, parcels_of
from .history import read_history
from .replay import Assumptions, Progress, Replayed, Run, prepare_all


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was beside what would have been. Moves by hand are kept in both."""

    since: datetime
    until: datetime
    before: Figures
    after: Figures
    moves: Moves
    added_ids: tuple[int, ...] = ()  # the ids that added warehouses go by in `after` and `moves`


def compare(since: datetime, until: datetime, assumed: Assumptions, progress: Progress | None = None) -> Comparison:
    """Replay the period twice: read in one snapshot, then played outside any transaction.

    Refused when no wave tried an order in the period.
    """
    if until <= since:
        raise Refusal("empty_period", _("The period ends before it begins."), pointer="/until")
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        history = read_history(since, until)
        if not len(history.order_ids):
            raise Refusal("nothing_happened", _("No order was decided in this period."), pointer="/since")
        runs = prepare_all(history, [Assumptions(), assumed])
    added_ids = tuple(runs[1].warehouse_ids[len(runs[0].warehouse_ids) :].tolist())
    before, after = side_by_side(runs[0], runs[1], progress)
    was, would = parcels_of(before), parcels_of(after)
    found = moves(before, after, was, would)
    return Comparison(since, until, figures(before, was), figures(after, would), found, added_ids)


def side_by_side(one: Run, other: Run, progress: Progress | None) -> tuple[Replayed, Replayed]:
    """Play both, the first in a thread of its own (neither asks the database); `progress` hears of the second.

    What `progress` raises ends both.
    """
    given_up = Event()

    def until_given_up(_done: int, _of: int) -> None:
        if given_up.is_set():
            raise InterruptedError

    with ThreadPoolExecutor(1) as beside:
        first = beside.submit(one.play, until_given_up)
        try:
            second = other.play(progress)
        except BaseException:
            given_up.set()
            raise
        return first.result(), second

"""The order check of orders that are known: after a change, by the clock, and when somebody sets it differently.

What has no cause any more is released; what has one is held while it waits to be allocated. What a person let pass is
not held again for the same cause.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from django.db import transaction
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.orders.checking.book import CheckBook, read_book, read_facts
from paidan.orders.checking.columns import columns_of_orders
from paidan.orders.checking.findings import find, put_tag, told, wanted_tags, write_holds
from paidan.orders.checking.judging import Finding
from paidan.orders.checking.kinds import REASONS, SAID_BY_PLATFORMS
from paidan.orders.queue import lock_orders
from paidan.orders.states import EventKind, OrderState

from .holds import release_orders
from .locked import as_ids
from .settle import settle_orders

I64 = npt.NDArray[np.int64]
Key = tuple[int, str]
"""An order and the reason of a hold."""

AT_ONCE = 5_000
CHECKED_STATES = (OrderState.PENDING, OrderState.UNALLOCATED)
"""Orders with nothing allocated yet; what is under way is not held any more, only released."""

_ACTIVE = """
SELECT h.order_id, h.reason, h.until_at, h.detail, o.shop_id FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
WHERE h.order_id = ANY(%s) AND h.released_at IS NULL AND h.reason = ANY(%s)
"""
_LET_PASS = """
SELECT order_id, reason, detail ->> 'cause' FROM orders_hold
WHERE order_id = ANY(%s) AND released_by_id IS NOT NULL AND detail IS NOT NULL
"""
_UPDATE = """
UPDATE orders_hold SET until_at = %s, detail = %s::jsonb WHERE order_id = %s AND reason = %s AND released_at IS NULL
"""
_IS_CHECKED = "SELECT EXISTS (SELECT FROM orders_hold WHERE order_id = %s AND released_at IS NULL AND reason = ANY(%s))"
_HELD = """
SELECT DISTINCT h.order_id FROM orders_hold h JOIN orders_order o ON o.id = h.order_id
WHERE h.released_at IS NULL AND h.reason = ANY(%(reasons)s) AND h.order_id > %(after)s
  AND (%(shop)s::int IS NULL OR o.shop_id = %(shop)s)
ORDER BY h.order_id LIMIT %(most)s
"""
_WAITING = f"""
SELECT o.id FROM orders_order o
WHERE o.state IN ({OrderState.PENDING}, {OrderState.UNALLOCATED}) AND o.id > %(after)s
  AND (%(shop)s::int IS NULL OR o.shop_id = %(shop)s) ORDER BY o.id LIMIT %(most)s
"""


@dataclass(slots=True)
class Rechecked:
    """How many orders were looked at, and how many holds were placed and ended."""

    orders: int = 0
    held: int = 0
    released: int = 0

    def __iadd__(self, other: Rechecked) -> Rechecked:
        self.orders += other.orders
        self.held += other.held
        self.released += other.released
        return self


@dataclass(frozen=True, slots=True)
class _Active:
    """A hold in force that a check knows the reason of; `detail` is None where a platform's word placed it."""

    until: datetime | None
    detail: dict[str, Any] | None
    shop_id: int

    def is_ours(self, reason: str) -> bool:
        """Whether the check may end it by itself: unlike what a platform said of a payment or a refund."""
        return self.detail is not None or REASONS[reason] not in SAID_BY_PLATFORMS


@transaction.atomic
def recheck_orders(ids: Iterable[int] | I64, *, now: datetime, by: User | None = None) -> Rechecked:
    """Bring the check's holds of these orders in line with what holds now.

    1. Lock; find what the checks say of those that wait or are held. 2. Tag. 3. Hold what is new and was not let pass.
    4. Release what is over.
    """
    cursor = array_cursor()
    found, states = lock_orders(as_ids(np.array(list(ids), np.int64)))
    active = _active(cursor, found)
    waiting = found[np.isin(states, [int(state) for state in CHECKED_STATES])]
    looked_at = np.union1d(waiting, np.array([order for order, _reason in active], np.int64))
    if not len(looked_at):
        return Rechecked()
    book = read_book()
    columns = columns_of_orders(looked_at)
    facts = read_facts(book, columns["shop_id"].unique().to_list())
    _tag(cursor, wanted_tags(columns.filter(pl.col("id").is_in(waiting)), book, facts), now=now, by=by)
    findings = {(one.order_id, one.check.reason): one for one in find(cursor, columns, book, facts, now)}
    held = _hold(cursor, _new(cursor, findings, active, waiting), now=now, by=by)
    _keep_up(cursor, findings, active)
    return Rechecked(len(looked_at), held, _release(_over(findings, active, book), now=now))


def recheck_changed(order_id: int, shop_id: int, *, now: datetime, by: User | None = None) -> None:
    """Check an order that was changed, if its shop looks for anything or a check holds it."""
    if not read_book().looks(shop_id):
        [checked] = array_cursor().execute(_IS_CHECKED, (order_id, list(REASONS))).fetchone() or (False,)
        if not checked:
            return
    recheck_orders([order_id], now=now, by=by)


def recheck_held(*, now: datetime) -> Rechecked:
    """Look again at all orders a check holds: the cause of some may be gone without anybody having touched them."""
    return _all(_HELD, now, None, None)


def recheck_all(*, now: datetime, by: User | None = None, shop_id: int | None = None) -> Rechecked:
    """Look at everything that is held or waits, of one shop or all: the settings are others now."""
    result = _all(_HELD, now, by, shop_id)
    result += _all(_WAITING, now, by, shop_id)
    return result


def _all(query: str, now: datetime, by: User | None, shop_id: int | None) -> Rechecked:
    """In chunks, each its own transaction, so that nobody waits long for the locks."""
    result = Rechecked()
    for ids in _chunks(query, {"shop": shop_id, "reasons": list(REASONS), "most": AT_ONCE}):
        result += recheck_orders(ids, now=now, by=by)
    return result


def _chunks(query: str, values: dict[str, Any]) -> Iterator[list[int]]:
    after = 0
    while True:
        ids = [row[0] for row in array_cursor().execute(query, {**values, "after": after}).fetchall()]
        if ids:
            yield ids
            after = ids[-1]
        if len(ids) < AT_ONCE:
            return


def _active(cursor: Cursor[Any], order_ids: I64) -> dict[Key, _Active]:
    rows = cursor.execute(_ACTIVE, (order_ids, list(REASONS))).fetchall()
    return {(order, reason): _Active(until, detail, shop) for order, reason, until, detail, shop in rows}


def _new(cursor: Cursor[Any], findings: dict[Key, Finding], active: dict[Key, _Active], waiting: I64) -> list[Finding]:
    """What is found of waiting orders and neither holds them already nor was let pass by somebody."""
    let_pass = set(cursor.execute(_LET_PASS, (waiting,)).fetchall()) if findings else set()
    may = set(waiting.tolist())
    return [
        one
        for key, one in findings.items()
        if key not in active and one.order_id in may and (*key, one.detail["cause"]) not in let_pass
    ]


def _hold(cursor: Cursor[Any], new: Sequence[Finding], *, now: datetime, by: User | None) -> int:
    held = write_holds(cursor, new, now=now)
    settle_orders(cursor, held, EventKind.HELD, changed=False, now=now, by=by, details=told(new, held))
    return len(held)


def _keep_up(cursor: Cursor[Any], findings: dict[Key, Finding], active: dict[Key, _Active]) -> None:
    """Write down the values of holds that stay, where they are others now."""
    for key, hold in active.items():
        one = findings.get(key)
        if one and hold.is_ours(key[1]) and (hold.detail != one.detail or hold.until != one.until):
            cursor.execute(_UPDATE, (one.until, json.dumps(one.detail, ensure_ascii=False), *key))


def _over(findings: dict[Key, Finding], active: dict[Key, _Active], book: CheckBook) -> dict[str, list[int]]:
    """By reason, the orders whose hold has no cause any more: a check's own, or one whose check is off by now."""
    over: dict[str, list[int]] = {}
    for (order, reason), hold in active.items():
        is_on = book.is_on(REASONS[reason], hold.shop_id)
        if not is_on or (hold.is_ours(reason) and (order, reason) not in findings):
            over.setdefault(reason, []).append(order)
    return over


def _release(over: dict[str, list[int]], *, now: datetime) -> int:
    """Nobody let these pass: the release bears no name, so that the same cause holds again if it comes back."""
    return sum(len(release_orders(ids, reason=reason, now=now).done) for reason, ids in sorted(over.items()))


def _tag(cursor: Cursor[Any], wanted: dict[str, list[int]], *, now: datetime, by: User | None) -> None:
    for tag, ids in wanted.items():
        orders = np.array(sorted(ids), np.int64)
        put_tag(cursor, orders, tag)
        detail = {"fields": ["tags"], "tag": tag, "added": True}
        settle_orders(cursor, orders, EventKind.CHANGED, changed=True, now=now, by=by, details=detail)

"""Which trades a query finds, and in which order: keys only, one statement, the same for every page.

A trade is one allocation that counts, or what is open of an order, or an order cancelled as a whole. A period finds the
orders to which something happened in it; `modified` is the newest event of the order within the period. Events are
only ever added, so a period that is over finds the same orders in the same sequence for ever, whatever happens to them
while somebody turns its pages: what was open when the first page was read and has a warehouse on the next is where it
was. Only an order that is split or merged in between moves those behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from paidan.accounts.models import User
from paidan.allocation.states import COUNTED, STARTED, AllocationState
from paidan.network.scopes import scope_of
from paidan.orders.checking.kinds import UNPAID
from paidan.orders.states import OrderState

from . import registries as r

SECOND = timedelta(seconds=1)
REST = 0
"""The allocation's place in the key of what is open."""

_COUNTED = ", ".join(str(int(state)) for state in COUNTED)
_STARTED = ", ".join(str(int(state)) for state in STARTED)
_OPEN = f"{OrderState.PENDING}, {OrderState.UNALLOCATED}, {OrderState.PARTIAL}"

_IN_PERIOD = """
SELECT order_id, max(at) AS modified FROM orders_event WHERE at >= %(since)s AND at < %(until)s GROUP BY order_id
"""
_NAMED = """
SELECT o.id AS order_id, (SELECT max(e.at) FROM orders_event e WHERE e.order_id = o.id) AS modified
FROM orders_order o WHERE {which}
"""
_BY_NUMBER = "o.id IN (SELECT coalesce(s.merged_into_id, s.id) FROM orders_order s WHERE s.number = ANY(%(src_tids)s))"
_BY_TRACKING = "o.id IN (SELECT a.order_id FROM allocation_allocation a WHERE a.tracking_number = %(logistics_no)s)"

TRADE_STATUS = f"""
CASE WHEN k.allocation_id > 0 THEN
    CASE WHEN a.state = {AllocationState.ASSIGNED} THEN {r.NOT_CONFIRMED}
         WHEN a.state IN ({_STARTED}) THEN {r.CONFIRMED}
         WHEN a.state = {AllocationState.SHIPPED} THEN {r.SHIPPED} ELSE {r.CANCELLED} END
ELSE
    CASE WHEN o.state = {OrderState.CANCELLED} THEN {r.CANCELLED}
         WHEN h.unpaid THEN {r.UNPAID}
         WHEN h.held THEN {r.DELAYED}
         WHEN o.reason > 0 THEN {r.AUDIT} ELSE {r.CHOOSING} END
END
"""
"""A trade's status from the states of allocation, order and holds."""

_KEYS = f"""
WITH touched AS ({{touched}}), keys AS (
    SELECT t.modified, t.order_id, a.id AS allocation_id
    FROM touched t JOIN allocation_allocation a ON a.order_id = t.order_id
    WHERE a.state IN ({_COUNTED}) OR a.id = %(allocation)s
    UNION ALL
    SELECT t.modified, t.order_id, {REST} FROM touched t JOIN orders_order o ON o.id = t.order_id
    WHERE o.state IN ({_OPEN}, {OrderState.CANCELLED})
), trades AS (
    SELECT k.* FROM keys k {{joins}} WHERE {{where}}
)
"""
_ROWS = """
JOIN orders_order o ON o.id = k.order_id LEFT JOIN allocation_allocation a ON a.id = k.allocation_id
"""
_HOLDS = """
LEFT JOIN LATERAL (
    SELECT true AS held, bool_or(hold.reason = %(unpaid)s) AS unpaid FROM orders_hold hold
    WHERE hold.order_id = k.order_id AND hold.released_at IS NULL HAVING count(*) > 0
) h ON true
"""
_COUNT = "SELECT count(*) FROM trades"
# The status costs a look at the holds: only those of the page's own rows, unless it is asked for.
_PAGE = f"""
SELECT k.modified, k.order_id, k.allocation_id, {TRADE_STATUS}
FROM (
    SELECT * FROM trades ORDER BY modified, order_id, allocation_id LIMIT %(size)s OFFSET %(skip)s
) k {_ROWS} {_HOLDS} ORDER BY k.modified, k.order_id, k.allocation_id
"""


@dataclass(frozen=True, slots=True)
class TradeKey:
    """One trade of a page."""

    modified: datetime
    order_id: int
    allocation_id: int
    trade_status: int


@dataclass(slots=True)
class TradeQuery:
    """What is asked for: a period or numbers, and conditions that must hold beside."""

    period: tuple[datetime, datetime] | None = None
    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    which: list[str] = field(default_factory=list)
    by_status: bool = False

    def with_status(self, statuses: Sequence[int]) -> None:
        """Only trades in one of these states."""
        self.by_status = True
        self.only(f"({TRADE_STATUS}) = ANY(%(statuses)s)", statuses=list(statuses))

    def only(self, condition: str, **values: Any) -> None:
        """Add a condition on the trade."""
        self.conditions.append(condition)
        self.values |= values

    def of_order(self, condition: str, **values: Any) -> None:
        """Add a condition that finds the orders without a period."""
        self.which.append(condition)
        self.values |= values

    def within(self, user: User) -> None:
        """Keep to what the user reaches: shops, and of warehouses and teams their own allocations."""
        scope = scope_of(user)
        for column, ids in (
            ("o.shop_id", scope.shops),
            ("a.warehouse_id", scope.warehouses),
            ("a.team_id", scope.teams),
        ):
            if ids is not None:
                name = column.partition(".")[2]
                self.only(f"{column} = ANY(%({name})s)", **{name: sorted(ids)})

    def by_trade_number(self, text: str) -> bool:
        """Find one trade by its number; false when it is none of ours."""
        letter, digits = text[:1], text[1:]
        if letter not in ("A", "O") or not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
            return False
        if letter == "A":
            self.of_order("o.id = (SELECT order_id FROM allocation_allocation WHERE id = %(allocation)s)")
            self.only("k.allocation_id = %(allocation)s", allocation=int(digits))
        else:
            self.of_order("o.id = %(order)s", order=int(digits))
            self.only(f"k.allocation_id = {REST}")
        return True

    def by_src_tids(self, text: str) -> None:
        numbers = [one.strip() for one in text.split(",") if one.strip()]
        self.of_order(_BY_NUMBER, src_tids=numbers)

    def by_tracking(self, text: str) -> None:
        self.of_order(_BY_TRACKING)
        self.only("a.tracking_number = %(logistics_no)s", logistics_no=text)


def trade_number(key: TradeKey) -> str:
    """`A` + allocation, or `O` + order for what is open or was cancelled as a whole."""
    return f"A{key.allocation_id}" if key.allocation_id else f"O{key.order_id}"


def count_trades(query: TradeQuery) -> int:
    """How many trades there are on all pages."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(query, _COUNT), _values(query))
        return int(cursor.fetchone()[0])


def page_of_trades(query: TradeQuery, page: int, size: int) -> list[TradeKey]:
    """The keys of one page, in order."""
    with connection.cursor() as cursor:
        values = {**_values(query), "size": size, "skip": page * size}
        cursor.execute(_statement(query, _PAGE), values)
        return [TradeKey(*row) for row in cursor.fetchall()]


def _statement(query: TradeQuery, tail: str) -> str:
    conditions = list(query.conditions)
    if query.period is None:
        touched = _NAMED.format(which=" AND ".join(query.which))
    else:
        touched = _IN_PERIOD
        conditions += [f"k.order_id IN (SELECT o.id FROM orders_order o WHERE {one})" for one in query.which]
    joins = "" if not conditions else _ROWS + (_HOLDS if query.by_status else "")
    return _KEYS.format(touched=touched, joins=joins, where=" AND ".join(conditions) or "true") + tail


def _values(query: TradeQuery) -> Mapping[str, Any]:
    """The period's end is a whole second, which belongs to it."""
    since, until = query.period or (None, None)
    period = {"since": since, "until": until and until + SECOND}
    return {"allocation": 0, "unpaid": UNPAID, **period, **query.values}

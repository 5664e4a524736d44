"""What the checks of each shop find in a batch of orders, and holding orders that have just come in for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import Cursor

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor

from ..events import Detail, write_events
from ..states import EventKind, OrderState
from .book import CheckBook, Facts, read_book, read_facts
from .columns import columns_of_intake
from .judging import FINDERS, Finding, tags_of_remarks
from .kinds import Check
from .partners import keep_keys, together

I64 = npt.NDArray[np.int64]

_HOLD = """
INSERT INTO orders_hold (order_id, reason, until_at, held_at, held_by_id, detail)
SELECT n.id, n.reason, n.until_at, %s, NULL, n.detail::jsonb
FROM unnest(%s, %s::text[], %s::timestamptz[], %s::text[]) AS n (id, reason, until_at, detail)
ON CONFLICT (order_id, reason) WHERE released_at IS NULL DO NOTHING RETURNING order_id
"""
_TAG = "UPDATE orders_order SET tags = tags || %s::varchar WHERE id = ANY(%s) AND NOT %s = ANY(tags)"
_OFF_THE_QUEUE = "DELETE FROM orders_queuedorder WHERE order_id = ANY(%s)"


def check_new(orders: pl.DataFrame, *, now: datetime, by: User | None) -> None:
    """Check orders this very transaction has inserted (`orders` as the intake has them, with their ids).

    Nobody else can see them yet, so nothing is locked. With nothing to look for this is one small query.
    """
    shops = orders["shop_id"].unique().to_list()
    book = read_book()
    looked_at = [shop for shop in shops if book.looks(shop)]
    if not looked_at:
        return
    cursor = array_cursor()
    columns = columns_of_intake(orders.filter(pl.col("shop_id").is_in(looked_at)))
    facts = read_facts(book, looked_at)
    for tag, ids in wanted_tags(columns, book, facts).items():
        put_tag(cursor, np.array(ids, np.int64), tag)
    findings = find(cursor, columns, book, facts, now)
    if not findings:
        return
    write_holds(cursor, findings, now=now)
    held = np.unique(np.array([one.order_id for one in findings], np.int64))
    cursor.execute(_OFF_THE_QUEUE, (held,))
    states = np.full(len(held), OrderState.PENDING, np.int16)
    write_events(cursor, EventKind.HELD, held, states, now=now, by=by, details=told(findings, held))


def find(cursor: Cursor[Any], columns: pl.DataFrame, book: CheckBook, facts: Facts, now: datetime) -> list[Finding]:
    """Everything the checks that are on for these orders' shops have to say of them."""
    shops = columns["shop_id"].unique().sort().to_list()
    found: list[Finding] = []
    for check, finder in FINDERS.items():
        for settings, theirs in book.groups(check, shops):
            found += finder(of_shops(columns, theirs, shops), settings, facts, now)
    for settings, theirs in book.groups(Check.TOGETHER, shops):
        ids = of_shops(columns, theirs, shops)["id"].to_numpy().astype(np.int64)
        keep_keys(cursor, ids)
        found += together(cursor, ids, settings)
    return found


def wanted_tags(columns: pl.DataFrame, book: CheckBook, facts: Facts) -> dict[str, list[int]]:
    """By tag, the orders whose remarks ask for it."""
    shops = columns["shop_id"].unique().to_list()
    theirs = [shop for _settings, group in book.groups(Check.TAGS, shops) for shop in group]
    return tags_of_remarks(of_shops(columns, theirs, shops), facts.words) if theirs else {}


def of_shops(columns: pl.DataFrame, some: Sequence[int], every: Sequence[int]) -> pl.DataFrame:
    return columns if len(some) == len(every) else columns.filter(pl.col("shop_id").is_in(list(some)))


def put_tag(cursor: Cursor[Any], order_ids: I64, tag: str) -> None:
    cursor.execute(_TAG, (tag, order_ids, tag))


def write_holds(cursor: Cursor[Any], findings: Sequence[Finding], *, now: datetime) -> I64:
    """Write a hold per finding on orders nobody else can change now; answers which orders got one."""
    if not findings:
        return np.zeros(0, np.int64)
    ids = np.array([one.order_id for one in findings], np.int64)
    reasons, until = [one.check.reason for one in findings], [one.until for one in findings]
    details = [json.dumps(one.detail, ensure_ascii=False) for one in findings]
    rows = cursor.execute(_HOLD, (now, ids, reasons, until, details)).fetchall()
    return np.unique(np.array([row[0] for row in rows], np.int64))


def told(findings: Sequence[Finding], order_ids: I64) -> list[Detail]:
    """What the event of each of these orders says: the reason, or the first of several."""
    first: dict[int, Detail] = {}
    for one in findings:
        until = {"until": one.until.isoformat()} if one.until else {}
        first.setdefault(one.order_id, {"reason": one.check.reason, **until})
    return [first[key] for key in order_ids.tolist()]

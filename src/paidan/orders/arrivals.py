"""Orders that come in by few and as typed values: the intake's plain case, without tables of text between.

What a program pushes is checked by its description already, and nearly always there is nothing else wrong with it. Such
orders are stored by one statement. Whatever is out of the ordinary (an unknown shop, a bundle, a currency's other
spelling, an order that is known) is left to `intake`, which says what is wrong and how to mend it; what both make of an
order is the same, down to its content hash.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Protocol

import polars as pl

from paidan.accounts.models import User
from paidan.kit.arrays import array_cursor
from paidan.kit.tables.cells import BLANKS, LIST_SEPARATORS, ROUNDED
from paidan.network.kept import Mark

from .checking.book import read_book
from .checking.findings import check_new
from .intake_address import place_of, region_number
from .intake_check import WITHOUT_SUBUNIT, Shops
from .models import MAX_PIECES
from .states import EventKind, OrderState

FEW = 50
"""Of more orders at a time the columns of the general way are quicker."""
SMALLEST = 1e-4
"""Below, Python and polars write a number differently."""
_FIELD, _LINE, _LINES = "\x1f", "\x1e", "\x1d"
_CURRENCY = re.compile("[A-Z]{3}")
_ROUNDED = re.compile(ROUNDED)
_SEPARATORS = re.compile(LIST_SEPARATORS)
_YEARS = range(2000, 2100)
_RECIPIENT = ("buyer", "name", "phone", "country", "province", "city", "district", "address")


class LineSaid(Protocol):
    """A line as a program says it."""

    @property
    def sku(self) -> str: ...
    @property
    def qty(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def amount_minor(self) -> int | None: ...


class OrderSaid(Protocol):
    """An order as a program says it; lengths and ranges are those of `intake_fields`, an empty text says nothing."""

    @property
    def shop(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def paid_at(self) -> datetime | None: ...
    @property
    def ship_by(self) -> datetime | None: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def priority(self) -> int | None: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def payment(self) -> str: ...
    @property
    def delivery(self) -> str: ...
    @property
    def buyer_remark(self) -> str: ...
    @property
    def seller_remark(self) -> str: ...
    @property
    def buyer(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def province(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def district(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def lat(self) -> float | None: ...
    @property
    def lng(self) -> float | None: ...
    @property
    def lines(self) -> Sequence[LineSaid]: ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A faultless order, ready to be stored."""

    said: OrderSaid
    shop_id: int
    region: int
    address_state: int
    ship_by: datetime | None
    amount_minor: int
    content_hash: int


class OutOfTheOrdinary(Exception):
    """Something about these orders is for the general intake; nothing has been stored that would stay."""


def read_arrivals(orders: Sequence[OrderSaid], shops: Shops) -> list[Arrival]:
    """The orders as they are stored; raises OutOfTheOrdinary where one is not the plain case."""
    found = [_arrival(order, shops) for order in orders]
    if len({(one.shop_id, one.said.number) for one in found}) < len(found):
        raise OutOfTheOrdinary
    return found


def _arrival(order: OrderSaid, shops: Shops) -> Arrival:
    shop_id = shops.id_of.get(order.shop)
    given = region_number(order.region) if order.region else 0
    if shop_id is None or given is None or not _is_plain(order):
        raise OutOfTheOrdinary
    hours = shops.promise_h.get(shop_id) or 0
    promised = order.paid_at + timedelta(hours=hours) if order.paid_at else None
    region, state = place_of(order.country, order.province, order.city, order.district, order.address, given)
    amounts = [line.amount_minor for line in order.lines if line.amount_minor is not None]
    return Arrival(
        said=order,
        shop_id=shop_id,
        region=region,
        address_state=state,
        ship_by=_utc(order.ship_by or promised),
        amount_minor=order.amount_minor if order.amount_minor is not None else sum(amounts),
        content_hash=_content_hash(order, given),
    )


def _is_plain(order: OrderSaid) -> bool:
    lines, at = order.lines, [one for one in (order.paid_at, order.ship_by) if one is not None]
    numbers = [line.number for line in lines if line.number]
    return (
        not any(_ROUNDED.match(code) for code in (order.number, order.shop, order.phone, *numbers))
        and not any(_ROUNDED.match(line.sku) or line.qty > MAX_PIECES for line in lines)
        and len(set(numbers)) == len(numbers)
        and (not order.currency or (_is_currency(order.currency) and order.currency not in WITHOUT_SUBUNIT))
        and (order.lat is None) == (order.lng is None)
        and all(one.microsecond == 0 and one.year in _YEARS and one.astimezone(UTC).year in _YEARS for one in at)
        and len(set(order.tags)) == len(order.tags)
        and all(tag == tag.strip(BLANKS) and not _SEPARATORS.search(tag) for tag in order.tags)
    )


def _is_currency(code: str) -> bool:
    return _CURRENCY.fullmatch(code) is not None


def _content_hash(order: OrderSaid, given: int) -> int:
    """As `intake_check.content_hashes` makes it of the same order."""
    said: list[tuple[str, object]] = [
        ("given_region", given),
        ("paid_at", _epoch(order.paid_at)),
        ("ship_by", _epoch(order.ship_by)),
        ("amount_minor", order.amount_minor),
        ("currency", order.currency or None),
        ("priority", order.priority),
        ("payment", order.payment or None),
        ("delivery", order.delivery or None),
        ("tags", _array_text(order.tags) if order.tags else None),
        ("buyer_remark", order.buyer_remark or None),
        ("seller_remark", order.seller_remark or None),
        *((name, getattr(order, name) or None) for name in _RECIPIENT),
        ("lat", _decimal(order.lat)),
        ("lng", _decimal(order.lng)),
    ]
    lines = sorted(
        _joined(
            [
                ("line_number", line.number or None),
                ("sku", line.sku),
                ("qty", line.qty),
                ("line_amount", line.amount_minor),
            ]
        )
        for line in order.lines
    )
    text = _joined(said) + _LINES + _LINE.join(lines)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True) or 1


def _joined(said: Sequence[tuple[str, object]]) -> str:
    return _FIELD.join(f"{name}={value}" for name, value in said if value is not None)


def _decimal(value: float | None) -> str | None:
    """As polars writes it."""
    if value is None or value == 0 or abs(value) >= SMALLEST:
        return None if value is None else str(value)
    return str(pl.Series([value]).cast(pl.String)[0])


def _utc(at: datetime | None) -> datetime | None:
    """The same instant; not every offset a program may write is one for the database."""
    return None if at is None else at.astimezone(UTC)


def _epoch(at: datetime | None) -> int | None:
    return None if at is None else timegm(at.utctimetuple())


def _array_text(words: Sequence[str]) -> str:
    """Words in PostgreSQL's array notation, every one of them quoted."""
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in escaped) + "}"


_CODES = """
SELECT s.code, 0, s.id, EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.bundle_id = s.id)
FROM catalog_sku s WHERE s.code = ANY(%(codes)s)
UNION ALL
SELECT t.code, t.shop_id, t.sku_id, EXISTS (SELECT FROM catalog_bundlecomponent b WHERE b.bundle_id = t.sku_id)
FROM network_shopsku t WHERE t.code = ANY(%(codes)s) AND t.shop_id = ANY(%(shops)s)
"""
_INSERT = f"""
WITH wave AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('allocation_wave', 'id')) AS id
    WHERE %(leased_until)s::timestamptz IS NOT NULL
), said AS (
    SELECT nextval(pg_get_serial_sequence('orders_order', 'id')) AS id, one.* FROM unnest(
        %(number)s::text[], %(shop_id)s::int[], %(paid_at)s::timestamptz[], %(ship_by)s::timestamptz[],
        %(amount_minor)s::bigint[], %(region)s::int[], %(priority)s::int[], %(lat)s::float[], %(lng)s::float[],
        %(address_state)s::smallint[], %(currency)s::text[], %(payment)s::text[], %(delivery)s::text[],
        %(tags)s::text[], %(buyer_remark)s::text[], %(seller_remark)s::text[], %(content_hash)s::bigint[],
        {", ".join(f"%({name})s::text[]" for name in _RECIPIENT)}
    ) WITH ORDINALITY AS one (number, shop_id, paid_at, ship_by, amount_minor, region, priority, lat, lng,
        address_state, currency, payment, delivery, tags, buyer_remark, seller_remark, content_hash,
        {", ".join(_RECIPIENT)}, at)
), stored AS (
    INSERT INTO orders_order (id, received_at, paid_at, ship_by_at, amount_minor, shop_id, region, priority, version,
        lat, lng, state, reason, address_state, number, currency, payment, delivery, tags, buyer_remark, seller_remark,
        content_hash)
    SELECT id, %(now)s, paid_at, ship_by, amount_minor, shop_id, region, priority, 1, lat, lng,
        {OrderState.PENDING.value}, 0, address_state, number, currency, payment, delivery, tags::varchar[],
        buyer_remark, seller_remark, content_hash
    FROM said ORDER BY at ON CONFLICT (number, shop_id) DO NOTHING RETURNING id
), recipients AS (
    INSERT INTO orders_recipient (order_id, {", ".join(_RECIPIENT)}) SELECT id, {", ".join(_RECIPIENT)} FROM said
), lines AS (
    INSERT INTO orders_orderline (order_id, qty, cancelled_qty, sku_id, amount_minor, position, reason, number,
        shop_code)
    SELECT said.id, line.qty, 0, line.sku_id, line.amount_minor, line.position, 0, line.number, line.shop_code
    FROM unnest(%(line_at)s::int[], %(line_position)s::int[], %(line_qty)s::int[], %(line_sku)s::int[],
        %(line_amount)s::bigint[], %(line_number)s::text[], %(line_code)s::text[])
        AS line (at, position, qty, sku_id, amount_minor, number, shop_code)
    JOIN said USING (at) ORDER BY said.at, line.position
), queued AS (
    INSERT INTO orders_queuedorder (order_id, priority, ship_by_at, wave_id, leased_until)
    SELECT id, priority, ship_by, (SELECT id FROM wave), %(leased_until)s FROM said
), told AS (
    INSERT INTO orders_event (at, order_id, by_id, kind, state)
    SELECT %(now)s, id, %(by)s, {EventKind.RECEIVED.value}, {OrderState.PENDING.value} FROM said
)
SELECT said.id, (SELECT count(*) FROM stored), coalesce((SELECT id FROM wave), 0) FROM said ORDER BY at
"""


def insert_arrivals(
    arrivals: Sequence[Arrival],
    *,
    now: datetime,
    by: User | None,
    leased_until: datetime | None = None,
    mark: Mark | None = None,
) -> tuple[list[int], int]:
    """Store the orders, queued and checked, in the caller's transaction; answers their ids.

    With `leased_until` they are leased to a new wave, whose number is answered too; else it is 0.

    Raises OutOfTheOrdinary for a bundle or an order that is there already; the transaction must then be rolled back.
    """
    skus = _skus(arrivals)
    lines = [(at, n, arrival, line) for at, arrival in enumerate(arrivals, 1)
             for n, line in enumerate(arrival.said.lines, 1)]  # fmt: skip
    values: dict[str, Any] = {
        **{name: [getattr(one.said, name) for one in arrivals] for name in (*_RECIPIENT, *_AS_SAID)},
        **{name: [getattr(one, name) for one in arrivals] for name in _DERIVED},
        "paid_at": [_utc(one.said.paid_at) for one in arrivals],
        "priority": [one.said.priority or 0 for one in arrivals],
        "currency": [one.said.currency or "CNY" for one in arrivals],
        "tags": [_array_text(one.said.tags) for one in arrivals],
        "line_at": [at for at, _n, _arrival, _line in lines],
        "line_position": [n for _at, n, _arrival, _line in lines],
        "line_qty": [line.qty for _at, _n, _arrival, line in lines],
        "line_sku": [
            skus.get((arrival.shop_id, line.sku), skus.get((0, line.sku))) for _at, _n, arrival, line in lines
        ],
        "line_amount": [line.amount_minor or 0 for _at, _n, _arrival, line in lines],
        "line_number": [line.number for _at, _n, _arrival, line in lines],
        "line_code": [line.sku for _at, _n, _arrival, line in lines],
        "now": now,
        "by": None if by is None else by.pk,
        "leased_until": leased_until,
    }
    rows = array_cursor().execute(_INSERT, values).fetchall()
    if rows[0][1] != len(arrivals):
        raise OutOfTheOrdinary
    ids = [row[0] for row in rows]
    _check(arrivals, ids, now, by, mark)
    return ids, int(rows[0][2])


_AS_SAID = ("number", "payment", "delivery", "buyer_remark", "seller_remark", "lat", "lng")
_DERIVED = ("shop_id", "ship_by", "amount_minor", "region", "address_state", "content_hash")


def _skus(arrivals: Sequence[Arrival]) -> dict[tuple[int, str], int]:
    """The SKU of every code, by the shop whose own code it is, or 0 for ours; what nobody knows is not in it."""
    codes = list({line.sku for one in arrivals for line in one.said.lines})
    named = {"codes": codes, "shops": list({one.shop_id for one in arrivals})}
    rows = array_cursor().execute(_CODES, named).fetchall()
    if any(is_bundle for _code, _shop, _sku, is_bundle in rows):
        raise OutOfTheOrdinary
    return {(shop_id, code): sku_id for code, shop_id, sku_id, _bundle in rows}


def _check(arrivals: Sequence[Arrival], ids: Sequence[int], now: datetime, by: User | None, mark: Mark | None) -> None:
    """The order check, where a shop has it on."""
    book = read_book(mark)
    if any(book.looks(shop_id) for shop_id in {one.shop_id for one in arrivals}):
        check_new(_frame(arrivals, ids), now=now, by=by)


def _frame(arrivals: Sequence[Arrival], ids: Sequence[int]) -> pl.DataFrame:
    """The orders as the intake's frame has them, in the columns the check looks at."""
    instant = pl.Datetime("us", "UTC")
    columns: dict[str, list[object]] = {name: [getattr(one, name) for one in arrivals] for name in _DERIVED}
    texts = ("payment", "buyer_remark", "seller_remark", *_RECIPIENT)
    columns |= {name: [getattr(one.said, name) or None for one in arrivals] for name in texts}
    columns |= {"paid_at": [one.said.paid_at for one in arrivals], "lat": [one.said.lat for one in arrivals]}
    columns |= {"tag_list": [list(one.said.tags) or None for one in arrivals], "id": list(ids)}
    kinds: dict[str, Any] = dict.fromkeys(texts, pl.String)
    kinds |= {"paid_at": instant, "ship_by": instant, "lat": pl.Float64, "tag_list": pl.List(pl.String)}
    kinds |= {"id": pl.Int64, "shop_id": pl.Int32, "region": pl.Int32, "address_state": pl.Int16}
    kinds |= {"amount_minor": pl.Int64, "content_hash": pl.Int64}
    return pl.DataFrame(columns, kinds)

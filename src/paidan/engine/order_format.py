"""SKUs, stock and orders of a problem file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import floor, nan
from typing import Any, Final

import numpy as np

from .network_format import Columns, read_point
from .places import PlaceResolver, known_levels, point_of
from .problem import I64, NEVER_DUE, Orders, Prices, Skus
from .rule_format import LARGEST_PRIORITY, region_code
from .strict import (
    LARGEST,
    Fields,
    ProblemError,
    instant,
    integer,
    items,
    name,
    names,
    pointer,
    reference,
    text,
    unique,
)

LARGEST_WEIGHT: Final = 10**12
ORDER_KEYS: Final = (
    *("id", "shop", "platform", "priority", "paid_at", "ship_by", "lat", "lng", "region", "address"),
    *("amount_minor", "tags", "remark", "lines"),
)
LINE_KEYS: Final = ("id", "sku", "qty")
SKU_KEYS: Final = ("id", "weight_g", "volume_cm3", "category", "tags")
PRICE_KEYS: Final = ("warehouse", "sku", "minor")
LARGEST_PRICE: Final = 10**9
STOCK_KEYS: Final = ("warehouse", "sku", "on_hand", "reserved", "safety")
NOTHING_KNOWN: Final = {"weight_g": 0, "volume_cm3": 0, "category": "", "tags": (), "known": True}


def read_skus(value: object) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The SKUs listed: the number of each by its id, and its row. Where none is listed, every SKU is known."""
    numbers, rows = dict[str, int](), list[dict[str, Any]]()
    for entry, path in items(value, "/skus"):
        take = Fields(entry, path, SKU_KEYS)
        unique(numbers, take("id", name), pointer(path, "id"))
        rows.append(
            {
                "weight_g": take("weight_g", integer(0, LARGEST_WEIGHT), 0),
                "volume_cm3": take("volume_cm3", integer(0, LARGEST_WEIGHT), 0),
                "category": take("category", text, ""),
                "tags": take("tags", names, ()),
                "known": True,
            }
        )
        take.end()
    return numbers, rows


def skus_named(numbers: dict[str, int], rows: list[dict[str, Any]], *, all_known: bool) -> Skus:
    """The SKUs listed and those only stock or orders name; the latter are unknown unless nothing was listed."""
    columns = Columns([*rows, *({**NOTHING_KNOWN, "known": all_known} for _ in range(len(numbers) - len(rows)))])
    return Skus(
        id_s=tuple(numbers),
        weight_g_s=columns.array("weight_g", np.int64),
        volume_cm3_s=columns.array("volume_cm3", np.int64),
        category_s=columns.of("category"),
        tags_s=columns.of("tags"),
        known_s=columns.array("known", np.bool_),
    )


def read_stock(value: object, warehouses: Mapping[str, int], skus: dict[str, int]) -> list[tuple[int, int, int]]:
    """(SKU, warehouse, available) of every row; names SKUs not seen before."""
    seen, rows = set[tuple[int, int]](), list[tuple[int, int, int]]()
    for entry, path in items(value, "/stock"):
        take = Fields(entry, path, STOCK_KEYS)
        warehouse = take("warehouse", reference(dict(warehouses), "warehouse"))
        sku = skus.setdefault(take("sku", name), len(skus))
        if (sku, warehouse) in seen:
            raise ProblemError("duplicate", path, "This SKU is counted twice in this warehouse.", "Join the two rows.")
        seen.add((sku, warehouse))
        on_hand, kept = take("on_hand", integer()), take("reserved", integer(), 0) + take("safety", integer(), 0)
        take.end()
        rows.append((sku, warehouse, max(0, on_hand - kept)))
    return rows


def read_prices(value: object, warehouses: Mapping[str, int], skus: dict[str, int]) -> list[tuple[int, int, int]]:
    """(SKU, or −1 for a slot; warehouse; minor) of every row; names SKUs not seen before."""
    seen, rows = set[tuple[int, int]](), list[tuple[int, int, int]]()
    for entry, path in items(value, "/prices"):
        take = Fields(entry, path, PRICE_KEYS)
        warehouse = take("warehouse", reference(dict(warehouses), "warehouse"))
        code = take("sku", name, None)
        sku = -1 if code is None else skus.setdefault(code, len(skus))
        if (sku, warehouse) in seen:
            raise ProblemError("duplicate", path, "This has two prices in this warehouse.", "Leave one out.")
        seen.add((sku, warehouse))
        rows.append((sku, warehouse, take("minor", integer(0, LARGEST_PRICE))))
        take.end()
    return rows


def prices_of_rows(rows: list[tuple[int, int, int]], sku_count: int, warehouse_count: int) -> Prices | None:
    """The prices as tables, 0 where none is given; None where none is given at all."""
    if not rows:
        return None
    prices = Prices(np.zeros((sku_count, warehouse_count), np.int64), np.zeros(warehouse_count, np.int64))
    for sku, warehouse, minor in rows:
        table = prices.slot_w if sku < 0 else prices.price_sw[sku]
        table[warehouse] = minor
    return prices


def stock_table(rows: list[tuple[int, int, int]], sku_count: int, warehouse_count: int) -> I64:
    table = np.zeros((sku_count, warehouse_count), np.int64)
    for sku, warehouse, available in rows:
        table[sku, warehouse] = available
    return table


class _Words:
    """A small vocabulary in order of first appearance; the empty word is −1."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def __call__(self, word: Any) -> int:
        return self.numbers.setdefault(word, len(self.numbers)) if word else -1

    def __iter__(self) -> Any:
        return iter(self.numbers)


def read_orders(value: object, places: PlaceResolver, skus: dict[str, int], now: datetime | None) -> Orders:
    """The orders as listed; names SKUs not seen before."""
    orders, lines, numbers = Columns(), Columns(), dict[str, int]()
    words = {field: _Words() for field in ("shop", "platform", "region", "remark", "tags")}
    words["tags"].numbers[()] = 0
    for place, (entry, path) in enumerate(items(value, "/orders")):
        take = Fields(entry, path, ORDER_KEYS)
        unique(numbers, take("id", name, f"o{place + 1}"), pointer(path, "id"))
        row = _order(take, words, places, now)
        before = len(lines.rows)
        _read_lines(take, lines, skus)
        take.end()
        orders.rows.append({**row, "end": len(lines.rows)})
        _refuse_too_many(lines, before, path)
    return _columns(orders, lines, numbers, words)


def _order(take: Fields, words: dict[str, _Words], places: PlaceResolver, now: datetime | None) -> dict[str, Any]:
    ship_by, paid_at = take("ship_by", instant, None), take("paid_at", instant, None)
    if ship_by is not None and now is None:
        raise ProblemError("now_missing", "/now", "“now” is needed where an order has a ship-by.", "Add “now”.")
    region, point, unresolved = _place(take, places)
    tags = tuple(sorted(set(take("tags", names, ()))))
    return {
        "shop": words["shop"](take("shop", text, "")),
        "platform": words["platform"](take("platform", text, "")),
        "region": words["region"](region or ""),
        "lat": point[0],
        "lng": point[1],
        "unresolved": unresolved,
        "amount": take("amount_minor", integer(), 0),
        "priority": take("priority", integer(-LARGEST_PRIORITY, LARGEST_PRIORITY), 0),
        "ship_by": NEVER_DUE if ship_by is None else floor(ship_by.timestamp()),
        "paid_at": NEVER_DUE if paid_at is None else floor(paid_at.timestamp()),
        "tags": words["tags"].numbers.setdefault(tags, len(words["tags"].numbers)),
        "remark": words["remark"](take("remark", text, "")),
    }


def _place(take: Fields, places: PlaceResolver) -> tuple[str | None, tuple[float, float], bool]:
    """Region, coordinates, and whether an address was given in vain. Own coordinates and region go before the text."""
    own, code, address = read_point(take), take("region", region_code, None), take("address", text, None)
    given = code is not None or bool(address)
    region = code if code is None or known_levels(places, code) else None
    if code is None and address:
        region = places.resolve(address)
    point = own or (point_of(places, region) if region is not None else None)
    return region, point or (nan, nan), given and region is None and own is None


def _read_lines(take: Fields, lines: Columns, skus: dict[str, int]) -> None:
    seen = dict[str, int]()
    for place, (entry, path) in enumerate(items(take("lines", lambda value, _: value), pointer(take.path, "lines"))):
        line = Fields(entry, path, LINE_KEYS)
        unique(seen, line("id", name, str(place + 1)), pointer(path, "id"))
        sku = skus.setdefault(line("sku", name), len(skus))
        lines.rows.append({"id": tuple(seen)[-1], "sku": sku, "qty": line("qty", integer())})
        line.end()


def _refuse_too_many(lines: Columns, first: int, path: str) -> None:
    if sum(row["qty"] for row in lines.rows[first:]) > LARGEST:
        raise ProblemError("out_of_range", pointer(path, "lines"), f"An order has at most {LARGEST} pieces.")


def _columns(orders: Columns, lines: Columns, numbers: dict[str, int], words: dict[str, _Words]) -> Orders:
    nothing = np.full(len(numbers), -1, np.int32)
    return Orders(
        ptr=np.array([0, *orders.of("end")], np.int64),
        sku_l=lines.array("sku", np.int32),
        qty_l=lines.array("qty", np.int64),
        shop_o=orders.array("shop", np.int32),
        shops=tuple(words["shop"]),
        platform_o=orders.array("platform", np.int32),
        platforms=tuple(words["platform"]),
        region_o=orders.array("region", np.int32),
        regions=tuple(words["region"]),
        lat_o=orders.array("lat", np.float64),
        lng_o=orders.array("lng", np.float64),
        unresolved_o=orders.array("unresolved", np.bool_),
        amount_minor_o=orders.array("amount", np.int64),
        priority_o=orders.array("priority", np.int64),
        ship_by_o=orders.array("ship_by", np.int64),
        paid_at_o=orders.array("paid_at", np.int64),
        tagset_o=orders.array("tags", np.int32),
        tagsets=tuple(words["tags"]),
        remark_o=orders.array("remark", np.int32),
        remarks=tuple(words["remark"]),
        payment_o=nothing,
        payments=(),
        delivery_o=nothing,
        deliveries=(),
        id_o=tuple(numbers),
        id_l=lines.of("id"),
    )

"""Orders as JSON through the one intake every file goes through: same checks, same changes, same speed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from paidan.accounts.models import User
from paidan.desk.import_orders import store_orders
from paidan.desk.import_run import Run
from paidan.kit.tables.flaws import Fault as Found
from paidan.kit.tables.sheet import Sheet
from paidan.network.models import Shop
from paidan.network.scopes import scope_of
from paidan.orders.intake_fields import WITHHELD
from paidan.orders.intake_rows import money, sheet_of_rows
from paidan.orders.models import Order
from paidan.orders.states import OrderState

from .schemas import Fault, OrderIn, OrderResult, OrdersOut

OF_LINE = {"line_number": "number", "sku": "sku", "qty": "qty", "line_amount": "amount_minor"}
"""Columns of the intake that belong to a line, by their name in the API."""
PLAIN = (
    "shop",
    "number",
    "amount_minor",
    "currency",
    "priority",
    "payment",
    "delivery",
    "buyer_remark",
    "seller_remark",
)
PLACE = ("buyer", "name", "phone", "country", "province", "city", "district", "address", "region", "lat", "lng")
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Where:
    """The order and the line a row of the sheet stands for."""

    order: int
    line: int


def push_orders(orders: Sequence[OrderIn], *, by: User, now: datetime) -> OrdersOut:
    """Insert what is new, change what differs, reject what is wrong, each order for itself."""
    sheet, places = sheet_of(orders)
    before = _kept(orders)
    store_orders(sheet, Run(now, by, dry_run=False, progress=None))
    faults: dict[int, list[Fault]] = {}
    for fault in sheet.faults.found:
        if fault.flaw is not WITHHELD:
            faults.setdefault(places[fault.row].order, []).append(_said(fault, places[fault.row]))
    after = _kept(orders)
    keys = [(one.shop, one.number) for one in orders]
    results = [
        _result(one, faults.get(at, []), before.get(key), after.get(key))
        for at, (one, key) in enumerate(zip(orders, keys, strict=True))
    ]
    count = {
        word: sum(one.result == word for one in results) for word in ("created", "changed", "unchanged", "rejected")
    }
    return OrdersOut(orders=results, **count)


class Kept(NamedTuple):
    """What of an order tells whether it was there, and whether it changed."""

    id: int
    state: int
    content_hash: int


def _kept(orders: Sequence[OrderIn]) -> dict[tuple[str, str], Kept]:
    """By shop's code and number."""
    codes = dict(Shop.objects.filter(code__in={one.shop for one in orders}).values_list("id", "code"))
    fields = ("shop_id", "number", "id", "state", "content_hash")
    rows = Order.objects.filter(shop__in=list(codes), number__in=[one.number for one in orders]).values_list(*fields)
    return {(codes[shop], number): Kept(*more) for shop, number, *more in rows}


def _result(one: OrderIn, faults: list[Fault], before: Kept | None, after: Kept | None) -> OrderResult:
    word: Literal["created", "changed", "unchanged", "rejected"]
    if faults or after is None:
        word = "rejected"
    elif before is None:
        word = "created"
    else:
        word = "unchanged" if before.content_hash == after.content_hash else "changed"
    return OrderResult(
        shop=one.shop,
        number=one.number,
        id=after.id if after else None,
        result=word,
        state=OrderState(after.state).code if after else None,
        errors=faults,
    )


def sheet_of(orders: Sequence[OrderIn]) -> tuple[Sheet, list[Where]]:
    """A row per line, as a file would have it, and where each row came from."""
    rows: list[dict[str, str | None]] = []
    places: list[Where] = []
    for at, order in enumerate(orders):
        said = _texts(order)
        for line_at, line in enumerate(order.lines):
            places.append(Where(at, line_at))
            own = {"line_number": line.number or None, "sku": line.sku, "qty": str(line.qty)}
            rows.append({**said, **own, "line_amount": money(line.amount_minor)})
    return sheet_of_rows(rows, ZoneInfo(settings.DISPLAY_TIME_ZONE)), places


def _texts(order: OrderIn) -> dict[str, str | None]:
    plain = {name: getattr(order, name) for name in (*PLAIN, *PLACE)}
    said = {name: None if value in (None, "") else str(value) for name, value in plain.items()}
    said["paid_at"] = order.paid_at.isoformat() if order.paid_at else None
    said["ship_by"] = order.ship_by.isoformat() if order.ship_by else None
    said["tags"] = _SEPARATOR.join(order.tags) or None
    return said


def _said(fault: Found, where: Where) -> Fault:
    name = fault.field
    if name in OF_LINE:
        pointer = f"/orders/{where.order}/lines/{where.line}/{OF_LINE[name]}"
    else:
        pointer = f"/orders/{where.order}" + (f"/{name}" if name else "")
    return Fault(pointer=pointer, code=fault.flaw.code, detail=fault.reason, remedy=fault.remedy)


def shops_in_reach(orders: Sequence[OrderIn], user: User) -> list[int]:
    """The places of the orders whose shop this caller does not reach."""
    scope = scope_of(user)
    if scope.shops is None:
        return []
    codes = set(Shop.objects.filter(id__in=scope.shops).values_list("code", flat=True))
    return [at for at, one in enumerate(orders) if one.shop not in codes]

"""Orders as JSON through the one intake every file goes through: same checks, same changes, same speed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from operator import attrgetter
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from paidan.accounts.models import User
from paidan.desk.import_orders import store_orders
from paidan.desk.import_run import Run
from paidan.kit.tables.flaws import Fault as Found
from paidan.kit.tables.flaws import Faults
from paidan.kit.tables.raw import RawTable, column_names
from paidan.kit.tables.sheet import ROW, Sheet
from paidan.network.models import Shop
from paidan.network.scopes import scope_of
from paidan.orders.intake import CHANGED, CREATED, STORED, UNCHANGED
from paidan.orders.intake_fields import FIELDS, WITHHELD
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
CODES = {int(state): state.code for state in OrderState}
WORDS: dict[int, Literal["created", "changed", "unchanged"]] = {
    CREATED: "created",
    CHANGED: "changed",
    UNCHANGED: "unchanged",
}
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Where:
    """The order and the line a row of the sheet stands for."""

    order: int
    line: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where each row of a sheet came from: its order by row, and the first row of each order."""

    order_r: list[int]
    first_o: list[int]

    def __getitem__(self, row: int) -> Where:
        order = self.order_r[row]
        return Where(order, row - self.first_o[order])


class Kept(NamedTuple):
    """What became of an order: its id, its state, and whether it was new."""

    id: int
    state: int
    result: Literal["created", "changed", "unchanged"]


def push_orders(orders: Sequence[OrderIn], *, by: User, now: datetime) -> OrdersOut:
    """Insert what is new, change what differs, reject what is wrong, each order for itself."""
    sheet, places = sheet_of(orders)
    stored: list[pl.DataFrame] = []
    store_orders(sheet, Run(now, by, dry_run=False, progress=None), stored)
    faults: dict[int, list[Fault]] = {}
    for fault in sheet.faults.found:
        if fault.flaw is not WITHHELD:
            faults.setdefault(places[fault.row].order, []).append(_said(fault, places[fault.row]))
    kept = _kept(stored, places)
    known = _known([orders[at] for at in faults if at not in kept])
    results = [_result(one, faults.get(at, []), kept.get(at), known) for at, one in enumerate(orders)]
    count = Counter(one.result for one in results)
    return OrdersOut.model_construct(
        created=count["created"],
        changed=count["changed"],
        unchanged=count["unchanged"],
        rejected=count["rejected"],
        orders=results,
    )


def _kept(stored: Sequence[pl.DataFrame], places: Places) -> dict[int, Kept]:
    """What was stored, by the place of the order; the state of a changed one is read again."""
    rows = [row for frame in stored for row in frame.select(*STORED).iter_rows()]
    changed = [order_id for _, order_id, _, was in rows if was == CHANGED]
    states = dict(Order.objects.filter(id__in=changed).values_list("id", "state")) if changed else {}
    return {
        places.order_r[row]: Kept(order_id, states.get(order_id, state), WORDS[was])
        for row, order_id, state, was in rows
    }


def _known(orders: Sequence[OrderIn]) -> dict[tuple[str, str], tuple[int, int]]:
    """Id and state of rejected orders that came in before, by shop's code and number."""
    if not orders:
        return {}
    codes = dict(Shop.objects.filter(code__in={one.shop for one in orders}).values_list("id", "code"))
    rows = Order.objects.filter(shop__in=list(codes), number__in=[one.number for one in orders])
    return {
        (codes[shop], number): (key, state)
        for shop, number, key, state in rows.values_list("shop_id", "number", "id", "state")
    }


def _result(
    one: OrderIn, faults: list[Fault], kept: Kept | None, known: Mapping[tuple[str, str], tuple[int, int]]
) -> OrderResult:
    if kept is not None:
        found: tuple[int, int] | None = (kept.id, kept.state)
    else:
        found = known.get((one.shop, one.number))
    return OrderResult.model_construct(
        shop=one.shop,
        number=one.number,
        id=found[0] if found else None,
        result="rejected" if faults or kept is None else kept.result,
        state=CODES[found[1]] if found else None,
        errors=faults,
        decision=None,
    )


def sheet_of(orders: Sequence[OrderIn]) -> tuple[Sheet, Places]:
    """A row per line, as a file would have it, and where each row came from."""
    lines = [line for order in orders for line in order.lines]
    of_line = [at for at, order in enumerate(orders) for _ in order.lines]
    starts = [0, *accumulate(len(order.lines) for order in orders)]
    columns: dict[str, list[str | None]] = {name: _texts(orders, name) for name in (*PLAIN, *PLACE)}
    columns["paid_at"] = [_instant(order.paid_at) for order in orders]
    columns["ship_by"] = [_instant(order.ship_by) for order in orders]
    columns["tags"] = [_SEPARATOR.join(order.tags) or None for order in orders]
    rows = pl.Series(of_line, dtype=pl.UInt32)
    series = {
        name: pl.Series(name, column, dtype=pl.String).gather(rows)
        for name, column in columns.items()
        if any(column) or name in ("shop", "number")
    }
    of_lines: dict[str, list[str | None]] = {
        "line_number": [line.number or None for line in lines],
        "sku": [line.sku for line in lines],
        "qty": [str(line.qty) for line in lines],
        "line_amount": [_money(line.amount_minor) for line in lines],
    }
    series |= {
        name: pl.Series(name, column, dtype=pl.String)
        for name, column in of_lines.items()
        if any(column) or name in ("sku", "qty")
    }
    used = [field.name for field in FIELDS if field.name in series]
    texts = pl.DataFrame(
        {ROW: pl.Series(ROW, range(len(lines)), dtype=pl.Int64)} | {name: series[name] for name in used}
    )
    cells = pl.DataFrame({key: texts[name] for key, name in zip(column_names(len(used)), used, strict=True)})
    raw = RawTable(
        headings=tuple(used),
        column_of={name: at for at, name in enumerate(used)},
        ignored=(),
        cells=cells,
        lines=pl.Series("line", range(1, len(lines) + 1)),
        encoding="json",
        suspicious=False,
    )
    sheet = Sheet(raw, FIELDS, texts, ZoneInfo(settings.DISPLAY_TIME_ZONE), Faults())
    return sheet, Places(of_line, starts)


def _texts(orders: Sequence[OrderIn], name: str) -> list[str | None]:
    """A field of every order as a cell has it."""
    values = map(attrgetter(name), orders)
    return [None if value is None or value == "" else str(value) for value in values]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _money(amount_minor: int | None) -> str | None:
    return None if amount_minor is None else f"{amount_minor // 100}.{amount_minor % 100:02d}"


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

"""Imports orders: new ones by the intake, changes of known ones as any other change of an order."""

from typing import Any

import polars as pl

from paidan.allocation.changes import RECIPIENT, Destination, OrderChange, change_order
from paidan.allocation.line_changes import WantedLine
from paidan.kit.errors import Refusal
from paidan.kit.tables.report import Outcome
from paidan.kit.tables.sheet import Sheet
from paidan.orders.intake import import_orders
from paidan.orders.intake_compare import Difference
from paidan.orders.intake_fields import CANNOT_CHANGE
from paidan.orders.states import AddressState

from .import_run import Run

_PLACE = RECIPIENT | {"lat", "lng"}
_COLUMN_OF = {"ship_by": "ship_by_at"}


def store_orders(sheet: Sheet, run: Run, stored: list[pl.DataFrame] | None = None) -> Outcome:
    """Insert new orders, apply what the file says differently of known ones; a refused change is a rejected row.

    Who wants to know what became of each order gets it in `stored` (`orders.intake.STORED`).
    """
    refused = 0

    def apply(difference: Difference) -> None:
        nonlocal refused
        try:
            change_order(wanted_change(difference), now=run.now, by=run.by)
        except Refusal as refusal:
            refused += 1
            sheet.faults.add([difference.row], "number", CANNOT_CHANGE, why=refusal)

    outcome = import_orders(
        sheet, now=run.now, by=run.by, dry_run=run.dry_run, progress=run.progress, apply=apply, stored=stored
    )
    return Outcome(outcome.created, outcome.changed - refused, outcome.unchanged)


def wanted_change(difference: Difference) -> OrderChange:
    """What a file says differently, in the words of the service that changes orders."""
    said = difference.said
    values: dict[str, Any] = {"content_hash": said["content_hash"]}
    for name, value in difference.fields.items():
        if name not in _PLACE:
            values[_COLUMN_OF.get(name, name)] = said["tag_list"] or [] if name == "tags" else value
    if "paid_at" in difference.fields:
        values["ship_by_at"] = said["ship_by"]  # its own, else as promised from the payment
    destination = None
    if _PLACE & set(difference.fields):
        destination = Destination(
            region=said["region"],
            address_state=AddressState(said["address_state"]),
            lat=said["lat"],
            lng=said["lng"],
            recipient={name: value for name, value in difference.fields.items() if name in RECIPIENT},
        )
    lines = None if difference.lines is None else [_wanted_line(line) for line in difference.lines]
    return OrderChange(difference.order_id, values, destination, lines)


def _wanted_line(line: Any) -> WantedLine:
    return WantedLine(
        shop_code=line["sku"],
        qty=line["qty"],
        number=line["line_number"] or "",
        sku_id=line["sku_id"],
        bundle_id=line["bundle_id"],
        amount_minor=line["line_amount"] or 0,
    )

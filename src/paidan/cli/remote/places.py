"""`paidan --server … warehouse list|pause|resume`, `stock list|set`."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from paidan.cli.language import gettext as _
from paidan.cli.lists import SkuOption, WarehouseOption
from paidan.cli.options import DEFAULT_LIMIT, All, Json, Limit
from paidan.cli.output import Column, out, say, table_of, write_json, write_records
from paidan.cli.remote.door import server
from paidan.cli.remote.tree import stock_app, warehouse_app

Code = Annotated[str, typer.Argument(metavar="WAREHOUSE", help=_("The warehouse's code."))]


@warehouse_app.command("list", help=_("List the warehouses with today's load."))
def list_warehouses(as_json: Json = False) -> None:
    with server() as paidan:
        rows = list(paidan.warehouses.list())
    if as_json:
        write_records(rows)
        return
    columns = [
        Column("code", _("Warehouse")),
        Column("name", _("Name"), fold=True),
        Column("open", _("Open")),
        Column("load", _("Load"), "right"),
        Column("capacity", _("Capacity"), "right"),
        Column("ratio", _("Ratio"), "right"),
        Column("work_day", _("Work day"), wide=True),
    ]
    out().print(table_of(rows, columns))


@warehouse_app.command("pause", help=_("Give a warehouse nothing new; it keeps what it has."))
def pause(warehouse: Code, as_json: Json = False) -> None:
    _set_open(warehouse, False, as_json)


@warehouse_app.command("resume", help=_("Let a warehouse take orders again; those that wait are tried again."))
def resume(warehouse: Code, as_json: Json = False) -> None:
    _set_open(warehouse, True, as_json)


def _set_open(code: str, is_open: bool, as_json: bool) -> None:
    with server() as paidan:
        found = paidan.warehouses.change(code, open=is_open)
    if as_json:
        write_json(found)
    else:
        words = _("%(warehouse)s is open.") if is_open else _("%(warehouse)s is paused.")
        say(words % {"warehouse": found["name"] or found["code"]}, "green")


@stock_app.command("list", help=_("List the stock per SKU and warehouse."))
def list_stock(
    warehouse: WarehouseOption = "",
    sku: SkuOption = "",
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        rows = list(islice(paidan.stock.list(sku=sku, warehouse=warehouse), None if every else limit))
    if as_json:
        write_records(rows)
        return
    columns = [
        Column("sku", _("SKU")),
        Column("warehouse", _("Warehouse")),
        Column("on_hand", _("On hand"), "right"),
        Column("reserved", _("Reserved"), "right"),
        Column("available", _("Available"), "right"),
    ]
    if rows:
        out().print(table_of(rows, columns))
    else:
        say(_("No stock matches."))


@stock_app.command("set", help=_("Say what was counted of a SKU in a warehouse."))
def set_stock(
    sku: Annotated[str, typer.Argument(metavar="SKU", help=_("The SKU's code."))],
    warehouse: Code,
    on_hand: Annotated[int, typer.Argument(metavar="PIECES", min=0, help=_("How many are there."))],
    safety: Annotated[int | None, typer.Option("--safety", min=0, help=_("How many to keep back."))] = None,
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))] = "",
    as_json: Json = False,
) -> None:
    count = {"sku": sku, "warehouse": warehouse, "on_hand": on_hand}
    with server() as paidan:
        found = paidan.stock.set([count if safety is None else count | {"safety": safety}], reason=reason)  # type: ignore[list-item]
    if as_json:
        write_json(found)
    else:
        say(_("Stored; %(queued)s waiting orders are tried again.") % {"queued": f"{found['queued']:,}"}, "green")

"""`paidan --server … order list|push`, `allocate`, `explain`."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.lists import OrderStateName, ShopOption
from paidan.cli.options import DEFAULT_LIMIT, All, Json, Limit, OrderName
from paidan.cli.output import Column, out, say, table_of, write_json, write_records
from paidan.cli.remote.door import order_named, server
from paidan.cli.remote.tree import order_app, remote_app
from paidan.cli.solve import parse, read


@order_app.command("list", help=_("List orders: where they are, or why they are stuck."))
def list_orders(
    state: Annotated[OrderStateName | None, typer.Option("--state", help=_("Only orders in this state."))] = None,
    shop: ShopOption = "",
    limit: Limit = DEFAULT_LIMIT,
    every: All = False,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        rows = islice(paidan.orders.list(state=state or "", shop=shop), None if every else limit)
        if as_json:
            write_records(rows)
            return
        columns = [
            Column("shop", _("Shop")),
            Column("number", _("Order")),
            Column("state", _("State")),
            Column("reason", _("Reason"), fold=True),
            Column("warehouses", _("Warehouse"), fold=True),
        ]
        shown = [
            row | {"state": texts.order_state_word(row["state"]), "reason": texts.reason_word(row["reason"])}
            for row in rows
        ]
        if shown:
            out().print(table_of(shown, columns))
        else:
            say(_("No order matches."))


@order_app.command("push", help=_("Push orders from a JSON file, as the API describes them."))
def push(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("A list of orders, or an object with “orders”."))],
    allocate: Annotated[bool, typer.Option("--allocate", help=_("Decide them at once."))] = False,
    as_json: Json = False,
) -> None:
    document = parse(read(file))
    orders = document.get("orders") if isinstance(document, dict) else document
    if not isinstance(orders, list):
        raise Fault(_("The file holds no list of orders."), code="not_orders", path="/orders")
    with server() as paidan:
        results = list(paidan.orders.push_all(orders, allocate=allocate))
    bad = [one for one in results if one["result"] == "rejected"]
    if as_json:
        write_json(results)
    else:
        for one in bad:
            for fault in one["errors"]:
                words = f"{fault['detail']} {fault['remedy']}"
                out().print(Text.assemble((f"{one['shop']}/{one['number']}  ", "bold"), words), soft_wrap=True)
        _say_sums(results)
    if bad:
        raise typer.Exit(FOUND)


def _say_sums(results: list[dict[str, Any]]) -> None:
    names = ("created", "changed", "unchanged", "rejected")
    count = {name: f"{sum(one['result'] == name for one in results):,}" for name in names}
    say(_("%(created)s new, %(changed)s changed, %(unchanged)s as before, %(rejected)s rejected.") % count)


@remote_app.command(help=_("Run one wave over the orders that wait."))
def allocate(
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help=_("Take only so many orders, the most urgent first."))
    ] = None,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        wave = paidan.waves.run(limit=limit)
    if as_json:
        write_json({"wave": wave})
    elif wave is None:
        say(_("No order waits to be allocated."))
    else:
        found = wave["statistics"]
        sentence = ngettext(
            "%(orders)s order: %(allocated)s allocated, %(unallocated)s unallocated.",
            "%(orders)s orders: %(allocated)s allocated, %(unallocated)s unallocated.",
            found.get("orders", 0),
        )
        say(sentence % {name: f"{found.get(name, 0):,}" for name in ("orders", "allocated", "unallocated")})


@remote_app.command(help=_("Explain where an order went, or why it is stuck and what would help."))
def explain(order: OrderName, as_json: Json = False) -> None:
    with server() as paidan:
        document = paidan.orders.explain(order_named(paidan, order)["id"])
    if as_json:
        write_json(document)
        return
    for sentence in document.get("headline", []):
        out().print(Text(sentence, "bold"), soft_wrap=True)
    columns = [
        Column("rank", _("Rank"), "right"),
        Column("warehouse", _("Warehouse")),
        Column("distance", _("Distance"), "right"),
        Column("reason", _("Result"), fold=True),
    ]
    rows = [
        row | {"distance": texts.kilometres(row.get("distance_m")), "reason": texts.reason_word(row.get("reason"))}
        for row in document.get("candidates", [])
    ]
    if rows:
        out().print(table_of(rows, columns))

"""`paidan --server … report`: the allocation report of a server, as a table, CSV or JSON."""

from __future__ import annotations

import csv
import sys
from typing import Annotated, Any

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, table_of, write_json
from paidan.cli.remote.door import server
from paidan.cli.remote.tree import remote_app
from paidan.cli.report import FORMULA, days_of, place_columns, stuck_columns
from paidan.client.reports import By

CUTS = By.__args__  # type: ignore[attr-defined]
SHOWN = ("received", "parcels", "shipped", "unallocated", "on_time_share", "whole_median_s", "freight_each_minor")
"""The measures of a cut that stand in a table; CSV and JSON have all of them."""


@remote_app.command(
    help=_("Report orders per warehouse and team: received, allocated, in progress, shipped, stuck and why.")
)
def report(
    day: Annotated[str, typer.Option("--day", metavar="DATE", help=_("One day, as 2026-11-11; else today."))] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help=_("The first day of several."))] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help=_("The last day of several."))] = "",
    by: Annotated[str, typer.Option("--by", metavar="CUT", help=_("Every measure by warehouse, shop, day, …"))] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help=_("Print CSV, for a spreadsheet."))] = False,
    as_json: Json = False,
) -> None:
    start, end = days_of(day, first, last)
    if by and by not in CUTS:
        sentence = _("%(word)s is no cut; choose one of: %(cuts)s.")
        raise Fault(sentence % {"word": by, "cuts": ", ".join(CUTS)}, code="usage")
    with server() as paidan:
        found: dict[str, Any] = (
            paidan.reports.allocation(by, first=start, last=end)  # type: ignore[arg-type]
            if by
            else paidan.reports.outcome(first=start, last=end)
        )
    if as_json:
        write_json(found)
    elif as_csv:
        _write_csv(_cut_records(found) if by else _place_records(found))
    elif by:
        _show_cut(found)
    else:
        _show_places(found)


def _cut_records(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{"key": row["key"], "name": row["name"], **row["figures"]} for row in found["rows"]]
    return [*rows, {"key": "", "name": _("Total"), **found["total"]}]


def _place_records(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{**row, "unallocated": None, "reason": None} for row in found["places"]]
    return rows + [{"unallocated": n, "reason": reason} for reason, n in found["unallocated_by_reason"].items()]


def _write_csv(rows: list[dict[str, Any]]) -> None:
    heads = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.DictWriter(sys.stdout, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _show_cut(found: dict[str, Any]) -> None:
    names = [name for name in SHOWN if name in found["total"]]
    lines = [
        {"name": row["name"], **{name: _written(name, row[name]) for name in names}} for row in _cut_records(found)
    ]
    heads = {
        "received": _("Received"),
        "parcels": _("Allocations"),
        "shipped": _("Shipped"),
        "unallocated": _("Unallocated"),
        "on_time_share": _("On time"),
        "whole_median_s": _("Paid → shipped, median"),
        "freight_each_minor": _("Freight each"),
    }
    columns = [Column("name", "", fold=True), *(Column(name, heads[name], "right") for name in names)]
    out().print(table_of(lines, columns))


def _written(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_share"):
        return f"{value:.1%}"
    if name.endswith("_s"):
        return texts.duration(value)
    return texts.money(value) if name.endswith("_minor") else value


def _show_places(found: dict[str, Any]) -> None:
    states = ("received", "allocated", "fulfilled", "partial", "unallocated", "pending", "cancelled")
    days = found["days"]
    period = days["first"] if days["first"] == days["last"] else f"{days['first']} – {days['last']}"
    sums = _(
        "%(period)s: %(received)s orders; %(allocated)s allocated, %(fulfilled)s shipped, %(partial)s partly "
        "allocated, %(unallocated)s unallocated, %(pending)s waiting, %(cancelled)s cancelled."
    )
    out().print(
        Text(sums % ({"period": period} | {name: f"{found[name]:,}" for name in states}), "bold"), soft_wrap=True
    )
    rows = [_place(row) for row in found["places"]]
    if rows:
        total = _place(found["total"]) | {"warehouse": _("Total"), "team": ""}
        out().print(table_of([*rows, total], place_columns()))
    stuck = [{"reason": texts.reason_word(code), "orders": n} for code, n in found["unallocated_by_reason"].items()]
    if stuck:
        out().print(table_of(stuck, stuck_columns()))


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "waiting": row["allocated"],
        "freight": texts.money(row["freight_minor"]),
        "distance": texts.kilometres(row["distance_m"]),
        "processing": texts.duration(row["paid_to_allocated_s"]),
        "shipping": texts.duration(row["allocated_to_shipped_s"]),
    }

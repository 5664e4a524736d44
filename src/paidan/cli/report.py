"""`paidan report`: what became of a period's orders, per warehouse and team, and what is stuck and why."""

import csv
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import app
from paidan.cli.database import now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, table_of, write_json

if TYPE_CHECKING:
    from paidan.reports.queries import AllocationReport, PlaceRow

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell beginning with one of these would be run by a spreadsheet."""
ZONE = "Asia/Shanghai"


@app.command(help=_("Report orders per warehouse and team: received, allocated, in progress, shipped, stuck and why."))
def report(
    day: Annotated[str, typer.Option("--day", metavar="DATE", help=_("One day, as 2026-11-11; else today."))] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help=_("The first day of several."))] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help=_("The last day of several."))] = "",
    by: Annotated[str, typer.Option("--by", metavar="CUT", help=_("Every measure by warehouse, shop, day, …"))] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help=_("Print CSV, for a spreadsheet."))] = False,
    as_json: Json = False,
) -> None:
    start, end = days_of(day, first, last)
    use_database()
    if by:
        from paidan.cli.report_cuts import show_cut

        show_cut(by, start, end, as_csv=as_csv, as_json=as_json)
        return
    from paidan.reports.documents import as_document
    from paidan.reports.queries import Period, allocation_report

    found = allocation_report(Period(start, end, ZONE))
    if as_json:
        write_json(as_document(found))
    elif as_csv:
        _write_csv(found)
    else:
        show(found)


def days_of(day: str, first: str, last: str) -> tuple[date, date]:
    if day and (first or last):
        raise Fault(_("Give either --day, or --from and --to."), code="usage")
    if day:
        return _date(day), _date(day)
    today = now().astimezone(ZoneInfo(ZONE)).date()
    end = _date(last) if last else today
    start = _date(first) if first else end if last else today
    if start > end:
        raise Fault(_("--from is after --to."), code="usage")
    return start, end


def _date(text: str) -> date:
    """2026-11-11, or `today` and `yesterday` by China's clock."""
    today = now().astimezone(ZoneInfo(ZONE)).date()
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    if text in words:
        return words[text]
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise Fault(_("%(text)s is not a day; write it as 2026-11-11.") % {"text": text}, code="usage") from None


def show(found: "AllocationReport") -> None:
    """The sums in one line, the places as a table, then the reasons."""
    out().print(_sums(found), soft_wrap=True)
    if found.places:
        out().print()
        out().print(table_of(_shown_places(found), place_columns()))
    if found.stuck:
        out().print()
        rows = [{"reason": texts.reason_word(reason.code), "orders": count} for reason, count in found.stuck]
        out().print(table_of(rows, stuck_columns()))


def stuck_columns() -> list[Column]:
    return [Column("reason", _("Stuck because")), Column("orders", _("Orders"), "right")]


def _sums(found: "AllocationReport") -> Text:
    states = {state.code: found.by_state.get(state, 0) for state in _order_states()}
    period = (
        f"{found.period.first}"
        if found.period.first == found.period.last
        else (f"{found.period.first} – {found.period.last}")
    )
    values = {"period": period, "received": f"{found.received:,}"} | {k: f"{v:,}" for k, v in states.items()}
    return Text(
        _(
            "%(period)s: %(received)s orders; %(allocated)s allocated, %(fulfilled)s shipped, %(partial)s partly "
            "allocated, %(unallocated)s unallocated, %(pending)s waiting, %(cancelled)s cancelled."
        )
        % values,
        "bold",
    )


def _order_states() -> Any:
    from paidan.orders.states import OrderState

    return OrderState


def place_columns() -> list[Column]:
    return [
        Column("warehouse", _("Warehouse"), fold=True),
        Column("team", _("Team"), fold=True),
        Column("orders", _("Orders"), "right"),
        Column("waiting", _("Waiting"), "right"),
        Column("in_progress", _("In\nprogress"), "right"),
        Column("shipped", _("Shipped"), "right"),
        Column("late", _("Late"), "right"),
        Column("freight", _("Freight"), "right", wide=True),
        Column("distance", _("Ø\ndistance"), "right", wide=True),
        Column("processing", _("Ø paid →\nallocated"), "right"),
        Column("shipping", _("Ø allocated\n→ shipped"), "right", wide=True),
    ]


def _shown_places(found: "AllocationReport") -> Iterator[dict[str, Any]]:
    before = ""
    for place in found.places:
        title = place.warehouse_name or place.warehouse
        yield _shown(place) | {"warehouse": title if place.warehouse != before else Text(""), "team": _team(place)}
        before = place.warehouse
    total = {key: Text(str(_plain(value)), "bold") for key, value in _shown(found.total).items()}
    yield total | {"warehouse": Text(_("Total"), "bold"), "team": Text("")}


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _team(place: "PlaceRow") -> str:
    return place.team_name or place.team


def _shown(place: "PlaceRow") -> dict[str, Any]:
    return {
        "orders": place.orders,
        "waiting": place.waiting,
        "in_progress": place.in_progress,
        "shipped": place.shipped,
        "late": place.late,
        "freight": texts.money(place.freight_minor),
        "distance": texts.kilometres(None if place.distance_m is None else round(place.distance_m)),
        "processing": texts.duration(place.paid_to_allocated_s),
        "shipping": texts.duration(place.allocated_to_shipped_s),
    }


def _write_csv(found: "AllocationReport") -> None:
    """One row per warehouse and team, then one per reason of what is stuck; safe to open in a spreadsheet."""
    from paidan.reports.documents import record_of

    rows = [{**record_of(place), "unallocated": None, "reason": None} for place in found.places]
    heads = list(rows[0]) if rows else [*record_of(found.total), "unallocated", "reason"]
    rows += [{"unallocated": count, "reason": reason.code} for reason, count in found.stuck]
    writer = csv.DictWriter(sys.stdout, heads, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _safe(value) for key, value in row.items()} for row in rows)


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

"""`paidan rules simulate`: a past period again, under other rules, ratios, capacities or closed warehouses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import rules_app
from paidan.cli.database import now, use_database
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, table_of, write_json
from paidan.cli.report import ZONE
from paidan.cli.rules import version_of
from paidan.cli.solve import parse, read

if TYPE_CHECKING:
    from paidan.rules.models import RuleSetVersion
    from paidan.whatif.comparing import Comparison
    from paidan.whatif.figures import Figures
    from paidan.whatif.otherwise import Added

FLOWS = 10
"""Moves from warehouse to warehouse that are shown, the largest first."""

RATIO = typer.Option("--ratio", metavar="WAREHOUSE=N", help=_("Another ratio."))
CAPACITY = typer.Option(
    "--capacity", metavar="WAREHOUSE=N", help=_("Another capacity a day; nothing after = is no limit.")
)
PAUSE = typer.Option("--pause", metavar="WAREHOUSE", help=_("Closed all the time."))
ADD = typer.Option(
    "--add",
    metavar="CODE=PLACE[,stock:P][,like:W][,ratio:N][,capacity:N]",
    help=_(
        "A warehouse that is not there: at a place (a name or latitude/longitude), with P percent of everybody's "
        "stock, priced like W."
    ),
)
FREIGHT = typer.Option(
    "--freight", metavar="WAREHOUSE=±P", help=_("Freight dearer or cheaper by P percent; all = of all.")
)
OPEN = typer.Option("--open", metavar="WAREHOUSE", help=_("Open all the time."))


@rules_app.command(
    "simulate",
    help=_("Decide a past period again with the stock and load of that time, and compare it with what happened."),
)
def simulate(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help=_("Rules to try; else what is in force."))] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help=_("The first day; seven days ago."))] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help=_("The last day; yesterday."))] = "",
    version: Annotated[int | None, typer.Option("--version", min=1, help=_("A version instead of a file."))] = None,
    ratio: Annotated[list[str] | None, RATIO] = None,
    capacity: Annotated[list[str] | None, CAPACITY] = None,
    pause: Annotated[list[str] | None, PAUSE] = None,
    opened: Annotated[list[str] | None, OPEN] = None,
    add: Annotated[list[str] | None, ADD] = None,
    freight: Annotated[list[str] | None, FREIGHT] = None,
    as_json: Json = False,
) -> None:
    if file and version:
        raise Fault(_("Give either a file or --version."), code="usage")
    document = parse(read(file)) if file else None
    use_database()
    from paidan.whatif.comparing import compare
    from paidan.whatif.replay import Assumptions

    since, until = _period(first, last)
    places = _places()
    added = tuple(_added(text, places) for text in add or ())
    with _rules(document, version) as rules:
        found = compare(
            since,
            until,
            Assumptions(
                version=rules,
                ratio_w={key: n or 0 for key, n in _numbers(ratio, places, "--ratio").items()},
                capacity_w=_numbers(capacity, places, "--capacity"),
                paused=frozenset(_place(code, places) for code in pause or ()),
                opened=frozenset(_place(code, places) for code in opened or ()),
                added=added,
                freight_percent=_percents(freight, places),
            ),
        )
    names = {key: code for code, key in places.items()}
    names.update({max(names, default=0) + number: one.code for number, one in enumerate(added, 1)})
    write_json(as_document(found, names)) if as_json else _show(found, names)


def _period(first: str, last: str) -> tuple[datetime, datetime]:
    """From the first day's midnight to the last day's."""
    today = now().astimezone(ZoneInfo(ZONE)).date()
    end = _date(last) if last else today - timedelta(days=1)
    start = _date(first) if first else end - timedelta(days=6)
    if start > end:
        raise Fault(_("--from is after --to."), code="usage")
    zone = ZoneInfo(ZONE)
    begins = datetime.combine(start, datetime.min.time(), zone)
    return begins, datetime.combine(end + timedelta(days=1), datetime.min.time(), zone)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(_("%(text)s is not a day like 2026-11-11.") % {"text": text}, code="usage") from None


def _places() -> dict[str, int]:
    from paidan.network.models import Warehouse

    return dict(Warehouse.objects.order_by("position", "id").values_list("code", "id"))


def _place(code: str, places: Mapping[str, int]) -> int:
    if code not in places:
        known = ", ".join(places)
        raise Fault(_("There is no warehouse %(code)s; there are %(known)s.") % {"code": code, "known": known})
    return places[code]


def _numbers(given: Sequence[str] | None, places: Mapping[str, int], option: str) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for text in given or ():
        code, equals, number = text.partition("=")
        if not equals or (number and not number.isdecimal()):
            raise Fault(
                _("%(option)s %(text)s: write it as WAREHOUSE=N.") % {"option": option, "text": text}, code="usage"
            )
        found[_place(code, places)] = int(number) if number else None
    return found


def _percents(given: Sequence[str] | None, places: Mapping[str, int]) -> dict[int, int]:
    from paidan.whatif.otherwise import EVERYWHERE, LEAST_PERCENT, MOST_PERCENT

    found = {}
    for text in given or ():
        code, _equals, number = text.partition("=")
        digits = number.removeprefix("+").removeprefix("-").removesuffix("%")
        if not (digits.isascii() and digits.isdecimal()):
            raise Fault(_("--freight %(text)s: write it like gz=+15 or all=-10.") % {"text": text}, code="usage")
        percent = -int(digits) if number.startswith("-") else int(digits)
        if not LEAST_PERCENT <= percent <= MOST_PERCENT:
            limits = {"low": LEAST_PERCENT, "high": MOST_PERCENT}
            raise Fault(_("--freight takes %(low)s to %(high)s percent.") % limits, code="usage")
        found[EVERYWHERE if code == "all" else _place(code, places)] = percent
    return found


def _added(text: str, places: Mapping[str, int]) -> "Added":
    from paidan.whatif.otherwise import Added, place_of

    code, equals, rest = text.partition("=")
    where, *more = rest.split(",")
    facts = dict(part.partition(":")[::2] for part in more)
    numbers = {name: facts.get(name, "") for name in ("stock", "ratio", "capacity")}
    strange = set(facts) - {"stock", "like", "ratio", "capacity"}
    if not equals or not code or strange or any(value and not value.isdecimal() for value in numbers.values()):
        example = "sh=上海市,stock:20,like:ks"
        raise Fault(_("--add %(text)s: write it like %(example)s.") % {"text": text, "example": example}, code="usage")
    lat, lng = place_of(where.replace("/", ","))
    return Added(
        code=code,
        lat=lat,
        lng=lng,
        stock_percent=int(numbers["stock"] or 0),
        like=_place(facts["like"], places) if facts.get("like") else 0,
        ratio=int(numbers["ratio"] or 0),
        capacity=int(numbers["capacity"]) if numbers["capacity"] else None,
    )


@contextmanager
def _rules(document: object, version: int | None) -> Iterator["RuleSetVersion | None"]:
    """The rules to try: of a file (kept only while they are tried), of a version, or none but those there were."""
    if document is None:
        yield version_of(version) if version else None
        return
    from django.db import transaction

    from paidan.rules.drafts import Who, replace_draft

    with transaction.atomic():
        yield replace_draft(document, who=Who(None, now()))
        transaction.set_rollback(True)


def as_document(found: "Comparison", names: Mapping[int, str]) -> dict[str, Any]:
    """The comparison as JSON: money in minor units, distances in metres, days as dates."""
    return {
        "from": found.since.date().isoformat(),
        "to": (found.until - timedelta(days=1)).date().isoformat(),
        "before": _figures(found.before, names),
        "after": _figures(found.after, names),
        "moved": len(found.moves.order_o),
        "flows": [{"from": names.get(a), "to": names.get(b), "orders": n} for a, b, n in found.moves.by_flow()],
    }


def _figures(one: "Figures", names: Mapping[int, str]) -> dict[str, Any]:
    from paidan.engine.codes import Reason

    day = date(1970, 1, 1)
    return {
        "orders": one.orders,
        "served": one.served,
        "parcels": one.parcels,
        "split": one.split,
        "late": one.late,
        "freight_minor": one.freight_minor,
        "distance_m": one.distance_m,
        "unserved": {Reason(reason).code: n for reason, n in one.unserved.items()},
        "load": [
            {"warehouse": names.get(key), "day": (day + timedelta(days=number)).isoformat(), "parcels": n}
            for (key, number), n in one.load_w.items()
        ],
    }


ROWS: tuple[tuple[Any, Callable[["Figures"], float], str], ...] = (
    (_("Orders"), lambda f: f.orders, "{:,.0f}"),
    (_("Served"), lambda f: f.served, "{:,.0f}"),
    (_("Parcels"), lambda f: f.parcels, "{:,.0f}"),
    (_("Split orders, %"), lambda f: 100 * f.split / max(f.served, 1), "{:.1f}"),
    (_("On time, %"), lambda f: 100 - 100 * f.late / max(f.parcels, 1), "{:.1f}"),
    (_("Freight"), lambda f: f.freight_minor / 100, "{:,.2f}"),
    (_("Freight per parcel"), lambda f: f.freight_minor / 100 / max(f.parcels, 1), "{:,.2f}"),
    (_("Mean distance, km"), lambda f: f.distance_m / 1000 / max(f.measured, 1), "{:,.0f}"),
)


def _show(found: "Comparison", names: Mapping[int, str]) -> None:
    from paidan.engine.codes import Reason

    def row(label: object, before: float, after: float, shape: str) -> dict[str, str]:
        sign = "+" if after > before else ""
        change = sign + shape.format(after - before)
        return {"what": str(label), "before": shape.format(before), "after": shape.format(after), "change": change}

    table = [row(label, of(found.before), of(found.after), shape) for label, of, shape in ROWS]
    for reason in sorted({*found.before.unserved, *found.after.unserved}):
        label = _("Unallocated: %(reason)s") % {"reason": texts.reason_word(Reason(reason).code)}
        table.append(row(label, found.before.unserved.get(reason, 0), found.after.unserved.get(reason, 0), "{:,.0f}"))
    columns = [
        Column("what", ""),
        Column("before", str(_("as it was")), "right"),
        Column("after", str(_("what if")), "right"),
        Column("change", str(_("difference")), "right"),
    ]
    out().print(table_of(table, columns))
    moved = {"count": f"{len(found.moves.order_o):,}"}
    out().print(Text(_("%(count)s orders change their warehouse.") % moved, "bold"))
    nobody = str(_("nobody"))
    for a, b, n in found.moves.by_flow()[:FLOWS]:
        out().print(Text(f"  {names.get(a, nobody)} → {names.get(b, nobody)}  {n:,}"))

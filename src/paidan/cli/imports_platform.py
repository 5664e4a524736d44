"""`paidan import order --platform NAME FILE`: orders as a platform's own JSON has them."""

from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.output import Column, out, say, table_of, write_json

if TYPE_CHECKING:
    from paidan.desk.import_platform import PlatformReport

COUNTED = ("created", "changed", "unchanged", "cancelled", "skipped", "rejected")


def import_json(kind: str, source: Path | IO[bytes], platform: str, shop: str, *, dry_run: bool, as_json: bool) -> None:
    """Bring a platform's file in, and say what became of its orders."""
    if kind not in ("order", "orders"):
        raise Fault(_("--platform is for orders: paidan import order --platform %(name)s …") % {"name": platform})
    if not shop:
        raise Fault(_("Say whose orders they are: --shop CODE."), code="usage")
    body = source.read_bytes() if isinstance(source, Path) else source.read()
    use_database()
    from paidan.desk.import_platform import import_platform, platform_named, shop_named

    found = platform_named(platform)
    report = import_platform(found, shop_named(shop), body, now=now(), by=acting_user(), dry_run=dry_run)
    if as_json:
        counts = {name: getattr(report, name) for name in COUNTED}
        write_json({**counts, "dry_run": dry_run, "errors": errors_of(report)})
    else:
        show(report, dry_run=dry_run)
    if report.rejected:
        raise typer.Exit(FOUND)


def errors_of(report: "PlatformReport") -> list[dict[str, str]]:
    """What could not be taken: the order, the place, and why."""
    rows = [
        {
            "order": one.number,
            "place": one.place,
            "value": one.value,
            "reason": str(one),
            "remedy": _("Correct it at the platform or in the file, and import the file again."),
        }
        for one in report.unreadable
    ]
    for rejects, sheet in zip(report.rejects, report.sheets, strict=True):
        for one in rejects.sample:
            row = one.line - 1
            rows.append(
                {
                    "order": sheet.text(row, "number"),
                    "place": one.column,
                    "value": one.value,
                    "reason": str(one.reason),
                    "remedy": str(one.remedy),
                }
            )
    return rows


def show(report: "PlatformReport", *, dry_run: bool) -> None:
    rows = errors_of(report)
    if rows:
        columns = [
            Column("order", _("Order")),
            Column("place", _("Column")),
            Column("value", _("Value")),
            Column("reason", _("Reason"), fold=True),
            Column("remedy", _("Remedy"), fold=True),
        ]
        out().print(table_of(rows, columns))
    said = _(
        "%(created)s new, %(changed)s changed, %(unchanged)s as they were, %(cancelled)s cancelled, "
        "%(skipped)s left out (unpaid, shipped already, or old news), %(rejected)s rejected."
    )
    say(said % {name: f"{getattr(report, name):,}" for name in COUNTED})
    if dry_run:
        say(_("This was a dry run: nothing was stored."))

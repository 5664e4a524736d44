"""`paidan import KIND FILE`: the good rows in, the others out with what is wrong with them."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli.app import app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.imports_platform import import_json
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json
from paidan.cli.progress import progress_bar

if TYPE_CHECKING:
    from paidan.kit.tables.report import ImportReport

PLATFORMS = "taobao, jd, pdd, douyin, shopify, woocommerce"
KINDS = "order, stock, sku, bundle, shop, shop_sku, warehouse, team, freight, promotion, calendar"


@app.command(
    "import",
    help=_("Import a CSV or XLSX file; the same file again changes nothing. Kinds: %(kinds)s.") % {"kinds": KINDS},
)
def import_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=_("What the rows are: order, stock, sku, …"))],
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("The file; - reads it from standard input."))],
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="HEADING=FIELD", help=_("Which field a heading means, where it is not known.")),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only check; store nothing."))] = False,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", metavar="PATH", help=_("Where rejected rows go; else beside FILE.")),
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help=_("The time zone of times that name none."))
    ] = "Asia/Shanghai",
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="NAME", help=_("FILE is JSON of: %(names)s.") % {"names": PLATFORMS}),
    ] = "",
    shop: Annotated[str, typer.Option("--shop", metavar="CODE", help=_("The shop of orders that name none."))] = "",
    as_json: Json = False,
) -> None:
    mapping = dict(_pair(text) for text in columns or [])
    source = io.BytesIO(sys.stdin.buffer.read()) if file == "-" else _existing(file)
    if platform:
        import_json(kind, source, platform, shop, dry_run=dry_run, as_json=as_json)
        return
    use_database()
    from paidan.desk.imports import import_file

    with progress_bar(_("Importing")) as progress:
        report = import_file(
            kind,
            source,
            mapping=mapping,
            dry_run=dry_run,
            now=now(),
            by=acting_user(),
            progress=progress,
            timezone=timezone,
            rejects_path=rejects,
            shop=shop,
        )
    if as_json:
        write_json(as_document(report))
    else:
        _show(report)
    if report.rejects.rows:
        raise typer.Exit(FOUND)


def _pair(text: str) -> tuple[str, str]:
    heading, equals, field = text.rpartition("=")
    if not equals or not heading or not field:
        raise Fault(_("--map %(text)s should be HEADING=FIELD.") % {"text": text}, code="usage")
    return heading.strip(), field.strip()


def _existing(file: str) -> Path:
    """Looked at before the database is asked for: a typing mistake should cost nothing."""
    with Path(file).open("rb"):
        return Path(file)


def as_document(report: "ImportReport") -> dict[str, Any]:
    """The report for programs."""
    names = ("kind", "dry_run", "rows", "created", "changed", "unchanged", "left_out", "encoding", "columns", "ignored")
    sample = ("line", "column", "value", "code", "reason", "remedy")
    return {
        **{name: getattr(report, name) for name in names},
        "rejected": report.rejects.rows,
        "withheld": report.rejects.withheld,
        "rejected_by_code": dict(report.rejects.by_code),
        "rejects": [{name: getattr(reject, name) for name in sample} for reject in report.rejects.sample],
        "rejects_path": str(report.rejects_path) if report.rejects_path else None,
        "seconds": round(report.seconds, 3),
    }


def _show(report: "ImportReport") -> None:
    if report.rejects.sample:
        columns = [
            Column("line", _("Line"), "right"),
            Column("column", _("Column")),
            Column("value", _("Value")),
            Column("reason", _("Reason"), fold=True),
            Column("remedy", _("Remedy"), fold=True),
        ]
        names = ("line", "column", "value", "reason", "remedy")
        rows = [{name: getattr(reject, name) for name in names} for reject in report.rejects.sample]
        out().print(table_of(rows, columns))
    for sentence in _sentences(report):
        say(sentence)


def _sentences(report: "ImportReport") -> list[str]:
    """What was stored, what was not, and where that is."""
    values = {
        "rows": f"{report.rows:,}",
        "created": f"{report.created:,}",
        "changed": f"{report.changed:,}",
        "unchanged": f"{report.unchanged:,}",
        "seconds": f"{report.seconds:.1f}",
        "rejected": f"{report.rejects.rows:,}",
        "withheld": f"{report.rejects.withheld:,}",
        "path": report.rejects_path,
        "ignored": ", ".join(report.ignored),
        "left_out": f"{report.left_out:,}",
    }
    said = [_stored(report) % values]
    if report.dry_run:
        said.append(_("This was a dry run: nothing was stored."))
    if report.left_out:
        text = ngettext(
            "%(left_out)s row left out: unpaid, closed or shipped already.",
            "%(left_out)s rows left out: unpaid, closed or shipped already.",
            report.left_out,
        )
        said.append(text % values)
    if report.ignored:
        said.append(_("Columns not used: %(ignored)s.") % values)
    if report.rejects.rows:
        rejected = ngettext(
            "%(rejected)s row was rejected; it is in %(path)s, with the reason and the remedy, to be mended and "
            "imported again.",
            "%(rejected)s rows were rejected; they are in %(path)s, with reasons and remedies, to be mended and "
            "imported again.",
            report.rejects.rows,
        )
        said.append(rejected % values)
    if report.rejects.withheld:
        withheld = ngettext(
            "%(withheld)s good row of the same orders waits with them.",
            "%(withheld)s good rows of the same orders wait with them.",
            report.rejects.withheld,
        )
        said.append(withheld % values)
    return said


def _stored(report: "ImportReport") -> str:
    if report.nothing_new and report.unchanged:
        return ngettext(
            "%(rows)s row, nothing new: %(unchanged)s as it was; %(seconds)s s.",
            "%(rows)s rows, nothing new: %(unchanged)s are as they were; %(seconds)s s.",
            report.rows,
        )
    return ngettext(
        "%(rows)s row: %(created)s new, %(changed)s changed, %(unchanged)s as it was; %(seconds)s s.",
        "%(rows)s rows: %(created)s new, %(changed)s changed, %(unchanged)s as they were; %(seconds)s s.",
        report.rows,
    )

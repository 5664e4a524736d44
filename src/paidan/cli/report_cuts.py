"""`paidan report --by …`: the report of the pages, cut one way, with every measure."""

import csv
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from paidan.cli.database import now
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.cli.output import Column, out, table_of, write_json

if TYPE_CHECKING:
    from paidan.reports.rows import Report, Row


def show_cut(by: str, first: date, last: date, *, as_csv: bool, as_json: bool) -> None:
    """Bring the sums up to date, and print one line per value."""
    from paidan.reports.asking import BY, Asked
    from paidan.reports.periods import Days
    from paidan.reports.refresh import refresh
    from paidan.reports.rows import report_of

    if by not in BY:
        raise Fault(
            _("%(word)s is no cut; choose one of: %(cuts)s.") % {"word": by, "cuts": ", ".join(BY)}, code="usage"
        )
    refresh(now=now())
    report = report_of(Asked(Days(first, last), None, by, {}, {}))
    if as_json:
        write_json({"from": first.isoformat(), "to": last.isoformat(), "by": by, "rows": list(_records(report))})
    elif as_csv:
        from paidan.reports.views import heads_of, lines_of
        from paidan.web.exports import safe

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(heads_of(report))
        writer.writerows([safe(value) for value in line] for line in lines_of(report))
    else:
        _show(report)


def _records(report: "Report") -> Iterator[dict[str, Any]]:
    from paidan.reports.columns import measures, plain

    shown = measures(report.asked, everything=True)
    for row in (*report.rows, report.total):
        total = row is report.total
        yield {"name": None if total else row.name, "total": total} | {one.key: plain(one, row.now) for one in shown}


def _show(report: "Report") -> None:
    from paidan.reports.columns import measures

    shown = measures(report.asked, everything=False)

    def line(name: str, row: "Row") -> dict[str, Any]:
        return {"name": name} | {one.key: one.write(one.value(row.now)) for one in shown}

    lines = [line(row.name, row) for row in report.rows] + [line(_("Total"), report.total)]
    columns = [Column("name", "", fold=True), *(Column(one.key, str(one.label), "right") for one in shown)]
    out().print(table_of(lines, columns))

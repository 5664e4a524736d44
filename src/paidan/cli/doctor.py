"""`paidan doctor`: do all invariants hold?"""

from collections import Counter
from itertools import islice
from typing import Annotated

import typer
from rich.text import Text

from paidan.cli.app import app
from paidan.cli.database import use_database
from paidan.cli.faults import FOUND
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_records

SHOWN = 100


@app.command(help=_("Check every invariant of the stored data; exit code 1 if one is broken."))
def doctor(
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("How many violations to show at most."))] = SHOWN,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.allocation.doctor import all_violations

    kinds: Counter[str] = Counter()
    shown: list[dict[str, object]] = []
    for violation in all_violations():
        kinds[violation.code] += 1
        if len(shown) < limit:
            record = {"code": violation.code, "place": violation.place}
            shown.append(record | {"expected": violation.expected, "found": violation.found})
    if as_json:
        write_records(shown)
    else:
        _show(shown, kinds)
    if kinds:
        raise typer.Exit(FOUND)


def _show(shown: list[dict[str, object]], kinds: Counter[str]) -> None:
    count = sum(kinds.values())
    sentence = ngettext("doctor: %(count)s violation", "doctor: %(count)s violations", count)
    out().print(Text(sentence % {"count": f"{count:,}"}, "bold red" if count else "bold green"))
    if not count:
        return
    columns = [
        Column("code", _("Invariant")),
        Column("place", _("Where")),
        Column("expected", _("Should be"), fold=True),
        Column("found", _("Is"), fold=True),
    ]
    rows = ({key: str(value) for key, value in record.items()} for record in islice(shown, len(shown)))
    out().print(table_of(rows, columns))
    if count > len(shown):
        for code, number in kinds.most_common():
            say(f"{code}: {number:,}")

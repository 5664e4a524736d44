"""`paidan --server … rules show|check|diff|publish|rollback|simulate`."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.text import Text

from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json
from paidan.cli.remote.door import server
from paidan.cli.remote.tree import rules_app
from paidan.cli.rules_changes import FILE, VERSION, WORDS
from paidan.cli.solve import parse, read

if TYPE_CHECKING:
    from paidan.client import Paidan

LOOK_EVERY_S = 1.0
HOME = ZoneInfo("Asia/Shanghai")


@rules_app.command("show", help=_("Show the rules in force, or those of another version."))
def show(version: Annotated[int | None, VERSION] = None, as_json: Json = False) -> None:
    with server() as paidan:
        document = paidan.rules.get(version)
    if as_json:
        write_json(document)
        return
    rows = [
        {
            "priority": rule["priority"],
            "id": rule["id"],
            "name": rule.get("name", ""),
            "active": rule.get("active", True),
        }
        for rule in document["rules"]
    ]
    columns = [
        Column("priority", _("Priority"), "right"),
        Column("id", _("Rule")),
        Column("name", _("Name"), fold=True),
        Column("active", _("Active")),
    ]
    say(_("Version %(number)s") % {"number": document["version"]})
    out().print(table_of(rows, columns))


@rules_app.command("check", help=_("Judge a rule set file: whether it can be published, and which rules never fire."))
def check(file: Annotated[str, FILE], as_json: Json = False) -> None:
    document = parse(read(file))
    with server() as paidan:
        found = paidan.rules.check(document)
    if as_json:
        write_json(found)
    for one in [] if as_json else found["warnings"]:
        out().print(Text.assemble((f"{one['rule']}  ", "bold"), one["warning"]))
    if found["warnings"]:
        raise typer.Exit(FOUND)
    if not as_json:
        good = ngettext(
            "%(count)s rule, and nothing against it.", "%(count)s rules, and nothing against them.", found["rules"]
        )
        say(good % {"count": found["rules"]}, "green")


@rules_app.command("diff", help=_("Show what a rule set file changes against the rules in force, or another version."))
def diff(file: Annotated[str, FILE], version: Annotated[int | None, VERSION] = None, as_json: Json = False) -> None:
    document = parse(read(file))
    with server() as paidan:
        rows = paidan.rules.diff(document, version=version)
    if as_json:
        write_json(rows)
    elif not rows:
        say(_("Nothing differs."), "green")
    else:
        columns = [
            Column("rule", _("Rule")),
            Column("change", _("Change")),
            Column("before", _("Before"), fold=True),
            Column("after", _("After"), fold=True),
        ]
        out().print(table_of([row | {"change": str(WORDS[row["change"]])} for row in rows], columns))
    if rows:
        raise typer.Exit(FOUND)


@rules_app.command("publish", help=_("Publish a rule set from a JSON file; what was in force becomes a past version."))
def publish(
    file: Annotated[str, FILE],
    note: Annotated[str, typer.Option("--note", help=_("What changed and why, for whoever reads the history."))] = "",
    based_on: Annotated[
        int | None, typer.Option("--based-on", min=1, help=_("Refuse when another version is in force meanwhile."))
    ] = None,
    as_json: Json = False,
) -> None:
    document = parse(read(file))
    with server() as paidan:
        _say_published(paidan.rules.publish(document, note=note, based_on=based_on), as_json)


@rules_app.command("rollback", help=_("Put an older version in force again: the one before, or the one named."))
def rollback(
    version: Annotated[
        int | None,
        typer.Argument(metavar="[VERSION]", min=1, help=_("The version's number; the one before by default.")),
    ] = None,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        _say_published(paidan.rules.rollback(version), as_json)


def _say_published(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(found)
        return
    said = ngettext(
        "Version %(number)s is in force, with %(count)s rule.",
        "Version %(number)s is in force, with %(count)s rules.",
        found["rules"],
    )
    say(said % {"number": found["version"], "count": found["rules"]}, "green")


@rules_app.command("simulate", help=_("Decide a past period again under other rules, and compare with what happened."))
def simulate(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help=_("Rules to try; else what is in force."))] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help=_("The first day; seven days ago."))] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help=_("The last day; yesterday."))] = "",
    as_json: Json = False,
) -> None:
    today = datetime.now(HOME).date()
    since, until = _day(first, today - timedelta(days=7)), _day(last, today - timedelta(days=1))
    wanted: dict[str, Any] = {
        "since": datetime.combine(since, datetime.min.time(), HOME).isoformat(),
        "until": datetime.combine(until + timedelta(days=1), datetime.min.time(), HOME).isoformat(),
    }
    if file:
        wanted["rules"] = parse(read(file)).get("rules", [])
    with server() as paidan:
        found = _finished(paidan, paidan.rules.simulate(wanted))
    if found["state"] != "done":
        raise Fault(found["problem"] or _("It was stopped."), code=found["state"], exit_code=FOUND)
    if as_json:
        write_json(found)
        return
    before, after = found["before"] or {}, found["after"] or {}
    rows = [
        {"what": name, "before": before[name], "after": after.get(name)}
        for name in before
        if isinstance(before[name], int | float)
    ]
    out().print(
        table_of(
            rows, [Column("what", ""), Column("before", _("Before"), "right"), Column("after", _("After"), "right")]
        )
    )


def _finished(paidan: Paidan, found: dict[str, Any]) -> dict[str, Any]:
    """Look again until a worker has done it."""
    while found["state"] in ("queued", "running"):
        time.sleep(LOOK_EVERY_S)
        found = paidan.rules.simulation(found["id"])
    return found


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        sentence = _("%(text)s is not a date; write it as 2026-11-12.") % {"text": text}
        raise Fault(sentence, code="usage") from None

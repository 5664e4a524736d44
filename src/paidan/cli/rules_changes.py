"""`paidan rules check|diff|rollback`: a rule set kept as a file, judged and compared before it is put in force."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from paidan.cli.app import rules_app
from paidan.cli.database import now, use_database
from paidan.cli.faults import FOUND
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import out, say, write_json
from paidan.cli.rules import publish_and_say, version_of
from paidan.cli.solve import parse, read

if TYPE_CHECKING:
    from paidan.rules.models import Rule, RuleSetVersion

FILE = typer.Argument(metavar="FILE|-", help=_("“rules” in the words of the problem format."))
VERSION = typer.Option("--version", min=1, help=_("The version; the published one by default."))


@rules_app.command("check", help=_("Judge a rule set file: whether it can be published, and which rules never fire."))
def check(file: Annotated[str, FILE], as_json: Json = False) -> None:
    rules = _rules_of(file)
    warnings = _warnings(rules)
    if as_json:
        write_json({"rules": len(rules), "warnings": [{"rule": code, "warning": words} for code, words in warnings]})
    else:
        for code, words in warnings:
            out().print(Text.assemble((f"{code}  ", "bold"), words))
        good = ngettext(
            "%(count)s rule, and nothing against it.", "%(count)s rules, and nothing against them.", len(rules)
        )
        if warnings:
            say(_("It can be published all the same."))
        else:
            say(good % {"count": len(rules)}, "green")
    if warnings:
        raise typer.Exit(FOUND)


@rules_app.command("diff", help=_("Show what a rule set file changes against the rules in force, or another version."))
def diff(file: Annotated[str, FILE], version: Annotated[int | None, VERSION] = None, as_json: Json = False) -> None:
    given, rules = _draft_of(file)
    from paidan.desk.rules.names import names_for
    from paidan.desk.rules.sentences import plain
    from paidan.desk.rules.set_sentences import set_rows
    from paidan.rules.differences import differences, set_differences
    from paidan.rules.drafts import rules_of_version

    old = version_of(version)
    before = rules_of_version(old)
    names, found = names_for([*before, *rules]), differences(before, rules)
    rows = [
        {
            "rule": one.code,
            "change": one.kind.value,
            "before": plain(one.before, names) if one.before else "",
            "after": plain(one.after, names) if one.after else "",
        }
        for one in found
    ]
    rows += [
        {"rule": f"*{one['key']}", "change": "changed", "before": one["before"], "after": one["after"]}
        for one in set_rows(set_differences(old, given))
    ]
    if as_json:
        write_json(rows)
    else:
        _write(rows)
    if rows:
        raise typer.Exit(FOUND)


@rules_app.command("rollback", help=_("Put an older version in force again: the one before, or the one named."))
def rollback(
    version: Annotated[
        int | None,
        typer.Argument(metavar="[VERSION]", min=1, help=_("The version's number; the one before by default.")),
    ] = None,
    as_json: Json = False,
) -> None:
    use_database()
    from paidan.kit.errors import Refusal
    from paidan.rules.models import RuleSetVersion, VersionState
    from paidan.rules.services import restore_version

    past = RuleSetVersion.objects.filter(state=VersionState.PAST).order_by("-published_at", "-number").first()
    number = version or (past.number if past else None)
    if number is None:
        raise Refusal("no_version", _("There is no older version to go back to."))
    publish_and_say(lambda **who: restore_version(number, **who), as_json)


def _rules_of(file: str) -> "list[Rule]":
    """The rules of a file, checked against this seller's network; nothing is kept."""
    return _draft_of(file)[1]


def _draft_of(file: str) -> "tuple[RuleSetVersion, list[Rule]]":
    """The version a file would be, and its rules; nothing is kept."""
    document = parse(read(file))
    use_database()
    from django.db import transaction

    from paidan.rules.drafts import Who, replace_draft, rules_of_version

    with transaction.atomic():
        version = replace_draft(document, who=Who(None, now()))
        rules = rules_of_version(version)
        transaction.set_rollback(True)
    return version, rules


def _warnings(rules: "list[Rule]") -> list[tuple[str, str]]:
    from paidan.desk.rules.lines import warnings_of

    return [(code, one.words) for code, found in warnings_of(rules, now()).items() for one in found]


WORDS = {
    "new": _("new"),
    "changed": _("changed"),
    "moved": _("moved"),
    "gone": _("gone"),
}


def _write(rows: list[dict[str, Any]]) -> None:
    if not rows:
        say(_("Nothing differs."), "green")
    for row in rows:
        out().print(Text.assemble((f"{row['rule']}  ", "bold"), str(WORDS[row["change"]])))
        for mark, style, words in (("−", "red", row["before"]), ("+", "green", row["after"])):
            if words and (row["before"] != row["after"] or mark == "+"):
                out().print(Text.assemble((f"  {mark} ", style), words), soft_wrap=True)

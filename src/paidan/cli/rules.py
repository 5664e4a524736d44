"""`paidan rules show|publish`: the rule set in force, and a new one from a file."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from paidan.cli import texts
from paidan.cli.app import rules_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import ngettext
from paidan.cli.options import Json
from paidan.cli.output import out, say, write_json
from paidan.cli.solve import parse, read

if TYPE_CHECKING:
    from paidan.rules.services import Publication


@rules_app.command("show", help=_("Show the rules in force, or those of another version."))
def show(
    version: Annotated[
        int | None, typer.Option("--version", min=1, help=_("The version; the published one by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    use_database()
    found = version_of(version)
    document = as_document(found)
    if as_json:
        write_json(document)
        return
    values = {"number": found.number, "at": texts.moment(found.published_at), "note": found.note}
    title = _("Version %(number)s, published %(at)s") % values
    out().print(Text(f"{title}  {found.note}".rstrip(), "bold"))
    for rule in document["rules"]:
        _write_rule(rule)
    from paidan.desk.rules.set_sentences import waves_words

    out().print(Padding(Text(waves_words(found.waves), "dim"), (1, 0, 0, 0)))


@rules_app.command("publish", help=_("Publish a rule set from a JSON file; what was in force becomes a past version."))
def publish(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("“rules” in the words of the problem format."))],
    note: Annotated[str, typer.Option("--note", help=_("What changed and why, for whoever reads the history."))] = "",
    as_json: Json = False,
) -> None:
    document = parse(read(file))
    use_database()
    from paidan.rules.services import publish_rules

    publish_and_say(lambda **who: publish_rules(document, note=note, **who), as_json)


def publish_and_say(action: Callable[..., "Publication"], as_json: bool) -> None:
    """Put a version in force, queue what may now be served, and say both."""
    from paidan.allocation.publishing import put_in_force

    moment, by = now(), acting_user()
    done, retried = put_in_force(lambda: action(now=moment, by=by), now=moment)
    if as_json:
        answer = {"version": done.version.number, "rules": done.rules, "catch_all_added": done.catch_all_added}
        write_json(answer | {"queued": retried})
        return
    values = {"number": done.version.number, "count": done.rules, "orders": f"{retried:,}"}
    said = ngettext(
        "Version %(number)s is in force, with %(count)s rule.",
        "Version %(number)s is in force, with %(count)s rules.",
        done.rules,
    )
    say(said % values, "green")
    if done.catch_all_added:
        say(_("No rule took what is left over, so one was added last: the nearest warehouse that has everything."))
    if retried:
        say(ngettext("%(orders)s order is tried again.", "%(orders)s orders are tried again.", retried) % values)


def version_of(number: int | None) -> Any:
    from paidan.rules.models import RuleSetVersion
    from paidan.rules.queries import published_version

    found = RuleSetVersion.objects.filter(number=number).first() if number else published_version()
    if found is None and number:
        raise Fault(_("There is no rule set version %(number)s.") % {"number": number}, code="no_version")
    if found is None:
        sentence = _("No rule set was published yet; publish one with “paidan rules publish FILE”.")
        raise Fault(sentence, code="no_version", exit_code=FOUND)
    return found


def as_document(version: Any) -> dict[str, Any]:
    """A version in the form `publish` reads, so that it can be changed and published again."""
    rules = [
        {"id": row.code, "name": row.name, "priority": row.priority, "when": row.when, "then": row.then}
        | ({} if row.active else {"active": False})
        | ({"limits": row.limits} if row.limits else {})
        for row in version.rules.order_by("priority", "id")
    ]
    waves = {"waves": version.waves} if version.waves else {}
    return {"version": version.number, "objective": version.objective, **waves, "rules": rules}


def _write_rule(rule: dict[str, Any]) -> None:
    """A rule in four lines at most: its place and name, what it asks, what it does, when it applies."""
    head = Text.assemble((f"\n{rule['priority']:>5}  ", "dim"), (rule["id"], "bold"), f"  {rule['name']}")
    if not rule.get("active", True):
        head.append("  " + _("off"), "red")
    out().print(head, soft_wrap=True)
    rows = [
        {"what": _("If"), "words": _words(rule["when"]) or _("any order")},
        {"what": _("Then"), "words": _words(rule["then"]) or _words({"strategies": ["nearest"]})},
        {"what": _("While"), "words": _words(rule.get("limits", {}))},
    ]
    for row in rows:
        if row["words"]:
            out().print(Padding(Text.assemble((f"{row['what']}  ", "dim"), row["words"]), (0, 0, 0, 7)))


ORDER_OF_WORDS = (
    *("warehouses", "except", "strategies", "look_ahead", "max_km", "split", "max_parcels", "shortage", "team"),
    *("raise_priority", "otherwise"),
)


def _words(values: dict[str, Any]) -> str:
    """The conditions or the action in the format's own words, the weightiest first."""
    keys = sorted(values, key=lambda key: ORDER_OF_WORDS.index(key) if key in ORDER_OF_WORDS else -1)
    return "; ".join(f"{key} {_value(values[key])}" for key in keys if values[key] not in ([], {}, None))


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"({_words(value)})"
    if isinstance(value, list) and any(isinstance(one, int) or one is None for one in value):
        low, high = value
        return f"{low if low is not None else ''}–{high if high is not None else ''}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

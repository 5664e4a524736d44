"""The draft of the next rule set: everybody edits the same one, nothing in it touches an order until it is published.

A change says which state of the rule it was made upon (a fingerprint); if somebody changed that rule meanwhile, it is
refused and both are shown. Rules stand in order, priority 1 first; the last one takes every order and stays last.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.kit.errors import Refusal

from .documents import RuleDocument, read_document
from .models import Rule, RuleSetVersion, VersionState
from .services import Publication, begin_rules, catch_all_after, ends_with_catch_all, row_of
from .waves import read_waves

T = TypeVar("T")
ENTRY_KEYS = ("id", "name", "priority", "when", "then", "active", "limits")


class ConflictError(Refusal):
    """Somebody else changed it meanwhile; `theirs` is the rule as it is now, None where it was removed."""

    def __init__(self, theirs: Rule | None, by: User | None) -> None:
        super().__init__("changed_meanwhile", _("%(who)s changed this rule meanwhile."), who=name_of(by))
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Who:
    """Who changes, and when."""

    by: User | None
    now: datetime


def name_of(user: User | None) -> str:
    """Who it was, as sentences say it."""
    return user.display_name if user else "Paidan"


def draft() -> RuleSetVersion | None:
    """The draft, if somebody has begun one."""
    return RuleSetVersion.objects.filter(state=VersionState.DRAFT).select_related("changed_by", "based_on").first()


def rules_of_version(version: RuleSetVersion) -> list[Rule]:
    """In order."""
    return list(Rule.objects.filter(version=version).order_by("priority", "id"))


def entry_of(rule: Rule) -> dict[str, Any]:
    """A rule as a document has it."""
    values = (rule.code, rule.name, rule.priority, rule.when, rule.then, rule.active, rule.limits)
    return dict(zip(ENTRY_KEYS, values, strict=True))


def fingerprint(rule: Rule | None) -> str:
    """Stands for what a rule says; its place in the list does not count. Empty for a rule that is not there."""
    if rule is None:
        return ""
    said = {key: value for key, value in entry_of(rule).items() if key != "priority"}
    return sha256(dumps(said, sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def open_draft(who: Who) -> RuleSetVersion:
    """The draft, begun as a copy of the rules in force where there is none."""
    begin_rules(now=who.now)
    versions = list(RuleSetVersion.objects.select_for_update().order_by("number"))
    found = next((one for one in versions if one.state == VersionState.DRAFT), None)
    if found is not None:
        return found
    live = next(one for one in versions if one.state == VersionState.PUBLISHED)
    new = RuleSetVersion.objects.create(
        number=versions[-1].number + 1,
        state=VersionState.DRAFT,
        objective=live.objective,
        waves=live.waves,
        created_at=who.now,
        created_by=who.by,
        based_on=live,
        changed_at=who.now,
        changed_by=who.by,
    )
    copies = rules_of_version(live)
    for place, rule in enumerate(copies, 1):
        rule.pk, rule.version, rule.priority = None, new, place
    Rule.objects.bulk_create(copies)
    return new


def save_rule(entry: Mapping[str, Any], *, seen: str, who: Who) -> Rule:
    """Write one rule of the draft: `entry` is its document; `seen` the fingerprint of what the writer saw, "" for a new
    one. A new rule comes to stand above the last one, which takes every order."""

    def change(version: RuleSetVersion, rules: list[Rule]) -> Rule:
        known = next((rule for rule in rules if rule.code == entry.get("id")), None)
        if fingerprint(known) != seen:
            raise ConflictError(known, version.changed_by)
        if known is not None:
            document = _read({**entry, "priority": known.priority})
            known.name, known.active = document.name, document.active
            known.when, known.then, known.limits = dict(document.when), dict(document.then), dict(document.limits)
            known.save()
            return known
        document = _read({**entry, "priority": len(rules) + 1})
        new = row_of(version, document)
        new.save()
        rules.insert(len(rules) - 1 if rules else 0, new)
        return new

    return _changed(change, who)


def remove_rule(code: str, *, who: Who) -> None:
    """Take a rule out of the draft; a rule that takes every order is put last again if none is left."""

    def change(_version: RuleSetVersion, rules: list[Rule]) -> None:
        rule = _named(rules, code)
        rules.remove(rule)
        rule.delete()

    _changed(change, who)


def switch_rule(code: str, *, active: bool, who: Who) -> None:
    """Switch a rule of the draft on or off."""

    def change(_version: RuleSetVersion, rules: list[Rule]) -> None:
        rule = _named(rules, code)
        rule.active = active
        rule.save(update_fields=["active"])

    _changed(change, who)


def move_rule(code: str, *, to: int, who: Who) -> None:
    """Put a rule of the draft at place `to`, 1 = first; the last place belongs to the rule that takes every order."""

    def change(_version: RuleSetVersion, rules: list[Rule]) -> None:
        rule = _named(rules, code)
        rules.remove(rule)
        rules.insert(max(0, to - 1), rule)

    _changed(change, who)


def copy_rule(code: str, *, name: str, who: Who) -> Rule:
    """A copy of a rule, right below it, switched off until it is changed."""

    def change(version: RuleSetVersion, rules: list[Rule]) -> Rule:
        rule = _named(rules, code)
        document = _read({**entry_of(rule), "id": free_code(code, rules), "name": name[:100], "active": False})
        new = row_of(version, document)
        new.save()
        rules.insert(rules.index(rule) + 1, new)
        return new

    return _changed(change, who)


def replace_draft(document: object, *, who: Who) -> RuleSetVersion:
    """Put the rules of a file in place of the draft's."""

    def change(version: RuleSetVersion, rules: list[Rule]) -> RuleSetVersion:
        read, objective = read_document(document)
        Rule.objects.filter(version=version).delete()
        rules[:] = [row_of(version, one) for one in sorted(read, key=lambda one: one.priority)]
        Rule.objects.bulk_create(rules)
        version.objective, version.waves = dict(objective), read_waves(document)
        version.save(update_fields=["objective", "waves"])
        return version

    return _changed(change, who)


def said_by_set(version: RuleSetVersion | None) -> str:
    """Stands for what a version says beside its rules: the weights and the waves."""
    said = [version.objective, version.waves] if version else [{}, {}]
    return sha256(dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def save_set(objective: Mapping[str, int], waves: Mapping[str, Any], *, seen: str, who: Who) -> RuleSetVersion:
    """Write what the draft says beside its rules; `seen` is `said_by_set` of what the writer saw."""

    def change(version: RuleSetVersion, _rules: list[Rule]) -> RuleSetVersion:
        if said_by_set(version) != seen:
            sentence = _("%(who)s changed how waves decide meanwhile. Look at it again.")
            raise Refusal("changed_meanwhile", sentence, who=name_of(version.changed_by))
        document = {"rules": [], "objective": dict(objective), "waves": dict(waves)}
        version.objective, version.waves = dict(read_document(document)[1]), read_waves(document)
        version.save(update_fields=["objective", "waves"])
        return version

    return _changed(change, who)


def discard_draft() -> None:
    """Throw the draft away; what is in force stays."""
    RuleSetVersion.objects.filter(state=VersionState.DRAFT).delete()


@transaction.atomic
def publish_draft(*, revision: int, note: str, who: Who) -> Publication:
    """Put the draft in force as it was seen at `revision`; the rules in force become past.

    It takes the next number where a version was published while it was being written.
    """
    versions = list(RuleSetVersion.objects.select_for_update().order_by("number"))
    found = next((one for one in versions if one.state == VersionState.DRAFT), None)
    if found is None:
        raise Refusal("no_draft", _("There is no draft to publish."))
    if found.revision != revision:
        sentence = _("%(who)s changed the draft meanwhile. Look at the difference again.")
        raise Refusal("changed_meanwhile", sentence, who=name_of(found.changed_by))
    RuleSetVersion.objects.filter(state=VersionState.PUBLISHED).update(state=VersionState.PAST)
    found.number = max(one.number for one in versions if one.pk != found.pk) + 1
    found.state, found.note = VersionState.PUBLISHED, note[:500]
    found.published_at, found.published_by = who.now, who.by
    found.save()
    return Publication(found, Rule.objects.filter(version=found).count(), catch_all_added=False)


def free_code(wanted: str, rules: Sequence[Rule]) -> str:
    """A code no rule of the list has: the wanted one, else with a number behind it."""
    taken = {rule.code for rule in rules}
    stem = wanted[:34]
    return next(code for n in range(1, len(taken) + 2) if (code := stem if n == 1 else f"{stem}-{n}") not in taken)


def _changed(change: Callable[[RuleSetVersion, list[Rule]], T], who: Who) -> T:
    """Run a change on the locked draft; then its rules stand in order again, and the revision counts up."""
    with transaction.atomic():
        open_draft(who)
        version = RuleSetVersion.objects.select_for_update(of=("self",)).select_related("changed_by").get(
            state=VersionState.DRAFT
        )  # fmt: skip
        rules = rules_of_version(version)
        answer = change(version, rules)
        _in_order(version, rules)
        version.revision += 1
        version.changed_at, version.changed_by = who.now, who.by
        version.save(update_fields=["revision", "changed_at", "changed_by"])
    return answer


def _in_order(version: RuleSetVersion, rules: list[Rule]) -> None:
    """Number the rules; one that takes every order stands last, and is added where none is left."""
    last = next((rule for rule in reversed(rules) if takes_every_order(rule)), None)
    if last is not None:
        rules.remove(last)
        rules.append(last)
    elif not ends_with_catch_all([_read(entry_of(rule)) for rule in rules]):
        new = row_of(version, catch_all_after([_read(entry_of(rule)) for rule in rules]))
        new.save()
        rules.append(new)
    for place, rule in enumerate(rules, 1):
        rule.priority = place
    Rule.objects.bulk_update(rules, ["priority"])


def takes_every_order(rule: Rule) -> bool:
    """Whether a rule asks nothing, always applies, and is on: what the list keeps at its foot."""
    return rule.active and not rule.when and not rule.limits


def _named(rules: Sequence[Rule], code: str) -> Rule:
    found = next((rule for rule in rules if rule.code == code), None)
    if found is None:
        raise Refusal("no_rule", _("The draft has no rule %(rule)s any more."), rule=code)
    return found


def _read(entry: Mapping[str, Any]) -> RuleDocument:
    """One entry, checked; the pointer of what is wrong begins at the entry."""
    try:
        return read_document([dict(entry)])[0][0]
    except Refusal as refusal:
        refusal.pointer = refusal.pointer.removeprefix("/rules/0")
        raise

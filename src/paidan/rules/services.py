"""Writing rule sets: publishing a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network.kept import terms_mark

from .documents import RuleDocument, read_document
from .models import CATCH_ALL, Rule, RuleSetVersion, VersionState
from .queries import is_published, published_version


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did."""

    version: RuleSetVersion
    rules: int
    catch_all_added: bool


@transaction.atomic
def publish_rules(
    document: Mapping[str, Any] | Sequence[Any], *, now: datetime, by: User | None = None, note: str = ""
) -> Publication:
    """Publish a rule set in the words of the problem format; what was published before becomes past.

    1. Read and check the document; a last rule that takes everything is added where there is none.
    2. Lock the versions, so that two publications get two numbers.
    3. Make the old version past, then write the new one: at most one is ever published.
    """
    rules, objective = read_document(document)
    missing = not ends_with_catch_all(rules)
    if missing:
        rules = (*rules, catch_all_after(rules))
    numbers = RuleSetVersion.objects.select_for_update().order_by("number").values_list("number", flat=True)
    number = max(numbers, default=0) + 1
    RuleSetVersion.objects.filter(state=VersionState.PUBLISHED).update(state=VersionState.PAST)
    version = RuleSetVersion.objects.create(
        number=number,
        state=VersionState.PUBLISHED,
        objective=dict(objective),
        note=note,
        created_at=now,
        created_by=by,
        published_at=now,
        published_by=by,
    )
    Rule.objects.bulk_create(row_of(version, rule) for rule in rules)
    return Publication(version, len(rules), missing)


def begin_rules(*, now: datetime) -> None:
    """Publish the catch-all alone where nothing was ever published: a new seller's orders need no rule to go."""
    if is_published(terms_mark()):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('paidan.rules.begin'))")
        if published_version() is None:
            publish_rules([], now=now, note=gettext("Nearest first, until rules are published"))


def restore_version(number: int, *, now: datetime, by: User | None = None) -> Publication:
    """Publish a past version again, as a new version: history is never rewritten."""
    old = RuleSetVersion.objects.filter(number=number).first()
    if old is None:
        raise Refusal("no_version", _("There is no rule set version %(number)s."), number=number)
    rules = [
        {"id": r.code, "name": r.name, "priority": r.priority, "when": r.when, "then": r.then}
        | {"active": r.active, "limits": r.limits}
        for r in Rule.objects.filter(version=old).order_by("priority", "id")
    ]
    return publish_rules({"rules": rules, "objective": old.objective}, now=now, by=by, note=old.note)


def ends_with_catch_all(rules: Sequence[RuleDocument]) -> bool:
    active = sorted((rule for rule in rules if rule.active), key=lambda rule: rule.priority)
    return bool(active) and not active[-1].when and not active[-1].limits


def catch_all_after(rules: Sequence[RuleDocument]) -> RuleDocument:
    taken = {rule.code for rule in rules}
    code = next(code for n in range(len(rules) + 1) if (code := f"{CATCH_ALL}{-n or ''}") not in taken)
    last = max((rule.priority for rule in rules), default=0)
    return RuleDocument(code, "", last + 1, True, {}, {"strategies": ["nearest"]}, {})


def row_of(version: RuleSetVersion, rule: RuleDocument) -> Rule:
    return Rule(
        version=version,
        code=rule.code,
        name=rule.name,
        priority=rule.priority,
        active=rule.active,
        when=dict(rule.when),
        then=dict(rule.then),
        limits=dict(rule.limits),
    )

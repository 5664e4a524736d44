"""Rule sets as documents, so that they can live in a repository: judged, compared, published, rolled back, tried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.publishing import put_in_force
from paidan.desk.rules.lines import warnings_of
from paidan.desk.rules.names import names_for
from paidan.desk.rules.sentences import plain
from paidan.desk.rules.set_sentences import set_rows
from paidan.kit.errors import Refusal
from paidan.rules.differences import differences, set_differences
from paidan.rules.documents import read_document
from paidan.rules.drafts import Who, entry_of, replace_draft, rules_of_version
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.rules.queries import published_version
from paidan.rules.services import Publication, publish_rules, restore_version
from paidan.rules.waves import read_waves

from .auth import caller
from .orders import ERRORS
from .problems import Problem
from .schemas import PRINTABLE, Strict

router = Router(tags=["Rules"])
VERSIONS = 200
STATES: dict[int, Literal["draft", "published", "past"]] = {
    VersionState.DRAFT: "draft",
    VersionState.PUBLISHED: "published",
    VersionState.PAST: "past",
}
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Note = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]


class RulesOut(Schema):
    version: int
    state: Literal["draft", "published", "past"]
    published_at: datetime | None
    note: str
    objective: dict[str, Any]
    waves: dict[str, Any] = Field({}, description="How waves decide; empty: one by one, as orders come")
    rules: list[dict[str, Any]] = Field(description="In the words of the problem format, first to last")


class VersionOut(Schema):
    version: int
    state: Literal["draft", "published", "past"]
    published_at: datetime | None
    published_by: str | None
    note: str
    rules: int


class RulesIn(Strict):
    rules: Annotated[list[dict[str, Any]], Field(max_length=20_000)] = Field(
        description="In the words of the problem format, first to last"
    )
    objective: dict[str, Any] = {}
    waves: dict[str, Any] = Field(
        {}, description="How waves decide: `mode` (stream, joint), `every_minutes`, `at`, `more_than`, `seconds`, `gap`"
    )


class PublishIn(RulesIn):
    note: Note = ""
    based_on: Version | None = Field(
        None, description="The version this was made from; refused when another one is in force meanwhile"
    )


class WarningOut(Schema):
    rule: str
    warning: str


class CheckOut(Schema):
    rules: int
    warnings: list[WarningOut] = Field(description="Rules that never fire, and by which others they are covered")


class DifferenceOut(Schema):
    rule: str = Field(description="Its id; `waves` and `objective` with a star before them are the set's own")
    change: Literal["new", "changed", "moved", "gone"]
    before: str = Field(description="A sentence in the caller's language")
    after: str


class PublishedOut(Schema):
    version: int
    rules: int
    catch_all_added: bool
    queued: int = Field(description="Orders that waited and are tried again")


class RollbackIn(Strict):
    version: Version | None = Field(None, description="The one before, by default")


@router.get("", response={200: RulesOut, **ERRORS}, summary="The rules in force")
def in_force(request: HttpRequest) -> RulesOut:
    caller(request, Capability.SEE_RULES)
    version = published_version()
    if version is None:
        return RulesOut(version=0, state="published", published_at=None, note="", objective={}, waves={}, rules=[])
    return _document(version)


@router.get("/versions", response={200: list[VersionOut], **ERRORS}, summary="Versions, the newest first")
def versions(request: HttpRequest) -> list[VersionOut]:
    caller(request, Capability.SEE_RULES)
    found = RuleSetVersion.objects.select_related("published_by").order_by("-number")[:VERSIONS]
    return [
        VersionOut(
            version=one.number,
            state=STATES[one.state],
            published_at=one.published_at,
            published_by=one.published_by.username if one.published_by else None,
            note=one.note,
            rules=len(one.rules.all()),
        )
        for one in found.prefetch_related("rules")
    ]


@router.get("/versions/{int:number}", response={200: RulesOut, **ERRORS}, summary="One version")
def one_version(request: HttpRequest, number: int) -> RulesOut:
    caller(request, Capability.SEE_RULES)
    return _document(version_of(number))


@router.post("/check", response={200: CheckOut, **ERRORS}, summary="Judge a rule set; nothing is kept")
def check(request: HttpRequest, body: RulesIn) -> CheckOut:
    """Whether it could be published (422 with the place if not), and which rules never fire."""
    caller(request, Capability.SEE_RULES)
    rules = _read(body)
    found = [
        WarningOut(rule=code, warning=one.words)
        for code, warnings in warnings_of(rules, timezone.now()).items()
        for one in warnings
    ]
    return CheckOut(rules=len(rules), warnings=found)


@router.post("/diff", response={200: list[DifferenceOut], **ERRORS}, summary="Compare with the rules in force")
def diff(request: HttpRequest, body: RulesIn, version: int = 0) -> list[DifferenceOut]:
    """What this rule set would change against the rules in force, or against `version`."""
    caller(request, Capability.SEE_RULES)
    rules = _read(body)
    old = version_of(version) if version else published_version()
    given = RuleSetVersion(objective=body.objective, waves=read_waves({"waves": body.waves}))
    before = rules_of_version(old) if old else []
    names = names_for([*before, *rules])
    return [
        DifferenceOut(
            rule=one.code,
            change=one.kind.value,
            before=plain(one.before, names) if one.before else "",
            after=plain(one.after, names) if one.after else "",
        )
        for one in differences(before, rules)
    ] + [
        DifferenceOut(rule=f"*{one['key']}", change="changed", before=one["before"], after=one["after"])
        for one in set_rows(set_differences(old, given))
    ]


@router.post("/publish", response={200: PublishedOut, **ERRORS}, summary="Publish a rule set")
def publish(request: HttpRequest, body: PublishIn) -> PublishedOut:
    """What was in force becomes a past version; orders that wait are tried again. The draft is left alone."""
    user = _publisher(request)
    document = understood(body.rules, body.objective, body.waves)

    def put(now: datetime) -> Publication:
        live = RuleSetVersion.objects.select_for_update().filter(state=VersionState.PUBLISHED).first()
        if body.based_on is not None and (live is None or live.number != body.based_on):
            sentence = _("Version %(number)s is in force meanwhile. Compare with it, then publish upon it.")
            raise Refusal("changed_meanwhile", sentence, pointer="/based_on", number=live.number if live else 0)
        return publish_rules(document, now=now, by=user, note=body.note)

    return _put_in_force(put, "rules.published", user, {})


@router.post("/rollback", response={200: PublishedOut, **ERRORS}, summary="Put an older version in force again")
def rollback(request: HttpRequest, body: RollbackIn) -> PublishedOut:
    user = _publisher(request)
    past = RuleSetVersion.objects.filter(state=VersionState.PAST).order_by("-published_at", "-number").first()
    number = body.version or (past.number if past else 0)
    if not number:
        raise Problem(409, "no_version", _("There is no older version to go back to."), pointer="/version")
    version_of(number)

    def put(now: datetime) -> Publication:
        return restore_version(number, now=now, by=user)

    return _put_in_force(put, "rules.rolled_back", user, {"to": number})


def _publisher(request: HttpRequest) -> User:
    caller(request, Capability.EDIT_RULES)
    return caller(request, Capability.PUBLISH_RULES)


def _put_in_force(put: Any, action: str, user: User, more: dict[str, Any]) -> PublishedOut:
    now = timezone.now()

    def publication() -> Publication:
        done: Publication = put(now)
        record_change(action, by=user, now=now, after={"version": done.version.number, **more})
        return done

    done, queued = put_in_force(publication, now=now)
    return PublishedOut(
        version=done.version.number, rules=done.rules, catch_all_added=done.catch_all_added, queued=queued
    )


def _read(body: RulesIn) -> list[Rule]:
    """The rules of a document, checked against this seller's network; nothing is kept."""
    document = understood(body.rules, body.objective, body.waves)
    with transaction.atomic():
        rules = rules_of_version(replace_draft(document, who=Who(None, timezone.now())))
        transaction.set_rollback(True)
    return rules


def understood(
    rules: list[dict[str, Any]], objective: dict[str, Any], waves: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The document, if it can be read; else 422 at its place."""
    document = {"rules": rules, "objective": objective, "waves": waves or {}}
    try:
        read_document(document)
        read_waves(document)
    except Refusal as refusal:
        raise Problem(422, refusal.code, str(refusal), pointer=refusal.pointer) from refusal
    return document


def version_of(number: int) -> RuleSetVersion:
    found = RuleSetVersion.objects.filter(number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise Problem(404, "no_version", _("There is no rule set version %(number)s.") % {"number": number})
    return found


def _document(version: RuleSetVersion) -> RulesOut:
    return RulesOut(
        version=version.number,
        state=STATES[version.state],
        published_at=version.published_at,
        note=version.note,
        objective=version.objective,
        waves=version.waves,
        rules=[entry_of(rule) for rule in rules_of_version(version)],
    )

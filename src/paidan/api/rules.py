"""Rule sets as documents, so that they can live in a repository: judged, compared, published, rolled back, tried."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.publishing import put_in_force
from paidan.desk.rules.lines import warnings_of
from paidan.desk.rules.names import names_for
from paidan.desk.rules.sentences import plain
from paidan.desk.settings.rows import limited_to_nothing
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.rules.differences import differences
from paidan.rules.documents import read_document
from paidan.rules.drafts import Who, draft, entry_of, replace_draft, rules_of_version
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.rules.queries import published_version
from paidan.rules.services import Publication, publish_rules, restore_version
from paidan.whatif.models import WhatIf
from paidan.whatif.otherwise import LEAST_PERCENT, MOST_PERCENT, Added, place_of
from paidan.whatif.running import ask, stop

from .auth import caller
from .orders import ERRORS
from .problems import Problem
from .schemas import PRINTABLE, Code, Strict

router = Router(tags=["Rules"])
VERSIONS = 200
STATES: dict[int, Literal["draft", "published", "past"]] = {
    VersionState.DRAFT: "draft",
    VersionState.PUBLISHED: "published",
    VersionState.PAST: "past",
}
Number = Annotated[int, Field(ge=0, le=1_000_000_000)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Note = Annotated[str, Field(max_length=500, pattern=PRINTABLE)]


class RulesOut(Schema):
    version: int
    state: Literal["draft", "published", "past"]
    published_at: datetime | None
    note: str
    objective: dict[str, Any]
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
    rule: str
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


class AddedIn(Strict):
    """A warehouse that is not there."""

    code: Code
    place: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)] = Field(
        description="A city and district, six digits, or latitude,longitude"
    )
    stock_percent: Annotated[int, Field(ge=0, le=100)] = 0
    like: str = Field("", max_length=40, description="The warehouse whose freight and calendar it has")
    ratio: Number = 0
    capacity: Number | None = None


class SimulateIn(Strict):
    """What shall be otherwise; warehouses and teams by code. A capacity of null is no limit."""

    since: AwareDatetime
    until: AwareDatetime
    rules: Annotated[list[dict[str, Any]], Field(max_length=20_000)] | None = Field(
        None, description="Rules to try; they become the draft"
    )
    version: Version | None = None
    warehouse_ratio: dict[str, Number] = {}
    warehouse_capacity: dict[str, Number | None] = {}
    team_ratio: dict[str, Number] = {}
    team_capacity: dict[str, Number | None] = {}
    paused: list[str] = []
    opened: list[str] = []
    freight_percent: dict[str, Annotated[int, Field(ge=LEAST_PERCENT, le=MOST_PERCENT)]] = {}
    added: Annotated[list[AddedIn], Field(max_length=5)] = []


class SimulationOut(Schema):
    id: int
    state: Literal["queued", "running", "done", "stopped", "failed"]
    done: int
    of: int
    problem: str
    moved: int
    before: dict[str, Any] | None = Field(description="Figures of what happened")
    after: dict[str, Any] | None


@router.get("", response={200: RulesOut, **ERRORS}, summary="The rules in force")
def in_force(request: HttpRequest) -> RulesOut:
    caller(request, Capability.SEE_RULES)
    version = published_version()
    if version is None:
        return RulesOut(version=0, state="published", published_at=None, note="", objective={}, rules=[])
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
    return _document(_version(number))


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
    old = _version(version) if version else published_version()
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
    ]


@router.post("/publish", response={200: PublishedOut, **ERRORS}, summary="Publish a rule set")
def publish(request: HttpRequest, body: PublishIn) -> PublishedOut:
    """What was in force becomes a past version; orders that wait are tried again. The draft is left alone."""
    user = _publisher(request)
    document = _understood(body.rules, body.objective)

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
    _version(number)

    def put(now: datetime) -> Publication:
        return restore_version(number, now=now, by=user)

    return _put_in_force(put, "rules.rolled_back", user, {"to": number})


@router.post("/simulate", response={202: SimulationOut, **ERRORS}, summary="Decide a past period again")
def simulate(request: HttpRequest, body: SimulateIn) -> Status[SimulationOut]:
    """A worker does it; ask for the simulation until its state is `done`. See docs/what-if.md."""
    user = _simulator(request)
    if body.rules is not None and body.version:
        raise Problem(422, "rules_twice", _("Give either rules or a version."), pointer="/version")
    assumed = _assumed(body)
    with transaction.atomic():
        tried = _version(body.version) if body.version else None
        if body.rules is not None:
            tried = _drafted(body.rules, caller(request, Capability.EDIT_RULES))
        asked = ask(
            body.since,
            body.until,
            version=tried,
            rules_name=f"v{tried.number}" if tried else "",
            assumed=assumed,
            now=timezone.now(),
            by=user,
        )
    return Status(202, _simulation(asked))


@router.get("/simulations/{int:what_if_id}", response={200: SimulationOut, **ERRORS}, summary="One simulation")
def simulation(request: HttpRequest, what_if_id: int) -> SimulationOut:
    _simulator(request)
    return _simulation(WhatIf.objects.get(pk=what_if_id))


@router.delete("/simulations/{int:what_if_id}", response={200: SimulationOut, **ERRORS}, summary="Stop a simulation")
def stop_simulation(request: HttpRequest, what_if_id: int) -> SimulationOut:
    """One that has ended stays as it is."""
    _simulator(request)
    WhatIf.objects.get(pk=what_if_id)
    stop(what_if_id, now=timezone.now())
    return _simulation(WhatIf.objects.get(pk=what_if_id))


def _drafted(rules: list[dict[str, Any]], user: User) -> RuleSetVersion:
    """The rules as the draft; nobody else's draft is replaced."""
    begun = draft()
    if begun is not None and begun.changed_by_id not in (None, user.pk):
        sentence = _("%(who)s is writing the draft v%(number)s. Try that version, or wait until it is published.")
        values = {"who": begun.changed_by.display_name if begun.changed_by else "", "number": begun.number}
        raise Problem(409, "draft_taken", sentence % values, pointer="/rules")
    return replace_draft(_understood(rules, {}), who=Who(user, timezone.now()))


def _publisher(request: HttpRequest) -> User:
    caller(request, Capability.EDIT_RULES)
    return caller(request, Capability.PUBLISH_RULES)


def _simulator(request: HttpRequest) -> User:
    """A simulation looks at all orders: only those who see everything may."""
    user = caller(request, Capability.RUN_WHATIF)
    if not limited_to_nothing(user):
        raise Problem(403, "forbidden", _("This token, or the user it acts for, may not do this."))
    return user


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
    document = _understood(body.rules, body.objective)
    with transaction.atomic():
        rules = rules_of_version(replace_draft(document, who=Who(None, timezone.now())))
        transaction.set_rollback(True)
    return rules


def _understood(rules: list[dict[str, Any]], objective: dict[str, Any]) -> dict[str, Any]:
    """The document, if it can be read; else 422 at its place."""
    document = {"rules": rules, "objective": objective}
    try:
        read_document(document)
    except Refusal as refusal:
        raise Problem(422, refusal.code, str(refusal), pointer=refusal.pointer) from refusal
    return document


def _version(number: int) -> RuleSetVersion:
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
        rules=[entry_of(rule) for rule in rules_of_version(version)],
    )


def _assumed(body: SimulateIn) -> dict[str, Any]:
    """By id, as `whatif.running.assumptions_of` reads it; a code nobody knows is an error at its place."""
    warehouses = dict(Warehouse.objects.values_list("code", "id"))
    teams = dict(Team.objects.values_list("code", "id"))

    def known(codes: dict[str, int], code: str, at: str) -> int:
        if code not in codes:
            raise Problem(422, "unknown_code", _("“%(code)s” is not known.") % {"code": code}, pointer=f"/{at}")
        return codes[code]

    found: dict[str, Any] = {}
    for name, field, codes in (
        ("ratio_w", "warehouse_ratio", warehouses),
        ("capacity_w", "warehouse_capacity", warehouses),
        ("ratio_t", "team_ratio", teams),
        ("capacity_t", "team_capacity", teams),
        ("freight_percent", "freight_percent", warehouses),
    ):
        given = getattr(body, field)
        found[name] = {str(known(codes, code, f"{field}/{code}")): value for code, value in given.items()}
    for name in ("paused", "opened"):
        found[name] = [known(warehouses, code, f"{name}/{at}") for at, code in enumerate(getattr(body, name))]
    found["added"] = [_added(one, at, warehouses) for at, one in enumerate(body.added)]
    return {name: value for name, value in found.items() if value}


def _added(one: AddedIn, at: int, warehouses: dict[str, int]) -> dict[str, Any]:
    if one.code in warehouses:
        raise Problem(422, "code_taken", _("There is a warehouse with this code."), pointer=f"/added/{at}/code")
    if one.like and one.like not in warehouses:
        said = _("“%(code)s” is not known.") % {"code": one.like}
        raise Problem(422, "unknown_code", said, pointer=f"/added/{at}/like")
    try:
        lat, lng = place_of(one.place)
    except Refusal as refusal:
        raise Problem(422, refusal.code, str(refusal), pointer=f"/added/{at}/place") from refusal
    like = warehouses.get(one.like, 0)
    return asdict(Added(one.code, lat, lng, one.stock_percent, like, one.ratio, one.capacity))


def _simulation(one: WhatIf) -> SimulationOut:
    return SimulationOut(
        id=one.pk,
        state=one.state,  # type: ignore[arg-type]
        done=one.done_n,
        of=one.total_n,
        problem=one.problem,
        moved=one.moved_n,
        before=_figures(one.before),
        after=_figures(one.after),
    )


def _figures(one: dict[str, Any] | None) -> dict[str, Any] | None:
    """As kept, with reason codes as words and loads without days before 1970."""
    if one is None:
        return None
    reasons = {Reason(int(key)).code: number for key, number in one["unserved"].items()}
    return {**one, "unserved": reasons}

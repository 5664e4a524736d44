"""Simulations through the API: past days decided again under other rules, ratios, capacities, freight or warehouses."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.settings.rows import limited_to_nothing
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.rules.drafts import Who, draft, replace_draft
from paidan.rules.models import RuleSetVersion
from paidan.whatif.models import WhatIf
from paidan.whatif.otherwise import LEAST_PERCENT, MOST_PERCENT, Added, place_of
from paidan.whatif.running import ask, stop

from .auth import caller
from .orders import ERRORS
from .problems import Problem
from .rules import Version, understood, version_of
from .schemas import PRINTABLE, Code, Moment, Strict

router = Router(tags=["Rules"])
Number = Annotated[int, Field(ge=0, le=1_000_000_000)]


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

    since: Moment
    until: Moment
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


@router.post("/simulate", response={202: SimulationOut, **ERRORS}, summary="Decide a past period again")
def simulate(request: HttpRequest, body: SimulateIn) -> Status[SimulationOut]:
    """A worker does it; ask for the simulation until its state is `done`. See docs/what-if.md."""
    user = _simulator(request)
    if body.rules is not None and body.version:
        raise Problem(422, "rules_twice", _("Give either rules or a version."), pointer="/version")
    assumed = _assumed(body)
    with transaction.atomic():
        tried = version_of(body.version) if body.version else None
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
    return replace_draft(understood(rules, {}), who=Who(user, timezone.now()))


def _simulator(request: HttpRequest) -> User:
    """A simulation looks at all orders: only those who see everything may."""
    user = caller(request, Capability.RUN_WHATIF)
    if not limited_to_nothing(user):
        raise Problem(403, "forbidden", _("This token, or the user it acts for, may not do this."))
    return user


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

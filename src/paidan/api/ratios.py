"""Ratios of all warehouses together, and what is planned for weekdays and promotions."""

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.board.ratio_views import keep_ratios
from paidan.kit.errors import Refusal
from paidan.network import plans
from paidan.network.models import Promotion
from paidan.network.scopes import visible_teams, visible_warehouses

from .auth import caller
from .orders import ERRORS
from .place_values import wrong
from .problems import escaped
from .schemas import Code, Strict

router = Router(tags=["Network"])
Kind = Literal["warehouse", "team"]
Name = Literal["ratio", "capacity"]
UNLIMITED = "unlimited"
TIME = r"^(normal|weekday:[0-6]|promotion:[^\x00-\x1f\x7f]{1,40})$"


class RatiosIn(Strict):
    ratios: Annotated[dict[Code, Annotated[int, Field(ge=0, le=100)]], Field(min_length=1, max_length=2000)] = Field(
        description="Percents by warehouse, all within reach; their sum is 100"
    )


class RatiosOut(BaseModel):
    ratios: dict[str, int]


class CellIn(Strict):
    code: Code = Field(description="Of the warehouse or team")
    when: Annotated[str, Field(max_length=60, pattern=TIME)] = Field(
        description="normal, weekday:0 (Monday) to weekday:6, or promotion: and its code"
    )
    value: Annotated[int, Field(ge=0, le=1_000_000_000)] | Literal["unlimited"] | None = Field(
        description="null = as normally; unlimited for a capacity"
    )


class PlanIn(Strict):
    cells: Annotated[list[CellIn], Field(min_length=1, max_length=5000)]


class CellOut(BaseModel):
    code: str
    when: str
    value: int | Literal["unlimited"]


class PlanOut(BaseModel):
    cells: list[CellOut]


@router.get("/ratios", response={200: RatiosOut, **ERRORS}, summary="The ratios of the warehouses")
def ratios(request: HttpRequest) -> RatiosOut:
    return _ratios(caller(request, Capability.SEE_NETWORK))


@router.put("/ratios", response={200: RatiosOut, **ERRORS}, summary="Set the ratios of the warehouses together")
def set_all(request: HttpRequest, body: RatiosIn) -> RatiosOut:
    user = caller(request, Capability.SET_RATIOS)
    places = {one.code: one for one in visible_warehouses(user)}
    for code in body.ratios:
        if code not in places:
            wrong(f"/ratios/{escaped(code)}", "unknown_warehouse", _("There is no such warehouse within reach."))
    for code in places:
        if code not in body.ratios:
            said = _("“%(code)s” is missing: give a percent to every warehouse, 0 for none.") % {"code": code}
            wrong("/ratios", "ratio_missing", said)
    given = {places[code].pk: ratio for code, ratio in body.ratios.items()}
    try:
        keep_ratios(list(places.values()), given, by=user, now=timezone.now())
    except Refusal as refusal:
        wrong("/ratios", refusal.code, refusal)
    return _ratios(user)


def _ratios(user: User) -> RatiosOut:
    return RatiosOut(ratios={one.code: one.ratio for one in visible_warehouses(user)})


@router.get("/plans/{kind}/{name}", response={200: PlanOut, **ERRORS}, summary="What is planned")
def plan(request: HttpRequest, kind: Kind, name: Name) -> PlanOut:
    """Times without a value are as normally, and not listed."""
    return _plan(caller(request, Capability.SEE_NETWORK), kind, name)


@router.patch("/plans/{kind}/{name}", response={200: PlanOut, **ERRORS}, summary="Plan ratios or capacities")
def change_plan(request: HttpRequest, kind: Kind, name: Name, body: PlanIn) -> PlanOut:
    """What is due now is in force at once, the rest when its time begins."""
    user = caller(request, Capability.SET_RATIOS)
    ids = {code: key for key, code in _codes(user, kind).items()}
    promotions = dict(Promotion.objects.values_list("code", "id"))
    cells: dict[tuple[int, str], int | None] = {}
    places: dict[str, int] = {}
    for at, cell in enumerate(body.cells):
        if cell.code not in ids:
            wrong(f"/cells/{at}/code", "unknown_code", _("“%(code)s” is not known.") % {"code": cell.code})
        if cell.value == UNLIMITED and name == "ratio":
            wrong(f"/cells/{at}/value", "not_a_ratio", _("A ratio is a number."))
        what, _colon, promotion = cell.when.partition(":")
        if what == "promotion" and promotion not in promotions:
            wrong(f"/cells/{at}/when", "unknown_promotion", _("“%(code)s” is not known.") % {"code": promotion})
        when = plans.promotion_key(promotions[promotion]) if what == "promotion" else cell.when
        cells[ids[cell.code], when] = plans.NO_LIMIT if cell.value == UNLIMITED else cell.value  # type: ignore[assignment]
        places[f"{ids[cell.code]}/{when}"] = at
    try:
        plans.set_planned(kind, name, cells, by=user, now=timezone.now())
    except Refusal as refusal:
        wrong(f"/cells/{places.get(refusal.pointer, 0)}/value", refusal.code, refusal)
    return _plan(user, kind, name)


def _codes(user: User, kind: Kind) -> dict[int, str]:
    visible = visible_warehouses(user) if kind == "warehouse" else visible_teams(user)
    return {one.pk: one.code for one in visible}


def _plan(user: User, kind: Kind, name: Name) -> PlanOut:
    codes = _codes(user, kind)
    promotions = {plans.promotion_key(key): code for key, code in Promotion.objects.values_list("id", "code")}
    return PlanOut(
        cells=[
            CellOut(
                code=codes[key],
                when=f"promotion:{promotions[when]}" if when in promotions else when,
                value="unlimited" if value == plans.NO_LIMIT else value,
            )
            for key, values in sorted(plans.planned(kind, name).items())
            if key in codes
            for when, value in values.items()
        ]
    )

"""Rebalance: a preview of deciding again what no team has accepted, and making it."""

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.rebalance import Rebalance, plan_rebalance
from paidan.allocation.rebalance.asked import MOST, SECONDS, within_reach
from paidan.allocation.rebalance.documents import as_document
from paidan.allocation.rebalance.previews import KEPT_FOR, apply_some, keep_preview, preview_of
from paidan.geo.codes import number_of
from paidan.kit.errors import Refusal
from paidan.network.scopes import visible_shops, visible_warehouses
from paidan.web.models import Batch

from .auth import caller
from .orders import ERRORS
from .problems import Problem
from .schemas import Code, Strict

router = Router(tags=["Allocations"])
MADE_FOR_S = 10.0
"""How long one call of `apply` goes on."""


class RebalanceIn(Strict):
    warehouse: Code | None = Field(None, description="Only what is in this warehouse now")
    shop: Code | None = Field(None, description="Only orders of this shop")
    region: Annotated[str, Field(pattern=r"^\d{6}$")] | None = Field(
        None, description="Only orders to this region: a GB/T 2260 code of any level"
    )
    most: Annotated[int, Field(ge=1, le=MOST)] | None = Field(None, description="No more moves than this")
    saving_minor: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = Field(
        None, description="Only moves that save so much each; what leaves a paused warehouse is not held to it"
    )
    seconds: Annotated[float, Field(gt=0, le=60)] = Field(SECONDS, description="How long to look for a good plan")


class SumsOut(BaseModel):
    freight_minor: int
    distance_m: int | None = Field(description="Mean of those that are known")
    late: int = Field(description="Allocations that will be late")


class PlaceOut(BaseModel):
    warehouse: str
    capacity: int | None
    load: int
    load_after: int
    allocations: int = Field(description="Of those that could be decided again")
    allocations_after: int
    before: SumsOut
    after: SumsOut


class MoveOut(BaseModel):
    allocation: int
    order: int
    shop: str
    number: str
    source: str = Field(alias="from")
    to: str
    team: str | None = Field(description="null: the warehouse's least loaded one, or none")
    saving_minor: int
    why: Literal["paused", "saving", "rule", "ratio", "room"]


class StuckOut(BaseModel):
    allocation: int
    order: int
    shop: str
    number: str
    reason: str


class RebalanceOut(BaseModel):
    id: UUID = Field(description="What `apply` asks for")
    expires_at: datetime
    considered: int
    moving: int
    saving_minor: int
    before: SumsOut = Field(description="Of those that would move")
    after: SumsOut
    beyond: int = Field(description="What more would move without the limit `most`")
    causes: dict[str, int]
    warehouses: list[PlaceOut]
    moves: list[MoveOut] = Field(description="The 1,000 that save most")
    stuck: list[StuckOut] = Field(description="What must stay in a paused warehouse, up to 1,000")
    stuck_total: int


class AppliedOut(BaseModel):
    done: int
    saving_minor: int
    refused: dict[str, int] = Field(description="What changed meanwhile stays: how many, by the code of the refusal")
    left: int = Field(description="Not tried yet: call again")


@router.post("", response={200: RebalanceOut, **ERRORS}, summary="Preview a rebalance", by_alias=True)
def preview(request: HttpRequest, body: RebalanceIn) -> RebalanceOut:
    """Decide again what is assigned and no team has accepted, within the caller's reach; nothing is changed."""
    user = caller(request, Capability.ASSIGN_ORDERS)
    now = timezone.now()
    plan = plan_rebalance(within_reach(asked_of(user, body), user), now=now)
    kept = keep_preview(plan, owner=user, asked_by="api", now=now)
    document: dict[str, Any] = {"id": kept.pk, "expires_at": now + KEPT_FOR, **as_document(plan)}
    return RebalanceOut(**document)


def asked_of(user: User, body: RebalanceIn) -> Rebalance:
    """The question; what lies outside the caller's reach is unknown."""
    return Rebalance(
        most=body.most,
        saving_minor=body.saving_minor,
        warehouse_ids=_named(visible_warehouses(user), body.warehouse, "warehouse"),
        shop_ids=_named(visible_shops(user), body.shop, "shop"),
        region=number_of(body.region) if body.region else 0,
        seconds=body.seconds,
    )


def _named(visible: Any, code: str | None, field: str) -> tuple[int, ...] | None:
    if code is None:
        return None
    row = visible.filter(code=code).first()
    if row is None:
        said = {
            "warehouse": _("There is no such warehouse within reach."),
            "shop": _("There is no such shop within reach."),
        }
        raise Problem(422, f"unknown_{field}", said[field], pointer=f"/{field}")
    return (row.pk,)


@router.post("/{uuid:key}/apply", response={200: AppliedOut, **ERRORS}, summary="Make a previewed rebalance")
def apply(request: HttpRequest, key: UUID) -> AppliedOut:
    """Move what was previewed, step by step, for ten seconds at most; what changed meanwhile stays. Call again while
    `left` is not 0. A preview is good for 15 minutes."""
    user = caller(request, Capability.ASSIGN_ORDERS)
    found = preview_of(user, key)
    if found is None:
        raise Problem(404, "not_found", _("There is no such preview of yours."))
    try:
        found = apply_some(found, now=timezone.now(), by=user, seconds=MADE_FOR_S)
    except Refusal as refusal:
        raise Problem(409, refusal.code, refusal) from refusal
    over = found.state == Batch.State.APPLIED
    return AppliedOut(
        done=found.done_n,
        saving_minor=cast(dict[str, Any], found.choices)["saved_minor"],
        refused={row["reason"]: row["number"] for row in found.failures},
        left=0 if over else len(found.row_ids) - found.tried_n,
    )

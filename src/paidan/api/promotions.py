"""Promotions: the named periods that rules, plans and reports know by their code."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Status
from pydantic import BaseModel

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.network.models import Promotion

from .auth import caller
from .matching import IF_MATCH
from .orders import ERRORS
from .place_schemas import Name, NewCode
from .place_values import wrong
from .places import CODE, add_one, change_one, read_one
from .schemas import EARLIEST, LATEST, Moment, Strict

router = Router(tags=["Network"])


class PromotionChange(Strict):
    name: Name = ""
    starts_at: Moment = EARLIEST
    ends_at: Moment = LATEST


class PromotionIn(Strict):
    code: NewCode
    name: Name = ""
    starts_at: Moment
    ends_at: Moment


class PromotionOut(BaseModel):
    code: str
    name: str
    starts_at: datetime
    ends_at: datetime


def shown(row: Promotion) -> PromotionOut:
    return PromotionOut(code=row.code, name=row.name, starts_at=row.starts_at, ends_at=row.ends_at)


def values_of(
    body: PromotionChange | PromotionIn, row: Promotion, _user: User
) -> tuple[dict[str, Any], dict[str, Collection[Any]]]:
    """What was said, if it ends after it starts together with what stays."""
    values = body.model_dump(exclude_unset=True, exclude={"code"})
    starts, ends = (values.get(name, getattr(row, name)) for name in ("starts_at", "ends_at"))
    if ends <= starts:
        said = _("It ends before it starts. Correct the start or the end.")
        wrong("/ends_at" if "ends_at" in values else "/starts_at", "ends_first", said)
    return values, {}


@router.get("", response={200: list[PromotionOut], **ERRORS}, summary="All promotions, the latest first")
def promotions(request: HttpRequest) -> list[PromotionOut]:
    caller(request, Capability.SEE_NETWORK)
    return [shown(row) for row in Promotion.objects.order_by("-starts_at", "pk")]


@router.get("/{path:code}", response={200: PromotionOut, **ERRORS}, summary="One promotion")
def one_promotion(request: HttpRequest, response: HttpResponse, code: str = CODE) -> PromotionOut:
    caller(request, Capability.SEE_NETWORK)
    return read_one(response, Promotion.objects.all(), code, shown)


@router.post("", response={201: PromotionOut, **ERRORS}, summary="Add a promotion")
def add_promotion(request: HttpRequest, body: PromotionIn) -> Status[PromotionOut]:
    return add_one(request, Promotion(), body, values_of, shown)


@router.patch(
    "/{path:code}", response={200: PromotionOut, **ERRORS}, summary="Change a promotion", openapi_extra=IF_MATCH
)
def change_promotion(
    request: HttpRequest, response: HttpResponse, body: PromotionChange, code: str = CODE
) -> PromotionOut:
    """Its code stays: rules, plans and reports know it by that."""
    caller(request, Capability.CHANGE_NETWORK)
    return change_one(request, response, Promotion.objects.all(), code, body, values_of, shown)

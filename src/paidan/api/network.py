"""The network and the goods, to read."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import Sku
from paidan.network.scopes import visible_shops, visible_teams, visible_warehouses
from paidan.reports import lists

from .auth import caller
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of

router = Router(tags=["Network"])


class ShopOut(Schema):
    code: str
    name: str
    platform: str
    ship_within_h: int
    teams: list[str]
    active: bool


class WarehouseOut(Schema):
    code: str
    name: str
    open: bool
    region: str | None
    capacity: int | None
    load: int = Field(description="Allocations of the current work day")
    work_day: str
    ratio: int
    cutoff: str | None
    timezone: str
    lat: float | None
    lng: float | None


class TeamOut(Schema):
    code: str
    name: str
    warehouse: str | None
    shops: list[str]
    skills: list[str]
    load: int
    capacity: int | None
    ratio: int


class SkuOut(Schema):
    id: int
    code: str
    name: str
    category: str
    tags: list[str]
    weight_g: int
    volume_cm3: int


class SkuPage(Schema):
    items: list[SkuOut]
    next: str | None


@router.get("/shops", response={200: list[ShopOut], **ERRORS}, summary="All shops")
def shops(request: HttpRequest) -> list[dict[str, Any]]:
    mine = {shop.code for shop in visible_shops(caller(request, Capability.SEE_NETWORK))}
    return [row for row in lists.shops() if row["code"] in mine]


@router.get("/warehouses", response={200: list[WarehouseOut], **ERRORS}, summary="All warehouses with today's load")
def warehouses(request: HttpRequest) -> list[dict[str, Any]]:
    mine = {place.code for place in visible_warehouses(caller(request, Capability.SEE_NETWORK))}
    return [row for row in lists.warehouses(timezone.now()) if row["code"] in mine]


@router.get("/teams", response={200: list[TeamOut], **ERRORS}, summary="All teams with today's load")
def teams(request: HttpRequest) -> list[dict[str, Any]]:
    mine = {team.code for team in visible_teams(caller(request, Capability.SEE_NETWORK))}
    return [row for row in lists.teams(timezone.now()) if row["code"] in mine]


@router.get("/skus", response={200: SkuPage, **ERRORS}, summary="List SKUs")
def skus(
    request: HttpRequest,
    code: str = WORD,
    after: str = WORD,
    limit: int = LIMIT,
) -> SkuPage:
    caller(request, Capability.SEE_NETWORK)
    rows = Sku.objects.filter(code=code) if code else Sku.objects.all()
    found, following = page_of(rows, after, limit)
    names = ("id", "code", "name", "category", "tags", "weight_g", "volume_cm3")
    return SkuPage(items=[SkuOut(**{name: getattr(row, name) for name in names}) for row in found], next=following)

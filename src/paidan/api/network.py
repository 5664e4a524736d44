"""The network and the goods, to read; and the rules in force."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import Sku
from paidan.network.scopes import visible_shops, visible_teams, visible_warehouses
from paidan.reports import lists
from paidan.rules.drafts import entry_of, rules_of_version
from paidan.rules.queries import published_version

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


class RulesOut(Schema):
    version: int
    published_at: str | None
    note: str
    objective: dict[str, Any]
    rules: list[dict[str, Any]] = Field(description="In the words of the problem format, first to last")


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


@router.get("/rules", response={200: RulesOut, **ERRORS}, summary="The rules in force")
def rules(request: HttpRequest) -> RulesOut:
    caller(request, Capability.SEE_RULES)
    version = published_version()
    if version is None:
        return RulesOut(version=0, published_at=None, note="", objective={}, rules=[])
    return RulesOut(
        version=version.number,
        published_at=version.published_at.isoformat() if version.published_at else None,
        note=version.note,
        objective=version.objective,
        rules=[entry_of(rule) for rule in rules_of_version(version)],
    )

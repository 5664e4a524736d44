"""Shops, warehouses and teams one by one: read, added, changed; through the same service as the settings' forms."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Path, Status
from pydantic import BaseModel

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.settings.saving import save_settings
from paidan.kit.errors import Refusal
from paidan.network.models import Shop, Team, Warehouse
from paidan.network.scopes import scope_of, visible_shops, visible_teams, visible_warehouses

from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .network import router
from .orders import ERRORS
from .place_schemas import ShopChange, ShopFull, ShopIn, TeamChange, TeamFull, TeamIn, WarehouseChange, WarehouseFull
from .place_schemas import WarehouseIn as NewWarehouse
from .place_values import shop_shown, shop_values, team_shown, team_values, warehouse_shown, warehouse_values
from .problems import Problem

CODE: str = Path(..., max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")  # type: ignore[type-arg]
Row = TypeVar("Row", bound=Model)
Shown = TypeVar("Shown", bound=BaseModel)
Told = TypeVar("Told", bound=BaseModel)


def read_one(response: HttpResponse, visible: Any, code: str, shown: Callable[[Any], Shown]) -> Shown:
    """One row by its code, with an ETag."""
    found = shown(visible.get(code=code))
    response["ETag"] = etag_of(found)
    return found


def change_one(
    request: HttpRequest,
    response: HttpResponse,
    visible: Any,
    code: str,
    body: Told,
    values_of: Callable[[Told, Any, User], tuple[dict[str, Any], dict[str, Collection[Any]]]],
    shown: Callable[[Any], Shown],
) -> Shown:
    """1. Lock it. 2. Refuse if it is not as the caller has seen it. 3. Check what is said. 4. Save as a form would."""
    user: User = request.auth  # type: ignore[attr-defined]
    with transaction.atomic():
        ids = visible.order_by().values("pk")
        row = visible.model.objects.select_for_update(of=("self",)).get(pk__in=ids, code=code)
        require_match(request, shown(row))
        values, related = values_of(body, row, user)
        save_settings(row, values, related, by=user, now=timezone.now())
        return read_one(response, visible.model.objects.all(), code, shown)


def add_one(
    request: HttpRequest,
    row: Any,
    body: Any,
    values_of: Callable[[Any, Any, User], tuple[dict[str, Any], dict[str, Collection[Any]]]],
    shown: Callable[[Any], Shown],
) -> Status[Shown]:
    """A new row; only for those who will see it."""
    user = caller(request, Capability.CHANGE_NETWORK)
    if not scope_of(user).is_everything:
        raise Problem(403, "out_of_reach", _("Only who reaches everything may add this."), pointer="/code")
    values, related = values_of(body, row, user)
    try:
        save_settings(row, {"code": body.code, **values}, related, by=user, now=timezone.now())
    except Refusal as refusal:
        raise Problem(409, refusal.code, str(refusal), pointer=f"/{refusal.pointer}") from refusal
    return Status(201, shown(type(row)._default_manager.get(pk=row.pk)))


@router.get("/shops/{path:code}", response={200: ShopFull, **ERRORS}, summary="One shop")
def one_shop(request: HttpRequest, response: HttpResponse, code: str = CODE) -> ShopFull:
    return read_one(response, visible_shops(caller(request, Capability.SEE_NETWORK)), code, shop_shown)


@router.post("/shops", response={201: ShopFull, **ERRORS}, summary="Add a shop")
def add_shop(request: HttpRequest, body: ShopIn) -> Status[ShopFull]:
    return add_one(request, Shop(), body, shop_values, shop_shown)


@router.patch("/shops/{path:code}", response={200: ShopFull, **ERRORS}, summary="Change a shop", openapi_extra=IF_MATCH)
def change_shop(request: HttpRequest, response: HttpResponse, body: ShopChange, code: str = CODE) -> ShopFull:
    visible = visible_shops(caller(request, Capability.CHANGE_NETWORK))
    return change_one(request, response, visible, code, body, shop_values, shop_shown)


@router.get("/warehouses/{path:code}", response={200: WarehouseFull, **ERRORS}, summary="One warehouse")
def one_warehouse(request: HttpRequest, response: HttpResponse, code: str = CODE) -> WarehouseFull:
    return read_one(response, visible_warehouses(caller(request, Capability.SEE_NETWORK)), code, warehouse_shown)


@router.post("/warehouses", response={201: WarehouseFull, **ERRORS}, summary="Add a warehouse")
def add_warehouse(request: HttpRequest, body: NewWarehouse) -> Status[WarehouseFull]:
    return add_one(request, Warehouse(), body, warehouse_values, warehouse_shown)


@router.patch(
    "/warehouses/{path:code}",
    response={200: WarehouseFull, **ERRORS},
    summary="Change, open or pause a warehouse",
    openapi_extra=IF_MATCH,
)
def change_warehouse(
    request: HttpRequest, response: HttpResponse, body: WarehouseChange, code: str = CODE
) -> WarehouseFull:
    """Orders that waited for it are tried again when it opens, covers more or can take more."""
    only_open = body.model_fields_set == {"open"}
    user = caller(request, Capability.PAUSE_WAREHOUSES if only_open else Capability.CHANGE_NETWORK)
    return change_one(request, response, visible_warehouses(user), code, body, warehouse_values, warehouse_shown)


@router.get("/teams/{path:code}", response={200: TeamFull, **ERRORS}, summary="One team")
def one_team(request: HttpRequest, response: HttpResponse, code: str = CODE) -> TeamFull:
    return read_one(response, visible_teams(caller(request, Capability.SEE_NETWORK)), code, team_shown)


@router.post("/teams", response={201: TeamFull, **ERRORS}, summary="Add a team")
def add_team(request: HttpRequest, body: TeamIn) -> Status[TeamFull]:
    return add_one(request, Team(), body, team_values, team_shown)


@router.patch("/teams/{path:code}", response={200: TeamFull, **ERRORS}, summary="Change a team", openapi_extra=IF_MATCH)
def change_team(request: HttpRequest, response: HttpResponse, body: TeamChange, code: str = CODE) -> TeamFull:
    """Its members are set in the browser: they are people, whom no scope of a token names."""
    visible = visible_teams(caller(request, Capability.CHANGE_NETWORK))
    return change_one(request, response, visible, code, body, team_values, team_shown)

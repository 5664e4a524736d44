"""Allocations: what a warehouse's own system reads and reports back."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.locked import as_ids, lock_allocations, orders_of
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import AllocationState
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    hand_back_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.kit.arrays import array_cursor
from paidan.network.models import Team, Warehouse
from paidan.network.scopes import scope_of, visible_teams, visible_warehouses
from paidan.orders.queue import lock_orders

from . import schemas
from .auth import caller
from .feed import page_or_feed
from .matching import IF_MATCH, asks_match, etag_of, one_only, require_match
from .orders import ERRORS
from .outcomes import done_of
from .paging import LIMIT, SINCE, WORD
from .problems import Problem

router = Router(tags=["Allocations"])
OF_ORDER: int = Query(0, ge=0, le=2**63 - 1)  # type: ignore[type-arg]
STATES = {state.code: int(state) for state in AllocationState}


def reachable(user: User) -> Any:
    """The allocations within the caller's scope."""
    return Allocation.objects.filter(
        scope_of(user).condition(warehouse="warehouse_id", team="team_id", shop="order__shop_id")
    )


@router.get("", response={200: schemas.AllocationPage, **ERRORS}, summary="List allocations")
def list_allocations(
    request: HttpRequest,
    state: str = WORD,
    warehouse: str = WORD,
    team: str = WORD,
    order: int = OF_ORDER,
    after: str = WORD,
    updated_since: str = SINCE,
    limit: int = LIMIT,
) -> schemas.AllocationPage:
    """In the order in which they were made: what a warehouse has to do is `state=assigned`. With `updated_since` those
    that something happened to since, as they are now."""
    rows = reachable(caller(request, Capability.SEE_ORDERS))
    if state:
        if state not in STATES:
            said = _("“state” is one of: %(states)s.") % {"states": ", ".join(STATES)}
            raise Problem(422, "bad_state", said, pointer="state")
        rows = rows.filter(state=STATES[state])
    for name, value in (("warehouse__code", warehouse), ("team__code", team), ("order_id", order)):
        if value:
            rows = rows.filter(**{name: value})
    rows = rows.select_related("order__shop", "warehouse", "team").prefetch_related("parts__line", "parts__sku")
    found, following, more = page_or_feed(rows, "allocation_id", after, updated_since, limit)
    return schemas.AllocationPage(items=[written(row) for row in found], next=following, more=more)


@router.get("/{int:allocation_id}", response={200: schemas.AllocationOut, **ERRORS}, summary="One allocation")
def one_allocation(request: HttpRequest, response: HttpResponse, allocation_id: int) -> schemas.AllocationOut:
    """With an `ETag`, for changing it only as it was seen."""
    found = _shown(caller(request, Capability.SEE_ORDERS), allocation_id)
    response["ETag"] = etag_of(found)
    return found


def _shown(user: User, allocation_id: int) -> schemas.AllocationOut:
    return written(reachable(user).select_related("order__shop", "warehouse", "team").get(pk=allocation_id))


def written(row: Allocation) -> schemas.AllocationOut:
    return schemas.AllocationOut(
        id=row.pk,
        order=row.order_id,
        shop=row.order.shop.code,
        number=row.order.number,
        warehouse=row.warehouse.code,
        team=row.team.code if row.team else None,
        state=AllocationState(row.state).code,
        state_at=row.state_at,
        work_day=row.work_day.isoformat(),
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        distance_m=row.distance_m,
        freight_minor=row.freight_minor,
        frozen=row.frozen,
        lines=[
            schemas.PieceOut(line=part.line.number, sku=part.sku.code, qty=part.qty)
            for part in sorted(row.parts.all(), key=lambda part: part.line.position)
        ],
    )


def place_named(user: User, warehouse: str, team: str) -> tuple[Warehouse, Team | None]:
    """The place a body names, within the caller's reach."""
    place = visible_warehouses(user).filter(code=warehouse).first()
    if place is None:
        raise Problem(422, "unknown_warehouse", _("There is no such warehouse within reach."), pointer="/warehouse")
    crew = visible_teams(user).filter(code=team).first() if team else None
    if team and crew is None:
        raise Problem(422, "unknown_team", _("There is no such team within reach."), pointer="/team")
    return place, crew


def may_force(user: User, force: bool) -> None:
    """Only who may move what a team has accepted asks for it."""
    if force and not user.can(Capability.FORCE_REASSIGN):
        raise Problem(403, "forbidden", _("Only an operations lead moves what a team has accepted."), pointer="/force")


def step(request: HttpRequest, asked: Sequence[int], act: Callable[..., Batch], capability: Capability) -> schemas.Done:
    """Do it to those within reach; with If-Match only if the one asked for is still as the caller has seen it."""
    user = caller(request, capability)
    with transaction.atomic() if asks_match(request) else nullcontext():
        if asks_match(request):
            key = one_only(asked, "/allocations")
            lock_orders(orders_of(array_cursor(), as_ids([key])))
            lock_allocations(array_cursor(), as_ids([key]))
            require_match(request, _shown(user, key))
        reach = list(reachable(user).filter(pk__in=asked).values_list("pk", flat=True))
        return done_of(act(reach, now=timezone.now(), by=user), asked, reach)


@router.post(
    "/accept", response={200: schemas.Done, **ERRORS}, summary="The team takes them on", openapi_extra=IF_MATCH
)
def accept(request: HttpRequest, body: schemas.AllocationIds) -> schemas.Done:
    return step(request, body.allocations, accept_allocations, Capability.WORK_ALLOCATIONS)


@router.post(
    "/pick", response={200: schemas.Done, **ERRORS}, summary="The goods are off the shelf", openapi_extra=IF_MATCH
)
def pick(request: HttpRequest, body: schemas.AllocationIds) -> schemas.Done:
    return step(request, body.allocations, pick_allocations, Capability.WORK_ALLOCATIONS)


@router.post("/pack", response={200: schemas.Done, **ERRORS}, summary="They are packed", openapi_extra=IF_MATCH)
def pack(request: HttpRequest, body: schemas.AllocationIds) -> schemas.Done:
    return step(request, body.allocations, pack_allocations, Capability.WORK_ALLOCATIONS)


@router.post(
    "/hand-back", response={200: schemas.Done, **ERRORS}, summary="The team gives them back", openapi_extra=IF_MATCH
)
def hand_back(request: HttpRequest, body: schemas.HandBackIn) -> schemas.Done:
    back = partial(hand_back_allocations, reason=body.reason)
    return step(request, body.allocations, back, Capability.WORK_ALLOCATIONS)


@router.post(
    "/ship", response={200: schemas.Done, **ERRORS}, summary="They left, with tracking numbers", openapi_extra=IF_MATCH
)
def ship(request: HttpRequest, body: schemas.ShipmentsIn) -> schemas.Done:
    said = {one.allocation: Shipment(one.allocation, one.carrier, one.tracking_number) for one in body.shipments}
    return step(
        request,
        list(said),
        lambda reach, **who: ship_allocations([said[key] for key in reach], **who),
        Capability.WORK_ALLOCATIONS,
    )


@router.post(
    "/reassign",
    response={200: schemas.Done, **ERRORS},
    summary="Move them to another warehouse or team",
    openapi_extra=IF_MATCH,
)
def reassign(request: HttpRequest, body: schemas.ReassignIn) -> schemas.Done:
    user = caller(request, Capability.ASSIGN_ORDERS)
    place, team = place_named(user, body.warehouse, body.team)
    may_force(user, body.force)
    move = partial(reassign_allocations, warehouse=place, team=team, force=body.force, reason=body.reason)
    return step(request, body.allocations, move, Capability.ASSIGN_ORDERS)

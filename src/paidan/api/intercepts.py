"""Answering intercepts: an order changed while a team had it in its hands, and the team stops it or goes on."""

from functools import partial

from django.http import HttpRequest
from ninja import Router

from paidan.accounts.capabilities import Capability
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.transitions import cancel_allocations

from . import schemas
from .allocations import may_force, step
from .auth import caller
from .matching import IF_MATCH
from .order_bodies import TakeBackIn
from .orders import ERRORS

router = Router(tags=["Allocations"])


def answering(request: HttpRequest) -> Capability:
    """Whoever works the allocations, or whoever settles exceptions for a team that said so by telephone."""
    settles = request.auth.can(Capability.RESOLVE_EXCEPTIONS)  # type: ignore[attr-defined]
    return Capability.RESOLVE_EXCEPTIONS if settles else Capability.WORK_ALLOCATIONS


@router.post(
    "/confirm-intercept",
    response={200: schemas.Done, **ERRORS},
    summary="Intercepted: they were stopped",
    openapi_extra=IF_MATCH,
)
def confirm(request: HttpRequest, body: schemas.AllocationIds) -> schemas.Done:
    """They are cancelled and their stock is free; what the order still wants is tried again. `GET
    /exceptions?kind=intercept` lists what waits for an answer, with its causes."""
    return step(request, body.allocations, confirm_intercepts, answering(request))


@router.post(
    "/refuse-intercept",
    response={200: schemas.Done, **ERRORS},
    summary="Too late to intercept: they go on as they are",
    openapi_extra=IF_MATCH,
)
def refuse(request: HttpRequest, body: schemas.AllocationIds) -> schemas.Done:
    """They are frozen no more, unless their order is on hold."""
    return step(request, body.allocations, refuse_intercepts, answering(request))


@router.post(
    "/take-back",
    response={200: schemas.Done, **ERRORS},
    summary="Cancel allocations; their orders are tried again",
    openapi_extra=IF_MATCH,
)
def take_back(request: HttpRequest, body: TakeBackIn) -> schemas.Done:
    """Free while no team has accepted them; after that only for an operations lead, with `force`."""
    may_force(caller(request, Capability.ASSIGN_ORDERS), body.force)
    cancel = partial(cancel_allocations, force=body.force, reason=body.reason)
    return step(request, body.allocations, cancel, Capability.ASSIGN_ORDERS)

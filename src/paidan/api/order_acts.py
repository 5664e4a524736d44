"""Orders: what a person decides of them against or beside the rules, as on the order desk."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.carriers import change_carriers
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.outcomes import Batch
from paidan.allocation.relaxing import Relax
from paidan.allocation.tagging import tag_orders, untag_orders
from paidan.allocation.trying import try_now
from paidan.desk.attention.remedies import GiveBack, people
from paidan.desk.orders.batch_assign import Assign
from paidan.desk.orders.batch_base import Outcome, sentence
from paidan.desk.orders.queries import visible_orders
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.network.models import FreightRate
from paidan.orders.caretakers import entrust_orders

from . import order_bodies as bodies
from . import schemas
from .allocations import may_force, place_named
from .auth import caller
from .orders import ERRORS, act
from .place_values import wrong
from .problems import Problem

router = Router(tags=["Orders"])


def told(found: Outcome | Batch, asked: Sequence[int], reach: Sequence[int]) -> schemas.Done:
    """What an action of the desk did, in its sentences; what lies out of reach does not exist."""
    refused: Mapping[int, str] = {**found.refused, **{key: "not_found" for key in asked if key not in reach}}
    said = [
        schemas.Refused(id=key, code=code, detail=sentence(code, str(key))) for key, code in sorted(refused.items())
    ]
    return schemas.Done(done=list(found.done), refused=said)


def within(user: User, asked: Sequence[int]) -> list[int]:
    """Those of these orders that the caller reaches."""
    return list(visible_orders(user).filter(pk__in=asked).values_list("pk", flat=True))


@router.post("/assign", response={200: schemas.Done, **ERRORS}, summary="Send orders to a warehouse by hand")
def assign(request: HttpRequest, body: bodies.AssignIn) -> schemas.Done:
    """What is open goes there, and what is assigned elsewhere moves. Rules, coverage and capacity do not bind a person;
    stock does."""
    user = caller(request, Capability.ASSIGN_ORDERS)
    place, team = place_named(user, body.warehouse, body.team)
    may_force(user, body.force)
    reach, now = within(user, body.orders), timezone.now()
    if not body.partial:
        choices = {"warehouse": place.pk, "team": team and team.pk, "force": body.force, "reason": body.reason}
        return told(Assign().run(user, reach, choices, now), body.orders, reach)
    if len(body.orders) != 1:
        raise Problem(422, "one_at_a_time", _("“partial” needs exactly one order."), pointer="/orders")
    try:
        for key in reach:
            assign_by_hand(key, warehouse=place, team=team, now=now, by=user, partial=True)
    except Refusal as refusal:
        return told(Batch(refused=dict.fromkeys(reach, refusal.code)), body.orders, reach)
    return told(Batch(done=tuple(reach)), body.orders, reach)


@router.post(
    "/allocate-once", response={200: schemas.Done, **ERRORS}, summary="Decide orders with one condition let go"
)
def allocate_once(request: HttpRequest, body: bodies.OnceIn) -> schemas.Done:
    """By the published rules but for one condition. `done` have a warehouse now; what is refused carries the reason."""
    user = caller(request, Capability.ASSIGN_ORDERS)
    reach = within(user, body.orders)
    trial = try_now(reach, now=timezone.now(), relax=Relax(body.allow), by=user)
    failed = {key: Reason(reason).code for key, reason in trial.failed.items()}
    return told(Batch(done=tuple(trial.served), refused={**trial.refused, **failed}), body.orders, reach)


@router.post("/give-back", response={200: schemas.Done, **ERRORS}, summary="Take what held orders keep reserved")
def give_back(request: HttpRequest, body: schemas.OrderIds) -> schemas.Done:
    """Of other orders that are on hold: they stay on hold and lose their reservation. These get it, if they were tried
    without success."""
    user = caller(request, Capability.HOLD_ORDERS)
    reach = within(user, body.orders)
    return told(GiveBack().run(user, reach, {}, timezone.now()), body.orders, reach)


@router.post("/tag", response={200: schemas.Done, **ERRORS}, summary="Put a tag on orders")
def tag(request: HttpRequest, body: bodies.TagIn) -> schemas.Done:
    """What is open of them is tried again, for a rule may ask for the tag."""
    return act(request, body.orders, partial(tag_orders, tag=body.tag), Capability.CHANGE_ORDERS)


@router.post("/untag", response={200: schemas.Done, **ERRORS}, summary="Take a tag off orders")
def untag(request: HttpRequest, body: bodies.TagIn) -> schemas.Done:
    return act(request, body.orders, partial(untag_orders, tag=body.tag), Capability.CHANGE_ORDERS)


@router.post("/carrier", response={200: schemas.Done, **ERRORS}, summary="Change the carrier of what has not left")
def carrier(request: HttpRequest, body: bodies.CarrierIn) -> schemas.Done:
    """One that has a freight table; the price follows."""
    if not FreightRate.objects.filter(carrier=body.carrier).exists():
        wrong("/carrier", "unknown_carrier", _("No freight table is of this carrier."))

    def change(ids: Sequence[int], **who: Any) -> Batch:
        return change_carriers(dict.fromkeys(ids, body.carrier), **who)[0]

    return act(request, body.orders, change, Capability.CHANGE_ORDERS)


@router.post("/merge", response={200: schemas.Done, **ERRORS}, summary="Make one parcel of several orders")
def merge(request: HttpRequest, body: schemas.OrderIds) -> schemas.Done:
    """Of those of one shop to the same person and address, before a team has begun. It is a new order."""
    return act(request, body.orders, merge_orders, Capability.MERGE_ORDERS)


@router.post("/unmerge", response={200: schemas.Done, **ERRORS}, summary="Take merged orders apart")
def unmerge(request: HttpRequest, body: schemas.OrderIds) -> schemas.Done:
    """The orders that came of a merge; those that went into them are orders of their own again."""
    return act(request, body.orders, unmerge_orders, Capability.MERGE_ORDERS)


@router.post("/entrust", response={200: schemas.Done, **ERRORS}, summary="Say who looks after orders")
def entrust(request: HttpRequest, body: bodies.EntrustOrdersIn) -> schemas.Done:
    user = caller(request, Capability.RESOLVE_EXCEPTIONS)
    person, reach = person_named(body.to), within(user, body.orders)
    changed = entrust_orders(reach, to=person, now=timezone.now(), by=user)
    already = {key: "already" for key in reach if key not in changed}
    return told(Batch(done=tuple(changed), refused=already), body.orders, reach)


def person_named(name: str | None) -> User | None:
    """Who may look after something, by username; None = nobody."""
    if name is None:
        return None
    found: User | None = people().filter(username=name).first()
    if found is None:
        wrong("/to", "unknown_user", _("Nobody called %(name)s may look after orders.") % {"name": name})
    return found

"""Orders: pushed, read, held, released, cancelled, tried, explained."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.cancelling import cancel_orders
from paidan.allocation.documents import as_document
from paidan.allocation.explain import explain_order, explain_orders
from paidan.allocation.holds import hold_orders, release_orders
from paidan.allocation.locked import as_ids
from paidan.allocation.models import Allocation
from paidan.allocation.outcomes import Batch
from paidan.allocation.states import COUNTED
from paidan.allocation.trying import try_now
from paidan.desk.orders.queries import visible_orders
from paidan.engine.codes import Reason
from paidan.geo.codes import code_of
from paidan.orders.models import Hold, Order
from paidan.orders.queue import OPEN_STATES, lock_orders
from paidan.orders.states import OrderState

from . import schemas
from .auth import caller
from .feed import page_or_feed
from .few import decision_of, push_few
from .intake import push_orders, shops_in_reach
from .matching import IF_MATCH, asks_match, etag_of, one_only, require_match
from .outcomes import done_of
from .paging import LIMIT, SINCE, WORD
from .problems import Problem, ProblemDocument

router = Router(tags=["Orders"])
ERRORS = dict.fromkeys((400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429), ProblemDocument)
STATES = {state.code: int(state) for state in OrderState}


@router.post("", response={200: schemas.OrdersOut, **ERRORS}, summary="Push up to 1,000 orders")
def push(request: HttpRequest, body: schemas.OrdersIn, allocate: Query[bool | Literal["now"]] = False) -> HttpResponse:
    """Idempotent by shop and number: the same again changes nothing, something else changes the order, with what
    that means for its allocations. Each order stands for itself: a wrong one is rejected with its faults, the others
    come in. `allocate=true` (or `now`) decides the pushed orders at once and answers where each went and why."""
    user, now = caller(request, Capability.IMPORT_FILES), timezone.now()
    outside = shops_in_reach(body.orders, user)
    if outside:
        errors = [
            {"pointer": f"/orders/{at}/shop", "code": "out_of_reach", "detail": body.orders[at].shop} for at in outside
        ]
        said = _("Some orders are of shops outside what this token reaches.")
        raise Problem(403, "out_of_reach", said, pointer=errors[0]["pointer"], errors=errors)
    first: dict[tuple[str, str], int] = {}
    for at, one in enumerate(body.orders):
        if first.setdefault((one.shop, one.number), at) != at:
            said = _("The same order stands twice in the request.")
            raise Problem(422, "order_twice", said, pointer=f"/orders/{at}/number")
    found = push_few(body.orders, user) if allocate else None
    if found is None:
        found = push_orders(body.orders, by=user, now=now)
        if allocate:
            decide(found)
    # Written by pydantic itself: a thousand results as dictionaries and then as text take four times as long.
    return HttpResponse(found.model_dump_json(), content_type="application/json; charset=utf-8")


def decide(found: schemas.OrdersOut) -> None:
    """Try what was pushed at once, and say what became of it."""
    ids = [one.id for one in found.orders if one.id is not None and one.result != "rejected"]
    waiting = list(Order.objects.filter(id__in=ids, state__in=OPEN_STATES).values_list("id", flat=True))
    if waiting:
        try_now(waiting, now=timezone.now())
    explained = explain_orders(ids, now=timezone.now(), brief=True)
    for one in found.orders:
        if one.id in explained:
            one.state = explained[one.id].state.code
            one.decision = decision_of(explained[one.id])


@router.get("", response={200: schemas.OrderPage, **ERRORS}, summary="List orders")
def list_orders(
    request: HttpRequest,
    state: str = WORD,
    shop: str = WORD,
    number: str = WORD,
    after: str = WORD,
    updated_since: str = SINCE,
    limit: int = LIMIT,
) -> schemas.OrderPage:
    """In the order in which they came in; `after` is the page before's `next`. With `updated_since` instead those that
    something happened to since, as they are now: no change is ever left out, whatever is written meanwhile."""
    rows = visible_orders(caller(request, Capability.SEE_ORDERS))
    if state:
        if state not in STATES:
            said = _("“state” is one of: %(states)s.") % {"states": ", ".join(STATES)}
            raise Problem(422, "bad_state", said, pointer="state")
        rows = rows.filter(state=STATES[state])
    if shop:
        rows = rows.filter(shop__code=shop)
    if number:
        rows = rows.filter(number=number)
    rows = rows.select_related("shop").prefetch_related("lines__sku")
    found, following, more = page_or_feed(rows, "order_id", after, updated_since, limit)
    return schemas.OrderPage(items=written(found), next=following, more=more)


@router.get("/{int:order_id}", response={200: schemas.OrderOut, **ERRORS}, summary="One order")
def one_order(request: HttpRequest, response: HttpResponse, order_id: int) -> schemas.OrderOut:
    """With an `ETag`, for changing it only as it was seen."""
    found = shown(caller(request, Capability.SEE_ORDERS), order_id)
    response["ETag"] = etag_of(found)
    return found


def shown(user: User, order_id: int) -> schemas.OrderOut:
    row = visible_orders(user).select_related("shop").prefetch_related("lines__sku").get(pk=order_id)
    return written([row])[0]


def written(rows: Sequence[Order]) -> list[schemas.OrderOut]:
    """Orders with where they are; two more queries for all of them."""
    ids = [row.pk for row in rows]
    held = set(Hold.objects.filter(order_id__in=ids, released_at=None).values_list("order_id", flat=True))
    placed: dict[int, list[Allocation]] = {}
    live = Allocation.objects.filter(order_id__in=ids, state__in=COUNTED).select_related("warehouse").order_by("id")
    for part in live:
        placed.setdefault(part.order_id, []).append(part)
    return [_written(row, held, placed.get(row.pk, [])) for row in rows]


def _written(row: Order, held: Iterable[int], parts: Sequence[Allocation]) -> schemas.OrderOut:
    return schemas.OrderOut(
        id=row.pk,
        shop=row.shop.code,
        number=row.number,
        state=OrderState(row.state).code,
        reason=Reason(row.reason).code if row.reason else None,
        held=row.pk in held,
        paid_at=row.paid_at,
        ship_by=row.ship_by_at,
        amount_minor=row.amount_minor,
        priority=row.priority,
        tags=row.tags,
        region=code_of(row.region),
        lines=[
            schemas.LineOut(
                number=line.number,
                sku=line.sku.code if line.sku else None,
                shop_code=line.shop_code,
                qty=line.qty,
                cancelled=line.cancelled_qty,
            )
            for line in sorted(row.lines.all(), key=lambda line: line.position)
        ],
        warehouses=[part.warehouse.code for part in parts],
        allocations=[part.pk for part in parts],
    )


@router.get("/{int:order_id}/explanation", response={200: dict[str, Any], **ERRORS}, summary="Why it is where it is")
def explanation(request: HttpRequest, order_id: int) -> dict[str, Any]:
    """The rule, every candidate and why it lost, and what would help, with sentences in the caller's language."""
    user = caller(request, Capability.SEE_ORDERS)
    return as_document(explain_order(visible_orders(user).only("pk").get(pk=order_id).pk, now=timezone.now()))


def act(request: HttpRequest, asked: Sequence[int], act: Callable[..., Batch], capability: Capability) -> schemas.Done:
    """Do it to those within reach; with If-Match only if the one asked for is still as the caller has seen it."""
    user = caller(request, capability)
    with transaction.atomic() if asks_match(request) else nullcontext():
        if asks_match(request):
            key = one_only(asked, "/orders")
            lock_orders(as_ids([key]))
            require_match(request, shown(user, key))
        reach = list(visible_orders(user).filter(pk__in=asked).values_list("pk", flat=True))
        return done_of(act(reach, now=timezone.now(), by=user), asked, reach)


@router.post("/hold", response={200: schemas.Done, **ERRORS}, summary="Hold orders", openapi_extra=IF_MATCH)
def hold(request: HttpRequest, body: schemas.HoldIn) -> schemas.Done:
    said = {"reason": body.reason, "until_at": body.until, "give_back": body.give_back}
    return act(request, body.orders, partial(hold_orders, **said), Capability.HOLD_ORDERS)  # type: ignore[arg-type]


@router.post("/release", response={200: schemas.Done, **ERRORS}, summary="Release held orders", openapi_extra=IF_MATCH)
def release(request: HttpRequest, body: schemas.OrderIds) -> schemas.Done:
    return act(request, body.orders, release_orders, Capability.HOLD_ORDERS)


@router.post("/cancel", response={200: schemas.Done, **ERRORS}, summary="Cancel orders", openapi_extra=IF_MATCH)
def cancel(request: HttpRequest, body: schemas.CancelIn) -> schemas.Done:
    """What is assigned is cancelled; a team that has begun is asked; what is shipped becomes an exception."""
    return act(request, body.orders, partial(cancel_orders, reason=body.reason), Capability.CANCEL_ORDERS)


@router.post("/allocate", response={200: schemas.Done, **ERRORS}, summary="Decide orders now")
def allocate_now(request: HttpRequest, body: schemas.OrderIds) -> schemas.Done:
    """Instead of waiting for the next wave. `done` have a warehouse now; what is refused carries the reason."""
    user = caller(request, Capability.CHANGE_ORDERS)
    reach = list(visible_orders(user).filter(pk__in=body.orders).values_list("pk", flat=True))
    trial = try_now(reach, now=timezone.now())
    failed = {key: Reason(reason).code for key, reason in trial.failed.items()}
    outside = {key: "not_found" for key in body.orders if key not in reach}
    said = {**trial.refused, **failed, **outside}
    refused = [schemas.Refused(id=key, code=code, detail=code) for key, code in sorted(said.items())]
    return schemas.Done(done=list(trial.served), refused=refused)

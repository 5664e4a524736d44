"""Exceptions: what somebody met, reported, read and settled."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.allocation.outcomes import Batch
from paidan.desk.attention.groups import visible_exceptions
from paidan.desk.attention.settling import SendBack
from paidan.desk.orders.queries import visible_orders
from paidan.orders.caretakers import entrust_exceptions
from paidan.orders.exceptions import report_exception, resolve_exception
from paidan.orders.models import OrderException
from paidan.orders.states import ExceptionKind

from .allocations import reachable
from .auth import caller
from .order_acts import person_named, told
from .order_bodies import EntrustExceptionsIn, ShortagesIn
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of
from .place_values import wrong
from .problems import Problem
from .schemas import PRINTABLE, Done, Id, Ids, Refused, Strict

router = Router(tags=["Exceptions"])
KINDS = {kind.name.lower(): kind for kind in ExceptionKind}
OPEN: bool = Query(True, description="false = those that were settled")  # type: ignore[type-arg]
Kind = Literal["other", "damaged", "not_found", "address"]
"""What a person or a program can report; the other kinds are opened by Paidan."""


class ExceptionIn(Strict):
    kind: Kind
    order: Id | None = None
    allocation: Id | None = Field(None, description="Instead of, or with, its order")
    note: Annotated[str, Field(max_length=500, pattern=PRINTABLE)] = ""


class ExceptionOut(BaseModel):
    id: int
    kind: str
    order: int | None
    allocation: int | None
    sku: str | None
    warehouse: str | None
    note: str
    opened_at: datetime
    opened_by: str | None
    resolved_at: datetime | None
    resolution: str
    assignee: str | None = Field(description="Who looks after it")
    causes: list[str] = Field(
        description="Of an intercept, what changed: cancelled, refund_asked, address, lines, amount"
    )


class ExceptionPage(BaseModel):
    items: list[ExceptionOut]
    next: str | None


class ResolveIn(Strict):
    exceptions: Ids
    resolution: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


REFUSALS = {
    "not_found": _("%(id)s does not exist."),
    "resolved": _("%(id)s is settled already."),
    "intercept": _("%(id)s is an intercept: its team confirms or refuses it."),
}


def shown(row: OrderException) -> ExceptionOut:
    return ExceptionOut(
        id=row.pk,
        kind=ExceptionKind(row.kind).name.lower(),
        order=row.order_id,
        allocation=row.allocation_id,
        sku=row.sku.code if row.sku else None,
        warehouse=row.warehouse.code if row.warehouse else None,
        note=row.note,
        opened_at=row.opened_at,
        opened_by=row.opened_by.username if row.opened_by else None,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
        assignee=row.assignee.username if row.assignee else None,
        causes=list((row.detail or {}).get("causes", [])),
    )


@router.get("", response={200: ExceptionPage, **ERRORS}, summary="List exceptions")
def exceptions(
    request: HttpRequest, open: bool = OPEN, kind: str = WORD, after: str = WORD, limit: int = LIMIT
) -> ExceptionPage:
    """In the order in which they were opened."""
    rows = visible_exceptions(caller(request, Capability.SEE_ORDERS)).filter(resolved_at__isnull=open)
    if kind:
        if kind not in KINDS:
            said = _("“kind” is one of: %(kinds)s.") % {"kinds": ", ".join(KINDS)}
            raise Problem(422, "bad_kind", said, pointer="kind")
        rows = rows.filter(kind=KINDS[kind])
    found, following = page_of(rows.select_related("sku", "warehouse", "opened_by", "assignee"), after, limit)
    return ExceptionPage(items=[shown(row) for row in found], next=following)


@router.post("", response={201: ExceptionOut, **ERRORS}, summary="Report an exception")
def report(request: HttpRequest, body: ExceptionIn) -> Status[ExceptionOut]:
    """On an order, or on one of its allocations."""
    user = caller(request, Capability.SEE_ORDERS)
    if not (user.can(Capability.WORK_ALLOCATIONS) or user.can(Capability.RESOLVE_EXCEPTIONS)):
        caller(request, Capability.WORK_ALLOCATIONS)
    order_id = body.order
    if body.allocation is not None:
        part = reachable(user).filter(pk=body.allocation).first()
        if part is None:
            wrong("/allocation", "not_found", _("There is no such allocation within reach."))
        if order_id not in (None, part.order_id):
            wrong("/order", "other_order", _("The allocation is of another order."))
        order_id = part.order_id
    elif order_id is None:
        wrong("/order", "missing", _("Name an order or an allocation."))
    elif not visible_orders(user).filter(pk=order_id).exists():
        wrong("/order", "not_found", _("There is no such order within reach."))
    row = report_exception(
        KINDS[body.kind], order_id=order_id, allocation_id=body.allocation, note=body.note, now=timezone.now(), by=user
    )
    return Status(201, shown(row))


@router.post("/resolve", response={200: Done, **ERRORS}, summary="Settle exceptions")
def resolve(request: HttpRequest, body: ResolveIn) -> Done:
    user, now = caller(request, Capability.RESOLVE_EXCEPTIONS), timezone.now()
    kinds = dict(visible_exceptions(user).filter(pk__in=body.exceptions).values_list("pk", "kind"))
    done: list[int] = []
    refused: dict[int, str] = {}
    for key in dict.fromkeys(body.exceptions):
        if key not in kinds:
            refused[key] = "not_found"
        elif kinds[key] == ExceptionKind.INTERCEPT:
            refused[key] = "intercept"
        elif resolve_exception(key, resolution=body.resolution, now=now, by=user):
            done.append(key)
        else:
            refused[key] = "resolved"
    said = [Refused(id=key, code=code, detail=str(REFUSALS[code] % {"id": key})) for key, code in refused.items()]
    return Done(done=done, refused=said)


@router.post("/entrust", response={200: Done, **ERRORS}, summary="Say who looks after exceptions")
def entrust(request: HttpRequest, body: EntrustExceptionsIn) -> Done:
    user = caller(request, Capability.RESOLVE_EXCEPTIONS)
    person = person_named(body.to)
    reach = list(visible_exceptions(user).filter(pk__in=body.exceptions).values_list("pk", flat=True))
    changed = entrust_exceptions(reach, to=person)
    already = {key: "already" for key in reach if key not in changed}
    return told(Batch(done=tuple(changed), refused=already), body.exceptions, reach)


@router.post("/send-back", response={200: Done, **ERRORS}, summary="Relieve shortages")
def send_back(request: HttpRequest, body: ShortagesIn) -> Done:
    """Where more is reserved than is there: what no team has accepted goes back and is tried elsewhere."""
    user = caller(request, Capability.RESOLVE_EXCEPTIONS)
    reach = list(visible_exceptions(user).filter(pk__in=body.exceptions).values_list("pk", flat=True))
    return told(SendBack().run(user, reach, {}, timezone.now()), body.exceptions, reach)

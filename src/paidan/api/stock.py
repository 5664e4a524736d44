"""Stock: read, counted, adjusted."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router

from paidan.accounts.capabilities import Capability
from paidan.allocation.counts import CountReport, adjust_stock, count_stock
from paidan.catalog.models import Sku
from paidan.network.models import Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.stock.models import Stock
from paidan.stock.services import LEAVE

from . import schemas
from .auth import caller
from .orders import ERRORS
from .paging import LIMIT, WORD
from .problems import Problem

router = Router(tags=["Stock"])


@router.get("", response={200: schemas.StockPage, **ERRORS}, summary="List stock")
def list_stock(
    request: HttpRequest,
    sku: str = WORD,
    warehouse: str = WORD,
    after: str = WORD,
    limit: int = LIMIT,
) -> schemas.StockPage:
    """By SKU code and warehouse. `after` is the page before's `next`."""
    user = caller(request, Capability.SEE_STOCK)
    places = visible_warehouses(user)
    rows = Stock.objects.filter(warehouse__in=list(places)).select_related("sku", "warehouse")
    if sku:
        rows = rows.filter(sku__code=sku)
    if warehouse:
        rows = rows.filter(warehouse__code=warehouse)
    last_sku, last_place = _read_cursor(after)
    rows = rows.extra(
        where=["(stock_stock.sku_id, stock_stock.warehouse_id) > (%s, %s)"], params=[last_sku, last_place]
    )
    found = list(rows.order_by("sku_id", "warehouse_id")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    items = [
        schemas.StockOut(
            sku=row.sku.code,
            warehouse=row.warehouse.code,
            on_hand=row.on_hand_qty,
            reserved=row.reserved_qty,
            safety=row.safety_qty,
            available=row.available_qty,
        )
        for row in found
    ]
    return schemas.StockPage(items=items, next=f"{found[-1].sku_id}-{found[-1].warehouse_id}" if more else None)


def _read_cursor(after: str) -> tuple[int, int]:
    if not after:
        return 0, 0
    parts = after.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise Problem(422, "bad_cursor", _("“after” is what the last page called “next”."), pointer="after")
    return int(parts[0]), int(parts[1])


@router.put("", response={200: schemas.CountsOut, **ERRORS}, summary="Set counted stock, up to 5,000 rows")
def set_stock(request: HttpRequest, body: schemas.CountsIn) -> schemas.CountsOut:
    """What was counted is stored as it is; below what is reserved, unaccepted allocations go back."""
    user = caller(request, Capability.ADJUST_STOCK)
    skus, places = _known(user, [row.sku for row in body.stock], [row.warehouse for row in body.stock], "/stock/%d")
    report = count_stock(
        [skus[row.sku] for row in body.stock],
        [places[row.warehouse] for row in body.stock],
        [row.on_hand for row in body.stock],
        [LEAVE if row.safety is None else row.safety for row in body.stock],
        now=timezone.now(),
        by=user,
        reason=body.reason,
    )
    return _counted(report)


@router.post("/adjust", response={200: schemas.CountsOut, **ERRORS}, summary="Add to or take from stock")
def adjust(request: HttpRequest, body: schemas.AdjustIn) -> schemas.CountsOut:
    user = caller(request, Capability.ADJUST_STOCK)
    skus, places = _known(user, [body.sku], [body.warehouse], "")
    report = adjust_stock(
        sku_id=skus[body.sku],
        warehouse_id=places[body.warehouse],
        delta=body.delta,
        now=timezone.now(),
        by=user,
        reason=body.reason,
    )
    return _counted(report)


def _known(user: object, skus: Sequence[str], places: Sequence[str], at: str) -> tuple[dict[str, int], dict[str, int]]:
    """Ids by code; a code nobody knows, or that is out of reach, is an error at its place."""
    sku_ids = dict(Sku.objects.filter(code__in=skus).values_list("code", "id"))
    reach: list[Warehouse] = list(visible_warehouses(user))  # type: ignore[arg-type]
    place_ids = {place.code: place.pk for place in reach}
    errors = []
    for number, (sku, place) in enumerate(zip(skus, places, strict=True)):
        where = at % number if at else ""
        if sku not in sku_ids:
            errors.append({"pointer": f"{where}/sku", "code": "unknown_sku", "detail": sku})
        if place not in place_ids:
            errors.append({"pointer": f"{where}/warehouse", "code": "unknown_warehouse", "detail": place})
    if errors:
        said = _("Some SKUs or warehouses are not known: see “errors”. Nothing was changed.")
        raise Problem(422, "unknown_code", said, pointer=errors[0]["pointer"], errors=errors[:100])
    return sku_ids, place_ids


def _counted(report: CountReport) -> schemas.CountsOut:
    return schemas.CountsOut(
        created=report.created,
        changed=report.changed,
        unchanged=report.unchanged,
        short=report.short,
        sent_back=report.sent_back,
        queued=report.queued,
    )

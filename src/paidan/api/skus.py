"""SKUs one by one: read, added, changed."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Status

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import Sku
from paidan.desk.goods.saving import keep_sku
from paidan.kit.errors import Refusal

from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .network import router
from .orders import ERRORS
from .place_schemas import SkuChange, SkuFull, SkuIn
from .places import CODE
from .problems import Problem


def shown(row: Sku) -> SkuFull:
    names = ("id", "code", "name", "category", "tags", "weight_g", "volume_cm3")
    return SkuFull(**{name: getattr(row, name) for name in names})


@router.get("/skus/{path:code}", response={200: SkuFull, **ERRORS}, summary="One SKU")
def one_sku(request: HttpRequest, response: HttpResponse, code: str = CODE) -> SkuFull:
    caller(request, Capability.SEE_NETWORK)
    found = shown(Sku.objects.get(code=code))
    response["ETag"] = etag_of(found)
    return found


@router.post("/skus", response={201: SkuFull, **ERRORS}, summary="Add a SKU")
def add_sku(request: HttpRequest, body: SkuIn) -> Status[SkuFull]:
    """Orders that wait for its code are tried again."""
    user = caller(request, Capability.CHANGE_NETWORK)
    try:
        row = keep_sku(None, body.model_dump(), by=user, now=timezone.now())
    except Refusal as refusal:
        raise Problem(409, refusal.code, str(refusal), pointer=f"/{refusal.pointer}") from refusal
    return Status(201, shown(row))


@router.patch("/skus/{path:code}", response={200: SkuFull, **ERRORS}, summary="Change a SKU", openapi_extra=IF_MATCH)
def change_sku(request: HttpRequest, response: HttpResponse, body: SkuChange, code: str = CODE) -> SkuFull:
    user = caller(request, Capability.CHANGE_NETWORK)
    with transaction.atomic():
        row = Sku.objects.select_for_update().get(code=code)
        require_match(request, shown(row))
        values = {"code": row.code, **body.model_dump(exclude_unset=True)}
        found = shown(keep_sku(row, values, by=user, now=timezone.now()))
    response["ETag"] = etag_of(found)
    return found

"""Bundles: which SKUs are sold as others put together, and of what."""

from collections.abc import Sequence
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.catalog.models import BundleComponent, Sku
from paidan.desk.goods.saving import keep_parts
from paidan.desk.goods.sku_forms import MOST_PARTS, MOST_PIECES
from paidan.kit.errors import Refusal

from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of
from .place_values import wrong
from .places import CODE
from .problems import Problem
from .schemas import Code, Strict

router = Router(tags=["Network"])


class PartIn(Strict):
    sku: Code
    qty: Annotated[int, Field(ge=1, le=MOST_PIECES)]


class PartsIn(Strict):
    parts: Annotated[list[PartIn], Field(min_length=1, max_length=MOST_PARTS)] = Field(
        description="All of them: what is not here is no part any more"
    )


class PartOut(BaseModel):
    sku: str
    qty: int


class BundleOut(BaseModel):
    id: int
    sku: str
    name: str
    parts: list[PartOut]


class BundlePage(BaseModel):
    items: list[BundleOut]
    next: str | None


def shown(rows: Sequence[Sku]) -> list[BundleOut]:
    """Bundles with their parts; one query for all."""
    parts: dict[int, list[PartOut]] = {}
    found = (
        BundleComponent.objects.filter(bundle__in=rows).order_by("id").values_list("bundle", "component__code", "qty")
    )
    for bundle, code, qty in found:
        parts.setdefault(bundle, []).append(PartOut(sku=code, qty=qty))
    return [BundleOut(id=row.pk, sku=row.code, name=row.name, parts=parts.get(row.pk, [])) for row in rows]


@router.get("", response={200: BundlePage, **ERRORS}, summary="List bundles")
def bundles(request: HttpRequest, after: str = WORD, limit: int = LIMIT) -> BundlePage:
    caller(request, Capability.SEE_NETWORK)
    rows = Sku.objects.filter(pk__in=BundleComponent.objects.values("bundle"))
    found, following = page_of(rows, after, limit)
    return BundlePage(items=shown(found), next=following)


@router.get("/{path:code}", response={200: BundleOut, **ERRORS}, summary="One bundle")
def one_bundle(request: HttpRequest, response: HttpResponse, code: str = CODE) -> BundleOut:
    caller(request, Capability.SEE_NETWORK)
    [found] = shown([Sku.objects.filter(pk__in=BundleComponent.objects.values("bundle")).get(code=code)])
    response["ETag"] = etag_of(found)
    return found


@router.put(
    "/{path:code}", response={200: BundleOut, **ERRORS}, summary="Say what a bundle is made of", openapi_extra=IF_MATCH
)
def set_bundle(request: HttpRequest, response: HttpResponse, body: PartsIn, code: str = CODE) -> BundleOut:
    """Makes a SKU a bundle, or changes its parts. Orders that come in from now on are taken apart so."""
    user = caller(request, Capability.CHANGE_NETWORK)
    known = {one.code: one for one in Sku.objects.filter(code__in=[part.sku for part in body.parts])}
    parts: dict[Sku, int] = {}
    for at, part in enumerate(body.parts):
        if part.sku not in known:
            wrong(f"/parts/{at}/sku", "unknown_sku", _("There is no SKU with the code %(code)s.") % {"code": part.sku})
        if known[part.sku] in parts:
            wrong(f"/parts/{at}/sku", "sku_twice", _("A SKU stands here twice."))
        parts[known[part.sku]] = part.qty
    with transaction.atomic():
        row = Sku.objects.select_for_update().get(code=code)
        require_match(request, shown([row])[0])
        try:
            keep_parts(row, parts, by=user, now=timezone.now())
        except Refusal as refusal:
            raise Problem(409, refusal.code, str(refusal), pointer="/parts") from refusal
    [found] = shown([row])
    response["ETag"] = etag_of(found)
    return found


@router.delete("/{path:code}", response={200: BundleOut, **ERRORS}, summary="Make a bundle a plain SKU again")
def dissolve(request: HttpRequest, code: str = CODE) -> BundleOut:
    """Orders that are in stay as they were taken apart."""
    user = caller(request, Capability.CHANGE_NETWORK)
    with transaction.atomic():
        row = Sku.objects.filter(pk__in=BundleComponent.objects.values("bundle")).get(code=code)
        keep_parts(row, {}, by=user, now=timezone.now())
    return shown([row])[0]

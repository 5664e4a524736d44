"""Freight tables: what a carrier asks from a warehouse, read and replaced as a whole."""

from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.geo.codes import code_of
from paidan.network.models import FreightRate, Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.network.services_freight import PRICES, rates_of, replace_rates

from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .orders import ERRORS
from .paging import WORD
from .place_schemas import Region
from .place_values import region_number, wrong
from .schemas import Code, Strict

router = Router(tags=["Network"])
Amount = Annotated[int, Field(ge=0, le=2_000_000_000)]
Step = Annotated[int, Field(ge=1, le=2_000_000_000)]
Carrier = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f/]+$")]


class RateIn(Strict):
    region: Region = Field("", description="A code of six digits, or a name; empty = everywhere others do not name")
    first_g: Step = 1000
    first_minor: Amount
    next_g: Step = 1000
    next_minor: Amount = 0
    transit_s: Amount = 0
    volumetric_cm3_per_kg: Amount = 0


class TableIn(Strict):
    warehouse: Code
    carrier: Carrier
    rates: Annotated[list[RateIn], Field(max_length=4000)] = Field(description="All of them: what is not here is gone")


class RateOut(BaseModel):
    region: str
    first_g: int
    first_minor: int
    next_g: int
    next_minor: int
    transit_s: int
    volumetric_cm3_per_kg: int


class TableOut(BaseModel):
    warehouse: str
    carrier: str
    rates: list[RateOut]


def shown(warehouse: Warehouse, carrier: str, rates: list[FreightRate]) -> TableOut:
    rows = [
        RateOut(region=code_of(rate.region) or "", **{name: getattr(rate, name) for name in PRICES}) for rate in rates
    ]
    return TableOut(warehouse=warehouse.code, carrier=carrier, rates=rows)


@router.get("/freight", response={200: list[TableOut], **ERRORS}, summary="Freight tables")
def tables(request: HttpRequest, response: HttpResponse, warehouse: str = WORD, carrier: str = WORD) -> list[TableOut]:
    """All, or those of a warehouse or carrier; where that is one table, its `ETag` too."""
    visible = visible_warehouses(caller(request, Capability.SEE_NETWORK))
    places = {one.pk: one for one in (visible.filter(code=warehouse) if warehouse else visible)}
    rates = FreightRate.objects.filter(warehouse__in=list(places))
    if carrier:
        rates = rates.filter(carrier=carrier)
    found: dict[tuple[int, str], list[FreightRate]] = {}
    for rate in rates.order_by("warehouse__position", "warehouse_id", "carrier", "region"):
        found.setdefault((rate.warehouse_id, rate.carrier), []).append(rate)
    said = [shown(places[place], name, rows) for (place, name), rows in found.items()]
    if len(said) == 1:
        response["ETag"] = etag_of(said[0])
    return said


@router.put("/freight", response={200: TableOut, **ERRORS}, summary="Replace a freight table", openapi_extra=IF_MATCH)
def replace(request: HttpRequest, response: HttpResponse, body: TableIn) -> TableOut:
    user, now = caller(request, Capability.CHANGE_NETWORK), timezone.now()
    place = visible_warehouses(user).filter(code=body.warehouse).first()
    if place is None:
        wrong("/warehouse", "unknown_warehouse", _("There is no such warehouse within reach."))
    rows: dict[int, dict[str, int]] = {}
    for at, rate in enumerate(body.rates):
        number = region_number(rate.region, f"/rates/{at}/region")
        if number in rows:
            wrong(f"/rates/{at}/region", "region_twice", _("This region stands in two lines. Remove one."))
        rows[number] = rate.model_dump(exclude={"region"})
    with transaction.atomic():
        Warehouse.objects.select_for_update().get(pk=place.pk)
        require_match(request, shown(place, body.carrier, rates_of(place, body.carrier)))
        before, after = replace_rates(place, body.carrier, rows)
        if before or after:
            record_change(
                "freight.changed", by=user, now=now, of=place, before=before, after=after, carrier=body.carrier
            )
    found = shown(place, body.carrier, rates_of(place, body.carrier))
    response["ETag"] = etag_of(found)
    return found

"""What is sent with decisions about orders and allocations beyond the daily ones of `schemas`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .schemas import PRINTABLE, AllocationIds, Code, Id, OrderIds, Strict

Reason = Annotated[str, Field(max_length=200, pattern=PRINTABLE)]
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]
Username = Annotated[str, Field(min_length=1, max_length=150, pattern=PRINTABLE)]
Place = Annotated[str, Field(max_length=60, pattern=PRINTABLE)]


class TakeBackIn(AllocationIds):
    force: bool = Field(False, description="Also what a team has accepted, where the caller may")
    reason: Reason = ""


class AssignIn(OrderIds):
    warehouse: Code
    team: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = Field("", description="Default the least loaded")
    force: bool = Field(False, description="Also move what a team has accepted, where the caller may")
    partial: bool = Field(False, description="Of a single order also what is there of it; the rest stays open")
    reason: Reason = ""


class OnceIn(OrderIds):
    allow: Literal["split", "partial", "distance", "coverage", "capacity", "team"] = Field(
        description="The one condition of the rules that is let go this once"
    )


class TagIn(OrderIds):
    tag: Tag


class CarrierIn(OrderIds):
    carrier: Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]


class EntrustOrdersIn(OrderIds):
    to: Username | None = Field(description="Who looks after them from now on; null = nobody")


class SplitOut(BaseModel):
    allocations: list[int]


class OrderChange(Strict):
    """What is left out stays. A place is resolved anew from all of its fields that are sent."""

    province: Place = ""
    city: Place = ""
    district: Place = ""
    address: Annotated[str, Field(max_length=500, pattern=PRINTABLE)] = ""
    seller_remark: Annotated[str, Field(max_length=5000, pattern=PRINTABLE)] = ""


class RevealIn(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)] = Field(
        description="Why it is needed; it stands in the change log with the order"
    )


class BuyerOut(BaseModel):
    """Who receives an order, and where."""

    order: int
    buyer: str
    name: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    address: str


class CodeIn(Strict):
    shop: Code
    code: Code = Field(description="As the shop writes it")
    sku: Code


class CodeMapped(BaseModel):
    lines: int = Field(description="Lines of orders that have their SKU now")
    orders: int = Field(description="Orders that are tried again")


class ShopCodeOut(BaseModel):
    id: int
    shop: str
    code: str
    sku: str


class ShopCodePage(BaseModel):
    items: list[ShopCodeOut]
    next: str | None


class WaitingCodeOut(BaseModel):
    """A code of a shop that is no SKU yet, and who waits for it."""

    shop: str
    code: str
    orders: int
    pieces: int
    ship_by: datetime


class EntrustExceptionsIn(Strict):
    exceptions: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    to: Username | None = Field(description="Who looks after them from now on; null = nobody")


class ShortagesIn(Strict):
    exceptions: Annotated[list[Id], Field(min_length=1, max_length=1000)]

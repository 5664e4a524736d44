"""What goes in and out, in the words of the glossary. Money is in minor units, instants are ISO 8601 with a zone."""

import re
from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, field_validator

Code = Annotated[str, Field(min_length=1, max_length=100)]
Minor = Annotated[int, Field(ge=0, le=10**15)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1000)]
MOST_ORDERS = 1_000


UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def printable(text: str) -> str:
    """Characters no database or printer takes are an error, not a guess."""
    if UNPRINTABLE.search(text):
        raise ValueError("contains a control character")
    return text


class Strict(Schema):
    """Refuses what it does not know: a misspelt field is an error, never silence."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _printable(cls, value: object) -> object:
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, str):
                printable(one)
        return value


class LineIn(Strict):
    sku: Code = Field(description="The shop's own SKU code, or ours")
    qty: Annotated[int, Field(ge=1, le=10**9)]
    number: Annotated[str, Field(max_length=64)] = Field("", description="The platform's line number")
    amount_minor: Minor | None = None


class OrderIn(Strict):
    """An order as a platform says it. The same shop and number again is the same order: what differs is changed."""

    shop: Code
    number: Annotated[str, Field(min_length=1, max_length=64)]
    paid_at: AwareDatetime | None = None
    ship_by: AwareDatetime | None = Field(None, description="Default: as the shop promises, from the payment")
    amount_minor: Minor | None = None
    currency: Annotated[str, Field(max_length=3)] = ""
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    payment: Annotated[str, Field(max_length=20)] = ""
    delivery: Annotated[str, Field(max_length=20)] = ""
    tags: list[Annotated[str, Field(min_length=1, max_length=40)]] = []
    buyer_remark: Annotated[str, Field(max_length=5000)] = ""
    seller_remark: Annotated[str, Field(max_length=5000)] = ""
    buyer: Annotated[str, Field(max_length=100)] = ""
    name: Annotated[str, Field(max_length=100)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    country: Annotated[str, Field(max_length=60)] = ""
    province: Annotated[str, Field(max_length=60)] = ""
    city: Annotated[str, Field(max_length=60)] = ""
    district: Annotated[str, Field(max_length=60)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    region: Annotated[str, Field(max_length=12)] = Field("", description="Six digits of the administrative division")
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=2000)]


class OrdersIn(Strict):
    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST_ORDERS)]


class Fault(Schema):
    pointer: str
    code: str
    detail: str
    remedy: str


class Decision(Schema):
    """Where an order went and why, in the caller's language."""

    warehouses: list[str]
    teams: list[str]
    reason: str | None = Field(description="Why something is open, as a reason code")
    explanation: list[str]


class OrderResult(Schema):
    shop: str
    number: str
    id: int | None
    result: Literal["created", "changed", "unchanged", "rejected"]
    state: str | None
    errors: list[Fault] = []
    decision: Decision | None = None


class OrdersOut(Schema):
    created: int
    changed: int
    unchanged: int
    rejected: int
    orders: list[OrderResult]


class LineOut(Schema):
    number: str
    sku: str | None
    shop_code: str
    qty: int
    cancelled: int


class OrderOut(Schema):
    id: int
    shop: str
    number: str
    state: str
    reason: str | None
    held: bool
    paid_at: datetime | None
    ship_by: datetime | None
    amount_minor: int
    priority: int
    tags: list[str]
    region: str | None
    lines: list[LineOut]
    warehouses: list[str]
    allocations: list[int]


class OrderPage(Schema):
    items: list[OrderOut]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end")


class HoldIn(Strict):
    orders: Ids
    reason: Annotated[str, Field(max_length=200)] = ""
    until: AwareDatetime | None = None
    give_back: bool = Field(False, description="Cancel what is assigned, so that its stock is free")


class OrderIds(Strict):
    orders: Ids


class CancelIn(Strict):
    orders: Ids
    reason: Annotated[str, Field(max_length=200)] = ""


class Refused(Schema):
    id: int
    code: str
    detail: str


class Done(Schema):
    """What became of each: done, or refused with a code. One refusal never fails the rest."""

    done: list[int]
    refused: list[Refused]


class StockOut(Schema):
    sku: str
    warehouse: str
    on_hand: int
    reserved: int
    safety: int
    available: int


class StockPage(Schema):
    items: list[StockOut]
    next: str | None


class CountIn(Strict):
    sku: Code
    warehouse: Code
    on_hand: Annotated[int, Field(ge=0, le=10**12)]
    safety: Annotated[int, Field(ge=0, le=10**12)] | None = None


class CountsIn(Strict):
    stock: Annotated[list[CountIn], Field(min_length=1, max_length=5000)]
    reason: Annotated[str, Field(max_length=200)] = ""


class CountsOut(Schema):
    created: int
    changed: int
    unchanged: int
    short: int = Field(description="Rows now below what is reserved")
    sent_back: int = Field(description="Allocations that went back because of it")
    queued: int = Field(description="Orders tried again because of more stock")


class AdjustIn(Strict):
    sku: Code
    warehouse: Code
    delta: Annotated[int, Field(ge=-(10**12), le=10**12)]
    reason: Annotated[str, Field(max_length=200)] = ""


class PieceOut(Schema):
    line: str
    sku: str
    qty: int


class AllocationOut(Schema):
    id: int
    order: int
    shop: str
    number: str
    warehouse: str
    team: str | None
    state: str
    state_at: datetime
    work_day: str
    carrier: str
    tracking_number: str
    distance_m: int | None
    freight_minor: int
    frozen: bool
    lines: list[PieceOut]


class AllocationPage(Schema):
    items: list[AllocationOut]
    next: str | None


class AllocationIds(Strict):
    allocations: Ids


class ShipmentIn(Strict):
    allocation: Id
    carrier: Annotated[str, Field(max_length=40)] = ""
    tracking_number: Annotated[str, Field(min_length=1, max_length=64)]


class ShipmentsIn(Strict):
    shipments: Annotated[list[ShipmentIn], Field(min_length=1, max_length=1000)]


class ReassignIn(Strict):
    allocations: Ids
    warehouse: Code
    team: Annotated[str, Field(max_length=100)] = ""
    force: bool = Field(False, description="Also what a team has accepted, where the caller may")

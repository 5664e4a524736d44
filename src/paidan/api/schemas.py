"""What goes in and out, in the words of the glossary. Money is in minor units, instants are ISO 8601 with a zone."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Characters no database or printer takes are an error, not a guess."""

Code = Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)]
Minor = Annotated[int, Field(ge=0, le=10**15)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=1000)]
MOST_ORDERS = 1_000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _in_our_time(at: datetime) -> datetime:
    """In UTC, for no database takes every offset that Python does."""
    if not EARLIEST <= at <= LATEST:
        raise ValueError("between the years 2000 and 2100")
    return at.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]


class Strict(BaseModel):
    """Refuses what it does not know: a misspelt field is an error, never silence."""

    model_config = ConfigDict(extra="forbid")


class LineIn(Strict):
    sku: Code = Field(description="The shop's own SKU code, or ours")
    qty: Annotated[int, Field(ge=1, le=10**9)]
    number: Annotated[str, Field(max_length=64, pattern=PRINTABLE)] = Field(
        "", description="The platform's line number"
    )
    amount_minor: Minor | None = None


class OrderIn(Strict):
    """An order as a platform says it. The same shop and number again is the same order: what differs is changed."""

    shop: Code
    number: Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)]
    paid_at: AwareDatetime | None = None
    ship_by: AwareDatetime | None = Field(None, description="Default: as the shop promises, from the payment")
    amount_minor: Minor | None = None
    currency: Annotated[str, Field(max_length=3, pattern=PRINTABLE)] = ""
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    payment: Annotated[str, Field(max_length=20, pattern=PRINTABLE)] = ""
    delivery: Annotated[str, Field(max_length=20, pattern=PRINTABLE)] = ""
    tags: list[Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]] = []
    buyer_remark: Annotated[str, Field(max_length=5000, pattern=PRINTABLE)] = ""
    seller_remark: Annotated[str, Field(max_length=5000, pattern=PRINTABLE)] = ""
    buyer: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    name: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    phone: Annotated[str, Field(max_length=40, pattern=PRINTABLE)] = ""
    country: Annotated[str, Field(max_length=60, pattern=PRINTABLE)] = ""
    province: Annotated[str, Field(max_length=60, pattern=PRINTABLE)] = ""
    city: Annotated[str, Field(max_length=60, pattern=PRINTABLE)] = ""
    district: Annotated[str, Field(max_length=60, pattern=PRINTABLE)] = ""
    address: Annotated[str, Field(max_length=500, pattern=PRINTABLE)] = ""
    region: Annotated[str, Field(max_length=12, pattern=PRINTABLE)] = Field(
        "", description="Six digits of the administrative division"
    )
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=2000)]


class OrdersIn(Strict):
    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=MOST_ORDERS)]


class Fault(BaseModel):
    pointer: str
    code: str
    detail: str
    remedy: str


class Decision(BaseModel):
    """Where an order went and why, in the caller's language."""

    warehouses: list[str]
    teams: list[str]
    reason: str | None = Field(description="Why something is open, as a reason code")
    explanation: list[str]


class OrderResult(BaseModel):
    shop: str
    number: str
    id: int | None
    result: Literal["created", "changed", "unchanged", "rejected"]
    state: str | None
    errors: list[Fault] = []
    decision: Decision | None = None


class OrdersOut(BaseModel):
    created: int
    changed: int
    unchanged: int
    rejected: int
    orders: list[OrderResult]


class LineOut(BaseModel):
    number: str
    sku: str | None
    shop_code: str
    qty: int
    cancelled: int


class OrderOut(BaseModel):
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


class OrderPage(BaseModel):
    items: list[OrderOut]
    next: str | None = Field(
        description="Send it as `after` for the next page, null at the end; of a feed as `updated_since`, never null"
    )
    more: bool = Field(description="Whether more is there now")


class HoldIn(Strict):
    orders: Ids
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""
    until: Moment | None = None
    give_back: bool = Field(False, description="Cancel what is assigned, so that its stock is free")


class OrderIds(Strict):
    orders: Ids


class CancelIn(Strict):
    orders: Ids
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""


class Refused(BaseModel):
    id: int
    code: str
    detail: str


class Done(BaseModel):
    """What became of each: done, or refused with a code. One refusal never fails the rest."""

    done: list[int]
    refused: list[Refused]


class StockOut(BaseModel):
    sku: str
    warehouse: str
    on_hand: int
    reserved: int
    safety: int
    available: int


class StockPage(BaseModel):
    items: list[StockOut]
    next: str | None


class CountIn(Strict):
    sku: Code
    warehouse: Code
    on_hand: Annotated[int, Field(ge=0, le=10**12)]
    safety: Annotated[int, Field(ge=0, le=10**12)] | None = None


class CountsIn(Strict):
    stock: Annotated[list[CountIn], Field(min_length=1, max_length=5000)]
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""


class CountsOut(BaseModel):
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
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""


class PieceOut(BaseModel):
    line: str
    sku: str
    qty: int


class AllocationOut(BaseModel):
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


class AllocationPage(BaseModel):
    items: list[AllocationOut]
    next: str | None
    more: bool


class AllocationIds(Strict):
    allocations: Ids


class HandBackIn(AllocationIds):
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""


class ShipmentIn(Strict):
    allocation: Id
    carrier: Annotated[str, Field(max_length=40, pattern=PRINTABLE)] = ""
    tracking_number: Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)]


class ShipmentsIn(Strict):
    shipments: Annotated[list[ShipmentIn], Field(min_length=1, max_length=1000)]


class ReassignIn(Strict):
    allocations: Ids
    warehouse: Code
    team: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    force: bool = Field(False, description="Also what a team has accepted, where the caller may")
    reason: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = Field(
        "", description="Why; reports count moves by it"
    )

"""What every platform's order is read into, and what a platform's file here has to offer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from django.utils.functional import Promise

from .nodes import Node


class Standing(Enum):
    """Where the platform says an order stands, as far as it matters here."""

    UNPAID = auto()  # nothing to do yet
    OPEN = auto()  # paid, to be shipped
    PART_SHIPPED = auto()
    SHIPPED = auto()  # or received, or finished
    CANCELLED = auto()


class LineStanding(Enum):
    """Where a line stands: only open ones are ours to ship."""

    OPEN = auto()
    SHIPPED = auto()
    GONE = auto()  # refunded or closed


@dataclass(frozen=True, slots=True)
class PlatformLine:
    """Pieces of one article. `sku` is the seller's own code, else the platform's number of it."""

    number: str
    sku: str
    qty: int
    amount_minor: int | None = None
    standing: LineStanding = LineStanding.OPEN


@dataclass(frozen=True, slots=True)
class PlatformOrder:
    """An order as its platform wrote it. `said_at` is when the platform last changed it, to tell old news from new."""

    number: str
    standing: Standing
    lines: tuple[PlatformLine, ...]
    refund_asked: bool = False
    said_at: datetime | None = None
    paid_at: datetime | None = None
    ship_by: datetime | None = None
    amount_minor: int | None = None
    currency: str = "CNY"
    payment: str = ""
    delivery: str = ""
    tags: tuple[str, ...] = ()
    buyer_remark: str = ""
    seller_remark: str = ""
    buyer: str = ""
    name: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    address: str = ""
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform: its code and name, where orders stand in its documents, and how one is read.

    `orders_in` yields the orders of one document (a whole answer of the platform, or an order alone); `read` raises
    `Unread` for a value it cannot take.
    """

    code: str
    name: str | Promise
    orders_in: Callable[[Node], Iterator[Node]]
    read: Callable[[Node], PlatformOrder]
    number_fields: tuple[str, ...] = field(default=("order_id",))

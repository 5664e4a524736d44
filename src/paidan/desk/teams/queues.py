"""What lies before a team: how many at each step, the rows of one step by ship-by, and what is in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.models import User
from paidan.allocation.models import Allocation, AllocationLine
from paidan.allocation.states import LIVE, AllocationState
from paidan.orders.models import Event, Hold, OrderException
from paidan.orders.states import EventKind, ExceptionKind

from .places import city_of

TAIL = 8
"""So many last digits of an order number tell parcels on one bench apart; the last four are often the buyer's."""
MARKED = (ExceptionKind.NOT_FOUND, ExceptionKind.DAMAGED, ExceptionKind.ADDRESS, ExceptionKind.OTHER)


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of one SKU in an allocation."""

    sku_id: int
    code: str
    name: str
    qty: int


@dataclass(frozen=True, slots=True)
class Row:
    """One allocation as a line on a phone."""

    id: int
    order_id: int
    number: str
    state: AllocationState
    ship_by_at: datetime | None
    state_at: datetime
    city: str
    tags: Sequence[str]
    carrier: str
    tracking_number: str
    frozen: bool
    intercepted: bool
    reported: bool
    parts: Sequence[Part] = field(default=())

    @property
    def tail(self) -> str:
        return f"…{self.number[-TAIL:]}" if len(self.number) > TAIL + 1 else self.number

    @property
    def pieces(self) -> int:
        return sum(part.qty for part in self.parts)

    @property
    def goods(self) -> str:
        """What it is: the first article, and of how many."""
        if not self.parts:
            return ""
        first = self.parts[0].name or self.parts[0].code
        if len(self.parts) == 1:
            return first
        more = len(self.parts) - 1
        # Translators: the articles of a parcel on a team's phone: Yoga mat and 2 more. Chinese: 瑜伽垫 等 3 种.
        sentence = ngettext("%(first)s and %(more)d more", "%(first)s and %(more)d more", more)
        return sentence % {"first": first, "more": more, "kinds": len(self.parts)}

    @property
    def is_vip(self) -> bool:
        return any(tag.upper() == "VIP" for tag in self.tags)


def step_counts(allocations: QuerySet[Allocation]) -> dict[AllocationState, int]:
    """How many wait at each step; what was handed back waits for somebody else."""
    counted = dict(
        waiting(allocations).values_list("state").annotate(number=Count("id")).values_list("state", "number")
    )
    return {state: counted.get(state, 0) for state in LIVE}


def waiting(allocations: QuerySet[Allocation], state: AllocationState | None = None) -> QuerySet[Allocation]:
    """What this team has to do, of one step or of all."""
    of_step = allocations.filter(state=state) if state else allocations.filter(state__in=LIVE)
    return of_step.exclude(Exists(_open_exceptions(ExceptionKind.HANDED_BACK)))


def by_ship_by(allocations: QuerySet[Allocation]) -> QuerySet[Allocation]:
    return allocations.order_by(F("order__ship_by_at").asc(nulls_last=True), "id")


def accepted_by(allocations: QuerySet[Allocation], user: User) -> QuerySet[Allocation]:
    """Of these, what this person took on (or had a part in taking on)."""
    mine = Event.objects.filter(
        order_id=OuterRef("order_id"), allocation_id=OuterRef("id"), kind=EventKind.ACCEPTED, by=user
    )
    return allocations.filter(Exists(mine))


def rows_of(allocations: QuerySet[Allocation], limit: int | None = None) -> list[Row]:
    """These allocations with their goods; two queries, however many."""
    found = list(
        allocations.annotate(
            intercepted=Exists(_open_exceptions(ExceptionKind.INTERCEPT)), reported=Exists(_open_exceptions(*MARKED))
        ).values_list(
            "id", "order_id", "order__number", "state", "order__ship_by_at", "state_at", "order__region", "order__tags",
            "carrier", "tracking_number", "frozen", "intercepted", "reported",
        )[:limit]
    )  # fmt: skip
    parts = parts_of(row[0] for row in found)
    return [_row(values, parts[values[0]]) for values in found]


def parts_of(ids: Iterable[int]) -> dict[int, list[Part]]:
    """What is in each of these allocations."""
    found: dict[int, list[Part]] = defaultdict(list)
    lines = AllocationLine.objects.filter(allocation_id__in=list(ids)).order_by("allocation_id", "line_id")
    for key, sku_id, code, name, qty in lines.values_list("allocation_id", "sku_id", "sku__code", "sku__name", "qty"):
        found[key].append(Part(sku_id, code, name, qty))
    return found


def intercepts(allocations: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """What is to be stopped or gone on with."""
    return allocations.filter(Exists(_open_exceptions(ExceptionKind.INTERCEPT)), state__in=LIVE)


def hold_reasons(order_ids: Iterable[int]) -> dict[int, str]:
    """Why these orders are held."""
    rows = Hold.objects.filter(order_id__in=list(order_ids), released_at=None).values_list("order_id", "reason")
    return dict(rows)


def why_intercepted(detail: Any) -> str:
    """What changed, for the team that has to decide."""
    words = {
        "cancelled": _("the order was cancelled"),
        "refund_asked": _("the buyer asks for the money back"),
        "address": _("the address changed"),
        "lines": _("the goods changed"),
        "amount": _("the amount changed"),
    }
    causes = [words.get(cause, _("the order changed")) for cause in (detail or {}).get("causes", [])]
    return (_(", ").join(causes)) or _("the order changed")


def _open_exceptions(*kinds: ExceptionKind) -> QuerySet[OrderException]:
    return OrderException.objects.filter(allocation_id=OuterRef("id"), kind__in=kinds, resolved_at=None)


def _row(values: tuple[Any, ...], parts: list[Part]) -> Row:
    key, order_id, number, state, ship_by_at, state_at, region, *others = values
    tags, carrier, tracking_number, frozen, intercepted, reported = others
    return Row(
        id=key,
        order_id=order_id,
        number=number,
        state=AllocationState(state),
        ship_by_at=ship_by_at,
        state_at=state_at,
        city=city_of(region),
        tags=tags,
        carrier=carrier,
        tracking_number=tracking_number,
        frozen=frozen,
        intercepted=intercepted,
        reported=reported,
        parts=parts,
    )

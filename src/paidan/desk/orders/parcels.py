"""Orders by their allocations: one and the same must be of the kind asked for, at the place, by the rule, on the days.

So that the list shows exactly what stands behind a number of the reports: an order counts for the day it was paid, else
received; on the warehouse's clock where places are asked for, else on the business's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractHour
from django.db.models.lookups import In
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from paidan.allocation.models import Allocation
from paidan.allocation.states import COUNTED, DECIDED, LIVE, STARTED, AllocationState, Origin
from paidan.network.models import Warehouse
from paidan.orders.models import Order, OrderException
from paidan.web import formats

Orders = QuerySet[Order]
Parcels = QuerySet[Allocation]
NONE, BY_HAND = 0, "-"
"""How an address says “no team” and “no rule”."""
KINDS: dict[str, str | Promise] = {
    "any": _("allocated"),
    "automatic": _("automatic"),
    "by_hand": _("by hand"),
    "waiting": _("to accept"),
    "in_progress": _("in progress"),
    "accepted": _("accepted"),
    "shipped": _("shipped"),
    "late": _("shipped late"),
    "overdue": _("overdue"),
    "split": _("split"),
    "exceptions": _("with exceptions"),
    "out": _("moved away"),
    "in": _("moved in"),
    "gone": _("cancelled"),
}
TOGETHER = ("parcels", "warehouse", "team", "rule", "came", "hour")
"""The filters that are judged together."""
PLACES = ("parcels", "warehouse", "team", "rule")


@dataclass(frozen=True, slots=True)
class Part:
    """The orders of one clock, and the allocations that may be meant (None: any or none)."""

    orders: Q
    allocations: Parcels | None


def judged_together(rows: Orders, values: Mapping[str, Any]) -> Orders:
    """Orders with an allocation that is all of `values` (the filters' values by key) at once."""
    found = Q()
    for part in parts_of(values):
        there = Q() if part.allocations is None else Q(Exists(part.allocations.filter(order_id=OuterRef("pk"))))
        found |= part.orders & there
    return rows.filter(found) if found else rows


def parts_of(values: Mapping[str, Any]) -> list[Part]:
    """One part where days do not matter or all clocks are the same, else one per clock."""
    days, hours = values.get("came"), values.get("hour")
    business = settings.DISPLAY_TIME_ZONE
    if not any(values.get(key) for key in PLACES):
        return [Part(came_within(days, hours, ZoneInfo(business)), None)]
    allocations = allocations_of(values)
    clocks: dict[str, list[int]] = {}
    for key, zone in Warehouse.objects.values_list("pk", "timezone"):
        clocks.setdefault(zone, []).append(key)
    if not days and not hours:
        return [Part(Q(), allocations)]
    if len(clocks) < 2:
        return [Part(came_within(days, hours, ZoneInfo(next(iter(clocks), business))), allocations)]
    return [
        Part(came_within(days, hours, ZoneInfo(zone)), allocations.filter(warehouse_id__in=keys))
        for zone, keys in sorted(clocks.items())
    ]


def allocations_of(values: Mapping[str, Any]) -> Parcels:
    """Allocations of a kind, at places, by rules."""
    found = of_kind(values.get("parcels") or "any", timezone.now())
    if warehouses := values.get("warehouse"):
        found = found.filter(warehouse_id__in=warehouses)
    if teams := values.get("team"):
        found = found.filter(Q(team_id__in=teams) | (Q(team_id=None) if NONE in teams else Q(pk__in=[])))
    if rules := values.get("rule"):
        found = found.filter(Q(rule__code__in=rules) | (Q(rule_id=None) if BY_HAND in rules else Q(pk__in=[])))
    return found


def of_kind(kind: str, now: datetime) -> Parcels:
    """As the reports count them (docs/reports.md)."""
    rows = Allocation.objects.all()
    due = F("order__ship_by_at")
    match kind:
        case "automatic":
            return rows.filter(state__in=COUNTED, origin__in=DECIDED)
        case "by_hand":
            return rows.filter(state__in=COUNTED, origin=Origin.BY_HAND)
        case "waiting":
            return rows.filter(state=AllocationState.ASSIGNED)
        case "in_progress":
            return rows.filter(state__in=STARTED)
        case "accepted":
            return rows.filter(state__in=[*STARTED, AllocationState.SHIPPED])
        case "shipped":
            return rows.filter(state=AllocationState.SHIPPED)
        case "late":
            return rows.filter(state=AllocationState.SHIPPED, state_at__gt=due)
        case "overdue":
            return rows.filter(state__in=LIVE, order__ship_by_at__lt=now)
        case "split":
            others = Allocation.objects.filter(order_id=OuterRef("order_id"), state__in=COUNTED)
            return rows.filter(Exists(others.exclude(pk=OuterRef("pk"))), state__in=COUNTED)
        case "exceptions":
            return rows.filter(Exists(OrderException.objects.filter(allocation_id=OuterRef("pk"))))
        case "out":
            return rows.filter(state=AllocationState.REASSIGNED)
        case "in":
            return rows.filter(replaces_id__isnull=False)
        case "gone":
            return rows.filter(state=AllocationState.CANCELLED)
    return rows.filter(state__in=COUNTED)


def came_within(days: tuple[date | None, date | None] | None, hours: Sequence[int] | None, zone: ZoneInfo) -> Q:
    """Paid, else received, on these days and in these hours of a clock."""
    found = Q()
    if days:
        found &= _between("paid_at", days, zone)
        unpaid = _between("received_at", days, zone) & Q(paid_at=None)
        # Looked up first, in the index of payments: with an OR the list cannot be read in its order from there.
        if Order.objects.filter(unpaid).exists():
            found |= unpaid
    if hours:
        hour: Func = ExtractHour(Coalesce("paid_at", "received_at"), tzinfo=zone)
        found &= Q(In(hour, list(hours)))
    return found


def _between(field: str, days: tuple[date | None, date | None], zone: ZoneInfo) -> Q:
    first, last = days
    found = Q(**{f"{field}__isnull": False})
    if first:
        found &= Q(**{f"{field}__gte": _midnight(first, zone)})
    if last:
        found &= Q(**{f"{field}__lt": _midnight(last + timedelta(days=1), zone)})
    return found


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)


def said_of(rows: Orders, values: Mapping[str, Any]) -> str:
    """“12 allocations of 11 orders”, of rows that are narrowed already; nothing where no kind is asked for."""
    kind = values.get("parcels")
    if not kind:
        return ""
    number = sum(_count(kind, rows.filter(part.orders), part.allocations) for part in parts_of(values))
    orders = rows.order_by().count()
    of = ngettext("of %(number)s order", "of %(number)s orders", orders) % {"number": formats.count(orders)}
    if kind == "exceptions":
        said = ngettext("%(number)s exception %(of)s", "%(number)s exceptions %(of)s", number)
    else:
        said = ngettext("%(number)s allocation %(of)s", "%(number)s allocations %(of)s", number)
    return said % {"number": formats.count(number), "of": of}


def _count(kind: str, orders: Orders, allocations: Parcels | None) -> int:
    if allocations is None:
        return 0
    meant = allocations.filter(order_id__in=orders.order_by().values("pk"))
    if kind == "exceptions":
        return OrderException.objects.filter(allocation_id__in=meant.values("pk")).count()
    return meant.count()

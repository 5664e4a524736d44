"""What there is to be reminded of at a moment: one query per watch, grouped so that a storm is one line.

Held orders are somebody's decision and remind nobody; nor do orders that wait for their joint wave. Every query reads
the partial indexes of what is not yet shipped, or a few hours of a block-range index, so ten million old orders cost
nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from paidan.allocation.models import Allocation, WarehouseDay
from paidan.allocation.states import LIVE, AllocationState
from paidan.allocation.turns import last_wave_time
from paidan.engine.codes import Reason
from paidan.network.models import Shop, Warehouse
from paidan.orders.models import Hold, Order, OrderException
from paidan.orders.queue import OPEN_STATES
from paidan.orders.states import OrderState
from paidan.rules.drafts import rules_of_version, takes_every_order
from paidan.rules.queries import published_version

from .models import Endpoint, Kind, ReminderRule

REMEMBERED = timedelta(days=3)
"""A shop that sent something within this time is one that sends."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One group: how many, and since when the oldest of them."""

    group: str
    number: int
    since_at: datetime
    shop_id: int | None = None
    warehouse_id: int | None = None
    team_id: int | None = None


def findings(rule: ReminderRule, now: datetime) -> list[Finding]:
    """Everything this watch has to report at this moment."""
    return list(_FIND[Kind(rule.kind)](rule, now))


def _open_orders(rule: ReminderRule) -> QuerySet[Order]:
    held = Hold.objects.filter(order_id=OuterRef("pk"), released_at=None)
    found = Order.objects.filter(~Exists(held), state__in=OPEN_STATES, merged_into=None)
    return found.filter(shop=rule.shop) if rule.shop_id else found


def _by_shop(rows: QuerySet[Any], at: str) -> Iterable[Finding]:
    for shop, number, since in rows.values_list("shop_id").annotate(Count("id"), Min(at)).order_by("shop_id"):
        yield Finding(f"s{shop}", number, since, shop_id=shop)


def _unallocated(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    since = now - timedelta(minutes=rule.limit)
    found = _open_orders(rule).filter(received_at__lte=since)
    if (wave_at := last_wave_time(since)) is not None:
        found = found.exclude(state=OrderState.PENDING, received_at__gt=wave_at)
    return _by_shop(found, "received_at")


def _short(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    since = now - timedelta(minutes=rule.limit)
    return _by_shop(_open_orders(rule).filter(reason=Reason.STOCK_SHORT, received_at__lte=since), "received_at")


def _due(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    until = now + timedelta(hours=rule.limit)
    live = Allocation.objects.filter(state__in=LIVE, order__ship_by_at__lte=until)
    return _by_team(live, rule, "order__ship_by_at")


def _not_accepted(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    since = now - timedelta(minutes=rule.limit)
    waiting = Allocation.objects.filter(state=AllocationState.ASSIGNED, created_at__lte=since)
    return _by_team(waiting, rule, "created_at")


def _by_team(rows: QuerySet[Allocation], rule: ReminderRule, at: str) -> Iterable[Finding]:
    if rule.warehouse_id:
        rows = rows.filter(warehouse=rule.warehouse)
    if rule.shop_id:
        rows = rows.filter(order__shop=rule.shop)
    found = rows.values_list("warehouse_id", "team_id").annotate(Count("id"), Min(at))
    for warehouse, team, number, since in found.order_by("warehouse_id", "team_id"):
        yield Finding(f"w{warehouse}t{team or 0}", number, since, warehouse_id=warehouse, team_id=team)


def _exceptions(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    since = now - timedelta(minutes=rule.limit)
    rows = OrderException.objects.filter(resolved_at=None, opened_at__lte=since)
    if rule.shop_id:
        rows = rows.filter(order__shop=rule.shop)
    for shop, number, oldest in rows.values_list("order__shop_id").annotate(Count("id"), Min("opened_at")):
        yield Finding(f"s{shop or 0}", number, oldest, shop_id=shop)


def _capacity(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    places = Warehouse.objects.filter(is_open=True, capacity__gt=0)
    for place in places.filter(pk=rule.warehouse_id) if rule.warehouse_id else places:
        day = now.astimezone(ZoneInfo(place.timezone)).date()
        load = WarehouseDay.objects.filter(warehouse=place, day=day).values_list("load_n", flat=True).first() or 0
        if place.capacity and load * 100 >= place.capacity * rule.limit:
            yield Finding(f"w{place.pk}", load, now, warehouse_id=place.pk)


def _silent(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    shops = Shop.objects.filter(active=True)
    if rule.shop_id:
        shops = shops.filter(pk=rule.shop_id)
    last = dict(
        Order.objects.filter(received_at__gt=now - REMEMBERED, received_at__lte=now)
        .values_list("shop_id")
        .annotate(Max("received_at"))
    )
    for shop in shops:
        heard = last.get(shop.pk)
        if heard is not None and heard <= now - timedelta(minutes=rule.limit):
            yield Finding(f"s{shop.pk}", 1, heard, shop_id=shop.pk)


def _no_last_rule(_rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    version = published_version()
    if version is not None and not any(takes_every_order(one) for one in rules_of_version(version)):
        yield Finding("rules", 1, version.published_at or now)


def _webhooks(rule: ReminderRule, now: datetime) -> Iterable[Finding]:
    since = now - timedelta(minutes=rule.limit)
    failing = Endpoint.objects.filter(Q(active=True, failing_since_at__lte=since) | Q(stopped_at__isnull=False))
    number, first = failing.aggregate(n=Count("id"), first=Min(Coalesce("failing_since_at", "stopped_at"))).values()
    if number:
        yield Finding("webhooks", number, first)


_FIND = {
    Kind.UNALLOCATED: _unallocated,
    Kind.DUE: _due,
    Kind.NOT_ACCEPTED: _not_accepted,
    Kind.EXCEPTION: _exceptions,
    Kind.CAPACITY: _capacity,
    Kind.SHORT: _short,
    Kind.SILENT: _silent,
    Kind.NO_LAST_RULE: _no_last_rule,
    Kind.WEBHOOK: _webhooks,
}

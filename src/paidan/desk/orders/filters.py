"""What the orders list can be narrowed by."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paidan.allocation.models import Allocation
from paidan.allocation.states import COUNTED
from paidan.catalog.models import Sku
from paidan.network.models import Shop, Team, Warehouse
from paidan.orders.models import Order, OrderLine
from paidan.orders.queue import OPEN_STATES
from paidan.rules.models import Rule, VersionState
from paidan.web.lists import (
    ChoiceFilter,
    DayFilter,
    Filter,
    FlagFilter,
    MoneyFilter,
    NumberFilter,
    NumbersFilter,
    PresetFilter,
    TextFilter,
)

from .parcels import BY_HAND, KINDS, NONE, judged_together
from .queries import DUE_HOURS, TO_SHIP, due_within
from .regions import bounds, region_choices
from .rows import REASON_WORDS

Orders = QuerySet[Order]
MOST_SKUS = 500
SHORTEST_LINE_NUMBER = 6
DUE_WORDS: dict[int, str | Promise] = {
    1: _("within 1 h"),
    2: _("within 2 h"),
    4: _("within 4 h"),
    8: _("within 8 h"),
    24: _("within 24 h"),
}


def shops() -> list[tuple[int, str]]:
    return [(shop.pk, str(shop)) for shop in Shop.objects.order_by("code")]


def platforms() -> list[tuple[str, str]]:
    names = Shop.objects.exclude(platform="").order_by("platform").values_list("platform", flat=True).distinct()
    return [(name, name) for name in names]


def warehouses() -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in Warehouse.objects.order_by("position", "id")]


def teams() -> list[tuple[int, str]]:
    return [*((row.pk, str(row)) for row in Team.objects.order_by("code")), (NONE, gettext("no team"))]


def rules() -> list[tuple[str, str]]:
    found = Rule.objects.filter(version__state=VersionState.PUBLISHED).order_by("priority", "id")
    return [*((rule.code, str(rule)) for rule in found), (BY_HAND, gettext("by hand"))]


def regions() -> list[tuple[int, str]]:
    return [*region_choices(), (0, gettext("no address"))]


def in_regions(rows: Orders, numbers: Sequence[int]) -> Orders:
    wanted = Q()
    for number in numbers:
        wanted |= Q(region__range=bounds(number))
    return rows.filter(wanted)


def placed(rows: Orders, wanted: bool) -> Orders:
    """Orders of which something is or was on its way, or those of which nothing is."""
    there = Exists(Allocation.objects.filter(order_id=OuterRef("pk"), state__in=COUNTED))
    return rows.filter(there if wanted else ~there)


def with_sku(rows: Orders, words: str) -> Orders:
    """Orders that ask for the SKU of this code, or for those with the words in their names."""
    exact = list(Sku.objects.filter(code__iexact=words).values_list("id", flat=True))
    found = exact or list(Sku.objects.filter(name__icontains=words).values_list("id", flat=True)[:MOST_SKUS])
    return rows.filter(id__in=OrderLine.objects.filter(sku_id__in=found).values("order_id"))


def of_numbers(rows: Orders, numbers: Sequence[str]) -> Orders:
    """Orders by their own numbers, those of their parcels or of their platform's lines, each by its own index.

    Files number lines 1, 2, 3: numbers so short name no line of a platform.
    """
    found = set(Order.objects.filter(number__in=numbers).values_list("id", flat=True))
    found.update(Allocation.objects.filter(tracking_number__in=numbers).values_list("order_id", flat=True))
    of_lines = [number for number in numbers if len(number) >= SHORTEST_LINE_NUMBER]
    lines = OrderLine.objects.filter(~Q(number=""), number__in=of_lines)
    found.update(lines.values_list("order_id", flat=True))
    return rows.filter(id__in=found)


def of_weight(rows: Orders, value: tuple[int | None, int | None]) -> Orders:
    """Of what is still to ship: weights are summed from the lines, which over years of orders would take minutes."""
    low, high = value
    rows = rows.filter(state__in=TO_SHIP)
    lines = OrderLine.objects.filter(order_id=OuterRef("pk")).order_by().values("order_id")
    weight = lines.annotate(total=Sum((F("qty") - F("cancelled_qty")) * F("sku__weight_g"))).values("total")
    rows = rows.annotate(weight_g=Subquery(weight))
    if low is not None:
        rows = rows.filter(weight_g__gte=low)
    return rows if high is None else rows.filter(weight_g__lte=high)


def paid_since_midnight(rows: Orders, now: datetime) -> Orders:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.filter(paid_at__gte=midnight)


def paid_since_yesterday(rows: Orders, now: datetime) -> Orders:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return rows.filter(paid_at__gte=midnight - timedelta(days=1), paid_at__lt=midnight)


def late(rows: Orders, now: datetime) -> Orders:
    return rows.filter(state__in=TO_SHIP, ship_by_at__lt=now)


def due(hours: int) -> Any:
    return lambda rows, now: rows.filter(due_within(hours, now))


def alone(key: str) -> Any:
    """One of the filters that are judged together, by itself."""
    return lambda rows, value: judged_together(rows, {key: value})


def of_this_kind(kind: str) -> Any:
    return lambda rows, _now: judged_together(rows, {"parcels": kind})


FILTERS: tuple[Filter, ...] = (
    ChoiceFilter(key="shop", label=_("Shop"), field="shop_id", choices=shops, common=True),
    ChoiceFilter(key="region", label=_("Region"), choices=regions, narrow=in_regions, common=True),
    ChoiceFilter(key="warehouse", label=_("Warehouse"), choices=warehouses, narrow=alone("warehouse"), common=True),
    TextFilter(key="sku", label=_("SKU"), narrow=with_sku, common=True),
    TextFilter(key="tag", label=_("Tag"), narrow=lambda rows, tag: rows.filter(tags__contains=[tag])),
    ChoiceFilter(key="platform", label=_("Platform"), field="shop__platform", choices=platforms, integers=False),
    ChoiceFilter(key="team", label=_("Team"), choices=teams, narrow=alone("team")),
    ChoiceFilter(key="rule", label=_("Rule"), choices=rules, integers=False, narrow=alone("rule")),
    PresetFilter(
        key="parcels",
        label=_("Allocations"),
        presets=[(key, words, of_this_kind(key)) for key, words in KINDS.items()],
    ),
    FlagFilter(key="placed", label=_("Has allocations"), narrow=placed),
    MoneyFilter(key="amount", label=_("Amount"), field="amount_minor"),
    NumberFilter(key="weight", label=_("Weight to ship"), scale=1000, unit="kg", narrow=of_weight),
    DayFilter(key="paid", label=_("Paid"), field="paid_at"),
    DayFilter(key="came", label=_("Paid, else received"), narrow=alone("came")),
    ChoiceFilter(
        key="hour",
        label=_("Hour of payment"),
        choices=lambda: [(hour, f"{hour}:00") for hour in range(24)],
        narrow=alone("hour"),
    ),
    PresetFilter(
        key="paid_on",
        label=_("Paid on"),
        presets=[("today", _("today"), paid_since_midnight), ("yesterday", _("yesterday"), paid_since_yesterday)],
    ),
    DayFilter(key="ship_by", label=_("Ship by"), field="ship_by_at"),
    PresetFilter(
        key="due",
        label=_("Due"),
        presets=[("late", _("overdue"), late), *((f"{hours}h", DUE_WORDS[hours], due(hours)) for hours in DUE_HOURS)],
    ),
    ChoiceFilter(
        key="reason",
        label=_("Reason"),
        narrow=lambda rows, ids: rows.filter(reason__in=ids, state__in=OPEN_STATES),
        choices=lambda: [(int(key), str(words)) for key, words in REASON_WORDS.items()],
    ),
    NumbersFilter(key="numbers", label=_("Paste numbers"), narrow=of_numbers),
)

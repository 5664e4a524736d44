"""The cards of a column: the unaccepted allocations that are due first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from paidan.allocation.models import AllocationLine
from paidan.allocation.states import AllocationState
from paidan.geo import region
from paidan.geo.codes import code_of

from .filters import BoardFilter

SHOWN = 40
"""Cards per column; the rest is a number and a link."""
LOOKED_AT = 2_000
"""Of a longer queue the deadlines are compared only among those that wait longest, so that a page stays fast."""
MUNICIPALITIES = (11, 12, 31, 50)

_CARDS = f"""
SELECT place.id, a.id, a.order_id, a.number, a.ship_by_at, a.region, a.vip, a.warehouse_id, a.team_id
FROM unnest(%(places)s::int[]) place (id) CROSS JOIN LATERAL (
    SELECT a.id, a.order_id, o.number, o.ship_by_at, o.region,
           o.priority > 0 OR o.tags && ARRAY['vip', 'VIP', 'Vip']::varchar[] AS vip, a.warehouse_id, a.team_id
    FROM (
        SELECT a.id, a.order_id, a.warehouse_id, a.team_id FROM allocation_allocation a
        WHERE a.{{column}} = place.id AND a.state = {int(AllocationState.ASSIGNED)} AND NOT a.frozen
        ORDER BY a.id LIMIT {{looked_at}}
    ) a JOIN orders_order o ON o.id = a.order_id WHERE true {{where}}
    ORDER BY o.ship_by_at, a.id LIMIT {SHOWN}
) a
"""


@dataclass(frozen=True, slots=True)
class Card:
    """One allocation that waits to be accepted."""

    id: int
    order_id: int
    number: str
    ship_by_at: datetime | None
    city: str
    vip: bool
    goods: str
    further: int


def cards_of(column: str, place_ids: Sequence[int], chosen: BoardFilter) -> dict[int, list[Card]]:
    """The first cards of each place (`column` is warehouse_id or team_id); 2 queries, whatever the numbers."""
    looked_at = "ALL" if chosen.asks_orders else str(LOOKED_AT)
    query = _CARDS.format(column=column, looked_at=looked_at, where=chosen.where())
    with connection.cursor() as cursor:
        cursor.execute(query, {**chosen.values, "places": list(place_ids)})
        rows = cursor.fetchall()
    goods = _goods([row[1] for row in rows])
    found: dict[int, list[Card]] = {place: [] for place in place_ids}
    for place, key, order, number, due, where, vip, _warehouse, _team in rows:
        name, further = goods.get(key, ("", 0))
        found[place].append(Card(key, order, number, due, city_of(where), vip, name, further))
    return found


def _goods(ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """The first article of each allocation, and how many more there are."""
    parts = AllocationLine.objects.filter(allocation_id__in=ids).order_by("allocation_id", "line_id")
    found: dict[int, tuple[str, int]] = {}
    for key, name, code in parts.values_list("allocation_id", "sku__name", "sku__code"):
        first, further = found.get(key, (name or code, -1))
        found[key] = (first, further + 1)
    return found


def city_of(number: int) -> str:
    """The city of a region (a municipality's district), without the word for city."""
    if number and number >= 100_000 and number % 10_000 and number // 10_000 not in MUNICIPALITIES:
        number = number // 100 * 100
    code = code_of(number)
    if not code:
        return ""
    try:
        return region(code).name.removesuffix("市")
    except LookupError:
        return region(code_of(number // 10_000 * 10_000) or "CN").name

"""Reading back why an order went where it went, or is stuck: the stored codes joined with what holds now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from paidan.engine.codes import Reason, Split, Strategy
from paidan.engine.rule_format import read_rule
from paidan.geo import distance_m, full_name, region
from paidan.geo.codes import code_of
from paidan.network.columns import Network, network_at
from paidan.network.models import Warehouse
from paidan.orders.models import Event, Hold, Order, QueuedOrder
from paidan.orders.states import AddressState, EventKind, OrderState
from paidan.rules.models import Rule
from paidan.stock.models import Stock

from .explanation import Candidate, DecisionFacts, EventFacts, Explanation, HoldFacts, LineFacts, Placement, RuleFacts
from .models import Allocation, Decision, WarehouseDay, Wave
from .prices import Parcel, cheapest_freight
from .states import COUNTED, AllocationState, Origin

LINES = """
SELECT p.line_id, p.sku_id, coalesce(k.code, ''), coalesce(k.name, ''), p.shop_code, p.qty - p.cancelled_qty,
       p.open_qty, CASE WHEN p.open_qty = 0 THEN 0 ELSE coalesce(nullif(l.reason, 0), o.reason) END,
       coalesce(k.weight_g, 0), coalesce(k.volume_cm3, 0)
FROM allocation_line_pieces p JOIN orders_orderline l ON l.id = p.line_id JOIN orders_order o ON o.id = p.order_id
LEFT JOIN catalog_sku k ON k.id = p.sku_id WHERE p.order_id = %s ORDER BY p.position
"""


def explain_order(order_id: int, *, now: datetime) -> Explanation:
    """All that is known about where an order is and why. `now` decides only which work day's load is shown."""
    order = Order.objects.select_related("shop", "merged_into__shop").get(id=order_id)
    lines, parcel = _lines(order_id)
    decisions = _decisions(order, lines, parcel, now)
    last = decisions[0] if decisions else None
    return Explanation(
        order_id=order.id,
        shop=order.shop.code,
        shop_name=order.shop.name,
        number=order.number,
        state=OrderState(order.state),
        reason=Reason(order.reason),
        region=code_of(order.region) or "",
        region_name=_region_name(order.region),
        address_state=AddressState(order.address_state),
        ship_by_at=order.ship_by_at,
        merged_into=f"{order.merged_into.shop.code}/{order.merged_into.number}" if order.merged_into else "",
        queued=QueuedOrder.objects.filter(order_id=order_id).exists(),
        decided_at=last.decided_at if last else None,
        rule=last.rule if last else None,
        lines=lines,
        candidates=last.candidates if last else (),
        decisions=decisions,
        placements=_placements(order_id),
        holds=_holds(order_id),
        events=_events(order_id),
    )


def _decisions(order: Order, lines: Sequence[LineFacts], parcel: Parcel, now: datetime) -> list[DecisionFacts]:
    """What the waves made of the order, the last first; tries that came to nothing are forgotten by later ones."""
    kept = list(Decision.objects.filter(order_id=order.id).order_by("-wave_id"))
    waves = Wave.objects.in_bulk([decision.wave_id for decision in kept])
    return [
        DecisionFacts(
            wave_id=decision.wave_id,
            decided_at=waves[decision.wave_id].started_at,
            rule=_rule(decision.rule_id),
            candidates=_candidates(order, decision, waves[decision.wave_id], lines, parcel, now),
        )
        for decision in kept
        if decision.wave_id in waves
    ]


def _region_name(number: int) -> str:
    code = code_of(number)
    return full_name(code) if code else ""


def _lines(order_id: int) -> tuple[tuple[LineFacts, ...], Parcel]:
    """The lines, and what the whole order weighs."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [order_id])
        rows = cursor.fetchall()
    names = ("id", "sku_id", "sku", "name", "shop_code", "qty", "open_qty")
    lines = tuple(LineFacts(**dict(zip(names, row[:7], strict=True)), reason=Reason(row[7])) for row in rows)
    weight = sum(row[5] * row[8] for row in rows)
    volume = sum(row[5] * row[9] for row in rows)
    return lines, Parcel(weight, volume)


def _rule(rule_id: int | None) -> RuleFacts | None:
    row = Rule.objects.select_related("version").filter(id=rule_id).first() if rule_id else None
    if row is None:
        return None
    then = read_rule({"id": row.code, "when": row.when, "then": row.then}).then
    return RuleFacts(
        code=row.code,
        name=row.name,
        version=row.version.number,
        strategies=tuple(Strategy(strategy) for strategy in then.strategies),
        team=then.team,
        split=Split(then.split),
        partial=then.partial,
        max_m=then.max_m,
        everywhere=then.warehouses is None and not then.excluded,
    )


def _candidates(
    order: Order, decision: Decision, wave: Wave, lines: Sequence[LineFacts], parcel: Parcel, now: datetime
) -> tuple[Candidate, ...]:
    """The wave's warehouses: what it saw beside distance, price, stock and load as they are now; best first."""
    count = len(wave.warehouse_ids)
    rank_w = np.frombuffer(bytes(decision.rank_w), np.uint8, count)
    reason_w = np.frombuffer(bytes(decision.reason_w), np.int8, count)
    short_w = np.frombuffer(bytes(decision.short_w), "<u2", count)
    chosen = _chosen_by(order.id, wave.id)
    network = network_at(now)
    loads = _loads_today(network)
    warehouses = Warehouse.objects.in_bulk(wave.warehouse_ids)
    free = _free_stock(lines)
    lat, lng = _coordinates_of(order)
    found = [
        Candidate(
            warehouse_id=key,
            code=warehouse.code,
            name=warehouse.name,
            rank=int(rank_w[at]),
            reason=Reason(int(reason_w[at])),
            chosen=key in chosen,
            short_qty=int(short_w[at]),
            distance_m=_distance(lat, lng, warehouse),
            freight_minor=cheapest_freight(network.rates, key, order.region, parcel),
            available=tuple(free.get((line.sku_id, key), 0) for line in lines),
            load=loads.get(key, 0),
            capacity=warehouse.capacity,
        )
        for at, key in enumerate(wave.warehouse_ids)
        if (warehouse := warehouses.get(key)) is not None
    ]
    return tuple(sorted(found, key=_best_first))


def _loads_today(network: Network) -> dict[int, int]:
    """The load of each warehouse on the work day a new allocation would count for."""
    days = network.warehouse_columns.work_day_w.astype("datetime64[D]").tolist()
    keys = {(warehouse.id, day) for warehouse, day in zip(network.warehouses, days, strict=True)}
    rows = WarehouseDay.objects.filter(day__in={day for _id, day in keys})
    return {row.warehouse_id: row.load_n for row in rows if (row.warehouse_id, row.day) in keys}


def _best_first(candidate: Candidate) -> tuple[bool, int, bool, int]:
    near = candidate.distance_m
    return (not candidate.chosen, candidate.rank or 256, near is None, near or 0)


def _chosen_by(order_id: int, wave_id: int) -> set[int]:
    """The warehouses that wave gave something to, whatever became of it later."""
    rows = Allocation.objects.filter(order_id=order_id, wave_id=wave_id, origin=Origin.AUTOMATIC)
    return set(rows.values_list("warehouse_id", flat=True))


def _free_stock(lines: Sequence[LineFacts]) -> dict[tuple[int | None, int], int]:
    ids = {line.sku_id for line in lines if line.sku_id}
    return {(row.sku_id, row.warehouse_id): row.available_qty for row in Stock.objects.filter(sku_id__in=ids)}


def _coordinates_of(order: Order) -> tuple[float | None, float | None]:
    """The order's own coordinates, else those of its region."""
    if order.lat is not None and order.lng is not None:
        return order.lat, order.lng
    code = code_of(order.region)
    if not code:
        return None, None
    place = region(code)
    return place.lat, place.lng


def _distance(lat: float | None, lng: float | None, warehouse: Warehouse) -> int | None:
    if lat is None or lng is None or warehouse.lat is None or warehouse.lng is None:
        return None
    return distance_m(lat, lng, warehouse.lat, warehouse.lng)


def _placements(order_id: int) -> tuple[Placement, ...]:
    """Allocations that count, the newest state of each; what was cancelled or moved away is history."""
    rows = list(
        Allocation.objects.filter(order_id=order_id, state__in=COUNTED)
        .select_related("warehouse", "team")
        .prefetch_related("parts__sku")
        .order_by("id")
    )
    again = _decided_again(order_id, [row.id for row in rows if row.origin == Origin.REBALANCED])
    return tuple(
        Placement(
            id=row.id,
            wave_id=row.wave_id,
            warehouse=row.warehouse.code,
            warehouse_name=row.warehouse.name,
            timezone=row.warehouse.timezone,
            team=row.team.code if row.team else "",
            team_name=row.team.name if row.team else "",
            state=AllocationState(row.state),
            state_at=row.state_at,
            distance_m=row.distance_m,
            freight_minor=row.freight_minor,
            carrier=row.carrier,
            late_s=row.late_s,
            work_day=row.work_day,
            by_hand=row.origin == Origin.BY_HAND,
            rebalanced=again.get(row.id),
            frozen=row.frozen,
            tracking_number=row.tracking_number,
            pieces=tuple((part.sku.code, part.qty) for part in row.parts.all()),
        )
        for row in rows
    )


def _decided_again(order_id: int, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Why these allocations of the order were decided again, as their events keep it."""
    if not ids:
        return {}
    found = Event.objects.filter(order_id=order_id, allocation_id__in=ids, kind=EventKind.ASSIGNED)
    return {event.allocation_id or 0: event.detail or {} for event in found}


def _holds(order_id: int) -> tuple[HoldFacts, ...]:
    rows = Hold.objects.filter(order_id=order_id, released_at=None).select_related("held_by").order_by("id")
    return tuple(
        HoldFacts(row.reason, row.held_at, row.held_by.username if row.held_by else "", row.until_at, row.detail)
        for row in rows
    )


def _events(order_id: int) -> tuple[EventFacts, ...]:
    rows = Event.objects.filter(order_id=order_id).select_related("by").order_by("id")
    return tuple(
        EventFacts(row.at, EventKind(row.kind).name.lower(), row.allocation_id, row.by.username if row.by else "")
        for row in rows
    )

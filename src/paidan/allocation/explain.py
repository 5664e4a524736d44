"""Reading back why an order went where it went, or is stuck: the stored codes joined with what holds now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from paidan.engine.codes import Reason, Split, Strategy
from paidan.engine.rule_format import read_rule
from paidan.geo import distance_m, full_name, region
from paidan.geo.codes import code_of
from paidan.kit.arrays import array_cursor
from paidan.network.columns import Network, as_of, lasting_network
from paidan.network.kept import Kept, Mark, terms_mark
from paidan.network.models import FreightRate, Warehouse
from paidan.orders.models import Event, Order, QueuedOrder
from paidan.orders.states import AddressState, EventKind, OrderState
from paidan.rules.models import Rule
from paidan.stock.models import Stock

from .ahead.saying import Prices, read_prices, worth_at
from .explain_rows import AllocationRow, DecisionRow, Ids, OrderRow, allocations_of, decisions_of, holds_of, orders_of
from .explanation import Candidate, DecisionFacts, EventFacts, Explanation, HoldFacts, LineFacts, Placement, RuleFacts
from .joint_sentences import together_in
from .models import AllocationLine, WarehouseDay
from .prices import Parcel, Rates, by_place, cheapest_freight
from .states import COUNTED, AllocationState, Origin, WaveMode

LINES = """
SELECT p.order_id, p.line_id, p.sku_id, coalesce(k.code, ''), coalesce(k.name, ''), p.shop_code,
       p.qty - p.cancelled_qty, p.open_qty,
       CASE WHEN p.open_qty = 0 THEN 0 ELSE coalesce(nullif(l.reason, 0), o.reason) END,
       coalesce(k.weight_g, 0), coalesce(k.volume_cm3, 0)
FROM allocation_line_pieces p JOIN orders_orderline l ON l.id = p.line_id JOIN orders_order o ON o.id = p.order_id
LEFT JOIN catalog_sku k ON k.id = p.sku_id WHERE p.order_id = ANY(%s) ORDER BY p.position
"""


def explain_order(order_id: int, *, now: datetime) -> Explanation:
    """All that is known about where an order is and why. `now` decides only which work day's load is shown."""
    found = explain_orders([order_id], now=now)
    if order_id not in found:
        raise Order.DoesNotExist(order_id)
    return found[order_id]


@dataclass(frozen=True, slots=True)
class Facts:
    """What explanations of some orders are made of. What is left out is not there, or is not spoken of."""

    orders: Mapping[int, OrderRow]
    lines: Mapping[int, list[LineFacts]]
    parcels: Mapping[int, Parcel]
    allocations: Sequence[AllocationRow]
    decisions: Sequence[DecisionRow]  # the last of an order first
    parts: Mapping[int, list[tuple[str, int]]] = field(default_factory=dict)
    holds: Mapping[int, list[HoldFacts]] = field(default_factory=dict)
    events: Mapping[int, list[EventFacts]] = field(default_factory=dict)
    queued: Collection[int] = ()
    beside: datetime | None = None
    """When stock and load are shown beside the candidates: those of which moment."""


def explain_orders(ids: Sequence[int], *, now: datetime, brief: bool = False) -> dict[int, Explanation]:
    """The same of several orders, by id, with as many queries as for one.

    `brief` leaves out what the headline does not speak of: the queue, pieces, events of orders that were not cancelled,
    and stock and load beside the candidates of orders with nothing open.
    """
    orders = orders_of(np.array(ids, np.int64))
    keys = np.array(list(orders), np.int64)
    lines, parcels = _lines(keys)
    allocations = allocations_of(keys)
    is_open = any(line.open_qty for several in lines.values() for line in several)
    told = [key for key, order in orders.items() if not brief or order.state == OrderState.CANCELLED]
    return explained(
        Facts(
            orders,
            lines,
            parcels,
            allocations,
            decisions_of(keys),
            parts={} if brief else _parts(allocations),
            holds=_holds(keys),
            events=_events(told) if told else {},
            queued=() if brief else _queued(orders),
            beside=now if is_open or not brief else None,
        ),
        terms_mark(),
    )


def explained(facts: Facts, mark: Mark) -> dict[int, Explanation]:
    """The explanations these facts make, by order; `mark` is that of the terms."""
    decisions, placements = _decisions(facts, mark), _placements(facts)
    return {
        key: Explanation(
            order_id=key,
            shop=order.shop,
            shop_name=order.shop_name,
            number=order.number,
            state=OrderState(order.state),
            reason=Reason(order.reason),
            region=code_of(order.region) or "",
            region_name=_region_name(order.region),
            address_state=AddressState(order.address_state),
            ship_by_at=order.ship_by_at,
            merged_into=order.merged_into,
            queued=key in facts.queued,
            decided_at=decisions[key][0].decided_at if decisions[key] else None,
            rule=decisions[key][0].rule if decisions[key] else None,
            lines=tuple(facts.lines[key]),
            candidates=decisions[key][0].candidates if decisions[key] else (),
            together=decisions[key][0].together if decisions[key] else None,
            decisions=decisions[key],
            placements=tuple(placements[key]),
            holds=tuple(facts.holds.get(key, ())),
            events=tuple(facts.events.get(key, ())),
        )
        for key, order in facts.orders.items()
    }


def _queued(order_ids: Collection[int]) -> set[int]:
    return set(QueuedOrder.objects.filter(order_id__in=list(order_ids)).values_list("order_id", flat=True))


def _decisions(facts: Facts, mark: Mark) -> dict[int, list[DecisionFacts]]:
    """What the waves made of each order, the last first; tries that came to nothing are forgotten by later ones."""
    found: dict[int, list[DecisionFacts]] = {key: [] for key in facts.orders}
    if not facts.decisions:
        return found
    rules = _rules({decision.rule_id for decision in facts.decisions if decision.rule_id}, mark)
    around = _Around.of(facts, mark)
    for decision in facts.decisions:
        key = decision.order_id
        rule = rules.get(decision.rule_id) if decision.rule_id else None
        candidates = _candidates(facts.orders[key], decision, rule, facts.lines[key], facts.parcels[key], around)
        together = together_in(decision, rule)
        found[key].append(DecisionFacts(decision.wave_id, decision.started_at, rule, candidates, together))
    return found


def _region_name(number: int) -> str:
    code = code_of(number)
    return full_name(code) if code else ""


def _lines(order_ids: Ids) -> tuple[dict[int, list[LineFacts]], dict[int, Parcel]]:
    """The lines of each order, and what the whole order weighs."""
    rows = array_cursor().execute(LINES, (order_ids,)).fetchall()
    names = ("id", "sku_id", "sku", "name", "shop_code", "qty", "open_qty")
    lines: dict[int, list[LineFacts]] = {key: [] for key in order_ids.tolist()}
    parcels = dict.fromkeys(lines, Parcel(0, 0))
    for key, *line, reason, weight_g, volume_cm3 in rows:
        facts = LineFacts(**dict(zip(names, line, strict=True)), reason=Reason(reason))
        lines[key].append(facts)
        so_far = parcels[key]
        parcels[key] = Parcel(so_far.weight_g + facts.qty * weight_g, so_far.volume_cm3 + facts.qty * volume_cm3)
    return lines, parcels


def _rules(ids: Collection[int], mark: Mark) -> dict[int, RuleFacts]:
    """Rules as they decided; a version's rules never change, so those asked for before are still known."""
    known = _RULES.at(mark)
    missing = [key for key in ids if key not in known]
    if missing:
        known |= {row.id: _rule(row) for row in Rule.objects.select_related("version").filter(id__in=missing)}
    return known


_RULES: Kept[dict[int, RuleFacts]] = Kept(dict)


def _rule(row: Rule) -> RuleFacts:
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
        joint=then.joint,
        look_ahead=then.look_ahead,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """What candidates are shown beside, and where each wave sent each order."""

    rates: Rates
    warehouses: Mapping[int, Warehouse]
    loads: Mapping[int, int]
    free: Mapping[tuple[int | None, int], int]
    chosen: Mapping[tuple[int, int], set[int]]  # (order, wave) → warehouses it gave something to, whatever came later
    prices: Mapping[int, Prices]  # that waves deciding one by one looked at, by their id

    @classmethod
    def of(cls, facts: Facts, mark: Mark) -> _Around:
        network, now = lasting_network(mark), facts.beside
        chosen: dict[tuple[int, int], set[int]] = {}
        for row in facts.allocations:
            if row.origin == Origin.AUTOMATIC:
                chosen.setdefault((row.order_id, row.wave_id or 0), set()).add(row.warehouse_id)
        return cls(
            _RATES.at(mark),
            {warehouse.id: warehouse for warehouse in network.warehouses},
            _loads_today(as_of(network, now)) if now else {},
            _free_stock(facts.lines) if now else {},
            chosen,
            _prices(facts),
        )


_RATES: Kept[Rates] = Kept(lambda: by_place(FreightRate.objects.order_by("id")))


def _candidates(
    order: OrderRow,
    decision: DecisionRow,
    rule: RuleFacts | None,
    lines: Sequence[LineFacts],
    parcel: Parcel,
    around: _Around,
) -> tuple[Candidate, ...]:
    """The wave's warehouses: what it saw beside distance, price, stock and load as they are now; best first."""
    warehouse_ids = decision.warehouse_ids
    count = len(warehouse_ids)
    rank_w = np.frombuffer(decision.rank_w, np.uint8, count)
    reason_w = np.frombuffer(decision.reason_w, np.int8, count)
    short_w = np.frombuffer(decision.short_w, "<u2", count)
    chosen = around.chosen.get((order.id, decision.wave_id), set())
    looked = decision.mode == WaveMode.STREAM and rule is not None and rule.look_ahead
    worth = worth_at(around.prices.get(decision.prices_id or 0), lines) if looked else {}
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
            freight_minor=cheapest_freight(around.rates, key, order.region, parcel),
            available=tuple(around.free.get((line.sku_id, key), 0) for line in lines),
            load=around.loads.get(key, 0),
            capacity=warehouse.capacity,
            worth=worth.get(key),
        )
        for at, key in enumerate(warehouse_ids)
        if (warehouse := around.warehouses.get(key)) is not None
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


def _sku_ids(lines: Mapping[int, list[LineFacts]]) -> set[int]:
    return {line.sku_id for several in lines.values() for line in several if line.sku_id}


def _free_stock(lines: Mapping[int, list[LineFacts]]) -> dict[tuple[int | None, int], int]:
    rows = Stock.objects.filter(sku_id__in=_sku_ids(lines))
    return {(row.sku_id, row.warehouse_id): row.available_qty for row in rows}


def _prices(facts: Facts) -> dict[int, Prices]:
    """What waves looked at that decided one order after the other; a joint one has no use for it."""
    keys = {one.prices_id for one in facts.decisions if one.prices_id and one.mode == WaveMode.STREAM}
    return read_prices(keys, _sku_ids(facts.lines)) if keys else {}


def _coordinates_of(order: OrderRow) -> tuple[float | None, float | None]:
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


def _parts(allocations: Sequence[AllocationRow]) -> dict[int, list[tuple[str, int]]]:
    """SKU and pieces of each allocation that counts."""
    counted = [row.id for row in allocations if row.state in COUNTED]
    rows = AllocationLine.objects.filter(allocation_id__in=counted).order_by("line_id")
    found: dict[int, list[tuple[str, int]]] = {}
    for key, sku, qty in rows.values_list("allocation_id", "sku__code", "qty"):
        found.setdefault(key, []).append((sku, qty))
    return found


def _placements(facts: Facts) -> dict[int, list[Placement]]:
    """Allocations that count, the newest state of each; what was cancelled or moved away is history."""
    found: dict[int, list[Placement]] = {key: [] for key in facts.orders}
    for row in facts.allocations:
        if row.state in COUNTED:
            found[row.order_id].append(_placement(row, facts.parts.get(row.id, [])))
    return found


def _placement(row: AllocationRow, pieces: Sequence[tuple[str, int]]) -> Placement:
    return Placement(
        id=row.id,
        wave_id=row.wave_id,
        warehouse=row.warehouse,
        warehouse_name=row.warehouse_name,
        timezone=row.timezone,
        team=row.team,
        team_name=row.team_name,
        state=AllocationState(row.state),
        state_at=row.state_at,
        distance_m=row.distance_m,
        freight_minor=row.freight_minor,
        carrier=row.carrier,
        late_s=row.late_s,
        work_day=row.work_day,
        by_hand=row.origin == Origin.BY_HAND,
        frozen=row.frozen,
        tracking_number=row.tracking_number,
        pieces=tuple(pieces),
    )


def _holds(order_ids: Ids) -> dict[int, list[HoldFacts]]:
    found: dict[int, list[HoldFacts]] = {}
    for row in holds_of(order_ids):
        facts = HoldFacts(row.reason, row.held_at, row.held_by, row.until_at, row.detail)
        found.setdefault(row.order_id, []).append(facts)
    return found


def _events(order_ids: Sequence[int]) -> dict[int, list[EventFacts]]:
    rows = Event.objects.filter(order_id__in=order_ids).select_related("by").order_by("id")
    found: dict[int, list[EventFacts]] = {key: [] for key in order_ids}
    for row in rows:
        by = row.by.username if row.by else ""
        found[row.order_id].append(EventFacts(row.at, EventKind(row.kind).name.lower(), row.allocation_id, by))
    return found

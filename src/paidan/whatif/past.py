"""The orders of a replay as the engine's columns, and what single orders were before somebody changed them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from paidan.allocation.snapshot import LINE_COLUMNS, SkuAxis, Source, orders_of, skus_of
from paidan.engine.problem import I32, I64, NEVER_DUE, Orders
from paidan.engine.problem import Rule as EngineRule
from paidan.geo import coordinates
from paidan.geo.codes import code_of
from paidan.orders.models import OrderLine
from paidan.orders.states import AddressState

from .history import Columns, History, by_keys, positions, rows_of

_ORDERS = """
SELECT o.id, o.shop_id, o.region, o.priority, o.amount_minor, coalesce(o.ship_by_at, 'infinity'),
       coalesce(o.paid_at, 'infinity'), o.address_state, o.received_at < {since}
FROM orders_order o WHERE
"""
_ORDER_COLUMNS = {
    "id": "i8",
    "shop": "i4",
    "region": "i4",
    "priority": "i4",
    "amount": "i8",
    "ship_by": "i8",
    "paid": "i8",
    "address_state": "i2",
    "older": "b1",
}
_OWN_PLACES = "SELECT o.id, o.lat, o.lng FROM orders_order o WHERE o.lat IS NOT NULL AND o.lng IS NOT NULL AND"
_LINES = """
SELECT l.order_id, l.id, l.position, coalesce(l.sku_id, -1), l.qty, l.cancelled_qty FROM orders_orderline l WHERE
"""
_DOUBTFUL = (AddressState.AMBIGUOUS, AddressState.UNRESOLVED)


@dataclass(frozen=True, slots=True)
class Before:
    """What an order was until the event `until`: values of the order, and the shop code that nobody had mapped."""

    until: int
    was: Mapping[str, Any]
    unmapped: str
    tag: str  # put on, or taken off
    tagged: bool


@dataclass(frozen=True, slots=True)
class PastOrders:
    """Every order the waves of the period tried, its lines with all pieces, and the axis of their SKUs."""

    id_o: I64
    orders: Orders
    line_id_l: I64
    by_line_id: I64  # argsort of line_id_l
    cancelled_l: I64  # pieces cancelled before the period
    held_l: I64  # pieces on allocations made before it
    skus: SkuAxis
    before: Mapping[int, tuple[Before, ...]]  # by order index, earliest first
    code_l: Mapping[int, str]  # shop codes of the lines of changed orders, by line index

    def lines_at(self, line_ids: I64) -> I32:
        """Line indices of line ids, −1 for lines of orders no wave tried."""
        at = positions(line_ids, self.line_id_l[self.by_line_id])
        return np.where(at >= 0, self.by_line_id[np.maximum(at, 0)], -1).astype(np.int32)

    def lines_of(self, chosen: I64) -> tuple[I64, I64]:
        """The lines of orders (indices): where each order's begin, and the line indices one after the other."""
        counts = self.orders.ptr[chosen + 1] - self.orders.ptr[chosen]
        ptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return ptr, np.repeat(self.orders.ptr[chosen] - ptr[:-1], counts) + np.arange(ptr[-1])


def read_orders(history: History, rules: tuple[EngineRule, ...]) -> PastOrders:
    """Read the orders once for all waves; `rules` say which texts are needed."""
    ids = history.order_ids
    orders, older = _orders(history, ids)
    lines = rows_of(_LINES, "l.order_id", {**LINE_COLUMNS, "cancelled": "i4"}, ids)
    lines = by_keys(lines, "order", "position")
    skus, sku_l = skus_of(lines["sku"])
    ptr = np.searchsorted(lines["order"], np.append(ids, np.iinfo(np.int64).max)).astype(np.int64)
    source = Source("o.id", "FROM orders_order o WHERE o.id = ANY(%s)", ids)
    before = _before(history, ids)
    past = PastOrders(
        id_o=ids,
        orders=orders_of(source, orders, lines, ptr, sku_l, rules),
        line_id_l=lines["id"].astype(np.int64),
        by_line_id=np.argsort(lines["id"], kind="stable"),
        cancelled_l=lines["cancelled"].astype(np.int64),
        held_l=np.zeros(len(sku_l), np.int64),
        skus=skus,
        before=before,
        code_l={},
    )
    since = past.lines_at(history.cancelled["line"].astype(np.int64))
    np.subtract.at(past.cancelled_l, since[since >= 0], history.cancelled["qty"][since >= 0].astype(np.int64))
    held_ids, held = history.held_before(older)
    past.held_l[past.lines_at(held_ids)] = held
    return replace(past, code_l=_codes(past))


def _orders(history: History, ids: I64) -> tuple[Columns, I64]:
    """The orders by id, and which of them came in before the period."""
    since = f"'{history.since.isoformat()}'::timestamptz"
    orders = by_keys(rows_of(_ORDERS.format(since=since), "o.id", _ORDER_COLUMNS, ids), "id")
    orders.update(lat=np.full(len(ids), np.nan), lng=np.full(len(ids), np.nan))
    places = rows_of(_OWN_PLACES, "o.id", {"id": "i8", "lat": "f8", "lng": "f8"}, ids)
    at = positions(places["id"].astype(np.int64), ids)
    orders["lat"][at], orders["lng"][at] = places["lat"], places["lng"]
    return orders, ids[orders["older"]]


def _before(history: History, ids: I64) -> dict[int, tuple[Before, ...]]:
    found: dict[int, tuple[Before, ...]] = {}
    changed = positions(np.array([order for _event, order, _detail in history.changes], np.int64), ids)
    for at, (event, _order, detail) in zip(changed.tolist(), history.changes, strict=True):
        if at >= 0:
            found[at] = (*found.get(at, ()), _state(event, detail))
    return found


def _state(event: int, detail: Mapping[str, Any]) -> Before:
    return Before(
        event, detail.get("was", {}), detail.get("mapped", ""), detail.get("tag", ""), bool(detail.get("added"))
    )


def _codes(past: PastOrders) -> dict[int, str]:
    ptr, changed = past.orders.ptr, [o for o, states in past.before.items() if any(s.unmapped for s in states)]
    codes = dict(OrderLine.objects.filter(order_id__in=past.id_o[changed].tolist()).values_list("id", "shop_code"))
    lines = [line for o in changed for line in range(ptr[o], ptr[o + 1])]
    return {line: codes[int(past.line_id_l[line])] for line in lines}


def orders_as_of(past: PastOrders, chosen: I64, ptr: I64, lines: I64, open_l: I64, event: int) -> Orders:
    """The chosen orders with their open pieces as they were when the event `event` was written.

    `ptr` and `lines` as `lines_of` answers; `open_l` runs along `lines`. Lines with nothing open stay, so that a rule
    sees the order it saw.
    """
    orders = past.orders
    taken = replace(
        orders,
        ptr=ptr,
        sku_l=orders.sku_l[lines],
        qty_l=open_l,
        **{
            name: getattr(orders, name)[chosen]
            for name in (
                "shop_o", "platform_o", "region_o", "lat_o", "lng_o", "unresolved_o", "amount_minor_o", "priority_o",
                "ship_by_o", "paid_at_o", "tagset_o", "remark_o", "payment_o", "delivery_o",
            )
        },
    )  # fmt: skip
    if not past.before:
        return taken
    for row, o in enumerate(chosen.tolist()):
        for state in reversed(past.before.get(o, ())):  # the latest change is taken back first
            if event < state.until:
                taken = _turned_back(past, taken, row, o, state)
    return taken


def _turned_back(past: PastOrders, taken: Orders, row: int, o: int, state: Before) -> Orders:
    was = state.was
    if "region" in was:
        taken = _moved_back(taken, row, was)
    for name, column in (("amount_minor", taken.amount_minor_o), ("priority", taken.priority_o)):
        if name in was:
            column[row] = was[name]
    for name, column in (("ship_by_at", taken.ship_by_o), ("paid_at", taken.paid_at_o)):
        if name in was:
            column[row] = NEVER_DUE if was[name] is None else was[name]
    taken = _reworded(taken, row, _with_tags(taken, row, state))
    if state.unmapped:
        unknown = int(np.flatnonzero(past.skus.ids < 0)[0]) if (past.skus.ids < 0).any() else -1
        for at, line in enumerate(range(past.orders.ptr[o], past.orders.ptr[o + 1])):
            if past.code_l.get(line) == state.unmapped and unknown >= 0:
                taken.sku_l[taken.ptr[row] + at] = unknown
    return taken


def _with_tags(taken: Orders, row: int, state: Before) -> Mapping[str, Any]:
    """The values before, with the tags before where one was put on or taken off."""
    if not state.tag:
        return state.was
    tags = taken.tagsets[taken.tagset_o[row]] if taken.tagset_o[row] >= 0 else ()
    return {**state.was, "tags": [tag for tag in tags if tag != state.tag] if state.tagged else [*tags, state.tag]}


def _reworded(taken: Orders, row: int, was: Mapping[str, Any]) -> Orders:
    """Texts that rules ask for, as they were; a text the vocabulary lacks is added to it."""
    texts: dict[str, Any] = {name: was[name] or None for name in ("payment", "delivery") if name in was}
    if "remark" in was:
        texts["remark"] = was["remark"] or None
    if "tags" in was:
        texts["tagset"] = tuple(was["tags"]) or None
    for name, text in texts.items():
        plural = {"delivery": "deliveries"}.get(name, f"{name}s")
        known, column = list(getattr(taken, plural)), getattr(taken, f"{name}_o")
        if text is not None and text not in known:
            known.append(text)
        column[row] = -1 if text is None else known.index(text)
        more: dict[str, Any] = {plural: known}
        taken = replace(taken, **more)
    return taken


def _moved_back(taken: Orders, row: int, was: Mapping[str, Any]) -> Orders:
    regions, code = list(taken.regions), code_of(was["region"]) or ""
    if was["region"] and code not in regions:
        regions.append(code)
    taken.region_o[row] = regions.index(code) if was["region"] else -1
    lat, lng = coordinates(np.array([was["region"]], np.int32))
    taken.lat_o[row] = lat[0] if was.get("lat") is None else was["lat"]
    taken.lng_o[row] = lng[0] if was.get("lng") is None else was["lng"]
    taken.unresolved_o[row] = was["address_state"] in _DOUBTFUL
    return replace(taken, regions=regions)

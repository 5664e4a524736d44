"""What stands in a message: codes and values, no sentences and nothing about the buyer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paidan.allocation.models import Allocation, AllocationLine
from paidan.catalog.models import Sku
from paidan.engine.codes import Reason
from paidan.network.models import Warehouse
from paidan.orders.models import Announcement, Order, OrderException
from paidan.orders.states import ExceptionKind

from .events import EVENT_OF, WebhookEvent


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it is told: its id, name, order (the key), shop (who may hear it) and body."""

    id: str
    event: WebhookEvent
    key: int
    shop_id: int | None
    order_number: str
    body: str


@dataclass(frozen=True, slots=True)
class _Word:
    order_id: int
    allocation_id: int
    reason: int
    detail: Mapping[str, Any]


def messages_of(row: Announcement) -> Iterator[Message]:
    """The messages of one announcement, in its order; a few queries however many they are."""
    event, words = EVENT_OF[row.kind], list(_words(row))
    if event in (WebhookEvent.CANCELLED, WebhookEvent.CREATED):  # of an order alone it is told by its allocations
        words = [word for word in words if word.allocation_id]
    told = _data_of(event, words)
    orders = _orders(word.order_id for word in words)
    for at, (word, more) in enumerate(zip(words, told, strict=True)):
        order = orders.get(word.order_id)
        data = {"order": _order(order) if order else None, **more}
        body = {"type": event.value, "timestamp": row.at.isoformat(), "data": data}
        yield Message(
            id=f"msg_{row.pk}_{at}",
            event=event,
            key=word.order_id or -int(word.detail.get("exception", 0)),
            shop_id=order.shop_id if order else None,
            order_number=order.number if order else "",
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        )


def _words(row: Announcement) -> Iterator[_Word]:
    none: list[Any] = [0] * len(row.order_ids)
    details = row.details or [None] * len(row.order_ids)
    for each in zip(row.order_ids, row.allocation_ids or none, row.reasons or none, details, strict=True):
        order, allocation, reason, detail = each
        yield _Word(order, allocation or 0, reason, detail or {})


def _data_of(event: WebhookEvent, words: list[_Word]) -> list[dict[str, Any]]:
    if event == WebhookEvent.UNALLOCATED:
        return [{"reason": Reason(word.reason).name.lower() if word.reason else None} for word in words]
    allocations = _allocations(word.allocation_id for word in words)
    if event == WebhookEvent.EXCEPTION:
        return _exceptions(words, allocations)
    return [{"allocation": allocations.get(word.allocation_id, {}) | _said(word.detail)} for word in words]


def _said(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What the event itself says, by the names receivers know."""
    names = {"to": "replaced_by", "replaces": "replaces", "reason": "reason"}
    said = {outside: detail[inside] for inside, outside in names.items() if inside in detail}
    for name in ("carrier", "tracking_number"):
        if detail.get(name):
            said[name] = detail[name]
    return said


def _orders(ids: Iterable[int]) -> dict[int, Order]:
    fields = ("id", "number", "shop_id", "shop__code", "shop__platform")
    found = Order.objects.filter(id__in={key for key in ids if key}).select_related("shop").only(*fields)
    return {row.pk: row for row in found}


def _order(order: Order) -> dict[str, Any]:
    return {"id": order.pk, "number": order.number, "shop": order.shop.code, "platform": order.shop.platform}


def _allocations(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What does not change of an allocation (its place, day and pieces), by its id."""
    wanted = {key for key in ids if key}
    fields = ("id", "warehouse__code", "team__code", "work_day", "carrier", "tracking_number")
    found = {
        key: {
            "id": key,
            "warehouse": warehouse,
            "team": team,
            "work_day": day.isoformat(),
            "carrier": carrier,
            "tracking_number": tracking,
            "lines": [],
        }
        for key, warehouse, team, day, carrier, tracking in Allocation.objects.filter(id__in=wanted).values_list(
            *fields
        )
    }
    parts = AllocationLine.objects.filter(allocation_id__in=wanted).order_by("allocation_id", "line_id")
    for key, number, sku, qty in parts.values_list("allocation_id", "line__number", "sku__code", "qty"):
        found[key]["lines"].append({"number": number, "sku": sku, "qty": qty})
    return found


def _exceptions(words: list[_Word], allocations: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    skus = dict(Sku.objects.filter(id__in=_ids(words, "sku")).values_list("id", "code"))
    places = dict(Warehouse.objects.filter(id__in=_ids(words, "warehouse")).values_list("id", "code"))
    known = _opened(words)
    told = []
    for word in words:
        kind = ExceptionKind(word.detail["kind"])
        key, note = known.get((word.order_id, word.allocation_id, int(kind)), (word.detail.get("exception"), ""))
        exception: dict[str, Any] = {"id": key, "kind": kind.name.lower(), "note": note}
        if "sku" in word.detail:
            exception |= {"sku": skus.get(word.detail["sku"]), "warehouse": places.get(word.detail["warehouse"])}
        told.append({"exception": exception, "allocation": allocations.get(word.allocation_id)})
    return told


def _ids(words: list[_Word], name: str) -> set[int]:
    return {word.detail[name] for word in words if name in word.detail}


def _opened(words: list[_Word]) -> dict[tuple[int, int, int], tuple[int, str]]:
    """The newest exception of each kind on these orders and allocations, with its note."""
    rows = OrderException.objects.filter(order_id__in={word.order_id for word in words if word.order_id})
    fields = ("order_id", "allocation_id", "kind", "id", "note")
    return {
        (order or 0, allocation or 0, kind): (key, note)
        for order, allocation, kind, key, note in rows.order_by("id").values_list(*fields)
    }

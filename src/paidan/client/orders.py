"""Orders: pushed, read, followed, held, released, cancelled, decided, explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from .feed import Changes, changes, every
from .transport import Answer, Transport

MOST = 1_000


class Line(TypedDict):
    sku: str
    qty: int
    number: NotRequired[str]
    amount_minor: NotRequired[int]


class OrderToPush(TypedDict):
    """An order as a platform says it; further fields as in the API's description."""

    shop: str
    number: str
    lines: list[Line]
    paid_at: NotRequired[str]
    ship_by: NotRequired[str]
    amount_minor: NotRequired[int]
    priority: NotRequired[int]
    tags: NotRequired[list[str]]
    province: NotRequired[str]
    city: NotRequired[str]
    district: NotRequired[str]
    address: NotRequired[str]
    name: NotRequired[str]
    phone: NotRequired[str]


class Orders:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def push(
        self, orders: Sequence[OrderToPush] | Sequence[dict[str, Any]], *, allocate: bool = False, key: str = ""
    ) -> dict[str, Any]:
        """Up to 1,000 orders; what became of each is in `orders` of the answer."""
        parameters = {"allocate": "true"} if allocate else {}
        return dict(self._transport.write("POST", "/orders", {"orders": list(orders)}, key=key, parameters=parameters))

    def push_all(
        self, orders: Sequence[OrderToPush] | Sequence[dict[str, Any]], *, allocate: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Any number of orders, in requests of 1,000; the result of each."""
        for at in range(0, len(orders), MOST):
            yield from self.push(orders[at : at + MOST], allocate=allocate)["orders"]

    def list(self, *, state: str = "", shop: str = "", number: str = "") -> Iterator[dict[str, Any]]:
        return every(self._transport, "/orders", state=state, shop=shop, number=number)

    def get(self, order_id: int) -> dict[str, Any]:
        return dict(self._transport.get(f"/orders/{order_id}"))

    def read(self, order_id: int) -> Answer:
        """With the ETag, for `match`."""
        return self._transport.read(f"/orders/{order_id}")

    def changes(self, cursor: str, **filters: str) -> Iterator[Changes]:
        """What has happened to orders since `start`, `now` or a kept cursor."""
        return changes(self._transport, "/orders", cursor, **filters)

    def explain(self, order_id: int) -> dict[str, Any]:
        return dict(self._transport.get(f"/orders/{order_id}/explanation"))

    def hold(
        self, ids: Sequence[int], *, reason: str = "", until: datetime | None = None, match: str = ""
    ) -> dict[str, Any]:
        until_text = None if until is None else until.isoformat()
        return self._act("hold", {"orders": list(ids), "reason": reason, "until": until_text}, match)

    def release(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        return self._act("release", {"orders": list(ids)}, match)

    def cancel(self, ids: Sequence[int], *, reason: str = "", match: str = "") -> dict[str, Any]:
        return self._act("cancel", {"orders": list(ids), "reason": reason}, match)

    def allocate(self, ids: Sequence[int]) -> dict[str, Any]:
        """Decide these now; what could not be placed is refused with its reason."""
        return self._act("allocate", {"orders": list(ids)}, "")

    def _act(self, verb: str, body: dict[str, Any], match: str) -> dict[str, Any]:
        return dict(self._transport.write("POST", f"/orders/{verb}", body, match=match))

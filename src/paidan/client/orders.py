"""Orders: pushed, read, followed, decided, held, changed, merged, cancelled, explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

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
        self,
        ids: Sequence[int],
        *,
        reason: str = "",
        until: datetime | None = None,
        give_back: bool = False,
        match: str = "",
    ) -> dict[str, Any]:
        until_text = None if until is None else until.isoformat()
        body = {"orders": list(ids), "reason": reason, "until": until_text, "give_back": give_back}
        return self._act("hold", body, match)

    def release(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        return self._act("release", {"orders": list(ids)}, match)

    def cancel(self, ids: Sequence[int], *, reason: str = "", match: str = "") -> dict[str, Any]:
        return self._act("cancel", {"orders": list(ids), "reason": reason}, match)

    def allocate(self, ids: Sequence[int]) -> dict[str, Any]:
        """Decide these now; what could not be placed is refused with its reason."""
        return self._act("allocate", {"orders": list(ids)}, "")

    def allocate_once(
        self, ids: Sequence[int], *, allow: Literal["split", "partial", "distance", "coverage", "capacity", "team"]
    ) -> dict[str, Any]:
        """Decide these now with one condition of the rules let go."""
        return self._act("allocate-once", {"orders": list(ids), "allow": allow}, "")

    def assign(
        self,
        ids: Sequence[int],
        *,
        warehouse: str,
        team: str = "",
        force: bool = False,
        partial: bool = False,
        reason: str = "",
    ) -> dict[str, Any]:
        """Send them there by hand; `partial` for one order of which not everything is there."""
        place = {"warehouse": warehouse, "team": team, "force": force, "partial": partial, "reason": reason}
        return self._act("assign", {"orders": list(ids), **place}, "")

    def give_back(self, ids: Sequence[int]) -> dict[str, Any]:
        """Give them what orders on hold keep reserved."""
        return self._act("give-back", {"orders": list(ids)}, "")

    def split(self, order_id: int) -> Sequence[int]:
        """Split it between the warehouses that have it together; the new allocations."""
        return list(self._transport.write("POST", f"/orders/{order_id}/split", {})["allocations"])

    def tag(self, ids: Sequence[int], tag: str, *, match: str = "") -> dict[str, Any]:
        return self._act("tag", {"orders": list(ids), "tag": tag}, match)

    def untag(self, ids: Sequence[int], tag: str, *, match: str = "") -> dict[str, Any]:
        return self._act("untag", {"orders": list(ids), "tag": tag}, match)

    def change_carrier(self, ids: Sequence[int], carrier: str, *, match: str = "") -> dict[str, Any]:
        return self._act("carrier", {"orders": list(ids), "carrier": carrier}, match)

    def merge(self, ids: Sequence[int]) -> dict[str, Any]:
        """Make one parcel of those that go to the same person and address."""
        return self._act("merge", {"orders": list(ids)}, "")

    def unmerge(self, ids: Sequence[int]) -> dict[str, Any]:
        return self._act("unmerge", {"orders": list(ids)}, "")

    def entrust(self, ids: Sequence[int], to: str | None) -> dict[str, Any]:
        """Say who looks after them, by username; None = nobody."""
        return self._act("entrust", {"orders": list(ids), "to": to}, "")

    def change(self, order_id: int, *, match: str = "", **fields: str) -> dict[str, Any]:
        """Mend the address (province, city, district, address) or write our remark (seller_remark)."""
        return dict(self._transport.write("PATCH", f"/orders/{order_id}", fields, match=match))

    def buyer(self, order_id: int, *, reason: str) -> dict[str, Any]:
        """Who receives it, and where; the look is logged with its reason."""
        return dict(self._transport.write("POST", f"/orders/{order_id}/buyer", {"reason": reason}))

    def _act(self, verb: str, body: dict[str, Any], match: str) -> dict[str, Any]:
        return dict(self._transport.write("POST", f"/orders/{verb}", body, match=match))

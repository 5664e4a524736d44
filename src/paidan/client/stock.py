"""Stock: read, counted, adjusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NotRequired, TypedDict

from .feed import every
from .transport import Transport


class Count(TypedDict):
    sku: str
    warehouse: str
    on_hand: int
    safety: NotRequired[int]


class Stock:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, sku: str = "", warehouse: str = "") -> Iterator[dict[str, Any]]:
        return every(self._transport, "/stock", sku=sku, warehouse=warehouse)

    def set(self, rows: Sequence[Count], *, reason: str = "") -> dict[str, Any]:
        """What was counted, up to 5,000 rows: stored as it is."""
        return dict(self._transport.write("PUT", "/stock", {"stock": list(rows), "reason": reason}))

    def adjust(self, sku: str, warehouse: str, delta: int, *, reason: str = "", key: str = "") -> dict[str, Any]:
        body = {"sku": sku, "warehouse": warehouse, "delta": delta, "reason": reason}
        return dict(self._transport.write("POST", "/stock/adjust", body, key=key))

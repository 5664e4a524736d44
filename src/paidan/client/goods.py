"""Bundles, shops' own SKU codes, and who belongs to a team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .feed import every
from .transport import Answer, Transport


class Bundles:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Iterator[dict[str, Any]]:
        return every(self._transport, "/bundles")

    def get(self, sku: str) -> dict[str, Any]:
        return dict(self.read(sku).document)

    def read(self, sku: str) -> Answer:
        """With the ETag, for `match`."""
        return self._transport.read(self._of(sku))

    def set(self, sku: str, parts: Mapping[str, int], *, match: str = "") -> dict[str, Any]:
        """What it is made of, as pieces by SKU; makes it a bundle if it was none."""
        rows = [{"sku": code, "qty": qty} for code, qty in parts.items()]
        return dict(self._transport.write("PUT", self._of(sku), {"parts": rows}, match=match))

    def dissolve(self, sku: str) -> dict[str, Any]:
        """Make it a plain SKU again."""
        return dict(self._transport.delete(self._of(sku)))

    def _of(self, sku: str) -> str:
        return f"/bundles/{quote(sku, safe='')}"


class ShopCodes:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, shop: str = "", sku: str = "") -> Iterator[dict[str, Any]]:
        return every(self._transport, "/shop-codes", shop=shop, sku=sku)

    def waiting(self) -> Sequence[dict[str, Any]]:
        """Codes that orders wait for, those most wait for first."""
        found: Sequence[dict[str, Any]] = self._transport.get("/shop-codes/waiting")
        return found

    def map(self, shop: str, code: str, sku: str) -> dict[str, Any]:
        """Say which SKU a shop's code is; what waits for it is tried again."""
        return dict(self._transport.write("PUT", "/shop-codes", {"shop": shop, "code": code, "sku": sku}))


class Members:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, team: str) -> dict[str, Any]:
        return dict(self.read(team).document)

    def read(self, team: str) -> Answer:
        """With the ETag, for `match`."""
        return self._transport.read(self._of(team))

    def set(self, team: str, usernames: Sequence[str], *, match: str = "") -> dict[str, Any]:
        """All of them: who is not named is no member any more."""
        return dict(self._transport.write("PUT", self._of(team), {"members": list(usernames)}, match=match))

    def _of(self, team: str) -> str:
        return f"/teams/{quote(team, safe='')}/members"

"""Shops, warehouses, teams, SKUs, freight, ratios and plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from .feed import every
from .transport import Answer, Transport


class Rows:
    """One kind of row that is known by its code."""

    def __init__(self, transport: Transport, path: str, *, paged: bool = False) -> None:
        self._transport, self._path, self._paged = transport, path, paged

    def list(self) -> Iterator[dict[str, Any]]:
        return every(self._transport, self._path) if self._paged else iter(self._transport.get(self._path))

    def get(self, code: str) -> dict[str, Any]:
        return dict(self.read(code).document)

    def read(self, code: str) -> Answer:
        """With the ETag, for `match`."""
        return self._transport.read(self._of(code))

    def add(self, code: str, **fields: Any) -> dict[str, Any]:
        return dict(self._transport.write("POST", self._path, {"code": code, **fields}))

    def change(self, code: str, *, match: str = "", **fields: Any) -> dict[str, Any]:
        """Only what is named."""
        return dict(self._transport.write("PATCH", self._of(code), fields, match=match))

    def _of(self, code: str) -> str:
        return f"{self._path}/{quote(code, safe='')}"


class Freight:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, warehouse: str = "", carrier: str = "") -> list[dict[str, Any]]:
        return list(self._transport.get("/freight", warehouse=warehouse, carrier=carrier))

    def replace(self, warehouse: str, carrier: str, rates: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The whole table: what is not in `rates` is gone."""
        body = {"warehouse": warehouse, "carrier": carrier, "rates": list(rates)}
        return dict(self._transport.write("PUT", "/freight", body))


class Ratios:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> dict[str, int]:
        return dict(self._transport.get("/ratios")["ratios"])

    def set(self, ratios: Mapping[str, int]) -> dict[str, int]:
        """Percents by warehouse, a hundred together."""
        return dict(self._transport.write("PUT", "/ratios", {"ratios": dict(ratios)})["ratios"])

    def planned(
        self, kind: Literal["warehouse", "team"], name: Literal["ratio", "capacity"]
    ) -> Sequence[dict[str, Any]]:
        return list(self._transport.get(f"/plans/{kind}/{name}")["cells"])

    def plan(
        self,
        kind: Literal["warehouse", "team"],
        name: Literal["ratio", "capacity"],
        cells: Sequence[dict[str, Any]],
    ) -> Sequence[dict[str, Any]]:
        """Each with `code`, `when` (normal, weekday:0–6, promotion:CODE) and `value`."""
        return list(self._transport.write("PATCH", f"/plans/{kind}/{name}", {"cells": list(cells)})["cells"])

"""Waves and exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from .feed import every
from .transport import Transport


class Waves:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def run(self, *, limit: int | None = None) -> dict[str, Any] | None:
        """Decide what is queued now; None when nothing was."""
        found: dict[str, Any] | None = self._transport.write("POST", "/waves", {"limit": limit})["wave"]
        return found

    def list(self) -> Iterator[dict[str, Any]]:
        return every(self._transport, "/waves")

    def get(self, wave_id: int) -> dict[str, Any]:
        return dict(self._transport.get(f"/waves/{wave_id}"))


class Exceptions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, kind: str = "", settled: bool = False) -> Iterator[dict[str, Any]]:
        return every(self._transport, "/exceptions", kind=kind, open="false" if settled else "true")

    def report(
        self,
        kind: Literal["other", "damaged", "not_found", "address"],
        *,
        order: int | None = None,
        allocation: int | None = None,
        note: str = "",
    ) -> dict[str, Any]:
        body = {"kind": kind, "order": order, "allocation": allocation, "note": note}
        return dict(self._transport.write("POST", "/exceptions", body))

    def resolve(self, ids: Sequence[int], *, resolution: str) -> dict[str, Any]:
        body = {"exceptions": list(ids), "resolution": resolution}
        return dict(self._transport.write("POST", "/exceptions/resolve", body))

    def entrust(self, ids: Sequence[int], to: str | None) -> dict[str, Any]:
        """Say who looks after them, by username; None = nobody."""
        return dict(self._transport.write("POST", "/exceptions/entrust", {"exceptions": list(ids), "to": to}))

    def send_back(self, ids: Sequence[int]) -> dict[str, Any]:
        """Of shortages: what no team has accepted goes back and is tried elsewhere."""
        return dict(self._transport.write("POST", "/exceptions/send-back", {"exceptions": list(ids)}))

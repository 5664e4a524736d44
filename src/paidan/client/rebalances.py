"""Rebalance: preview deciding again what no team has accepted, and make it."""

from __future__ import annotations

from typing import Any

from .transport import Transport


class Rebalances:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def preview(
        self,
        *,
        warehouse: str = "",
        shop: str = "",
        region: str = "",
        most: int | None = None,
        saving_minor: int | None = None,
        seconds: float = 8.0,
    ) -> dict[str, Any]:
        """What would move and what that saves; its `id` is good for 15 minutes."""
        body = {
            "warehouse": warehouse or None,
            "shop": shop or None,
            "region": region or None,
            "most": most,
            "saving_minor": saving_minor,
            "seconds": seconds,
        }
        return dict(self._transport.write("POST", "/rebalance", body))

    def apply(self, preview: str) -> dict[str, Any]:
        """Make all of a preview; what changed meanwhile stays, counted by code in `refused`."""
        while True:
            found = dict(self._transport.write("POST", f"/rebalance/{preview}/apply", {}))
            if not found["left"]:
                return found

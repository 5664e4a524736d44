"""Allocations: what a warehouse has to do, followed and reported back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .feed import Changes, changes, every
from .transport import Answer, Transport


class Allocations:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, state: str = "", warehouse: str = "", team: str = "", order: int = 0) -> Iterator[dict[str, Any]]:
        filters = {"state": state, "warehouse": warehouse, "team": team, "order": order or None}
        return every(self._transport, "/allocations", **filters)

    def get(self, allocation_id: int) -> dict[str, Any]:
        return dict(self._transport.get(f"/allocations/{allocation_id}"))

    def read(self, allocation_id: int) -> Answer:
        """With the ETag, for `match`."""
        return self._transport.read(f"/allocations/{allocation_id}")

    def changes(self, cursor: str, **filters: str) -> Iterator[Changes]:
        """What has happened to allocations since `start`, `now` or a kept cursor."""
        return changes(self._transport, "/allocations", cursor, **filters)

    def accept(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        return self._act("accept", {"allocations": list(ids)}, match)

    def pick(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        return self._act("pick", {"allocations": list(ids)}, match)

    def pack(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        return self._act("pack", {"allocations": list(ids)}, match)

    def hand_back(self, ids: Sequence[int], *, reason: str = "", match: str = "") -> dict[str, Any]:
        return self._act("hand-back", {"allocations": list(ids), "reason": reason}, match)

    def take_back(
        self, ids: Sequence[int], *, reason: str = "", force: bool = False, match: str = ""
    ) -> dict[str, Any]:
        """Cancel them; their orders are tried again."""
        return self._act("take-back", {"allocations": list(ids), "reason": reason, "force": force}, match)

    def confirm_intercept(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        """The team stopped them."""
        return self._act("confirm-intercept", {"allocations": list(ids)}, match)

    def refuse_intercept(self, ids: Sequence[int], *, match: str = "") -> dict[str, Any]:
        """Too late to stop: they go on as they are."""
        return self._act("refuse-intercept", {"allocations": list(ids)}, match)

    def ship(self, shipments: Sequence[dict[str, Any]], *, match: str = "") -> dict[str, Any]:
        """Each with `allocation`, `tracking_number` and perhaps `carrier`."""
        return self._act("ship", {"shipments": list(shipments)}, match)

    def reassign(
        self,
        ids: Sequence[int],
        *,
        warehouse: str,
        team: str = "",
        force: bool = False,
        reason: str = "",
        match: str = "",
    ) -> dict[str, Any]:
        place = {"warehouse": warehouse, "team": team, "force": force, "reason": reason}
        return self._act("reassign", {"allocations": list(ids), **place}, match)

    def _act(self, verb: str, body: dict[str, Any], match: str) -> dict[str, Any]:
        return dict(self._transport.write("POST", f"/allocations/{verb}", body, match=match))

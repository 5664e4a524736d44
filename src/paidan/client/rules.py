"""Rule sets: read, judged, compared, published, rolled back, simulated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .transport import Transport


class Rules:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, version: int | None = None) -> dict[str, Any]:
        """Those in force, or of a version."""
        return dict(self._transport.get(f"/rules/versions/{version}" if version else "/rules"))

    def versions(self) -> list[dict[str, Any]]:
        return list(self._transport.get("/rules/versions"))

    def check(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._transport.write("POST", "/rules/check", _said(document)))

    def diff(self, document: Mapping[str, Any], *, version: int | None = None) -> list[dict[str, Any]]:
        parameters = {"version": version} if version else {}
        return list(self._transport.write("POST", "/rules/diff", _said(document), parameters=parameters))

    def publish(self, document: Mapping[str, Any], *, note: str = "", based_on: int | None = None) -> dict[str, Any]:
        body = {**_said(document), "note": note, "based_on": based_on}
        return dict(self._transport.write("POST", "/rules/publish", body))

    def rollback(self, version: int | None = None) -> dict[str, Any]:
        return dict(self._transport.write("POST", "/rules/rollback", {"version": version}))

    def simulate(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Begin one; `simulation` tells how far it is."""
        return dict(self._transport.write("POST", "/rules/simulate", dict(wanted)))

    def simulation(self, number: int) -> dict[str, Any]:
        return dict(self._transport.get(f"/rules/simulations/{number}"))


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of a file what is asked for: a version it was read from stays out."""
    return {"rules": document.get("rules", []), **{key: document.get(key) or {} for key in ("objective", "waves")}}

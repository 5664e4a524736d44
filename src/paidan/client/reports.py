"""Reports: the figures of the report pages, as documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from .transport import Transport

By = Literal["warehouse", "team", "shop", "platform", "rule", "region", "reason", "hour", "day"]
Rows = list[dict[str, Any]]


class Reports:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def allocation(
        self,
        by: By = "warehouse",
        *,
        first: date | None = None,
        last: date | None = None,
        promotion: str = "",
        beside: bool = False,
        **filters: str,
    ) -> dict[str, Any]:
        """The allocation report, cut one way; `filters` are warehouse, team, shop, platform, rule and region."""
        asked = {**_days(first, last, promotion), "beside": "true" if beside else "", **filters}
        return dict(self._transport.get("/reports/allocation", by=by, **asked))

    def outcome(self, *, first: date | None = None, last: date | None = None, promotion: str = "") -> dict[str, Any]:
        """What became of the orders of some days, by state, by warehouse and team, and by why they are stuck."""
        return dict(self._transport.get("/reports/outcome", **_days(first, last, promotion)))

    def teams(self) -> Rows:
        """How every team's day goes."""
        return list(self._transport.get("/reports/teams"))

    def promotions(self, codes: Sequence[str] = ()) -> Rows:
        """The ordinary days before the first of them, then each; without codes the latest two."""
        return list(self._transport.get("/reports/promotions", promotion=list(codes) or None))

    def advice(self) -> dict[str, Any]:
        """What the last weeks advise about ratios, capacities, rules and regions."""
        return dict(self._transport.get("/reports/advice"))

    def transfers(self, *, limit: int = 100) -> Rows:
        """Stock that lies in the wrong place."""
        return list(self._transport.get("/reports/transfers", limit=limit))


def _days(first: date | None, last: date | None, promotion: str) -> dict[str, str]:
    texts = {"from": first.isoformat() if first else "", "to": last.isoformat() if last else ""}
    return {**texts, "promotion": promotion}

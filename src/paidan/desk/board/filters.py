"""What the board is narrowed to, as SQL on `a` and `o`: the reader's scope, the shop, region and deadline chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict

from paidan.accounts.models import User
from paidan.network.scopes import Scope, scope_of

DUE_HOURS = (1, 4, 24)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """A filter as the address says it; 0 and "" = not narrowed."""

    scope: Scope
    shop: int = 0
    region: int = 0
    due: str = ""  # late, or hours
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def asks_orders(self) -> bool:
        """Whether the orders' own columns are needed."""
        return bool(self.shop or self.region or self.due or self.scope.shops is not None)

    def where(self) -> str:
        """Conditions beginning with AND; values are in `values`."""
        parts = []
        if self.scope.warehouses is not None:
            parts.append("a.warehouse_id = ANY(%(warehouses)s)")
        if self.scope.teams is not None:
            parts.append("a.team_id = ANY(%(teams)s)")
        if self.scope.shops is not None:
            parts.append("o.shop_id = ANY(%(shops)s)")
        if self.shop:
            parts.append("o.shop_id = %(shop)s")
        if self.region:
            parts.append("o.region BETWEEN %(region)s AND %(region_end)s")
        if self.due:
            parts.append("o.ship_by_at < %(due)s")
        return "".join(f" AND {part}" for part in parts)


def board_filter(user: User, query: QueryDict, now: datetime) -> BoardFilter:
    """Read the filter off an address; what makes no sense is as good as not there."""
    scope = scope_of(user)
    shop, region = _number(query.get("shop")), _number(query.get("region"))
    due = query.get("due", "")
    if due not in ("late", *map(str, DUE_HOURS)):
        due = ""
    values: dict[str, Any] = {
        "warehouses": sorted(scope.warehouses or ()),
        "teams": sorted(scope.teams or ()),
        "shops": sorted(scope.shops or ()),
        "shop": shop,
        "region": region,
        "region_end": region + 9_999,
        "due": now + timedelta(hours=0 if due in ("", "late") else int(due)),
    }
    return BoardFilter(scope, shop, region, due, values)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else 0

"""A pick list: the allocations one person picks together, grouped by SKU. Kept in their session until it is picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.network.models import Team

from .queues import Row, by_ship_by, rows_of

FIRST = 50
"""A round as people usually pick it."""
MOST = 200
"""More orders than this nobody picks in one round."""


@dataclass(frozen=True, slots=True)
class Article:
    """One SKU of the list."""

    sku_id: int
    code: str
    name: str
    qty: int
    orders: int
    ticked: bool


@dataclass(frozen=True, slots=True)
class PickList:
    """What is still to be picked of a list that was begun."""

    begun_at: datetime
    rows: Sequence[Row]
    articles: Sequence[Article]

    @property
    def pieces(self) -> int:
        return sum(article.qty for article in self.articles)

    @property
    def picked(self) -> int:
        return sum(article.qty for article in self.articles if article.ticked)

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]


def begin(request: HttpRequest, team: Team, ids: Sequence[int], *, now: datetime) -> None:
    request.session[_key(team)] = {"ids": list(ids)[:MOST], "ticked": [], "at": now.isoformat()}


def end(request: HttpRequest, team: Team) -> None:
    request.session.pop(_key(team), None)


def tick(request: HttpRequest, team: Team, sku_id: int) -> None:
    """Tick an article, or take the tick back."""
    kept = request.session.get(_key(team))
    if kept is None:
        return
    ticked = set(kept["ticked"]) ^ {sku_id}
    request.session[_key(team)] = {**kept, "ticked": sorted(ticked)}


def open_list(request: HttpRequest, team: Team, allocations: QuerySet[Allocation]) -> PickList | None:
    """The list this person has begun, without what was picked, stopped or taken away meanwhile; None = none."""
    kept: dict[str, Any] | None = request.session.get(_key(team))
    if kept is None:
        return None
    still = allocations.filter(id__in=kept["ids"], state=AllocationState.ACCEPTED, frozen=False)
    rows = rows_of(by_ship_by(still))
    if not rows:
        end(request, team)
        return None
    return PickList(datetime.fromisoformat(kept["at"]), rows, _articles(rows, set(kept["ticked"])))


def without_enough(rows: Sequence[Row], sku_id: int, found: int) -> list[int]:
    """The allocations that get nothing when only so many pieces were found: the earliest ship-by is served first."""
    unserved = []
    for row in rows:
        wants = sum(part.qty for part in row.parts if part.sku_id == sku_id)
        if not wants:
            continue
        if wants > found:
            unserved.append(row.id)
        else:
            found -= wants
    return unserved


def _articles(rows: Sequence[Row], ticked: set[int]) -> list[Article]:
    """By SKU code: shelves are."""
    qty: Counter[int] = Counter()
    orders: Counter[int] = Counter()
    parts = {part.sku_id: part for row in rows for part in row.parts}
    for row in rows:
        for part in row.parts:
            qty[part.sku_id] += part.qty
        orders.update({part.sku_id for part in row.parts})
    return [
        Article(key, part.code, part.name, qty[key], orders[key], key in ticked)
        for key, part in sorted(parts.items(), key=lambda pair: pair[1].code)
    ]


def _key(team: Team) -> str:
    return f"pick-list-{team.pk}"

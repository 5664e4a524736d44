"""A report as its address asks for it: days, cut, filters; within what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.network.models import Shop, Team
from paidan.network.scopes import Scope, scope_of, visible_shops, visible_teams, visible_warehouses

from .dimensions import PLACES, Dimension
from .periods import Days, chosen
from .questions import Question
from .words import place_of, rule_codes, rule_names

D = Dimension
BY: dict[str, tuple[str | Promise, Dimension]] = {
    "warehouse": (_("Warehouse"), D.WAREHOUSE),
    "team": (_("Team"), D.TEAM),
    "shop": (_("Shop"), D.SHOP),
    "platform": (_("Platform"), D.SHOP),
    "rule": (_("Rule"), D.RULE),
    "region": (_("Region"), D.REGION),
    "reason": (_("Why stuck"), D.REASON),
    "hour": (_("Hour"), D.HOUR),
    "day": (_("Day"), D.NONE),
}
"""What a report may be cut by; a platform is several shops, a day every day; a reason is of stuck orders only."""
FILTERS = ("warehouse", "team", "shop", "platform", "rule", "region")


@dataclass(frozen=True, slots=True)
class Asked:
    """One report, and the days beside it (None = none)."""

    days: Days
    beside: Days | None
    by: str
    chosen: Mapping[str, str]  # filters as the address has them
    only: Mapping[Dimension, tuple[int, ...]]

    @property
    def dimension(self) -> Dimension:
        return BY[self.by][1]

    @property
    def of_orders(self) -> bool:
        """Whether orders that went nowhere are told too."""
        return not ({self.dimension, *self.only} & set(PLACES))

    def question(self, by: Dimension | None = None, days: Days | None = None) -> Question:
        days = days or self.days
        return Question(days.first, days.last, self.dimension if by is None else by, self.only)

    def address(self, **changes: Any) -> str:
        """This report's query with some things otherwise; None takes a key out."""
        query: dict[str, Any] = {"range": self.days.key} if self.days.key else {}
        if not self.days.key:
            query = {"from": self.days.first.isoformat(), "to": self.days.last.isoformat()}
        query |= {"by": self.by, **self.chosen}
        if self.beside is not None:
            ends = {"beside_from": self.beside.first.isoformat(), "beside_to": self.beside.last.isoformat()}
            query |= {"beside": "before"} if self.beside.same_as(self.days.before()) else ends
        query |= changes
        return "?" + urlencode({key: value for key, value in query.items() if value not in (None, "")})


def asked_for(user: User, query: QueryDict, today: date | None = None) -> Asked:
    """Read an address; what makes no sense is as good as not there."""
    today = today or timezone.localdate()
    days = chosen(query, today)
    beside = None
    if query.get("beside_from") or query.get("beside_to") or query.get("beside_range"):
        beside = chosen(query, today, "beside_")
    elif query.get("beside") == "before":
        beside = days.before()
    by = query.get("by", "")
    given = {name: query.get(name, "").strip() for name in FILTERS}
    given = {name: word for name, word in given.items() if word}
    return Asked(days, beside, by if by in BY else "warehouse", given, narrowed(given, scope_of(user)))


def narrowed(given: Mapping[str, str], scope: Scope) -> dict[Dimension, tuple[int, ...]]:
    """The values wanted per dimension: as chosen, within the scope. A choice outside of it leaves nothing."""
    found: dict[Dimension, tuple[int, ...]] = {}
    for name, word in given.items():
        values = _values(name, word)
        if values is not None:
            dimension = BY[name][1]
            both = set(values) & set(found[dimension]) if dimension in found else set(values)
            found[dimension] = tuple(sorted(both))
    for dimension, ids in ((D.WAREHOUSE, scope.warehouses), (D.TEAM, scope.teams), (D.SHOP, scope.shops)):
        if ids is not None:
            found[dimension] = tuple(sorted(ids & set(found[dimension]) if dimension in found else ids))
    if D.WAREHOUSE in found and D.TEAM in found:
        # A team of a warehouse works nowhere else: who asks for the team need not ask for the warehouse.
        homes = dict(Team.objects.filter(pk__in=found[D.TEAM]).values_list("pk", "warehouse_id"))
        if homes and all(home is not None for home in homes.values()):
            found[D.TEAM] = tuple(key for key, home in sorted(homes.items()) if home in found[D.WAREHOUSE])
            del found[D.WAREHOUSE]
    return found


def _values(name: str, word: str) -> tuple[int, ...] | None:
    if name == "platform":
        return tuple(Shop.objects.filter(platform=word).values_list("pk", flat=True))
    if name == "rule":
        return tuple(key for key, code in rule_codes().items() if code == word) or (-1,)
    return (int(word),) if word.isascii() and word.isdecimal() and len(word) < 10 else None


def choices_of(user: User) -> list[dict[str, Any]]:
    """The filters the page offers, each with what the reader may choose."""
    shops = list(visible_shops(user))
    platforms = sorted({shop.platform for shop in shops if shop.platform})
    provinces = sorted((number for number in _provinces()), key=lambda number: number)
    codes, names = set(rule_codes().values()), rule_names()
    of = {
        "warehouse": [(str(one.pk), str(one)) for one in visible_warehouses(user)],
        "team": [(str(one.pk), str(one)) for one in visible_teams(user)],
        "shop": [(str(one.pk), str(one)) for one in shops],
        "platform": [(one, one) for one in platforms],
        "rule": sorted(((code, name) for code, name in names.items() if code in codes), key=lambda pair: pair[1]),
        "region": [(str(number), place_of(number)) for number in provinces],
    }
    return [{"key": name, "label": BY[name][0], "choices": of[name]} for name in FILTERS]


def _provinces() -> list[int]:
    from paidan.geo import children

    return [int(one.code) for one in children("CN")]

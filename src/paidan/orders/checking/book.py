"""What is set for the check: the profile of every shop, the words of remarks, the blacklist, the usual amounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from paidan.network.kept import Kept, Mark, terms_mark

from ..models import Blacklisted, CheckProfile, RemarkWord, UsualAmount
from .kinds import SAID_BY_PLATFORMS, SPECS, Check, Kind, Settings, defaults_of

_USUAL = """
INSERT INTO orders_usualamount (shop_id, amount_minor, orders_n, reckoned_at)
SELECT shop_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount_minor), count(*), %(now)s
FROM (SELECT shop_id, amount_minor FROM orders_order WHERE paid_at <= %(now)s ORDER BY paid_at DESC LIMIT %(last)s) o
WHERE amount_minor > 0 GROUP BY shop_id HAVING count(*) >= %(least)s
ON CONFLICT (shop_id) DO UPDATE
SET amount_minor = excluded.amount_minor, orders_n = excluded.orders_n, reckoned_at = excluded.reckoned_at
"""
LAST_ORDERS = 20_000
"""The usual amount of a shop is the median of its orders among so many last paid."""
LEAST_ORDERS = 20
"""Of fewer orders nothing is usual."""


@dataclass(frozen=True, slots=True)
class CheckBook:
    """The settings of every check for every shop: the shop's own, else the default, else as the product comes."""

    default: Mapping[str, Settings]
    of_shop: Mapping[int, Mapping[str, Settings]]

    def settings(self, check: Check, shop_id: int | None = None) -> dict[str, Any]:
        own = self.of_shop.get(shop_id or 0, {}).get(check, {})
        return {**defaults_of(check), **_read(check, self.default.get(check, {})), **_read(check, own)}

    def is_on(self, check: Check, shop_id: int | None = None) -> bool:
        return bool(self.settings(check, shop_id)["on"])

    def groups(self, check: Check, shop_ids: Iterable[int]) -> list[tuple[dict[str, Any], list[int]]]:
        """The shops for which a check is on, those with the same settings together."""
        found: dict[str, tuple[dict[str, Any], list[int]]] = {}
        for shop_id in shop_ids:
            settings = self.settings(check, shop_id)
            if settings["on"]:
                found.setdefault(repr(settings), (settings, []))[1].append(shop_id)
        return list(found.values())

    def looks(self, shop_id: int) -> bool:
        """Whether anything is looked for in the orders of this shop, beside what platforms say of them."""
        return (self.settings(Check.UNPAID, shop_id)["no_time"] and self.is_on(Check.UNPAID, shop_id)) or any(
            self.is_on(check, shop_id) for check in Check if check not in SAID_BY_PLATFORMS
        )


def _read(check: Check, stored: Settings) -> dict[str, Any]:
    """Stored settings without what is unknown, instants as such."""
    kinds: dict[str, Kind | None] = {"on": None, **{one.name: one.kind for one in SPECS[check].parameters}}
    found = {name: value for name, value in stored.items() if name in kinds}
    for name, value in found.items():
        if kinds[name] is Kind.INSTANT and value:
            found[name] = datetime.fromisoformat(value)
    return found


def read_book(mark: Mark | None = None) -> CheckBook:
    """The settings in force; `mark` saves asking for that of the terms where it is known."""
    return _BOOK.at(mark or terms_mark())


def _read_book() -> CheckBook:
    rows: list[tuple[int | None, dict[str, Any]]] = list(CheckProfile.objects.values_list("shop_id", "checks"))
    default = next((checks for shop, checks in rows if shop is None), {})
    return CheckBook(default, {shop: checks for shop, checks in rows if shop is not None})


_BOOK = Kept(_read_book)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks compare orders with. Empty where no check asks for it."""

    words: Mapping[str, str]
    """Tag by word of a remark."""
    black: Mapping[str, Mapping[str, int]]
    """By what it is (`Blacklisted.What`), the texts with their rows."""
    usual: Mapping[int, int]
    """The usual amount of shops, in minor units."""


def read_facts(book: CheckBook, shop_ids: Iterable[int]) -> Facts:
    """Read only what some of these shops' checks ask for."""
    shops = list(shop_ids)

    def wanted(check: Check) -> bool:
        return any(book.is_on(check, shop) for shop in shops)

    words = dict(RemarkWord.objects.values_list("word", "tag")) if wanted(Check.TAGS) else {}
    black: dict[str, dict[str, int]] = {}
    if wanted(Check.BLACKLIST):
        for key, what, text in Blacklisted.objects.values_list("id", "what", "text"):
            black.setdefault(what, {})[text] = key
    usual = {}
    if any(settings["times"] for settings, _shops in book.groups(Check.AMOUNT, shops)):
        usual = dict(UsualAmount.objects.filter(shop__in=shops).values_list("shop_id", "amount_minor"))
    return Facts(words, black, usual)


def reckon_usual_amounts(*, now: datetime) -> int:
    """Find out anew what is usual in each shop; answers of how many."""
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, {"now": now, "last": LAST_ORDERS, "least": LEAST_ORDERS})
        return int(cursor.rowcount)

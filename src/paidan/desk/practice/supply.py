"""What the practice warehouses hold: each SKU in some of them, bought for the orders to come, unevenly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .goods import best_sellers, bundles, goods
from .network import WAREHOUSES
from .orders import SHOWN_BUYER, PracticeOrder
from .raw import spread

Pair = tuple[str, str]
"""SKU and warehouse."""

EVERYWHERE, WIDELY, TWICE = 0.15, 0.45, 0.75
"""Up to which place among the best sellers a SKU is held in all warehouses, in four, in two; the rest is in one."""


@dataclass(frozen=True, slots=True)
class Buying:
    """How much is bought: `cover` pieces per piece that will be asked for, unevenly among the holders; and which part
    of the holders is forgotten, so that it may lack even one ordinary line."""

    cover: float
    forgotten: float


ORDINARY = Buying(1.6, 0.04)
PROMOTION = Buying(0.9, 0.6)


@dataclass(frozen=True, slots=True)
class Demand:
    """What orders ask for: pieces per SKU, bundles taken apart, and the pieces of the SKU's largest line."""

    pieces: Mapping[str, int]
    largest: Mapping[str, int]


def wanted(orders: Iterable[PracticeOrder]) -> Demand:
    """The demand of these orders."""
    pieces: Counter[str] = Counter()
    largest: dict[str, int] = {}
    for order in orders:
        for line in order.lines:
            for sku in bundles()[line.sku][1] if line.sku in bundles() else (line.sku,):
                pieces[sku] += line.qty
                largest[sku] = max(largest.get(sku, 0), line.qty)
    return Demand(pieces, largest)


@cache
def holders() -> dict[str, tuple[str, ...]]:
    """The warehouses that hold each SKU."""
    ranking = best_sellers()
    return {sku: _holders(sku, place / len(ranking)) for place, sku in enumerate(ranking)}


def _holders(sku: str, place: float) -> tuple[str, ...]:
    codes = [warehouse.code for warehouse in WAREHOUSES]
    if "antique" in goods()[sku].tags:
        return ("wh",)
    if place < EVERYWHERE:
        return tuple(codes)
    # The larger a warehouse, the likelier it is among the few.
    liking = {w.code: w.share * spread(f"{sku} in {w.code}", 0.3, 1.0) for w in WAREHOUSES}
    count = 4 if place < WIDELY else 2 if place < TWICE else 1
    return tuple(sorted(codes, key=lambda code: -liking[code])[:count])


def targets(demand: Demand, buying: Buying, period: int) -> dict[Pair, int]:
    """Pieces that should be free in every holder when a period begins; a period without demand keeps two."""
    shares = {warehouse.code: warehouse.share for warehouse in WAREHOUSES}
    found: dict[Pair, int] = {}
    for sku, places in holders().items():
        total = sum(shares[code] for code in places)
        for code in places:
            uneven = spread(f"{sku} {code} {period}", 0.4, 1.6)
            share = demand.pieces.get(sku, 0) * buying.cover * uneven * shares[code] / total
            forgotten = spread(f"{sku} {code} {period} forgotten", 0, 1) < buying.forgotten
            found[sku, code] = max(2, round(share), 0 if forgotten else demand.largest.get(sku, 0))
    return found


def with_shown(found: dict[Pair, int], orders: Iterable[PracticeOrder]) -> dict[Pair, int]:
    """The same, with pieces enough of the order the demo explains in all warehouses that hold it."""
    shown = {line.sku for order in orders if order.buyer.account == SHOWN_BUYER for line in order.lines}
    return {pair: qty + 20 if pair[0] in shown else qty for pair, qty in found.items()}


def safety(sku: str, warehouse: str) -> int:
    """Pieces never promised: one or two of what is easily broken, in the large warehouses."""
    if "fragile" not in goods()[sku].tags or warehouse not in ("ks", "gz", "bj"):
        return 0
    return 1 + int(spread(f"{sku} safety", 0, 1.999))

"""What a price had to do with a decision: the figures of one order's candidates, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.engine.codes import Strategy
from paidan.geo import full_name
from paidan.geo.codes import code_of
from paidan.kit.formats import kilometres, money

from ..explanation import Candidate, Explanation, LineFacts, Placement, Worth
from .force import PiecePrice, pieces_of, slots_of


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices a wave looked at: of pieces by (SKU, warehouse), of slots by warehouse."""

    pieces: Mapping[tuple[int, int], PiecePrice]
    slots: Mapping[int, int]


def read_prices(keys: Collection[int], sku_ids: Collection[int]) -> dict[int, Prices]:
    """The prices with these ids, of some SKUs; two queries for each, whatever the number of orders."""
    return {key: Prices(pieces_of(key, list(sku_ids)), slots_of(key)) for key in keys}


def worth_at(prices: Prices | None, lines: Sequence[LineFacts]) -> dict[int, Worth]:
    """By warehouse id: what the order takes there was worth to later orders by these prices; {} without prices.

    The pieces and the region are those of its dearest SKU.
    """
    if prices is None:
        return {}
    found = {warehouse: Worth(minor, 0, "") for warehouse, minor in prices.slots.items()}
    dearest: dict[int, int] = {}
    for line in lines:
        for (sku, warehouse), price in prices.pieces.items():
            if sku != line.sku_id or not price.minor:
                continue
            before = found.get(warehouse, Worth(0, 0, ""))
            first = price.minor > dearest.get(warehouse, 0)
            dearest[warehouse] = max(price.minor, dearest.get(warehouse, 0))
            found[warehouse] = Worth(
                before.minor + price.minor * line.qty,
                price.free_qty if first else before.free_qty,
                region_name(price.region) if first else before.region,
            )
    return found


def region_name(number: int) -> str:
    code = code_of(number)
    return full_name(code) if code else ""


def looked_ahead(of: Explanation, placement: Placement, winner: Candidate) -> str:
    """Why it went past the warehouse that would have come first without prices; empty where it did not."""
    rule = of.rule
    if rule is None or not rule.look_ahead or not any(c.worth for c in of.candidates):
        return ""
    rival = _first_without(of, winner)
    if rival is None or winner.freight_minor is None or rival.freight_minor is None:
        return ""
    now = winner.freight_minor - rival.freight_minor
    later = _minor(winner) - _minor(rival)
    values: dict[str, object] = {
        "warehouse": placement.title,
        "km": kilometres(placement.distance_m),
        "other": rival.title,
        "rule": rule.title,
        "now": change(now),
        "later": change(later),
    }
    if later >= 0 or not rival.worth or not rival.worth.free_qty:
        totals = {
            "cost": money(winner.freight_minor + _minor(winner)),
            "against": money(rival.freight_minor + _minor(rival)),
        }
        return _(
            "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” looks ahead: %(cost)s with what its stock is "
            "worth to orders to come, against %(against)s for %(other)s."
        ) % (values | totals)
    nearest = next(s for s in rule.strategies if s in (Strategy.NEAREST, Strategy.CHEAPEST)) == Strategy.NEAREST
    left = rival.worth.free_qty
    values |= {"left": f"{left:,}", "region": rival.worth.region}
    return _kept(nearest, bool(rival.worth.region), left) % values


def _kept(nearest: bool, somewhere: bool, left: int) -> str:
    if nearest and somewhere:
        return ngettext(
            "Goes to %(warehouse)s (%(km)s). %(other)s is nearer, but its last piece is worth more for %(region)s: "
            "%(now)s now, %(later)s expected.",
            "Goes to %(warehouse)s (%(km)s). %(other)s is nearer, but its last %(left)s are worth more for %(region)s: "
            "%(now)s now, %(later)s expected.",
            left,
        )
    if nearest:
        return ngettext(
            "Goes to %(warehouse)s (%(km)s). %(other)s is nearer, but its last piece is worth more to orders to come: "
            "%(now)s now, %(later)s expected.",
            "Goes to %(warehouse)s (%(km)s). %(other)s is nearer, but its last %(left)s are worth more to orders to "
            "come: %(now)s now, %(later)s expected.",
            left,
        )
    if somewhere:
        return ngettext(
            "Goes to %(warehouse)s (%(km)s). %(other)s is cheaper, but its last piece is worth more for %(region)s: "
            "%(now)s now, %(later)s expected.",
            "Goes to %(warehouse)s (%(km)s). %(other)s is cheaper, but its last %(left)s are worth more for "
            "%(region)s: %(now)s now, %(later)s expected.",
            left,
        )
    return ngettext(
        "Goes to %(warehouse)s (%(km)s). %(other)s is cheaper, but its last piece is worth more to orders to come: "
        "%(now)s now, %(later)s expected.",
        "Goes to %(warehouse)s (%(km)s). %(other)s is cheaper, but its last %(left)s are worth more to orders to "
        "come: %(now)s now, %(later)s expected.",
        left,
    )


def change(minor: int) -> str:
    """“+¥2.00” or “−¥14.00”."""
    return f"{'−' if minor < 0 else '+'}{money(abs(minor))}"


def _minor(candidate: Candidate) -> int:
    return candidate.worth.minor if candidate.worth else 0


def _first_without(of: Explanation, winner: Candidate) -> Candidate | None:
    """Who would have come first of those that could serve it, by distance or freight alone; None: the winner too."""
    assert of.rule is not None
    able = [c for c in of.candidates if c.rank and not c.reason]
    if Strategy.NEAREST in of.rule.strategies[:1]:
        able = [c for c in able if c.distance_m is not None]
        best = min(able, key=lambda c: (c.distance_m or 0, c.rank), default=None)
    else:
        able = [c for c in able if c.freight_minor is not None]
        best = min(able, key=lambda c: (c.freight_minor or 0, c.rank), default=None)
    return None if best is None or best.chosen or best.code == winner.code else best

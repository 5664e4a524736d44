"""The ways out of where an order is stuck, best first, each with its effect, price and the button that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.capabilities import Capability
from paidan.allocation.explanation import Candidate, Explanation
from paidan.allocation.prices import Parcel, by_place, cheapest_freight
from paidan.allocation.returning import HeldBack, kept_by_held
from paidan.allocation.splitting import Share, plan_split
from paidan.catalog.models import Sku
from paidan.engine.codes import Reason
from paidan.geo.codes import number_of
from paidan.network.models import FreightRate
from paidan.orders.checking.kinds import Check
from paidan.orders.states import OrderState
from paidan.web import formats

STUCK = (OrderState.UNALLOCATED, OrderState.PARTIAL)


class Prices:
    """What parcels of an order's open pieces cost, with the rates and weights read once."""

    def __init__(self, of: Explanation) -> None:
        self.region = number_of(of.region or None)
        self.skus = Sku.objects.in_bulk([line.sku_id for line in of.lines if line.sku_id])
        self.sku_of = {line.id: line.sku_id or 0 for line in of.lines}
        self.open = {line.id: line.open_qty for line in of.lines if line.open_qty}
        self.rates = by_place(FreightRate.objects.filter(warehouse_id__in=[c.warehouse_id for c in of.candidates]))

    def of(self, candidate: Candidate, pieces: Mapping[int, int] | None = None) -> int | None:
        """The cheapest price for these pieces (by line; all that are open where none are named) from there."""
        wanted = self.open if pieces is None else pieces
        goods = [(self.skus[self.sku_of[line]], qty) for line, qty in wanted.items() if self.sku_of[line] in self.skus]
        parcel = Parcel(sum(s.weight_g * qty for s, qty in goods), sum(s.volume_cm3 * qty for s, qty in goods))
        return cheapest_freight(self.rates, candidate.warehouse_id, self.region, parcel)

    def together(self, shares: Sequence[Share]) -> int | None:
        costs = [self.of(share.candidate, share.pieces) for share in shares]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None


@dataclass(frozen=True, slots=True)
class WayOut:
    """One row of “what to do”. A dialog opens with GET; without one the button posts straight away."""

    title: str
    effect: str
    button: str
    url: str
    capability: str
    cost_minor: int | None = None
    more_minor: int | None = None  # against the cheapest way
    dialog: bool = False


def ways_out(of: Explanation, user: Any, *, now: datetime) -> list[WayOut]:  # noqa: ARG001
    """What this reader may do about it; nothing where nothing is stuck."""
    if of.holds:
        found = [*_of_holds(of), _release(of)]
    elif not of.open_qty or of.state in (OrderState.CANCELLED, OrderState.MERGED):
        found = []
    elif of.state == OrderState.PENDING:
        found = [_try_now(of), *_choose(of)]
    else:
        found = _of_reason(of)
    return [way for way in found if user.can(way.capability)]


def _of_reason(of: Explanation) -> list[WayOut]:
    ways: list[WayOut] = []
    if of.reason == Reason.UNKNOWN_SKU or any(line.sku_id is None and line.open_qty for line in of.lines):
        ways += _map(of)
    if of.reason == Reason.ADDRESS_UNRESOLVED:
        ways.append(_mend(of))
    if of.reason not in (Reason.UNKNOWN_SKU, Reason.ADDRESS_UNRESOLVED):
        prices = Prices(of)
        ways += [*_give_back(of, prices), *_whole(of, prices), *_split(of, prices), *_partial(of, prices)]
        ways += _resume(of, prices)
    return [*priced(ways), *_choose(of), _wait(of)]


def priced(ways: Sequence[WayOut]) -> list[WayOut]:
    """Say what each costs more than the cheapest."""
    costs = [way.cost_minor for way in ways if way.cost_minor is not None]
    least = min(costs, default=0)
    return [
        replace(way, more_minor=way.cost_minor - least)
        if way.cost_minor is not None and way.cost_minor > least
        else way
        for way in ways
    ]


def has_all(of: Explanation, candidate: Candidate) -> bool:
    """Whether a warehouse has everything that is open, lines of one SKU taken together."""
    wanted: dict[int | None, int] = {}
    free: dict[int | None, int] = {}
    for line, have in zip(of.lines, candidate.available, strict=True):
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.open_qty
        free[line.sku_id] = have
    return all(free.get(sku, 0) >= qty for sku, qty in wanted.items())


def missing_at(of: Explanation, candidate: Candidate) -> dict[int, int]:
    """Pieces short per SKU at a warehouse."""
    wanted: dict[int, int] = {}
    free: dict[int, int] = {}
    for line, have in zip(of.lines, candidate.available, strict=True):
        if line.sku_id and line.open_qty:
            wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.open_qty
            free[line.sku_id] = have
    return {sku: qty - free[sku] for sku, qty in wanted.items() if qty > free[sku]}


def held_stock(of: Explanation) -> tuple[Candidate, HeldBack] | None:
    """The nearest warehouse where what is missing is kept by held orders."""
    near = sorted((c for c in of.candidates if c.reason == Reason.STOCK_SHORT), key=nearness)
    for candidate in near[:3]:
        missing = missing_at(of, candidate)
        if missing:
            kept = kept_by_held(candidate.warehouse_id, missing)
            if kept.allocation_ids:
                return candidate, kept
    return None


def nearness(candidate: Candidate) -> tuple[bool, int]:
    return candidate.distance_m is None, candidate.distance_m or 0


def _url(of: Explanation, name: str, **query: object) -> str:
    address = reverse(f"desk:order-{name}", args=[of.order_id])
    return f"{address}?{urlencode(query)}" if query else address


def _of_holds(of: Explanation) -> list[WayOut]:
    """What would remove the causes of the order check's holds."""
    reasons = {hold.reason for hold in of.holds}
    ways = []
    if Check.TOGETHER.reason in reasons:
        words = _("One parcel for all of them; taken apart again until a team accepts it.")
        title = _("Merge it with the others")
        ways.append(WayOut(title, words, _("Merge"), _url(of, "merge"), Capability.MERGE_ORDERS))
    if reasons & {Check.ADDRESS.reason, Check.VILLAGE.reason}:
        ways.append(_mend(of))
    return ways


def _release(of: Explanation) -> WayOut:
    words = _("It can be allocated again at once.")
    return WayOut(_("Release the order"), words, _("Release"), _url(of, "release"), Capability.HOLD_ORDERS)


def _try_now(of: Explanation) -> WayOut:
    words = _("By the published rules, without waiting for the next wave.")
    return WayOut(_("Allocate it now"), words, _("Allocate now"), _url(of, "allocate"), Capability.CHANGE_ORDERS)


def _map(of: Explanation) -> list[WayOut]:
    codes = dict.fromkeys(line.shop_code for line in of.lines if line.sku_id is None and line.open_qty)
    return [
        WayOut(
            _("Say which SKU %(code)s of %(shop)s is") % {"code": code, "shop": of.shop_name or of.shop},
            _("Every order that waits for this code is tried again."),
            _("Map…"),
            _url(of, "map-sku", code=code),
            Capability.CHANGE_ORDERS,
            dialog=True,
        )
        for code in list(codes)[:3]
    ]


def _mend(of: Explanation) -> WayOut:
    words = _("With province, city and district it can be resolved; then it is tried again.")
    return WayOut(
        _("Fix the address"), words, _("Fix address…"), _url(of, "address"), Capability.CHANGE_ORDERS, dialog=True
    )


def _give_back(of: Explanation, prices: Prices) -> list[WayOut]:
    found = held_stock(of)
    if found is None:
        return []
    candidate, kept = found
    title = ngettext(
        "Give back the %(number)s piece held orders keep",
        "Give back the %(number)s pieces held orders keep",
        kept.qty,
    )
    return [
        WayOut(
            title % {"number": formats.count(kept.qty)},
            _("All of it from %(warehouse)s, %(km)s")
            % {"warehouse": candidate.title, "km": formats.distance(candidate.distance_m)},
            _("Give back and allocate"),
            _url(of, "give-back", warehouse=candidate.warehouse_id),
            Capability.HOLD_ORDERS,
            prices.of(candidate),
        )
    ]


def _whole(of: Explanation, prices: Prices) -> list[WayOut]:
    """The nearest warehouses that have everything, against what the rule says of them."""
    able = [c for c in of.candidates if has_all(of, c) and c.reason != Reason.PAUSED]
    return [
        WayOut(
            _("Send it from %(warehouse)s all the same") % {"warehouse": candidate.title},
            _against(candidate),
            _("Assign"),
            _url(of, "assign-to", warehouse=candidate.warehouse_id),
            Capability.ASSIGN_ORDERS,
            prices.of(candidate),
        )
        for candidate in sorted(able, key=nearness)[:2]
    ]


def _against(candidate: Candidate) -> str:
    values = {"km": formats.distance(candidate.distance_m)}
    match candidate.reason:
        case Reason.TOO_FAR:
            return _("Whole, %(km)s, beyond the rule's limit") % values
        case Reason.WAREHOUSE_FULL:
            return _("Whole, %(km)s, above its capacity today") % values
        case Reason.TEAM_FULL:
            return _("Whole, %(km)s, above its teams' capacity today") % values
        case Reason.TOO_LATE:
            return _("Whole, %(km)s, but late") % values
        case Reason.NOT_COVERED:
            return _("Whole, %(km)s, outside its regions") % values
    return _("Whole, %(km)s") % values


def _split(of: Explanation, prices: Prices) -> list[WayOut]:
    shares = plan_split(of.lines, [c for c in of.candidates if c.reason != Reason.PAUSED])
    if not shares:
        return []
    parts = _(" + ").join(
        _("%(warehouse)s %(number)s") % {"warehouse": share.candidate.title, "number": formats.count(share.qty)}
        for share in shares
    )
    title = _("Split this one into %(number)d parcels") % {"number": len(shares)}
    return [WayOut(title, parts, _("Split"), _url(of, "split"), Capability.ASSIGN_ORDERS, prices.together(shares))]


def _partial(of: Explanation, prices: Prices) -> list[WayOut]:
    """Send what the best-stocked warehouse has, the rest stays open."""
    able = [c for c in of.candidates if c.reason != Reason.PAUSED and not has_all(of, c) and pieces_at(of, c)]
    if not able:
        return []
    best = min(able, key=lambda c: (-pieces_at(of, c), *nearness(c)))
    have = pieces_at(of, best)
    title = ngettext("Ship the %(number)s piece that is there", "Ship the %(number)s pieces that are there", have)
    values = {"warehouse": best.title, "km": formats.distance(best.distance_m), "rest": of.open_qty - have}
    effect = _("%(warehouse)s, %(km)s; %(rest)s stay open") % values
    number = {"number": formats.count(have)}
    url = _url(of, "assign-to", warehouse=best.warehouse_id, partial=1)
    return [
        WayOut(
            title % number,
            effect,
            _("Ship in part"),
            url,
            Capability.ASSIGN_ORDERS,
            prices.of(best, pieces_of(of, best)),
        )
    ]


def pieces_of(of: Explanation, candidate: Candidate) -> dict[int, int]:
    """The open pieces a warehouse has, by line; lines of one SKU share them."""
    free = {line.sku_id: have for line, have in zip(of.lines, candidate.available, strict=True)}
    found = {}
    for line in of.lines:
        found[line.id] = min(line.open_qty, free.get(line.sku_id, 0))
        free[line.sku_id] = free.get(line.sku_id, 0) - found[line.id]
    return found


def pieces_at(of: Explanation, candidate: Candidate) -> int:
    """How many of the open pieces a warehouse has."""
    return sum(line.open_qty for line in of.lines if line.sku_id) - sum(missing_at(of, candidate).values())


def _resume(of: Explanation, prices: Prices) -> list[WayOut]:
    paused = sorted((c for c in of.candidates if c.reason == Reason.PAUSED and has_all(of, c)), key=nearness)
    return [
        WayOut(
            _("Resume %(warehouse)s") % {"warehouse": candidate.title},
            _("It takes orders again, this one and all others that wait."),
            _("Resume"),
            _url(of, "resume", warehouse=candidate.warehouse_id),
            Capability.PAUSE_WAREHOUSES,
            prices.of(candidate),
        )
        for candidate in paused[:1]
    ]


def _choose(of: Explanation) -> list[WayOut]:
    if any(line.sku_id is None and line.open_qty for line in of.lines):
        return []
    words = _("Past the rule if need be; your name is noted.")
    return [
        WayOut(
            _("Choose warehouse and team yourself"),
            words,
            _("Assign…"),
            _url(of, "assign"),
            Capability.ASSIGN_ORDERS,
            dialog=True,
        )
    ]


def _wait(of: Explanation) -> WayOut:
    words = _("Nothing is tried until then.")
    return WayOut(_("Put it on hold"), words, _("Hold…"), _url(of, "hold"), Capability.HOLD_ORDERS, dialog=True)

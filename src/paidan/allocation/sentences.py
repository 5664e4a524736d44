"""Sentences from the codes of an explanation: whole ones, per code, in the active language; nothing is glued.

Conclusion first, with its numbers; then what would have come first, and why it did not.
"""

from collections.abc import Callable

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from paidan.engine.codes import Reason, Strategy
from paidan.kit.formats import duration, kilometres, moment, money
from paidan.orders.states import AddressState, OrderState

from .ahead.saying import looked_ahead
from .explanation import Candidate, Explanation, Placement
from .hold_sentences import held_because
from .joint_sentences import left_open_together, placed_together
from .rebalanced import rebalanced_words


def headline(of: Explanation) -> list[str]:
    """Why the order is where it is: one to three sentences, the conclusion first."""
    if of.state == OrderState.MERGED:
        return [_("%(order)s was merged into %(other)s.") % {"order": of.title, "other": of.merged_into}]
    if of.state == OrderState.CANCELLED:
        return [_cancelled(of)]
    sentences = [hold_sentence(of)] if of.holds else []
    sentences += [sentence for placement in of.placements for sentence in placed(of, placement)]
    if of.open_qty and not of.holds:
        tried = of.state != OrderState.PENDING or of.reason
        sentences += [stuck(of), *_elsewhere(of), *left_open_together(of)] if tried else [waiting(of)]
    return sentences or [_("%(order)s has nothing to ship.") % {"order": of.title}]


def _cancelled(of: Explanation) -> str:
    last = next((event for event in reversed(of.events) if event.kind == "cancelled"), None)
    values = {"order": of.title, "at": moment(last.at if last else None), "by": last.by if last else ""}
    if last is None:
        return _("%(order)s was cancelled.") % values
    if last.by:
        return _("%(order)s was cancelled by %(by)s at %(at)s.") % values
    return _("%(order)s was cancelled at %(at)s.") % values


def hold_sentence(of: Explanation) -> str:
    """Who holds the order, why, and until when; a hold without a name says what the system found."""
    hold = of.holds[0]
    if found := held_because(of.title, hold):
        return found
    values = {
        "order": of.title,
        "reason": hold.reason,
        "rule": of.rule.title if of.rule and of.rule.code == hold.rule else hold.rule,
        "by": hold.held_by,
        "at": moment(hold.held_at),
        "until": moment(hold.until_at),
    }
    if hold.rule:
        return _("%(order)s is held: rule “%(rule)s” could not serve it and wants somebody to look at it.") % values
    if hold.until_at and hold.held_by:
        return _("%(order)s is held by %(by)s until %(until)s: %(reason)s.") % values
    if hold.until_at:
        return _("%(order)s is held until %(until)s: %(reason)s.") % values
    if hold.held_by:
        return _("%(order)s is held by %(by)s since %(at)s: %(reason)s.") % values
    return _("%(order)s is held since %(at)s: %(reason)s.") % values


def waiting(of: Explanation) -> str:
    """An order that is yet to be tried."""
    if of.decided_at:
        return _("%(order)s waits to be tried again by the next wave.") % {"order": of.title}
    return _("%(order)s has not been tried yet; the next wave (paidan allocate) takes it.") % {"order": of.title}


def placed(of: Explanation, placement: Placement) -> list[str]:
    """Why this part went there, what would have come first, and whether it will be late."""
    then = None if placement.by_hand else of.as_of(placement.wave_id)
    winner = next((c for c in then.candidates if c.code == placement.warehouse), None) if then else None
    if then is None or then.rule is None or winner is None:
        sentences = [_placed_somehow(placement)]
    elif then.together is not None:
        sentences = placed_together(then, placement)
    else:
        ahead = looked_ahead(then, placement, winner)
        sentences = [ahead or _placed_by_rule(then, placement, winner), *_passed_over(then, winner)]
    if then is not None and then.rule is not None and winner is not None and placement.team:
        sentences += _team(then, placement)
    if placement.late_s:
        values = {"late": _span(placement.late_s)}
        sentences.append(_("No warehouse could be in time; it will be %(late)s late.") % values)
    return sentences


def _placed_somehow(placement: Placement) -> str:
    values = {"warehouse": placement.title, "at": moment(placement.state_at, placement.timezone)}
    if placement.by_hand:
        return _("Goes to %(warehouse)s, because somebody moved it there by hand.") % values
    if placement.rebalanced is not None:
        values["why"] = rebalanced_words(placement.rebalanced, money)
        return _("Goes to %(warehouse)s since %(at)s; %(why)s.") % values
    return _("Goes to %(warehouse)s.") % values


def _placed_by_rule(of: Explanation, placement: Placement, winner: Candidate) -> str:
    assert of.rule is not None
    second = next((c for c in of.candidates if not c.chosen and not c.reason and c.rank), None)
    values = {
        "warehouse": placement.title,
        "rule": of.rule.title,
        "km": kilometres(placement.distance_m),
        "cost": money(winner.freight_minor if winner.freight_minor is not None else placement.freight_minor),
        "other": second.title if second else "",
        "other_km": kilometres(second.distance_m) if second else "",
        "other_cost": money(second.freight_minor) if second else "",
    }
    if len(of.chosen()) > 1:
        return _("One part goes to %(warehouse)s (%(km)s): rule “%(rule)s” splits the order.") % values
    if second is None:
        return _("Goes to %(warehouse)s (%(km)s), the only one rule “%(rule)s” could take.") % values
    return _BY_STRATEGY[_deciding(of, winner, second)]() % values


def _deciding(of: Explanation, winner: Candidate, second: Candidate) -> Strategy:
    """The first strategy of the rule by which winner and second differ, where that can be seen afterwards."""
    assert of.rule is not None
    for strategy in of.rule.strategies:
        if strategy == Strategy.NEAREST and winner.distance_m == second.distance_m:
            continue
        if strategy == Strategy.CHEAPEST and winner.freight_minor == second.freight_minor:
            continue
        return strategy
    return of.rule.strategies[0]


_BY_STRATEGY: dict[Strategy, Callable[[], str]] = {
    Strategy.NEAREST: lambda: _(
        "Goes to %(warehouse)s, because rule “%(rule)s” takes the nearest warehouse: %(km)s, against %(other_km)s "
        "for %(other)s."
    ),
    Strategy.CHEAPEST: lambda: _(
        "Goes to %(warehouse)s, because rule “%(rule)s” takes the cheapest freight: %(cost)s, against %(other_cost)s "
        "from %(other)s."
    ),
    Strategy.FASTEST: lambda: _(
        "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” takes the fastest delivery; %(other)s is slower."
    ),
    Strategy.RANKED: lambda: _("Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” lists it before %(other)s."),
    Strategy.MOST_STOCK: lambda: _(
        "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” takes the warehouse with the most stock; %(other)s "
        "had less."
    ),
    Strategy.LEAST_LOADED: lambda: _(
        "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” takes the least loaded warehouse; "
        "%(other)s was fuller."
    ),
    Strategy.RATIO: lambda: _(
        "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” shares orders by ratio and it was its turn before "
        "%(other)s."
    ),
    Strategy.FEWEST_PARCELS: lambda: _(
        "Goes to %(warehouse)s (%(km)s), because rule “%(rule)s” takes the fewest parcels and it has the whole order; "
        "%(other)s comes after it."
    ),
}


def _passed_over(of: Explanation, winner: Candidate) -> list[str]:
    """The best warehouse that would have come before the winner, and what kept it from winning."""
    assert of.rule is not None
    nearest_first = of.rule.strategies[0] == Strategy.NEAREST

    def before(other: Candidate) -> bool:
        if other.rank and winner.rank:
            return other.rank < winner.rank
        if other.distance_m is None or winner.distance_m is None:
            return False
        return nearest_first and other.distance_m < winner.distance_m

    better = [c for c in of.candidates if not c.chosen and c.reason and before(c)]
    if not better:
        return []
    best = min(better, key=lambda c: (c.rank or 256, c.distance_m or 0))
    sentence = _team_asked_elsewhere if _left_out_by_team(of, best) else _PASSED.get(best.reason)
    return [sentence(best) % _values_of(of, best)] if sentence else []


def _left_out_by_team(of: Explanation, candidate: Candidate) -> bool:
    """Whether it is the rule's team, not its list of warehouses, that leaves this one out."""
    return candidate.reason == Reason.EXCLUDED and of.rule is not None and of.rule.everywhere


def _team_asked_elsewhere(_other: Candidate) -> str:
    return _("%(warehouse)s (%(km)s) would come before it, but the rule's team does not work there.")


_PASSED: dict[Reason, Callable[[Candidate], str]] = {
    Reason.STOCK_SHORT: lambda other: ngettext(
        "%(warehouse)s (%(km)s) would come before it, but is short of %(short)s piece.",
        "%(warehouse)s (%(km)s) would come before it, but is short of %(short)s pieces.",
        other.short_qty,
    ),
    Reason.PAUSED: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but is paused."),
    Reason.NOT_COVERED: lambda _other: _(
        "%(warehouse)s (%(km)s) would come before it, but does not deliver to %(region)s."
    ),
    Reason.TOO_FAR: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but is too far for the rule."),
    Reason.TOO_LATE: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but too late for the deadline."),
    Reason.WAREHOUSE_FULL: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but had no capacity left."),
    Reason.TEAM_FULL: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but its team was full."),
    Reason.EXCLUDED: lambda _other: _("%(warehouse)s (%(km)s) would come before it, but the rule leaves it out."),
    Reason.NO_TEAM: _team_asked_elsewhere,
}


def _team(of: Explanation, placement: Placement) -> list[str]:
    assert of.rule is not None
    values = {"team": placement.team_title, "shop": of.shop_name or of.shop, "rule": of.rule.title}
    wanted = of.rule.team
    if wanted == "shop":
        return [_("Team %(team)s takes it: the rule gives orders of %(shop)s to the shop's own team.") % values]
    if wanted.startswith("skill:"):
        skilled = _("Team %(team)s takes it: the rule asks for a team with the skill %(skill)s.")
        return [skilled % (values | {"skill": wanted.removeprefix("skill:")})]
    if wanted == "warehouse":
        return [_("Team %(team)s of that warehouse takes it.") % values]
    return [_("Team %(team)s takes it: the rule names it.") % values]


def stuck(of: Explanation) -> str:
    """Why nothing (more) could be allocated: the conclusion and the nearest miss with its number."""
    miss = nearest_miss(of)
    if of.reason == Reason.UNKNOWN_SKU:
        return _unknown_sku(of)
    if of.reason == Reason.ADDRESS_UNRESOLVED:
        if of.address_state == AddressState.AMBIGUOUS:
            return _("The address of %(order)s could mean several places, so no warehouse was chosen.") % {
                "order": of.title
            }
        return _("No place was found for the address of %(order)s, so no warehouse was chosen.") % {"order": of.title}
    if of.reason == Reason.NO_RULE:
        return _("No rule matches %(order)s.") % {"order": of.title}
    if miss is None or of.reason not in _STUCK:
        return _("No warehouse could take %(order)s.") % {"order": of.title}
    return _STUCK[of.reason](of, miss) % _values_of(of, miss)


def _elsewhere(of: Explanation) -> list[str]:
    """A warehouse that has everything although stock is short, and why that does not help."""
    if of.reason != Reason.STOCK_SHORT:
        return []
    whole = [c for c in of.candidates if c.reason in _HAS_IT and has_what_is_open(of, c)]
    if not whole:
        return []
    best = min(whole, key=lambda c: (c.distance_m is None, c.distance_m or 0))
    return [_HAS_IT[best.reason]() % _values_of(of, best)]


def has_what_is_open(of: Explanation, candidate: Candidate) -> bool:
    """Whether a warehouse now has all that is still open of the order."""
    return all(candidate.available[at] >= line.open_qty for at, line in of.open_lines())


_HAS_IT: dict[Reason, Callable[[], str]] = {
    Reason.PAUSED: lambda: _("%(warehouse)s (%(km)s) has all of it, but is paused."),
    Reason.NOT_COVERED: lambda: _("%(warehouse)s (%(km)s) has all of it, but does not deliver to %(region)s."),
    Reason.TOO_FAR: lambda: _("%(warehouse)s (%(km)s) has all of it, but is too far for the rule."),
    Reason.TOO_LATE: lambda: _("%(warehouse)s (%(km)s) has all of it, but would be too late."),
    Reason.WAREHOUSE_FULL: lambda: _("%(warehouse)s (%(km)s) has all of it, but no capacity left."),
    Reason.TEAM_FULL: lambda: _("%(warehouse)s (%(km)s) has all of it, but its team is full."),
    Reason.EXCLUDED: lambda: _("%(warehouse)s (%(km)s) has all of it, but the rule leaves it out."),
    Reason.NO_TEAM: lambda: _("%(warehouse)s (%(km)s) has all of it, but not the team the rule wants."),
}


def nearest_miss(of: Explanation) -> Candidate | None:
    """The candidate that came closest: it failed last, lacked least, ranked best, is nearest."""
    same = [c for c in of.candidates if c.reason == of.reason]
    return min(same, key=lambda c: (c.short_qty, c.rank or 256, c.distance_m is None, c.distance_m or 0), default=None)


def _unknown_sku(of: Explanation) -> str:
    codes = [line.shop_code or "?" for line in of.lines if line.sku_id is None and line.open_qty]
    sentence = ngettext(
        "The code %(codes)s of shop %(shop)s is not mapped to a SKU.",
        "The codes %(codes)s of shop %(shop)s are not mapped to SKUs.",
        len(codes),
    )
    return sentence % {"codes": ", ".join(codes[:3]), "shop": of.shop_name or of.shop}


def _stock_short(of: Explanation, miss: Candidate) -> str:
    wanted = sum(line.open_qty for line in of.lines)
    if miss.short_qty >= wanted:
        return _("No warehouse that could take %(order)s has any of what is open.")
    return ngettext(
        "No warehouse has all of %(order)s. %(warehouse)s comes closest: %(short)s of %(wanted)s piece is missing.",
        "No warehouse has all of %(order)s. %(warehouse)s comes closest: %(short)s of %(wanted)s pieces are missing.",
        wanted,
    )


def _no_team(of: Explanation, _miss: Candidate) -> str:
    if of.rule and of.rule.team == "shop":
        return _("Rule “%(rule)s” wants the team of shop %(shop)s, and the shop has none.")
    if of.rule and of.rule.team.startswith("skill:"):
        return _("Rule “%(rule)s” wants a team with the skill %(skill)s, and no warehouse has one.")
    return _("No warehouse has the team rule “%(rule)s” wants.")


_STUCK: dict[Reason, Callable[[Explanation, Candidate], str]] = {
    Reason.STOCK_SHORT: _stock_short,
    Reason.PAUSED: lambda _of, _miss: _(
        "Every warehouse that could take %(order)s is paused; the nearest is %(warehouse)s (%(km)s)."
    ),
    Reason.NOT_COVERED: lambda _of, _miss: _(
        "No warehouse that could take %(order)s delivers to %(region)s; the nearest is %(warehouse)s (%(km)s)."
    ),
    Reason.TOO_FAR: lambda _of, _miss: _(
        "Every warehouse is too far for rule “%(rule)s”: the nearest, %(warehouse)s, is %(km)s away and the limit is "
        "%(limit)s."
    ),
    Reason.TOO_LATE: lambda _of, _miss: _("No warehouse could ship %(order)s in time."),
    Reason.WAREHOUSE_FULL: lambda _of, _miss: _(
        "Every warehouse that could take %(order)s is full for the day; %(warehouse)s comes closest, with %(load)s of "
        "%(capacity)s taken."
    ),
    Reason.TEAM_FULL: lambda _of, _miss: _(
        "Every team that could take %(order)s is full for the day; the nearest is in %(warehouse)s (%(km)s)."
    ),
    Reason.EXCLUDED: lambda _of, _miss: _("Rule “%(rule)s” leaves out every warehouse that could take %(order)s."),
    Reason.NO_TEAM: _no_team,
}


def lost_because(of: Explanation, candidate: Candidate) -> str:
    """Why one candidate of the table did not get the order, or that it did."""
    if candidate.chosen:
        return _("chosen")
    if not candidate.reason:
        return _("could take it too, ranked %(rank)s") % {"rank": candidate.rank} if candidate.rank else _("not needed")
    if _left_out_by_team(of, candidate):
        return _("the rule's team does not work there")
    return _LOST[candidate.reason](candidate) % _values_of(of, candidate)


_LOST: dict[Reason, Callable[[Candidate], str]] = {
    Reason.STOCK_SHORT: lambda c: ngettext("short of %(short)s piece", "short of %(short)s pieces", c.short_qty),
    Reason.PAUSED: lambda _c: _("paused"),
    Reason.NOT_COVERED: lambda _c: _("does not deliver to %(region)s"),
    Reason.TOO_FAR: lambda _c: _("farther than the rule's %(limit)s"),
    Reason.TOO_LATE: lambda _c: _("would be too late"),
    Reason.WAREHOUSE_FULL: lambda _c: _("no capacity left"),
    Reason.TEAM_FULL: lambda _c: _("its team has no capacity left"),
    Reason.EXCLUDED: lambda _c: _("left out by the rule"),
    Reason.NO_TEAM: lambda _c: _("has no team the rule wants"),
    Reason.NO_RULE: lambda _c: _("no rule matches"),
    Reason.ADDRESS_UNRESOLVED: lambda _c: _("address unresolved"),
    Reason.UNKNOWN_SKU: lambda _c: _("unknown SKU"),
    Reason.HELD: lambda _c: _("the order is held"),
}


def _values_of(of: Explanation, candidate: Candidate) -> dict[str, object]:
    rule = of.rule
    return {
        "order": of.title,
        "warehouse": candidate.title,
        "km": kilometres(candidate.distance_m),
        "short": f"{candidate.short_qty:,}",
        "wanted": f"{of.open_qty:,}",
        "region": of.region_name or of.region,
        "rule": rule.title if rule else "",
        "limit": kilometres(rule.max_m) if rule else "",
        "skill": rule.team.removeprefix("skill:") if rule else "",
        "shop": of.shop_name or of.shop,
        "load": f"{candidate.load:,}",
        "capacity": f"{candidate.capacity or 0:,}",
    }


def _span(seconds: int) -> str:
    return duration(seconds, chinese=(get_language() or "").startswith("zh"))

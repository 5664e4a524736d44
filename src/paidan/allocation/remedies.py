"""What would unblock a stuck order: an action with its effect and the command that does it, best first."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.engine.codes import Reason, Split
from paidan.kit.formats import kilometres

from .explanation import Candidate, Explanation
from .sentences import has_what_is_open, nearest_miss


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way out. `command` is ready to be copied where one command does it."""

    code: str
    sentence: str
    command: str = ""


def remedies_of(of: Explanation) -> list[Remedy]:
    """The ways out of where the order is stuck; none for an order that is not."""
    if of.holds:
        return _release(of)
    if not of.open_qty or not of.reason:
        return []
    miss = nearest_miss(of)
    match of.reason:
        case Reason.UNKNOWN_SKU:
            return _map_codes(of)
        case Reason.ADDRESS_UNRESOLVED:
            sentence = _("Give the address with province, city and district.")
            return [Remedy("mend_address", sentence, f"paidan mend-address {of.title} …")]
        case Reason.NO_RULE:
            return [Remedy("publish_rules", _("Publish a rule that takes it."), "paidan rules publish FILE")]
        case Reason.STOCK_SHORT:
            return _stock(of, miss)
        case _:
            return _of_candidate(of, miss) + _by_hand(of)


def _release(of: Explanation) -> list[Remedy]:
    """A rule that holds would hold the order again, so there a person has to place it."""
    release = f"paidan release {of.title}"
    if not of.holds[0].rule:
        return [Remedy("release", _("Release the order."), release)]
    found = [Remedy("assign_by_hand", remedy.sentence, f"{release} && {remedy.command}") for remedy in _by_hand(of)]
    sentence = _("Change rule “%(rule)s”, then release the order; as the rule is, it would be held again.")
    rule = of.rule.title if of.rule else of.holds[0].rule
    return [*found, Remedy("change_rule", sentence % {"rule": rule}, "paidan rules publish FILE")]


def _map_codes(of: Explanation) -> list[Remedy]:
    codes = dict.fromkeys(line.shop_code for line in of.lines if line.sku_id is None and line.open_qty)
    sentence = _("Map the code %(code)s to a SKU; every order waiting for it is tried again.")
    return [
        Remedy("map_sku", sentence % {"code": code}, f"paidan map-sku {of.shop} {code} SKU") for code in list(codes)[:3]
    ]


def _stock(of: Explanation, miss: Candidate | None) -> list[Remedy]:
    found: list[Remedy] = []
    usable = [c for c in of.candidates if c.reason in (Reason.NONE, Reason.STOCK_SHORT)]
    enough = all(sum(c.available[at] for c in usable) >= line.open_qty for at, line in of.open_lines())
    if enough and of.rule and of.rule.split == Split.NEVER:
        sentence = _("Let rule “%(rule)s” split orders: together the warehouses have all of it.")
        found.append(Remedy("allow_split", sentence % {"rule": of.rule.title}, "paidan rules publish FILE"))
    if miss is not None and miss.short_qty:
        sentence = ngettext(
            "Bring %(count)s piece to %(warehouse)s; the order is tried again when the stock is imported.",
            "Bring %(count)s pieces to %(warehouse)s; the order is tried again when the stock is imported.",
            miss.short_qty,
        )
        values = {"count": f"{miss.short_qty:,}", "warehouse": miss.title}
        found.append(Remedy("restock", sentence % values, "paidan import stock FILE"))
    if of.rule and not of.rule.partial and any(c.available[at] for c in usable for at, _line in of.open_lines()):
        sentence = _("Let rule “%(rule)s” ship what is there and keep the rest open.")
        found.append(Remedy("allow_partial", sentence % {"rule": of.rule.title}, "paidan rules publish FILE"))
    return found + _by_hand(of)


def _of_candidate(of: Explanation, miss: Candidate | None) -> list[Remedy]:
    """What would let the nearest miss take it."""
    if miss is None:
        return []
    rule = of.rule.title if of.rule else ""
    values = {"warehouse": miss.title, "region": of.region_name, "km": kilometres(miss.distance_m), "rule": rule}
    match of.reason:
        case Reason.PAUSED:
            return [Remedy("resume", _("Resume %(warehouse)s.") % values, f"paidan warehouse resume {miss.code}")]
        case Reason.NOT_COVERED:
            sentence = _("Let %(warehouse)s deliver to %(region)s.")
            return [Remedy("extend_coverage", sentence % values, "paidan import warehouse FILE")]
        case Reason.TOO_FAR:
            sentence = _("Raise the limit of rule “%(rule)s” to %(km)s.")
            return [Remedy("raise_limit", sentence % values, "paidan rules publish FILE")]
        case Reason.WAREHOUSE_FULL:
            sentence = _("Raise the capacity of %(warehouse)s, or wait: it is tried again on the next work day.")
            return [Remedy("raise_capacity", sentence % values, "paidan import warehouse FILE")]
        case Reason.TEAM_FULL:
            sentence = _("Raise the capacity of a team in %(warehouse)s, or wait for the next work day.")
            return [Remedy("raise_team_capacity", sentence % values, "paidan import team FILE")]
        case Reason.NO_TEAM:
            sentence = _("Give a team of %(warehouse)s what rule “%(rule)s” asks for.")
            return [Remedy("staff_team", sentence % values, "paidan import team FILE")]
        case _:
            sentence = _("Let rule “%(rule)s” use %(warehouse)s too.")
            return [Remedy("change_rule", sentence % values, "paidan rules publish FILE")]


def _by_hand(of: Explanation) -> list[Remedy]:
    """A person may decide against the rule where a warehouse has everything."""
    whole = [c for c in of.candidates if c.reason != Reason.PAUSED and has_what_is_open(of, c)]
    if not whole:
        return []
    best = min(whole, key=lambda c: (c.distance_m is None, c.distance_m or 0))
    sentence = _("Assign it by hand to %(warehouse)s (%(km)s), which has all of it.")
    values = {"warehouse": best.title, "km": kilometres(best.distance_m)}
    return [Remedy("assign_by_hand", sentence % values, f"paidan reassign {of.title} --to {best.code}")]

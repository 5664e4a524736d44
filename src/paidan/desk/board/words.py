"""Codes as the board says them."""

from django.utils.translation import gettext_lazy as _

from paidan.engine.codes import Reason

REASONS = {
    Reason.NONE: _("no warehouse left"),
    Reason.STOCK_SHORT: _("stock short"),
    Reason.PAUSED: _("warehouse paused"),
    Reason.NOT_COVERED: _("region not covered"),
    Reason.TOO_FAR: _("too far"),
    Reason.TOO_LATE: _("too late"),
    Reason.WAREHOUSE_FULL: _("warehouse full"),
    Reason.TEAM_FULL: _("team full"),
    Reason.EXCLUDED: _("excluded by the rule"),
    Reason.NO_TEAM: _("no team for it"),
    Reason.NO_RULE: _("no rule matches"),
    Reason.ADDRESS_UNRESOLVED: _("address unresolved"),
    Reason.UNKNOWN_SKU: _("unknown SKU"),
    Reason.HELD: _("held"),
}

REFUSED = {
    "not_found": _("gone"),
    "frozen": _("frozen"),
    "accepted": _("accepted by a team"),
    "packed": _("packed already"),
    "shipped": _("shipped already"),
    "closed": _("moved or cancelled meanwhile"),
    "stock_short": _("stock short"),
    "same_place": _("there already"),
    "warehouse_full": _("warehouse full"),
    "team_full": _("team full"),
    "paused": _("warehouse paused"),
    "only_together": _("only together with another that stays"),
    "team_elsewhere": _("the team belongs to another warehouse"),
    "team_inactive": _("the team is not active"),
}
"""Why one allocation did not move, by the code it was refused with."""


def refused_in_words(rows: list[dict[str, object]]) -> list[tuple[str, object]]:
    """The sums of a move's refusals, in words."""
    return [(str(REFUSED.get(str(row["reason"]), row["reason"])), row["number"]) for row in rows]

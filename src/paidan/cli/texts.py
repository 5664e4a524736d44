"""The words for states and reasons in tables, and the reader's form of a span of time."""

from datetime import datetime

from paidan.cli.language import CHINESE, language
from paidan.cli.language import gettext as _
from paidan.kit import formats
from paidan.kit.formats import kilometres, moment, money

__all__ = ["kilometres", "moment", "money"]


def short_moment(at: datetime | None) -> str:
    """A moment in a list: without the year while that is this one."""
    text = moment(at)
    return text.removeprefix(f"{datetime.now(formats.CHINA).year}-") if at else text


def duration(seconds: float | None) -> str:
    """42 min; 3 h 12 min."""
    return formats.duration(seconds, chinese=language() == CHINESE)


def order_state_word(code: str) -> str:
    """The word for an order's state."""
    return {
        "pending": _("pending"),
        "unallocated": _("unallocated"),
        "partial": _("partial"),
        "allocated": _("allocated"),
        "fulfilled": _("fulfilled"),
        "cancelled": _("cancelled"),
        "merged": _("merged"),
        "held": _("held"),
    }.get(code, code)


def allocation_state_word(code: str) -> str:
    """The word for an allocation's state."""
    return {
        "assigned": _("assigned"),
        "accepted": _("accepted"),
        "picked": _("picked"),
        "packed": _("packed"),
        "shipped": _("shipped"),
        "cancelled": _("cancelled"),
        "reassigned": _("reassigned"),
    }.get(code, code)


def reason_word(code: str | None) -> str:
    """The few words that name a reason in a table's cell."""
    return {
        None: "",
        "stock_short": _("stock short"),
        "paused": _("warehouse paused"),
        "not_covered": _("region not covered"),
        "too_far": _("too far"),
        "too_late": _("too late"),
        "warehouse_full": _("warehouse full"),
        "team_full": _("team full"),
        "excluded": _("excluded by the rule"),
        "no_team": _("no team for it"),
        "no_rule": _("no rule matches"),
        "address_unresolved": _("address unresolved"),
        "unknown_sku": _("unknown SKU"),
        "held": _("held"),
    }.get(code, str(code))


STATE_STYLES = {"unallocated": "red", "partial": "red", "allocated": "blue", "fulfilled": "green", "held": "yellow"}

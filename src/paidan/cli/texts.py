"""How values look in sentences and tables: distances, money, times, and the words for states and reasons."""

from datetime import datetime
from zoneinfo import ZoneInfo

from paidan.cli.language import CHINESE, language
from paidan.cli.language import gettext as _
from paidan.cli.output import MISSING

CHINA = ZoneInfo("Asia/Shanghai")


def money(minor: int | None) -> str:
    """¥1,204.50; whole amounts without the zeros stay with them in tables, so columns line up."""
    if minor is None:
        return MISSING
    sign = "−" if minor < 0 else ""
    return f"{sign}¥{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def kilometres(metres: int | None) -> str:
    """1,067 km; below ten kilometres with one decimal."""
    if metres is None or metres < 0:
        return MISSING
    if metres < 10_000:
        return f"{metres / 1000:.1f} km"
    return f"{(metres + 500) // 1000:,} km"


def moment(at: datetime | None, zone: str = "") -> str:
    """A moment in a warehouse's time zone, by the clock there."""
    if at is None:
        return MISSING
    local = at.astimezone(ZoneInfo(zone) if zone else CHINA)
    return local.strftime("%Y-%m-%d %H:%M")


def duration(seconds: float | None) -> str:
    """42 min; 3 h 12 min."""
    if seconds is None:
        return MISSING
    minutes = round(seconds / 60)
    if language() == CHINESE:
        return f"{minutes} 分" if minutes < 60 else f"{minutes // 60} 时 {minutes % 60} 分"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


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

"""How distances, money, moments and spans of time look in sentences and tables; needs no Django."""

from datetime import datetime
from zoneinfo import ZoneInfo

MISSING = "—"
CHINA = ZoneInfo("Asia/Shanghai")


def money(minor: int | None, currency: str = "CNY") -> str:
    """¥1,204.50, with a real minus sign; other currencies by their code."""
    if minor is None:
        return MISSING
    sign = "−" if minor < 0 else ""
    mark = "¥" if currency == "CNY" else f"{currency} "
    return f"{sign}{mark}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def kilometres(metres: int | None) -> str:
    """1,067 km; below ten kilometres with one decimal."""
    if metres is None or metres < 0:
        return MISSING
    if metres < 10_000:
        return f"{metres / 1000:.1f} km"
    return f"{(metres + 500) // 1000:,} km"


def moment(at: datetime | None, zone: str = "") -> str:
    """A moment by the clock of a time zone, usually a warehouse's; China's by default."""
    if at is None:
        return MISSING
    return at.astimezone(ZoneInfo(zone) if zone else CHINA).strftime("%Y-%m-%d %H:%M")


def duration(seconds: float | None, *, chinese: bool) -> str:
    """42 min; 3 h 12 min."""
    if seconds is None:
        return MISSING
    hours, minutes = divmod(round(seconds / 60), 60)
    if chinese:
        return f"{hours} 时 {minutes} 分" if hours else f"{minutes} 分"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"

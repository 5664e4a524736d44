"""How numbers, money, moments, spans and distances are written, in the active language. Pure: the clock is an argument.

Missing is a dash and zero is 0, everywhere.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext

DASH = "—"
MINUS = "−"
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}
NO_DECIMALS = {"JPY", "KRW", "VND", "CLP"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def chinese() -> bool:
    return (get_language() or "").startswith("zh")


def count(number: int | None) -> str:
    """48,213"""
    return DASH if number is None else f"{number:,}".replace("-", MINUS)


def short_count(number: float | None) -> str:
    """For axes and badges: 6 万, 60k."""
    if number is None:
        return DASH
    if abs(number) < 10_000:
        return f"{number:,.0f}".replace("-", MINUS)
    if chinese():
        return _short(number / 10_000, " 万") if abs(number) < 1e8 else _short(number / 1e8, " 亿")
    return _short(number / 1_000, "k") if abs(number) < 1e6 else _short(number / 1e6, "M")


def amount(minor: int | None, currency: str = "CNY", *, decimals: bool = True) -> str:
    """217.80: money in a cell, whose head carries the sign."""
    if minor is None:
        return DASH
    places = 0 if currency in NO_DECIMALS else 2
    value = minor / 10**places
    return f"{value:,.{places if decimals else 0}f}".replace("-", MINUS)


def money(minor: int | None, currency: str = "CNY", *, decimals: bool = False) -> str:
    """¥1,204; small sums keep their cents: ¥6.80."""
    if minor is None:
        return DASH
    shown = amount(abs(minor), currency, decimals=decimals or (abs(minor) < 100_000 and minor % 100 != 0))
    return (MINUS if minor < 0 else "") + SIGNS.get(currency, currency + " ") + shown


def money_change(minor: int, currency: str = "CNY") -> str:
    """+¥17.80, −¥1,658"""
    return money(minor, currency) if minor <= 0 else "+" + money(minor, currency)


def change(number: int) -> str:
    """+124, −9, 0"""
    return count(number) if number <= 0 else "+" + count(number)


def percent(share: float | None, digits: int = 0) -> str:
    """59%"""
    return DASH if share is None else f"{share * 100:.{digits}f}%".replace("-", MINUS)


def points(share: float, digits: int = 1) -> str:
    """A change in percentage points: +1.9 pp."""
    number = f"{abs(share) * 100:.{digits}f}"
    sign = "" if not float(number) else "+" if share > 0 else MINUS
    return gettext("%(number)s pp") % {"number": sign + number}


def distance(metres: int | None) -> str:
    """122 km; under 10 km with one digit."""
    if metres is None:
        return DASH
    return f"{metres / 1000:.1f} km" if metres < 10_000 else f"{metres / 1000:,.0f} km"


def kilometres(metres: int | None) -> str:
    """122: a cell whose head says km."""
    return DASH if metres is None else f"{metres / 1000:,.0f}"


def weight(grams: int | None) -> str:
    """850 g, 12.4 kg"""
    if grams is None:
        return DASH
    return f"{grams:,} g" if grams < 1000 else f"{grams / 1000:,.1f} kg"


def clock(at: datetime | None) -> str:
    """16:00"""
    return DASH if at is None else timezone.localtime(at).strftime("%H:%M")


def day(on: date | None, *, today: date) -> str:
    """11-13 or 13 Nov; the year only where it is another one."""
    if on is None:
        return DASH
    if chinese():
        return on.strftime("%m-%d" if on.year == today.year else "%Y-%m-%d")
    return f"{on.day} {MONTHS[on.month - 1]}" + ("" if on.year == today.year else f" {on.year}")


def moment(at: datetime | None, *, now: datetime) -> str:
    """A cell: 16:00 today, 明 00:30 or Thu 00:30 next door to today, else 11-13 or 13 Nov."""
    if at is None:
        return DASH
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    apart = (local.date() - today).days
    if apart == 0:
        return f"{local:%H:%M}"
    if abs(apart) == 1 and chinese():
        return f"{'明' if apart == 1 else '昨'} {local:%H:%M}"
    if abs(apart) == 1:
        return f"{DAYS[local.weekday()]} {local:%H:%M}"
    return day(local.date(), today=today)


def moment_in_full(at: datetime | None, *, now: datetime) -> str:
    """In a sentence or a title: 今天 16:00, today 16:00, 11-13 16:00."""
    if at is None:
        return DASH
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    names = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    apart = (local.date() - today).days
    return f"{names.get(apart) or day(local.date(), today=today)} {local:%H:%M}"


def left(seconds: float) -> str:
    """Time left as h:mm, rounded towards the bad side: 1:28; late is 超 0:41 or −0:41."""
    minutes = int(abs(seconds) // 60) if seconds >= 0 else -(-int(abs(seconds)) // 60)
    written = f"{minutes // 60}:{minutes % 60:02d}"
    if seconds >= 0:
        return written
    # Translators: %(time)s is how late something is, as 0:41. Chinese says 超 0:41.
    return pgettext("late", "−%(time)s") % {"time": written}


def span(length: timedelta | float | None) -> str:
    """42 分, 3 时 12 分; 42 min, 3 h 12 min; days from two days on."""
    if length is None:
        return DASH
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes = round(abs(seconds) / 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return gettext("%(days)d d %(hours)d h") % {"days": hours // 24, "hours": hours % 24}
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return gettext("%(minutes)d min") % {"minutes": minutes}


def day_range(first: date, last: date, *, today: date) -> str:
    """11-04 至 11-10; 4–10 Nov."""
    if first == last:
        return day(first, today=today)
    if chinese():
        return f"{day(first, today=today)} 至 {day(last, today=today)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, today=today)}"
    return f"{day(first, today=today)} – {day(last, today=today)}"


def _short(number: float, unit: str) -> str:
    return f"{number:.1f}".removesuffix(".0").replace("-", MINUS) + unit

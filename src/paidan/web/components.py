"""The small pieces pages are made of, as safe HTML: used by list cells in Python and by templates through tags.

Larger ones are templates in templates/web/parts/.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from . import formats
from .icons import ICONS

HOUR = 3600
CAPACITY_TICK = 0.74
"""Where a load bar's tick for full capacity stands, so that overload has room."""
HUES = ("#3b69d8", "#0f8a6b", "#8a5cd0", "#1f9bb8", "#5b7a99", "#7a6a52")
KNOWN_ICONS = frozenset(ICONS)

STATE_STYLES = {
    "pending": "pending",
    "unallocated": "unallocated",
    "partial": "unallocated",
    "held": "held",
    "allocated": "allocated",
    "assigned": "allocated",
    "accepted": "progress",
    "picked": "progress",
    "packed": "progress",
    "in_progress": "progress",
    "shipped": "shipped",
    "fulfilled": "shipped",
    "exception": "exception",
    "cancelled": "closed",
    "merged": "closed",
    "reassigned": "closed",
}


def icon(name: str, style: str = "", label: str = "") -> SafeString:
    """One icon of the sprite; with a label only where no word stands beside it."""
    if name not in KNOWN_ICONS:
        raise ValueError(f"no icon {name!r}: add it to paidan.web.icons and run make setup")
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="ti {}" {}><use href="{}#{}"/></svg>', style, spoken, static("web/vendor/icons.svg"), name
    )


def state_dot(state: str, word: object, reason: object = "", *, soft: bool = False) -> SafeString:
    """A state as dot and word, with its reason beside it; `soft` is the pill, once per page in a header."""
    dot = format_html(
        '<span class="st{} s-{}">{}</span>', " soft" if soft else "", STATE_STYLES.get(state, "pending"), begun(word)
    )
    return format_html('{} <span class="mut meta">{}</span>', dot, reason) if reason else dot


def begun(word: object) -> str:
    """A word of a vocabulary as it begins a cell: Latin ones with a capital."""
    written = str(word)
    return written[:1].upper() + written[1:]


def deadline(at: datetime | None, *, now: datetime, done_at: datetime | None = None, done: bool = False) -> SafeString:
    """Time left with the clock beside it: red under an hour, amber under four, filled when late, grey when done."""
    if done:
        # Translators: in the deadline column of an order that has been shipped: 15:16 done.
        word = _("%(clock)s done") % {"clock": formats.moment(done_at, now=now)} if done_at else _("done")
        return format_html('<span class="mut">{}</span>', word)
    if at is None:
        return dash()
    seconds = (at - now).total_seconds()
    style = "over" if seconds < 0 else "d1" if seconds < HOUR else "d4" if seconds < 4 * HOUR else "ok"
    return format_html(
        '<span class="due {}" title="{}">{}</span> <span class="mut meta">{}</span>',
        style,
        formats.moment_in_full(at, now=now),
        formats.left(seconds),
        formats.moment(at, now=now),
    )


def time(at: datetime | None, *, now: datetime) -> SafeString:
    """A moment in a cell, in full in its title."""
    if at is None:
        return dash()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        formats.moment_in_full(at, now=now),
        formats.moment(at, now=now),
    )


def dash() -> SafeString:
    return format_html('<span class="mut">{}</span>', formats.DASH)


def tag(word: object, style: str = "") -> SafeString:
    """A small tag after a name; VIP has its own colour."""
    if not style and str(word).upper() == "VIP":
        word, style = "VIP", "vip"
    return format_html('<span class="tag {}">{}</span>', style, word)


def tags(words: Iterable[object]) -> SafeString:
    return mark_safe("".join(tag(word) for word in words))


def more(shown: object, further: int) -> SafeString:
    """The first of several, and how many more: Cutlery +2."""
    return format_html('{} <span class="mut">+{}</span>', shown, further) if further else format_html("{}", shown)


def load_bar(load: int, capacity: int | None, *, preview: int | None = None, label: str = "") -> SafeString:
    """Load against capacity: amber over 80 %, red over 100 %, hatched what an open preview would add or take."""
    share = load / capacity if capacity else 0.0
    style = "over" if share > 1 else "mid" if share > 0.8 else ""
    after = preview / capacity if preview is not None and capacity else None
    change = ""
    if after is not None:
        low, high = sorted((_place(share), _place(after)))
        change = format_html(
            '<s class="{}" style="left:{}%;width:{}%"></s>',
            "add" if after > share else "take",
            f"{low:.1f}",
            f"{high - low:.1f}",
        )
    return format_html(
        '<span class="meter {}" role="img" aria-label="{}" style="--v:{}%;--t:{}%">{}<u></u></span>',
        style,
        label or (formats.percent(share) if capacity else formats.count(load)),
        f"{_place(share):.1f}",
        f"{CAPACITY_TICK * 100:.0f}",
        change,
    )


def progress(done: int, total: int, label: str = "") -> SafeString:
    """How far something is, as a plain bar."""
    share = done / total if total else 1.0
    return format_html(
        '<span class="meter" role="progressbar" aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}" '
        'aria-label="{}" style="--v:{}%"></span>',
        total,
        done,
        label or formats.percent(share),
        f"{share * 100:.1f}",
    )


def sparkline(values: Sequence[float], *, width: int = 96, height: int = 22, label: str = "") -> SafeString:
    """A line without axes, its last point marked."""
    if not values:
        return dash()
    low, high = min(values), max(values)
    step = (width - 4) / max(len(values) - 1, 1)
    points = [
        (2 + number * step, height - 3 - (value - low) / ((high - low) or 1) * (height - 6))
        for number, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" width="{}" height="{}" role="img" aria-label="{}"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="2"/></svg>',
        width,
        height,
        label or _("from %(first)s to %(last)s") % {"first": f"{values[0]:g}", "last": f"{values[-1]:g}"},
        format_html_join(" ", "{},{}", ((f"{x:.1f}", f"{y:.1f}") for x, y in points)),
        f"{points[-1][0]:.1f}",
        f"{points[-1][1]:.1f}",
    )


def delta(written: str, *, better: bool | None) -> SafeString:
    """A change, green where it is for the better and red where for the worse, with its sign."""
    style = "" if better is None else "good" if better else "bad"
    return format_html('<span class="delta {}">{}</span>', style, written)


def warehouse_mark(position: int) -> SafeString:
    """The small square in a warehouse's own hue; none of the hues is red or amber."""
    return format_html('<i class="wh" style="--w:{}"></i>', HUES[(position - 1) % len(HUES)])


def _place(share: float) -> float:
    return min(share * CAPACITY_TICK * 100, 100.0)

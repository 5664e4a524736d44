"""`{% load teams %}`: what only the team pages show."""

from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from paidan.web import components, formats

register = template.Library()
DAY_S = 24 * 3600
DAYS_FROM_S = 2 * DAY_S


@register.simple_tag(takes_context=True)
def due(context: Context, row: Any) -> SafeString:
    """Time left over the clock, for a narrow column: hours and minutes, and days from two days on."""
    at: datetime | None = row.ship_by_at
    if at is None:
        return format_html('<span class="ph-due">{}</span>', components.dash())
    now: datetime = context["now"]
    seconds = (at - now).total_seconds()
    style = "over" if seconds < 0 else "d1" if seconds < 3600 else "d4" if seconds < 4 * 3600 else "ok"
    return format_html(
        '<span class="ph-due" title="{}"><span class="due {}">{}</span><span class="meta">{}</span></span>',
        formats.moment_in_full(at, now=now),
        style,
        left(seconds),
        formats.moment(at, now=now),
    )


def left(seconds: float) -> str:
    """1:28, 3 d; late 超 0:41, 超 5 天."""
    if abs(seconds) < DAYS_FROM_S:
        return formats.left(seconds)
    days = _("%(days)d d") % {"days": int(abs(seconds) // DAY_S)}
    return days if seconds > 0 else pgettext("late", "−%(time)s") % {"time": days}

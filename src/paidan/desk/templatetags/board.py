"""`{% load board %}`: what only the dispatch board and the dashboard write."""

from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from paidan.web import components, formats

register = template.Library()


@register.simple_tag(takes_context=True)
def board_due(context: Context, at: datetime | None) -> SafeString:
    """The time left, without the clock beside it: a card is narrow."""
    if at is None:
        return components.dash()
    now: Any = context["now"]
    seconds = (at - now).total_seconds()
    style = "over" if seconds < 0 else "d1" if seconds < 3600 else "d4" if seconds < 4 * 3600 else "ok"
    return format_html(
        '<span class="due {}" title="{}">{}</span>', style, formats.moment_in_full(at, now=now), short_left(seconds)
    )


DAYS = 48 * 3600
"""From here on whole days say enough."""


def short_left(seconds: float) -> str:
    """Hours and minutes, then days; with the sign of what is late."""
    if abs(seconds) < DAYS:
        return formats.left(seconds)
    days = short_span(seconds)
    return days if seconds > 0 else pgettext("late", "−%(time)s") % {"time": days}


def short_span(seconds: float) -> str:
    """42 min, 3 h 12 min, 26 d."""
    if abs(seconds) < DAYS:
        return formats.span(seconds)
    return gettext("%(days)d d") % {"days": abs(seconds) // 86_400}


@register.filter
def waited(since: datetime, now: datetime) -> str:
    """For how long something has waited."""
    return short_span((now - since).total_seconds())


@register.filter
def short_day(day: date) -> str:
    return formats.day(day, today=timezone.localdate())

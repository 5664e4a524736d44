"""`{% load board %}`: what only the dispatch board and the dashboard write."""

from datetime import date, datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

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


def short_left(seconds: float) -> str:
    """Hours and minutes; from two days on days and hours, which is as exact as it needs to be."""
    return formats.left(seconds) if abs(seconds) < 48 * 3600 else formats.span(seconds)


@register.filter
def waited(since: datetime, now: datetime) -> str:
    """For how long: 42 min."""
    return formats.span(now - since)


@register.filter
def short_day(day: date) -> str:
    return formats.day(day, today=timezone.localdate())

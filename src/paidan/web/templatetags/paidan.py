"""`{% load paidan %}`: the components and formats of paidan.web, for templates."""

from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from paidan.web import components, formats, masking
from paidan.web.middleware import html_language

register = template.Library()
STYLES = ("tokens", "tabler", "shell", "lists", "tables", "states", "cards", "forms", "board", "rules", "phone", "bell")
SCRIPTS = ("paidan", "pop", "list", "live", "bell")

for component in (
    components.icon,
    components.state_dot,
    components.load_bar,
    components.progress,
    components.sparkline,
    components.delta,
    components.tag,
    components.tags,
    components.warehouse_mark,
    components.dash,
):
    register.simple_tag(component)

for written in (
    formats.count,
    formats.short_count,
    formats.change,
    formats.percent,
    formats.points,
    formats.distance,
    formats.kilometres,
    formats.weight,
    formats.clock,
    formats.left,
    formats.span,
    masking.mask_name,
    masking.mask_phone,
    masking.mask_address,
):
    register.filter(written.__name__, written)

register.simple_tag(html_language)


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """¥1,204"""
    return formats.money(minor, currency)


@register.filter
def amount(minor: int | None, currency: str = "CNY") -> str:
    """217.80, in a column whose head carries the sign."""
    return formats.amount(minor, currency)


@register.filter
def money_change(minor: int, currency: str = "CNY") -> str:
    return formats.money_change(minor, currency)


@register.filter
def since(at: datetime, now: datetime) -> str:
    """How long ago, as a span: `{{ at|since:now }}`."""
    return formats.span(now - at)


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None) -> SafeString:
    """A moment in a cell."""
    return components.time(at, now=context["now"])


@register.simple_tag(takes_context=True)
def moment_in_full(context: Context, at: datetime | None) -> str:
    """A moment in a sentence."""
    return formats.moment_in_full(at, now=context["now"])


@register.simple_tag(takes_context=True)
def deadline(
    context: Context, at: datetime | None, done_at: datetime | None = None, *, done: bool = False
) -> SafeString:
    return components.deadline(at, now=context["now"], done_at=done_at, done=done)


@register.simple_tag
def wide_bar(share: float, tone: str = "") -> SafeString:
    """A plain bar of a share from 0 to 1."""
    return format_html('<span class="meter {}" style="--v:{}%"></span>', tone, f"{min(share, 1) * 100:.1f}")


@register.simple_tag(takes_context=True)
def can(context: Context, capability: str) -> bool:
    """Whether the reader may do this: `{% can "hold_orders" as may_hold %}`."""
    user: Any = getattr(context.get("request"), "user", None)
    return bool(user is not None and user.is_authenticated and user.can(capability))


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: Any) -> str:
    """This page's query with some values changed; an empty value takes the key out: `{% query_with tab="held" %}`."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def kept_query(context: Context, single: Any, several: list[Any]) -> list[tuple[str, str]]:
    """What a filter form must send along: the query as it is, without the keys its own fields set and the page."""
    own = {"after", "before"}
    forms = [single] if single else [filter_ for filter_, _raw in several]
    for filter_ in forms:
        own.update(filter_.keys())
    query = context["request"].GET
    return [(key, value) for key in query if key not in own for value in query.getlist(key)]


@register.simple_tag
def own_styles() -> SafeString:
    """Our style sheets, in the order in which they build upon each other."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"web/css/{name}.css"),) for name in STYLES)
    )


@register.simple_tag
def own_scripts() -> SafeString:
    """The scripts every page has; islands add their own."""
    return format_html_join(
        "\n", '<script src="{}" defer></script>', ((static(f"web/js/{name}.js"),) for name in SCRIPTS)
    )

"""The main navigation: declared in one place (the setting NAVIGATION), shown by capability."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. `badge` is the dotted path of a function (user) -> number that wants attention, 0 for none."""

    url_name: str
    label: str | Promise
    icon: str
    capability: str | None
    badge: str = ""
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one reader sees it on one page."""

    url: str
    label: str | Promise
    icon: str
    badge: int
    is_here: bool
    at_end: bool


def navigation(request: HttpRequest) -> list[Entry]:
    """The entries this user may open; an item whose page is not in the map is left out."""
    user: Any = request.user
    items: tuple[Item, ...] = import_string(settings.NAVIGATION)
    entries = []
    for item in items:
        if item.capability is not None and not user.can(item.capability):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        entries.append((item, url))
    here = max((url for _item, url in entries if _within(request.path, url)), key=len, default="")
    return [Entry(url, item.label, item.icon, _badge(item, user), url == here, item.at_end) for item, url in entries]


def _within(path: str, url: str) -> bool:
    """Whether a page belongs to an entry: it is that page, or lies below it; nothing but itself belongs to the root."""
    return path == url or (url != "/" and path.startswith(url))


def _badge(item: Item, user: Any) -> int:
    if not item.badge:
        return 0
    function: Callable[[Any], int] = import_string(item.badge)
    return function(user)

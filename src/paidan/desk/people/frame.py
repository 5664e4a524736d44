"""What these pages share: the way back to the settings, and limits in words."""

from collections.abc import Iterable
from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from paidan.accounts.models import User

SHOWN_NAMES = 2


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def settings_crumb() -> list[tuple[str, str]]:
    """Back to the index of all settings."""
    try:
        return [(_("Settings"), reverse("desk:settings"))]
    except NoReverseMatch:
        return []


def named(rows: Iterable[Any]) -> str:
    """The first few by name and how many more."""
    names = [str(row) for row in rows]
    if len(names) <= SHOWN_NAMES:
        return _(", ").join(names)
    shown = _(", ").join(names[:SHOWN_NAMES])
    further = len(names) - SHOWN_NAMES
    return ngettext("%(shown)s and %(further)d more", "%(shown)s and %(further)d more", further) % {
        "shown": shown,
        "further": further,
    }

"""Small standing notes in the top bar, such as the promotion under way; the setting TOP_NOTES names who writes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Note:
    """A few words with an icon; `url` may lead on."""

    icon: str
    words: str | Promise
    url: str = ""


def notes(user: Any) -> list[Note]:
    """What the writers have to say to this user now."""
    now = timezone.now()
    writers: list[Callable[[Any, datetime], list[Note]]] = [import_string(path) for path in settings.TOP_NOTES]
    return [note for writer in writers for note in writer(user, now)]

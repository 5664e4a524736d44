"""Each request in its reader's language and time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

Answer = Callable[[HttpRequest], HttpResponse]


class ReaderMiddleware:
    """After authentication: a user's own language wins over the browser's; clocks show the business's time zone."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.zone = ZoneInfo(settings.DISPLAY_TIME_ZONE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.began = timezone.now()  # type: ignore[attr-defined]
        chosen = getattr(request.user, "language", "")
        if chosen:
            translation.activate(chosen)
            request.LANGUAGE_CODE = translation.get_language() or ""
        # Not undone afterwards: what is streamed is still made when this has returned. Every request sets it anew.
        timezone.activate(self.zone)
        answer = self.answer(request)
        answer.headers["Content-Language"] = html_language()
        return answer


def html_language() -> str:
    """The active language as HTML spells it; without zh-Hans browsers choose the wrong glyphs."""
    return "zh-Hans" if (translation.get_language() or "").startswith("zh") else "en"

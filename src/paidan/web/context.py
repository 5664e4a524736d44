"""What every template may use: the moment, the navigation, the reader's way of seeing."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation

from .middleware import html_language
from .navigation import navigation
from .notes import notes


def shell(request: HttpRequest) -> dict[str, Any]:
    """Cheap: what costs a query is worked out only where a template asks."""
    user: Any = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    chinese = (translation.get_language() or "").startswith("zh")
    return {
        "now": getattr(request, "now", None) or timezone.now(),
        "began": (getattr(request, "began", None) or timezone.now()).timestamp(),
        "html_language": html_language(),
        "other_language": {"code": "en", "short": "EN", "name": "English"}
        if chinese
        else {"code": "zh-hans", "short": "中", "name": "中文"},
        "theme": (user.theme if signed_in else "") or request.COOKIES.get("theme", ""),
        "density": (user.density if signed_in else "") or "compact",
        "top_notes": (lambda: notes(user)) if signed_in else (),
        "navigation": (lambda: navigation(request)) if signed_in else (),
    }

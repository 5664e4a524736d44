"""The shell's own addresses: language, look, search, live marks, and where to go first."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from .live import TOPICS, changed_since, mark_of
from .navigation import navigation
from .pages import page, public_page
from .replies import go, safe_next

YEAR_S = 365 * 24 * 3600
THEMES = ("light", "dark")
DENSITIES = ("compact", "comfortable")


@page(None)
def home(request: HttpRequest) -> HttpResponse:
    """To the first page of this user's navigation."""
    first = next(iter(navigation(request)), None)
    if first is None:
        return render(request, "web/nothing.html", {"heading": _("Paidan")})
    return redirect(first.url)


@public_page(methods=("POST",))
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on; remembered by the account, or by the browser before sign-in."""
    chosen = request.POST.get("language", "")
    answer = go(request, safe_next(request))
    if chosen in dict(settings.LANGUAGES):
        _remember(request, language=chosen)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR_S, samesite="Lax", httponly=True)
        translation.activate(chosen)
    return answer


@public_page(methods=("POST",))
def look(request: HttpRequest) -> HttpResponse:
    """Light or dark, low or high rows."""
    theme, density = request.POST.get("theme", ""), request.POST.get("density", "")
    answer = go(request, safe_next(request)) if "next" in request.POST else HttpResponse(status=204)
    if theme in THEMES:
        _remember(request, theme=theme)
        answer.set_cookie("theme", theme, max_age=YEAR_S, samesite="Lax")
    if density in DENSITIES:
        _remember(request, density=density)
    return answer


@page(None)
def live(request: HttpRequest) -> HttpResponse:
    """The mark of the topics asked for; 304 while nothing changed.

    `since`, when a page began to be made (seconds since 1970), is answered by `X-Paidan-Changed: 1` where something of
    the topics changed since: between the making of a page and its first question it would otherwise never be seen.
    """
    topics = [topic for topic in request.GET.getlist("topic") if topic in TOPICS]
    mark = f'"{mark_of(topics)}"'
    if request.headers.get("If-None-Match") == mark:
        return HttpResponse(status=304)
    answer = HttpResponse(mark, content_type="text/plain", headers={"ETag": mark, "Cache-Control": "no-store"})
    if changed_since(topics, request.GET.get("since", "")):
        answer["X-Paidan-Changed"] = "1"
    return answer


@page(None)
def search(request: HttpRequest) -> HttpResponse:
    """Find an order by any of its numbers: straight there if there is one, else the choice."""
    words = request.GET.get("q", "").strip()
    finders = [import_string(path) for path in settings.SEARCHES]
    hits = [hit for finder in finders for hit in finder(words, request.user)] if words else []
    if len(hits) == 1:
        return redirect(hits[0].url)
    context = {"heading": _("Search"), "search_words": words, "hits": hits}
    return render(request, "web/search.html", context)


def _remember(request: HttpRequest, **fields: str) -> None:
    user = cast(Any, request.user)
    if user.is_authenticated:
        user._meta.model.objects.filter(pk=user.pk).update(**fields)
        for name, value in fields.items():
            setattr(user, name, value)

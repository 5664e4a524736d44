"""What every page has in common: who may see it, by which methods, and within which scope.

Every view is declared with `page` or `public_page`; the permission tests walk the map of addresses and read it back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from .replies import refused

View = Callable[..., Any]
Scope = Callable[..., bool]
"""(user, **the address's captured values) -> whether this user's scope reaches what the address names."""


@dataclass(frozen=True, slots=True)
class PageRule:
    """Who may come here. `capability` None = anybody signed in; `public` = anybody at all."""

    capability: str | None
    methods: tuple[str, ...]
    scope: Scope | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredPage:
    """An address of the map with its rule; None where somebody forgot to declare one."""

    name: str
    route: str
    view: View
    rule: PageRule | None


def page(
    capability: str | None, *, methods: tuple[str, ...] = ("GET",), scope: Scope | None = None
) -> Callable[[View], View]:
    """Let a view be reached only by people who may: method, sign-in, capability, scope, in this order.

    What lies outside somebody's scope does not exist for them (404); what their role cannot do is refused (403).
    """
    rule = PageRule(capability, methods, scope)

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **captured: Any) -> HttpResponse:
            if request.method not in with_head(methods):
                return HttpResponseNotAllowed(with_head(methods))
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if capability is not None and not cast(Any, request.user).can(capability):
                return refused(request)
            if scope is not None and not scope(request.user, **captured):
                raise Http404
            return cast(HttpResponse, view(request, *args, **captured))

        guarded.page_rule = rule  # type: ignore[attr-defined]
        return guarded

    return declare


def public_page(*, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Declare a view that needs no sign-in."""
    rule = PageRule(None, methods, public=True)

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **captured: Any) -> HttpResponse:
            if request.method not in with_head(methods):
                return HttpResponseNotAllowed(with_head(methods))
            return cast(HttpResponse, view(request, *args, **captured))

        guarded.page_rule = rule  # type: ignore[attr-defined]
        return guarded

    return declare


def with_head(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Whoever may GET may also ask for the headers alone."""
    return (*methods, "HEAD") if "GET" in methods else methods


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a fragment cannot show one, so htmx is told to leave the page."""
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL", "")
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = redirect_to_login(path_of(back) or reverse("web:home")).url
        return answer
    return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("web:home"))


def path_of(address: str) -> str:
    """Path and query of a full address: where to come back to, never another host."""
    _scheme, _, rest = address.partition("://")
    _host, slash, path = rest.partition("/")
    return slash + path


def registered_pages() -> list[RegisteredPage]:
    """Every address of the map, in order."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Any, route: str, namespace: str) -> Any:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, route + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            view = pattern.callback
            name = namespace + (pattern.name or "")
            yield RegisteredPage(name, route + str(pattern.pattern), view, getattr(view, "page_rule", None))

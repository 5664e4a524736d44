"""Answers that are the same on every page: go there and say this, refuse, or just say this."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme


def toast(request: HttpRequest, sentence: str | Promise, *, bad: bool = False, undo: str = "") -> None:
    """Say one sentence on the next page or fragment shown. `undo` is an address that takes it back by POST."""
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, str(sentence), extra_tags=undo)


def go(request: HttpRequest, to: str, *arguments: Any, **named: Any) -> HttpResponse:
    """To another page (an address or a view's name), also when htmx asked."""
    answer: HttpResponse = redirect(to, *arguments, **named)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})
    return answer


def toasts_only(request: HttpRequest, *, changed: str = "") -> HttpResponse:
    """Nothing to swap but the toasts; `changed` names an event the page's other parts listen for."""
    answer = render(request, "web/parts/toasts.html", {"out_of_band": True})
    if changed:
        answer["HX-Trigger"] = json.dumps({changed: True})
    answer["HX-Reswap"] = "none"
    return answer


def refused(request: HttpRequest) -> HttpResponse:
    """The role cannot do this: a page that says so, or a toast where only a fragment was asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=403, headers={"HX-Reswap": "none", "HX-Trigger": "paidan:refused"})
    return render(request, "403.html", status=403)


def safe_next(request: HttpRequest, otherwise: str | None = None) -> str:
    """Where to go afterwards: as the form said, but never to another host; else to the reader's first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    if allowed and wanted != "/":  # what stands at the root is not for every role
        return wanted
    return reverse("web:home") if otherwise is None else otherwise

"""What answers below /api/v1/ leave as problem documents too: those that no view of ours made."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .problems import Problem, answer

BELOW = "/api/v1/"
SAID: dict[int, tuple[str, str | Promise]] = {
    400: ("bad_request", _("The server does not take this request.")),
    403: ("forbidden", _("This is not allowed.")),
    404: ("no_such_address", _("There is no such address in the API.")),
    405: ("method_not_allowed", _("This method is not possible at this address.")),
    413: ("too_large", _("The body is larger than the server takes at once.")),
    415: ("not_json", _("The API reads JSON.")),
    429: ("too_many_requests", _("Too many requests.")),
    500: ("failed", _("The server failed at this.")),
    503: ("unavailable", _("The server cannot answer now.")),
}


class ProblemMiddleware:
    """Stands outside of everything that could answer instead of a view: a wrong method, an unknown address, a failure.

    Their status and headers (Allow, Retry-After) stay. While debugging, the page of a failure stays as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith(BELOW):
            return response
        if "json" in response.headers.get("Content-Type", "") or (settings.DEBUG and response.status_code >= 500):
            return response
        return as_problem(request, response)


def as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The same answer as a problem document."""
    status = response.status_code
    code, said = SAID.get(status, SAID[400] if status < 500 else SAID[500])
    with translation.override(translation.get_language_from_request(request)):
        found = answer(Problem(status, code, said))
    for name, value in response.headers.items():
        if name not in ("Content-Type", "Content-Length"):
            found[name] = value
    return found

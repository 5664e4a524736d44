"""Errors as RFC 9457 says: one problem document, with the field it is about as a JSON pointer, and what to do."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from paidan.kit.errors import Refusal

from .problem_words import remedy_of, sentence_of, unreadable

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible there",
    409: "Refused",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not JSON",
    422: "Not understood",
    429: "Too many requests",
    500: "Failed",
    503: "Not now",
}


class FieldProblem(Schema):
    """One thing wrong with one field."""

    pointer: str = Field(description="JSON pointer into the request's body, or the name of a parameter or header")
    code: str
    detail: str


class ProblemDocument(Schema):
    """application/problem+json."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    remedy: str = Field("", description="What to do about it, in the caller's language")
    pointer: str = ""
    errors: list[FieldProblem] = []


class Problem(Exception):
    """An error a view answers with; sentences are made in the caller's language when it is written."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: object,
        *,
        pointer: str = "",
        errors: Sequence[dict[str, str]] = (),
        remedy: object = "",
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.pointer, self.errors, self.remedy = pointer, errors, remedy


def answer(problem: Problem) -> HttpResponse:
    """The document; a problem of one field stands among `errors` too, so that they are always all of them."""
    said, pointer = str(problem.detail), problem.pointer
    errors = list(problem.errors)
    if pointer and not errors:
        errors = [{"pointer": pointer, "code": problem.code, "detail": said}]
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "code": problem.code,
        "detail": said,
        "remedy": str(problem.remedy) or remedy_of(problem.code, problem.status),
        "pointer": pointer,
        "errors": errors,
    }
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")


def add_handlers(api: NinjaAPI) -> None:
    """Every error of every view leaves as a problem document."""

    @api.exception_handler(Problem)
    def _problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
        return answer(problem)

    @api.exception_handler(Refusal)
    def _refusal(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
        pointer = refusal.pointer and "/" + refusal.pointer.removeprefix("/")
        return answer(Problem(409, refusal.code, str(refusal), pointer=pointer))

    @api.exception_handler(AuthenticationError)
    def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        said = _("Send a good token: Authorization: Bearer pd_…")
        response = answer(Problem(401, "not_signed_in", said))
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"pointer": pointer_of(one["loc"]), "code": one["type"], "detail": sentence_of(one)} for one in error.errors
        ]
        said = _("The request is not as described: see “errors”.")
        return answer(Problem(422, "invalid", said, pointer=errors[0]["pointer"], errors=errors))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        """The framework makes these itself only of a body it cannot read."""
        if error.status_code != 400:
            return answer(Problem(error.status_code, "bad_request", error.message))
        kind = request.content_type or "application/json"
        if kind != "application/json" and not kind.endswith("+json"):
            said = _("The body is %(type)s; the API reads JSON.") % {"type": kind}
            return answer(Problem(415, "not_json", said, pointer="Content-Type"))
        return answer(Problem(400, "unreadable_json", unreadable(error.__cause__)))

    @api.exception_handler(RequestDataTooBig)
    def _too_big(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
        return answer(Problem(413, "too_large", _("The body is larger than the server takes at once.")))

    for missing in (Http404, ObjectDoesNotExist):

        @api.exception_handler(missing)
        def _missing(_request: HttpRequest, _error: Exception) -> HttpResponse:
            return answer(
                Problem(404, "not_found", _("There is no such thing, or it is outside what this token reaches."))
            )

    @api.exception_handler(PermissionDenied)
    def _denied(_request: HttpRequest, _error: PermissionDenied) -> HttpResponse:
        return answer(Problem(403, "forbidden", _("This token may not do this.")))


def pointer_of(location: Sequence[str | int]) -> str:
    """Where in the request: a pointer into the body, or a parameter's name."""
    if location and location[0] == "body":
        return "".join(f"/{escaped(part)}" for part in location[2:]) or "/"
    return str(location[-1]) if location else ""


def escaped(part: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")

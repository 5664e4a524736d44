"""Errors as RFC 9457 says: one problem document, with the field it is about as a JSON pointer."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from paidan.kit.errors import Refusal

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Refused",
    412: "Changed meanwhile",
    413: "Too large",
    422: "Not understood",
    429: "Too many requests",
}


class FieldProblem(Schema):
    """One thing wrong with one field."""

    pointer: str = Field(description="JSON pointer into the request's body, or the name of a parameter")
    code: str
    detail: str


class ProblemDocument(Schema):
    """application/problem+json."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    pointer: str = ""
    errors: list[FieldProblem] = []


class Problem(Exception):
    """An error a view answers with; `detail` is made in the caller's language when it is written."""

    def __init__(
        self, status: int, code: str, detail: object, *, pointer: str = "", errors: Sequence[dict[str, str]] = ()
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.pointer, self.errors = status, code, detail, pointer, errors


def answer(problem: Problem) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem.detail),
        "pointer": problem.pointer,
        "errors": list(problem.errors),
    }
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")


def add_handlers(api: NinjaAPI) -> None:
    """Every error of every view leaves as a problem document."""

    @api.exception_handler(Problem)
    def _problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
        return answer(problem)

    @api.exception_handler(Refusal)
    def _refusal(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return answer(Problem(409, refusal.code, str(refusal), pointer=refusal.pointer))

    @api.exception_handler(AuthenticationError)
    def _unknown(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        said = _("Send a good token: Authorization: Bearer pd_…")
        response = answer(Problem(401, "not_signed_in", said))
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(ValidationError)
    def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"pointer": pointer_of(one["loc"]), "code": one["type"], "detail": one["msg"]} for one in error.errors
        ]
        said = _("The request is not as described: see “errors”.")
        return answer(Problem(422, "invalid", said, pointer=errors[0]["pointer"], errors=errors))

    @api.exception_handler(HttpError)
    def _http(_request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(Problem(error.status_code, "bad_request", error.message))

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
        return "/" + "/".join(str(part) for part in location[2:])
    return str(location[-1]) if location else ""

"""What a server said no to, as exceptions: a stable code, a sentence in the reader's language, and the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Unreachable(Exception):
    """No server answered, or what answered was not Paidan."""


class ApiError(Exception):
    """A problem document (RFC 9457). `pointer` names the field, `errors` all of them, `remedy` what to do about it."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.code: str = str(document.get("code", "error"))
        self.detail: str = str(document.get("detail", ""))
        self.remedy: str = str(document.get("remedy", ""))
        self.pointer: str = str(document.get("pointer", ""))
        self.errors: list[dict[str, str]] = list(document.get("errors", []))
        super().__init__(f"{self.pointer}: {self.detail}" if self.pointer else self.detail)


class NotSignedIn(ApiError):
    """401: no token, or none that is good."""


class Forbidden(ApiError):
    """403: the token, or its owner, may not do this."""


class NotFound(ApiError):
    """404: it does not exist, or lies outside what the token reaches."""


class Refused(ApiError):
    """409: the business said no."""


class ChangedMeanwhile(ApiError):
    """412: it is not any more what the caller has seen."""


class Invalid(ApiError):
    """422, 400, 405, 413 or 415: the request is not as described."""


class TooManyRequests(ApiError):
    """429, even after waiting."""


KINDS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: Invalid,
    409: Refused,
    412: ChangedMeanwhile,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyRequests,
}


def error_of(status: int, document: Mapping[str, Any]) -> ApiError:
    """The exception of a status."""
    return KINDS.get(status, ApiError)(status, document)

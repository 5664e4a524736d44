"""ETag and If-Match: a change is made only upon what its maker has seen."""

import hashlib
from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from .problems import Problem

IF_MATCH = {
    "parameters": [
        {
            "in": "header",
            "name": "If-Match",
            "required": False,
            "schema": {"type": "string"},
            "description": "The ETag of the one this is about, as it was last read: 412 when it is not so any more",
        }
    ]
}
"""In the description of an operation that honours it."""


def etag_of(shown: BaseModel) -> str:
    """A strong tag of what is shown."""
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:32]}"'


def asks_match(request: HttpRequest) -> bool:
    """Whether the caller names what it has seen."""
    return bool(request.headers.get("If-Match"))


def require_match(request: HttpRequest, now: BaseModel) -> None:
    """412 when the caller has seen something else than what is there now; call it with the row locked."""
    wanted = request.headers.get("If-Match", "")
    if not wanted or wanted.strip() == "*":
        return
    if etag_of(now) not in [tag.strip() for tag in wanted.split(",")]:
        said = _("It was changed meanwhile. Read it again, then decide upon what is there now.")
        raise Problem(412, "changed_meanwhile", said, pointer="If-Match")


def one_only(asked: Sequence[int], pointer: str) -> int:
    """If-Match is about one thing."""
    if len(asked) != 1:
        raise Problem(422, "one_at_a_time", _("“If-Match” needs exactly one here."), pointer=pointer)
    return asked[0]

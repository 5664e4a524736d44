"""Who calls: a bearer token, the user it acts for, what both of them may do, how often, and whether it asks again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from paidan.accounts.models import User
from paidan.accounts.tokens import acting_user, note_use, token_of
from paidan.kit.arrays import prepared

from .once import claim, keep, release
from .problems import Problem
from .rates import count_call, refuse_beyond


class TokenAuth(HttpBearer):
    """`Authorization: Bearer pd_…`, as made in the settings under API tokens."""

    openapi_name = "token"

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        now = timezone.now()
        with prepared():
            found = token_of(token, now=now)
            if found is None:
                return None
            rate = count_call(found.pk, now)
        if rate is not None:
            request.rate = rate  # type: ignore[attr-defined]
            refuse_beyond(rate)
        note_use(found, now=now, address=request.META.get("REMOTE_ADDR"))
        request.claim = claim(request, found.pk, now)  # type: ignore[attr-defined]
        return acting_user(found)


def accounted(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Around every operation: keep the answer of a key, and say where the token stands in its minute."""

    @wraps(run)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        try:
            answer = run(request, *args, **named)
        except BaseException:
            release(getattr(request, "claim", None))
            raise
        if taken := getattr(request, "claim", None):
            keep(taken, answer)
        if rate := getattr(request, "rate", None):
            rate.write(answer)
        return answer

    return answered


def caller(request: HttpRequest, capability: str) -> User:
    """The user this call acts for, who may do this; else 403."""
    user: Any = request.auth  # type: ignore[attr-defined]
    if not user.can(capability):
        raise Problem(403, "forbidden", _("This token, or the user it acts for, may not do this."))
    return user  # type: ignore[no-any-return]

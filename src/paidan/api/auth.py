"""Who calls: a bearer token, the user it acts for, and what both of them may do."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from paidan.accounts.models import User
from paidan.accounts.tokens import acting_user, note_use, token_of

from .problems import Problem


class TokenAuth(HttpBearer):
    """`Authorization: Bearer pd_…`, as made in the settings under API tokens."""

    openapi_name = "token"

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        now = timezone.now()
        found = token_of(token, now=now)
        if found is None:
            return None
        note_use(found, now=now, address=request.META.get("REMOTE_ADDR"))
        return acting_user(found)


def caller(request: HttpRequest, capability: str) -> User:
    """The user this call acts for, who may do this; else 403."""
    user: Any = request.auth  # type: ignore[attr-defined]
    if not user.can(capability):
        raise Problem(403, "forbidden", _("This token, or the user it acts for, may not do this."))
    return user  # type: ignore[no-any-return]

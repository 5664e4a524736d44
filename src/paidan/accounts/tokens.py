"""API tokens: made, revoked, and turned into the user they act as.

The API authenticates in three steps: `token_of(secret)`, `note_use(token)`, and the owner with `token` set on it, whose
capabilities are then those of both (`network.scopes` narrows the scope by the same attribute).
"""

import hashlib
import secrets
from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.web.kept import Kept, state_of

from .capabilities import Capability
from .changes import record_change
from .models import ApiToken, User
from .token_scopes import TokenScope

MARK = "pd"
"""Every secret begins so; scanners that look for leaked secrets can know it."""
PREFIX_LETTERS = 8
SECRET_BYTES = 32
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def add_token(
    name: str, *, owner: User, scopes: Sequence[str], now: datetime, by: User | None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token; its secret is returned this once and kept nowhere."""
    if not owner.can(Capability.USE_API):
        raise Refusal("owner_without_api", _("%(user)s may not use the API."), pointer="owner", user=owner.display_name)
    if expires_at is not None and expires_at <= now:
        raise Refusal("expired_already", _("That moment has passed."), pointer="expires_on")
    if not scopes:
        raise Refusal("no_scope", _("A token that may do nothing is of no use."), pointer="scopes")
    prefix = "".join(secrets.choice(LETTERS) for _letter in range(PREFIX_LETTERS))
    secret = f"{MARK}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token = ApiToken.objects.create(
        name=name,
        owner=owner,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=[str(TokenScope(scope)) for scope in scopes],
        created_at=now,
        expires_at=expires_at,
    )
    after = {"owner": owner.username, "scopes": token.scopes, "expires_at": expires_at and expires_at.isoformat()}
    record_change("token.added", by=by, now=now, of=token, after={"name": name, **after})
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, now: datetime, by: User | None) -> None:
    """End a token for good; the row stays, for the log names it."""
    # Of two clicks one finds it unrevoked and logs it.
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record_change("token.revoked", by=by, now=now, of=token)


def digest_of(secret: str) -> str:
    """A fast hash will do: the secret is 256 random bits, which nobody can guess however fast they try."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(secret: str, *, now: datetime) -> ApiToken | None:
    """The good token with this secret and its owner; nothing when unknown, revoked, expired or the owner closed."""
    mark, _separator, rest = secret.partition("_")
    prefix = rest.partition("_")[0]
    if mark != MARK or len(prefix) != PREFIX_LETTERS:
        return None
    token = _known(prefix)
    if token is None or not secrets.compare_digest(token.digest, digest_of(secret)) or not token.is_good(now):
        return None
    if not token.owner.can(Capability.USE_API):
        return None
    return token


def _known(prefix: str) -> ApiToken | None:
    """The token that begins so, with its owner; the caller's own copy of what is kept."""
    mark = state_of("access")
    known = _TOKENS.at(mark)
    if prefix not in known:
        read = ApiToken.objects.select_related("owner").filter(prefix=prefix).first()
        if read is None:
            return None
        read.seen_under = mark
        known[prefix] = read
    token = copy(known[prefix])
    token.owner = copy(token.owner)
    return token


_TOKENS: Kept[dict[str, ApiToken]] = Kept(dict)


def acting_user(token: ApiToken) -> User:
    """The owner as this token may act: what either of them may not do, the program cannot."""
    user = token.owner
    user.token = token
    return user


def note_use(token: ApiToken, *, now: datetime, address: str | None) -> None:
    """Remember when and from where it was last used, at most once a minute: a busy program must not write each time."""
    if token.last_used_at is not None and token.last_used_at >= now - NOTED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now, last_used_from=address)

"""Credentials of programs that speak another product's protocol: made, found by what a request names, revoked.

Each has a token of its own behind it, which nobody can present: the token carries owner, scopes, limits and last use,
so that what a program may do is decided in one place whatever language it speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.kit.sealing import seal, unseal

from .capabilities import Capability, Role
from .changes import record_change
from .models import Credential, Protocol, User
from .services import add_user
from .token_scopes import TokenScope
from .tokens import add_token, revoke_token

PURPOSE = "accounts.credential"
MOST = 64
SCOPES = (TokenScope.ORDERS_READ, TokenScope.ORDERS_WRITE, TokenScope.STOCK_READ, TokenScope.NETWORK_READ)
"""What such a program may do unless its maker says otherwise: everything its protocol knows but buyers in clear."""
WORDS = {
    "account": _("account"),
    "app_key": _("app key"),
    "secret": _("secret"),
    "gateway_key": _("gateway's app key"),
    "gateway_secret": _("gateway's secret"),
    "target_key": _("target app key"),
}
MISSING = _("“%(field)s” is missing: the other system's settings name it.")


@dataclass(frozen=True, slots=True)
class Keys:
    """What both sides know, as it is typed in. The last three are for a gateway."""

    account: str
    app_key: str
    secret: str
    gateway_key: str = ""
    gateway_secret: str = ""
    target_key: str = ""


@transaction.atomic
def add_credential(
    protocol: Protocol,
    keys: Keys,
    *,
    owner: User | None,
    now: datetime,
    by: User | None,
    scopes: Sequence[str] = SCOPES,
) -> Credential:
    """Let a program in. Without an owner it gets a user of its own: an integrator who cannot sign in.

    1. Refuse what is missing or taken. 2. Make its token, whose secret is thrown away. 3. Seal and store the keys.
    """
    _refuse_incomplete(protocol, keys)
    same = {"account": keys.account, "app_key": keys.app_key, "gateway_key": keys.gateway_key}
    if Credential.objects.filter(protocol=protocol, active=True, **same).exists():
        sentence = _("There is a credential with these keys already; revoke it first.")
        raise Refusal("credential_exists", sentence, pointer="app_key")
    name = f"{protocol} {keys.account}"[:80]
    token, _secret = add_token(name, owner=owner or _own_user(protocol, keys, now, by), scopes=scopes, now=now, by=by)
    made = Credential.objects.create(
        protocol=protocol,
        target_key=keys.target_key,
        sealed_secret=seal(keys.secret, PURPOSE),
        sealed_gateway=seal(keys.gateway_secret, PURPOSE) if keys.gateway_secret else "",
        token=token,
        **same,
    )
    record_change("credential.added", by=by, now=now, of=made, after={"owner": token.owner.username, **same})
    return made


@transaction.atomic
def revoke_credential(credential: Credential, *, now: datetime, by: User | None) -> bool:
    """Shut a program out for good; false when it was already."""
    if not Credential.objects.filter(pk=credential.pk, active=True).update(active=False):
        return False
    revoke_token(credential.token, now=now, by=by)
    record_change("credential.revoked", by=by, now=now, of=credential)
    return True


def credentials_for(protocol: Protocol, *, now: datetime, **named: str) -> list[Credential]:
    """The credentials a request may be signed with; none when revoked, expired or the owner is closed."""
    rows = Credential.objects.filter(protocol=protocol, active=True, **named).select_related("token__owner")
    return [row for row in rows if row.token.is_good(now) and row.token.owner.can(Capability.USE_API)]


def secret_of(credential: Credential) -> str:
    """What its owner signs with."""
    return unseal(credential.sealed_secret, PURPOSE)


def gateway_secret_of(credential: Credential) -> str:
    """What its gateway signs with."""
    return unseal(credential.sealed_gateway, PURPOSE)


def _own_user(protocol: Protocol, keys: Keys, now: datetime, by: User | None) -> User:
    name = f"{protocol}-{keys.account}"[:150]
    known = User.objects.filter(username=name).first()
    return known or add_user(name, role=Role.INTEGRATOR, now=now, by=by)


def _refuse_incomplete(protocol: Protocol, keys: Keys) -> None:
    long = [name for name in ("account", "app_key", "gateway_key", "target_key") if len(getattr(keys, name)) > MOST]
    if long:
        sentence = _("“%(field)s” is longer than %(most)d characters.")
        raise Refusal("key_too_long", sentence, pointer=long[0], field=WORDS[long[0]], most=MOST)
    needed = ["account", "app_key", "secret"]
    if protocol == Protocol.WDT_QIMEN:
        needed += ["gateway_key", "gateway_secret", "target_key"]
        if keys.secret and not all(keys.secret.partition(":")):
            sentence = _("The secret has two parts, “secret:salt”, as the other system shows it.")
            raise Refusal("secret_without_salt", sentence, pointer="secret")
    for field in needed:
        if not getattr(keys, field):
            raise Refusal("key_missing", MISSING, pointer=field, field=WORDS[field])

"""Who works where: a user together with their limits and teams, and a token with its limits, each saved as one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from paidan.accounts.changes import changed_values, record_change
from paidan.accounts.credentials import Keys, add_credential
from paidan.accounts.models import ApiToken, Credential, Protocol, User
from paidan.accounts.services import add_user, change_user
from paidan.accounts.tokens import add_token

from .models import Shop, Team, TokenLimit, UserScope, Warehouse
from .scopes import limit_user


@dataclass(frozen=True, slots=True)
class Limits:
    """What somebody is limited to (nothing = not limited) and which teams they work in."""

    warehouses: Collection[Warehouse] = ()
    teams: Collection[Team] = ()
    shops: Collection[Shop] = ()
    member_of: Collection[Team] = ()

    def codes(self) -> dict[str, list[str]]:
        """As the change log keeps them."""
        return {
            "warehouses": sorted(row.code for row in self.warehouses),
            "teams": sorted(row.code for row in self.teams),
            "shops": sorted(row.code for row in self.shops),
            "member_of": sorted(row.code for row in self.member_of),
        }


def limits_of(user: User) -> Limits:
    """A user's limits and teams as they are."""
    rows = list(UserScope.objects.filter(user=user).select_related("warehouse", "team", "shop"))
    return Limits(
        [row.warehouse for row in rows if row.warehouse],
        [row.team for row in rows if row.team],
        [row.shop for row in rows if row.shop],
        list(user.teams.all()),
    )


@transaction.atomic
def add_person(username: str, *, role: str, limits: Limits, now: datetime, by: User | None, **fields: Any) -> User:
    """Add a user with their limits; they cannot sign in until they are invited."""
    user = add_user(username, role=role, now=now, by=by, **fields)
    set_limits(user, limits, now=now, by=by)
    return user


@transaction.atomic
def change_person(user: User, *, limits: Limits, fields: Mapping[str, Any], now: datetime, by: User | None) -> User:
    """Change a user and their limits."""
    user = change_user(user, now=now, by=by, **fields)
    set_limits(user, limits, now=now, by=by)
    return user


@transaction.atomic
def set_limits(user: User, limits: Limits, *, now: datetime, by: User | None) -> None:
    """Replace somebody's limits and teams. They hold from the next request on: scopes are read on every one."""
    was, wanted = limits_of(user).codes(), limits.codes()
    before, after = changed_values(was, wanted)
    if not after:
        return
    limit_user(user, warehouses=limits.warehouses, teams=limits.teams, shops=limits.shops)
    user.teams.set(limits.member_of)
    record_change("user.limited", by=by, now=now, of=user, before=before, after=after)


@transaction.atomic
def add_limited_token(
    name: str,
    *,
    owner: User,
    scopes: Collection[str],
    warehouses: Collection[Warehouse],
    shops: Collection[Shop],
    now: datetime,
    by: User | None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that reaches only these warehouses and shops (none = all its owner reaches)."""
    token, secret = add_token(name, owner=owner, scopes=list(scopes), now=now, by=by, expires_at=expires_at)
    codes = _limit_token(token, warehouses, shops)
    if codes:
        record_change("token.limited", by=by, now=now, of=token, after=codes)
    return token, secret


@transaction.atomic
def add_limited_credential(
    protocol: Protocol,
    keys: Keys,
    *,
    owner: User | None,
    scopes: Collection[str],
    warehouses: Collection[Warehouse],
    shops: Collection[Shop],
    now: datetime,
    by: User | None,
) -> Credential:
    """Let a program in that speaks another product's protocol, limited like a token."""
    made = add_credential(protocol, keys, owner=owner, scopes=list(scopes), now=now, by=by)
    codes = _limit_token(made.token, warehouses, shops)
    if codes:
        record_change("credential.limited", by=by, now=now, of=made, after=codes)
    return made


def _limit_token(token: ApiToken, warehouses: Collection[Warehouse], shops: Collection[Shop]) -> dict[str, list[str]]:
    """Write a new token's limits; answers them as the change log keeps them, empty where there are none."""
    TokenLimit.objects.bulk_create(
        [
            *(TokenLimit(token=token, warehouse=warehouse) for warehouse in warehouses),
            *(TokenLimit(token=token, shop=shop) for shop in shops),
        ]
    )
    if not (warehouses or shops):
        return {}
    return {"warehouses": sorted(row.code for row in warehouses), "shops": sorted(row.code for row in shops)}

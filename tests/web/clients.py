"""Signed-in clients of every role and scope, for tests of pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from django.test import Client

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.network.models import Shop, Team, Warehouse
from paidan.network.scopes import limit_user

_numbers = count(1)


@dataclass(frozen=True)
class SignedIn:
    """A browser of somebody."""

    client: Client
    user: User


def sign_in_as(
    role: Role | str,
    *,
    language: str = "en",
    warehouses: Sequence[Warehouse] = (),
    teams: Sequence[Team] = (),
    shops: Sequence[Shop] = (),
    member_of: Sequence[Team] = (),
) -> SignedIn:
    """Somebody with this role, limited to this scope, signed in."""
    user = User.objects.create(username=f"{role}-{next(_numbers)}", role=str(role), language=language)
    limit_user(user, warehouses=warehouses, teams=teams, shops=shops)
    for team in member_of:
        team.members.add(user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return SignedIn(client, user)

"""API tokens: shown once, kept as a digest, never more than their owner, their scopes and their limits."""

from datetime import timedelta

import pytest
from tests.builders import NOW, make_shop, make_user, make_warehouse

from paidan.accounts.capabilities import CAPABILITIES, Capability, Role
from paidan.accounts.models import ApiToken, ChangeLogEntry, User
from paidan.accounts.services import change_user
from paidan.accounts.token_scopes import TokenScope, scopes_for
from paidan.accounts.tokens import acting_user, add_token, note_use, revoke_token, token_of
from paidan.kit.errors import Refusal
from paidan.network.people import add_limited_token
from paidan.network.scopes import limit_user, scope_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp() -> User:
    return make_user("erp", role=Role.INTEGRATOR)


def make_token(owner, *scopes, **fields):
    return add_token("ERP", owner=owner, scopes=scopes or (TokenScope.ORDERS_READ,), now=NOW, by=owner, **fields)


def test_a_secret_opens_and_is_kept_nowhere(erp):
    token, secret = make_token(erp)
    assert token_of(secret, now=NOW) == token
    kept = str(ApiToken.objects.values().get()) + str(list(ChangeLogEntry.objects.values()))
    assert secret not in kept
    assert secret.rsplit("_", 1)[1] not in kept
    assert secret.startswith(f"pd_{token.prefix}_")


@pytest.mark.parametrize(
    "wrong", ["", "pd", "pd_", "pd__x", "xx_{prefix}_{rest}", "pd_{prefix}_x", "pd_{prefix}_{rest}x"]
)
def test_no_other_secret_opens(erp, wrong):
    token, secret = make_token(erp)
    rest = secret.removeprefix(f"pd_{token.prefix}_")
    assert token_of(wrong.format(prefix=token.prefix, rest=rest), now=NOW) is None


def test_a_token_ends_when_it_expires_is_revoked_or_its_owner_may_no_longer(erp):
    _token, short = make_token(erp, expires_at=NOW + timedelta(days=1))
    assert token_of(short, now=NOW + timedelta(hours=23))
    assert token_of(short, now=NOW + timedelta(days=1)) is None
    token, secret = make_token(erp)
    revoke_token(token, now=NOW, by=erp)
    revoke_token(token, now=NOW, by=erp)
    assert token_of(secret, now=NOW) is None
    assert ChangeLogEntry.objects.filter(action="token.revoked").count() == 1
    _third, another = make_token(erp)
    change_user(erp, now=NOW, by=None, role=Role.CLERK)
    assert token_of(another, now=NOW) is None
    change_user(erp, now=NOW, by=None, role=Role.INTEGRATOR, is_active=False)
    assert token_of(another, now=NOW) is None


def test_a_program_may_what_both_its_scopes_and_its_owner_may(erp):
    token, _secret = make_token(erp, TokenScope.ORDERS_READ, TokenScope.STOCK_WRITE)
    user = acting_user(token)
    assert user.can(Capability.SEE_ORDERS)
    assert user.can(Capability.SEE_STOCK)
    assert not user.can(Capability.ADJUST_STOCK), "integrators may not"
    assert not user.can(Capability.MANAGE_TOKENS), "no scope brings it"
    assert User.objects.get(pk=erp.pk).can(Capability.MANAGE_TOKENS)


def test_no_scope_brings_what_is_for_people():
    everything = frozenset().union(*(make.capabilities for make in [ApiToken(scopes=TokenScope.values)]))
    assert everything & {Capability.MANAGE_USERS, Capability.MANAGE_TOKENS, Capability.SEE_CHANGES} == set()
    assert scopes_for(CAPABILITIES[Role.TEAM]) == [TokenScope.FULFILMENT_WRITE]


def test_a_token_reaches_what_both_its_limits_and_its_owners_reach(erp):
    gz, bj, sh = make_warehouse("gz"), make_warehouse("bj"), make_warehouse("sh")
    shop = make_shop("tmall")
    limit_user(erp, warehouses=[gz, bj])
    token, _secret = add_limited_token(
        "ERP", owner=erp, scopes=["orders:read"], warehouses=[bj, sh], shops=[shop], now=NOW, by=erp
    )
    scope = scope_of(acting_user(ApiToken.objects.select_related("owner").get(pk=token.pk)))
    assert (scope.warehouses, scope.shops, scope.teams) == ({bj.pk}, {shop.pk}, None)
    nothing, _secret = add_limited_token(
        "ERP", owner=erp, scopes=["orders:read"], warehouses=[sh], shops=[], now=NOW, by=erp
    )
    assert scope_of(acting_user(ApiToken.objects.select_related("owner").get(pk=nothing.pk))).warehouses == set()


def test_who_may_not_use_the_api_gets_no_token_and_none_is_without_a_use(erp):
    with pytest.raises(Refusal, match="may not use the API"):
        make_token(make_user("zhou", role=Role.CLERK))
    with pytest.raises(Refusal) as past:
        make_token(erp, expires_at=NOW)
    assert past.value.code == "expired_already"
    with pytest.raises(Refusal):
        add_token("ERP", owner=erp, scopes=[], now=NOW, by=erp)


def test_use_is_noted_once_a_minute(erp):
    token, _secret = make_token(erp)
    for seconds, seen in ((0, 0), (59, 0), (61, 61)):
        note_use(token, now=NOW + timedelta(seconds=seconds), address="192.0.2.7")
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=seen)
    assert token.last_used_from == "192.0.2.7"

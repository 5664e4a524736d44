"""`paidan credential`: programs let in, listed, shut out."""

import io

import pytest
from tests.builders import make_shop

from paidan.accounts.credentials import secret_of
from paidan.accounts.models import Credential, User
from paidan.network.models import TokenLimit

pytestmark = pytest.mark.django_db
KEYS = ("--sid", "S", "--appkey", "K")


def test_a_program_is_let_in_with_a_user_of_its_own(paidan):
    answer = paidan("credential", "create", "--protocol", "wdt", *KEYS, "--secret", "X")
    assert (answer.code, "S/K is let in" in answer.err) == (0, True)
    row = Credential.objects.get()
    assert (row.account, row.app_key, secret_of(row)) == ("S", "K", "X")
    owner = User.objects.get()
    assert (owner.username, owner.role, owner.has_usable_password()) == ("wdt-S", "integrator", False)
    assert "X" not in answer.out + answer.err


def test_programs_are_listed_without_their_secrets_and_shut_out(paidan):
    paidan("credential", "create", *KEYS, "--secret", "very-secret")
    answer = paidan("credential", "list", "--json")
    [row] = answer.json
    assert (row["account"], row["active"]) == ("S", True)
    assert "very-secret" not in answer.out
    assert paidan("credential", "revoke", row["id"]).code == 0
    assert "was shut out before" in paidan("credential", "revoke", row["id"]).err
    assert paidan("credential", "revoke", 0).code != 0
    assert "revoked" in paidan("credential", "list").out


def test_the_secret_is_read_from_a_pipe(paidan, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("piped\n"))
    assert paidan("credential", "create", *KEYS).code == 0
    assert secret_of(Credential.objects.get()) == "piped"


def test_a_gateway_brings_its_own_keys_and_limits_hold(paidan):
    make_shop("jd")
    gateway = ("--gateway-key", "qm", "--gateway-secret", "qs", "--target-key", "t", "--shop", "jd")
    answer = paidan("credential", "create", "--protocol", "wdt-qimen", *KEYS, "--secret", "a:b", *gateway)
    assert answer.code == 0, answer.err
    assert (Credential.objects.get().gateway_key, TokenLimit.objects.get().shop.code) == ("qm", "jd")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--protocol", "soap", "--secret", "X"), "the protocols are wdt"),
        (("--protocol", "wdt-qimen", "--secret", "X"), "two parts"),
        (("--protocol", "wdt-qimen", "--secret", "a:b"), "gateway"),
        (("--secret", "X", "--owner", "nobody"), "no user nobody"),
        (("--secret", "X", "--shop", "nowhere"), "no shop nowhere"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(paidan, more, said):
    answer = paidan("credential", "create", *KEYS, *more)
    assert answer.code != 0
    assert said in answer.err
    assert not Credential.objects.exists()

"""Sign-in, its throttling, passwords, and the log of changes."""

import pytest
from django.test import Client
from tests.builders import NOW, make_warehouse

from paidan.accounts.changes import address_of, changed_values, record_change
from paidan.accounts.models import ChangeLogEntry, User

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"


@pytest.fixture
def lin() -> User:
    return User.objects.create_user("lin", password="correct horse", role="clerk")


def attempt(client: Client, password: str, username: str = "lin"):
    return client.post(SIGN_IN, {"username": username, "password": password, "next": "/search/"})


def test_the_right_password_opens_the_wrong_one_does_not(lin):
    client = Client()
    assert attempt(client, "wrong").status_code == 422
    answer = attempt(client, "correct horse")
    assert (answer.status_code, answer["Location"]) == (302, "/search/")
    assert ChangeLogEntry.objects.get(action="session.opened").by == lin


def test_ten_wrong_passwords_lock_that_name_from_that_address_only(lin):  # noqa: ARG001
    client, elsewhere = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    User.objects.create_user("other", password="correct horse")
    for _try in range(10):
        attempt(client, "wrong")
    assert attempt(client, "correct horse").status_code == 429
    assert attempt(client, "correct horse", "other").status_code == 302
    assert attempt(elsewhere, "correct horse").status_code == 302


def test_a_closed_account_cannot_sign_in(lin):
    User.objects.filter(pk=lin.pk).update(is_active=False)
    assert attempt(Client(), "correct horse").status_code == 422


def test_signing_out_needs_a_post(lin):
    client = Client()
    client.force_login(lin, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/sign-out/").status_code == 405
    client.post("/account/sign-out/")
    assert client.get("/search/").status_code == 302


def test_a_new_password_signs_other_browsers_out_and_is_logged(lin):
    here, there = Client(), Client()
    for client in (here, there):
        attempt(client, "correct horse")
    fields = {"old_password": "correct horse", "new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    assert (
        here.post("/account/password/", {**fields, "new_password1": "123", "new_password2": "123"}).status_code == 422
    )
    assert here.post("/account/password/", fields).status_code == 302
    assert here.get("/search/").status_code == 200
    assert there.get("/search/").status_code == 302
    entry = ChangeLogEntry.objects.get(action="password.changed")
    assert (entry.by, entry.before, entry.after) == (lin, None, None)


def test_the_language_of_the_account_wins_over_the_browsers(lin):
    client = Client()
    client.force_login(lin, backend="django.contrib.auth.backends.ModelBackend")
    chinese = {"Accept-Language": "zh-CN"}
    assert client.get("/search/", headers=chinese)["Content-Language"] == "zh-Hans"
    client.post("/language/", {"language": "en"})
    assert client.get("/search/", headers=chinese)["Content-Language"] == "en"
    assert Client().get(SIGN_IN, headers=chinese)["Content-Language"] == "zh-Hans"
    assert Client().get(SIGN_IN, headers={"Accept-Language": "fr"})["Content-Language"] == "en"


def test_a_change_is_logged_as_codes_and_values(lin):
    warehouse = make_warehouse("gz", name="Guangzhou")
    before, after = changed_values({"ratio": 1, "name": "x"}, {"ratio": 2, "name": "x"})
    entry = record_change(
        "warehouse.changed", by=lin, now=NOW, of=warehouse, before=before, after=after, reason="double eleven", number=3
    )
    assert (entry.subject, entry.subject_id, entry.label) == ("warehouse", str(warehouse.pk), "Guangzhou")
    assert (entry.before, entry.after, entry.at) == ({"ratio": 1}, {"ratio": 2, "number": 3}, NOW)


def test_behind_a_proxy_only_its_own_word_counts(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "1.1.1.1, 10.0.0.7"}, REMOTE_ADDR="127.0.0.1")
    assert address_of(request) == "127.0.0.1"
    settings.BEHIND_PROXY = True
    assert address_of(request) == "10.0.0.7"


def test_a_form_of_another_browser_is_refused_in_words(lin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lin, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/account/password/", {})
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_an_installation_without_users_says_how_to_make_one():
    assert "paidan user add" in Client().get(SIGN_IN).content.decode()
    User.objects.create_user("lin", password="correct horse")
    assert "paidan user add" not in Client().get(SIGN_IN).content.decode()

"""Invitations: a link gives one password, once; whoever was changed signs in anew."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.builders import NOW, make_user
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.accounts.invitations import invitation_for, invited
from paidan.accounts.models import ChangeLogEntry, User
from paidan.accounts.services import add_user, change_user, end_sessions, set_password, take_password
from paidan.kit.errors import Refusal

pytestmark = pytest.mark.django_db
GOOD = "battery staple 7"


def link_for(user):
    return reverse("accounts:welcome", args=[user.pk, invitation_for(user)])


def test_an_invitation_gives_one_password_once():
    user = add_user("zhou", role=Role.CLERK, now=NOW, by=None)
    link, browser = link_for(user), Client()
    assert browser.get(link).status_code == 200
    assert browser.post(link, {"new_password1": "123", "new_password2": "123"}).status_code == 422
    answer = browser.post(link, {"new_password1": GOOD, "new_password2": GOOD})
    assert answer["Location"] == reverse("accounts:sign-in")
    assert User.objects.get(pk=user.pk).check_password(GOOD)
    assert ChangeLogEntry.objects.filter(action="password.chosen", by=user).count() == 1
    assert browser.get(link).status_code == 410
    assert browser.post(link, {"new_password1": "other words 8", "new_password2": "other words 8"}).status_code == 410
    assert User.objects.get(pk=user.pk).check_password(GOOD)


def test_an_invitation_is_for_one_person_who_has_no_password():
    one, other = (
        add_user("one", role=Role.CLERK, now=NOW, by=None),
        add_user("other", role=Role.CLERK, now=NOW, by=None),
    )
    key = invitation_for(one)
    assert invited(one.pk, key) == one
    assert invited(other.pk, key) is None
    assert invited(10**30, key) is None
    change_user(one, now=NOW, by=None, is_active=False)
    assert invited(one.pk, invitation_for(one)) is None
    settled = make_user("settled")
    settled.set_password(GOOD)
    settled.save()
    assert invited(settled.pk, invitation_for(settled)) is None


def test_a_later_invitation_replaces_an_earlier_one():
    user = add_user("zhou", role=Role.CLERK, now=NOW, by=None)
    first = invitation_for(user)
    user = take_password(user, now=NOW, by=None)
    assert invited(user.pk, first) is None
    assert invited(user.pk, invitation_for(user)) == user


@pytest.mark.parametrize(
    "end",
    [
        lambda user: change_user(user, now=NOW, by=None, role=Role.VIEWER),
        lambda user: change_user(user, now=NOW, by=None, is_active=False),
        lambda user: set_password(user, GOOD, now=NOW, by=None),
        lambda user: take_password(user, now=NOW, by=None),
        lambda user: end_sessions(user, now=NOW, by=None),
    ],
)
def test_whoever_was_changed_signs_in_anew(end):
    clerk, bystander = sign_in_as(Role.CLERK), sign_in_as(Role.CLERK)
    assert clerk.client.get("/orders/").status_code == 200
    end(clerk.user)
    assert clerk.client.get("/orders/").status_code == 302
    assert bystander.client.get("/orders/").status_code == 200


def test_a_new_name_ends_no_session():
    clerk = sign_in_as(Role.CLERK)
    change_user(clerk.user, now=NOW, by=None, first_name="敏")
    assert clerk.client.get("/orders/").status_code == 200


def test_the_last_administrator_keeps_the_password():
    chief = add_user("chief", role=Role.ADMINISTRATOR, now=NOW, by=None, password=GOOD)
    with pytest.raises(Refusal, match="last administrator"):
        take_password(chief, now=NOW, by=chief)

"""Adding and changing users, from services and from the command line."""

import pytest
from tests.builders import NOW

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ChangeLogEntry, User
from paidan.accounts.services import add_user, change_user, set_password
from paidan.kit.errors import Refusal

pytestmark = pytest.mark.django_db


def test_a_user_is_added_with_a_role_and_logged():
    chief = add_user("chief", role=Role.ADMINISTRATOR, now=NOW, by=None, password="correct horse 9")
    clerk = add_user("zhou", role="clerk", now=NOW, by=chief, last_name="周", first_name="敏")
    assert (clerk.display_name, clerk.has_usable_password(), chief.check_password("correct horse 9")) == (
        "周敏",
        False,
        True,
    )
    entry = ChangeLogEntry.objects.get(subject_id=str(clerk.pk))
    assert (entry.by, entry.after) == (chief, {"username": "zhou", "role": "clerk"})


def test_weak_passwords_and_taken_names_are_refused():
    add_user("zhou", role="clerk", now=NOW, by=None)
    with pytest.raises(Refusal, match="already"):
        add_user("zhou", role="clerk", now=NOW, by=None)
    with pytest.raises(Refusal) as refused:
        add_user("lin", role="clerk", now=NOW, by=None, password="123")
    assert (refused.value.code, refused.value.pointer) == ("password_weak", "password")
    assert str(refused.value)
    assert not User.objects.filter(username="lin").exists()


def test_only_what_changed_is_logged_and_never_a_password():
    zhou = add_user("zhou", role="clerk", now=NOW, by=None)
    change_user(zhou, now=NOW, by=None, role=Role.LEAD, first_name="")
    set_password(zhou, "battery staple 7", now=NOW, by=None)
    changed, given = ChangeLogEntry.objects.filter(action__in=["user.changed", "user.password_set"]).order_by("id")
    assert (changed.before, changed.after) == ({"role": "clerk"}, {"role": "lead"})
    assert "battery" not in str([given.before, given.after])


@pytest.mark.parametrize("change", [{"role": Role.CLERK}, {"is_active": False}])
def test_the_last_administrator_stays(change):
    chief = add_user("chief", role=Role.ADMINISTRATOR, now=NOW, by=None)
    with pytest.raises(Refusal, match="last administrator"):
        change_user(chief, now=NOW, by=chief, **change)
    other = add_user("other", role=Role.ADMINISTRATOR, now=NOW, by=None)
    with pytest.raises(Refusal, match="last administrator"):  # the other has no password yet
        change_user(chief, now=NOW, by=chief, **change)
    set_password(other, "battery staple 7", now=NOW, by=None)
    change_user(chief, now=NOW, by=chief, **change)
    assert not User.objects.get(pk=chief.pk).can("manage_users")

"""Adding and changing users: one function per use case, each logged."""

from datetime import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .capabilities import Role
from .changes import changed_values, record_change
from .models import User

LOGGED = ("username", "role", "first_name", "last_name", "email", "language", "is_active")
LAST_ADMINISTRATOR = _("%(user)s is the last administrator who can sign in; make another one first.")


@transaction.atomic
def add_user(
    username: str, *, role: Role | str, now: datetime, by: User | None, password: str | None = None, **fields: Any
) -> User:
    """Add somebody; without a password they cannot sign in until they are given one."""
    _refuse_taken(username)
    user = User(username=username, role=Role(role), **fields)
    _give(user, password)
    user.save()
    record_change("user.added", by=by, now=now, of=user, after={"username": username, "role": str(user.role)})
    return user


@transaction.atomic
def change_user(user: User, *, now: datetime, by: User | None, **fields: Any) -> User:
    """Change role, name, language or whether they may sign in; the last administrator stays one.

    Whoever may do something else from now on, or nothing, signs in anew.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    before = {name: getattr(user, name) for name in LOGGED}
    if fields.get("username", user.username) != user.username:
        _refuse_taken(fields["username"])
    for name, value in fields.items():
        setattr(user, name, value)
    if before["role"] == Role.ADMINISTRATOR and before["is_active"] and not _is_administrator(user):
        _refuse_last(user)
    if (before["role"], before["is_active"]) != (user.role, user.is_active):
        user.sessions_n += 1
    user.save()
    was, now_is = changed_values(before, {name: getattr(user, name) for name in LOGGED})
    if now_is:
        record_change("user.changed", by=by, now=now, of=user, before=was, after=now_is)
    return user


@transaction.atomic
def set_password(user: User, password: str, *, now: datetime, by: User | None) -> None:
    """Give somebody a new password; wherever they were signed in, they are no longer."""
    _give(user, password)
    user.save(update_fields=["password"])
    record_change("user.password_set", by=by, now=now, of=user)


@transaction.atomic
def take_password(user: User, *, now: datetime, by: User | None) -> User:
    """Make somebody's password worth nothing: they are signed out everywhere until an invitation gives a new one."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if _is_administrator(user):
        _refuse_last(user)
    user.set_unusable_password()
    user.sessions_n += 1
    user.save(update_fields=["password", "sessions_n"])
    record_change("user.password_taken", by=by, now=now, of=user)
    return user


@transaction.atomic
def end_sessions(user: User, *, now: datetime, by: User | None) -> User:
    """Sign somebody out of every browser."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.sessions_n += 1
    user.save(update_fields=["sessions_n"])
    record_change("user.sessions_ended", by=by, now=now, of=user)
    return user


def _give(user: User, password: str | None) -> None:
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as weak:
        sentence = " ".join(str(message) for message in weak.messages).replace("%", "%%")
        raise Refusal("password_weak", sentence, pointer="password") from None
    user.set_password(password)


def _refuse_taken(username: str) -> None:
    if User.objects.filter(username=username).exists():
        raise Refusal("user_exists", _("There is a user %(user)s already."), pointer="username", user=username)


def _is_administrator(user: User) -> bool:
    return user.is_active and (user.is_superuser or user.role == Role.ADMINISTRATOR)


def _refuse_last(user: User) -> None:
    """Locked, so that two administrators cannot remove each other at the same moment."""
    administrators = Q(role=Role.ADMINISTRATOR) | Q(is_superuser=True)
    others = User.objects.select_for_update().filter(administrators, is_active=True).exclude(pk=user.pk)
    if not any(other.has_usable_password() for other in others):
        raise Refusal("last_administrator", LAST_ADMINISTRATOR, user=user.username)

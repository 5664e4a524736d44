"""Invitations: a link by which somebody chooses their first password, or a new one after theirs was taken.

The link is signed and not stored; it is used up by the password it gives, and dies by itself after three days.
"""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from .models import User


class _Invitation(PasswordResetTokenGenerator):
    """Django's own, under another name, so that neither kind of link opens what the other does."""

    key_salt = "paidan.invitation"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sessions_n}"


_invitation = _Invitation()


def invitation_for(user: User) -> str:
    """The secret part of a link for this user as they are now."""
    return _invitation.make_token(user)


def invited(user_id: int, key: str) -> User | None:
    """Whom an invitation is for; nothing when it is no longer good. Only who has no password is invited."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id < 2**63 else None
    if user is None or user.has_usable_password() or not _invitation.check_token(user, key):
        return None
    return user

"""Sign-in and passwords, in our look."""

from typing import Any

from django.contrib.auth import forms as auth

from paidan.web.forms import dress


class SignInForm(auth.AuthenticationForm):
    """Name and password. Wrong ones are slowed down by django-axes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)


class PasswordForm(auth.PasswordChangeForm):
    """The old password and a new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)


class FirstPasswordForm(auth.SetPasswordForm):  # type: ignore[type-arg]
    """A new password twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        dress(self)

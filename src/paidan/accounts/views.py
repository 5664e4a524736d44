"""Sign in, sign out, get in for the first time, change one's password."""

from typing import Any, cast

from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from paidan.web.forms import handle_form
from paidan.web.pages import page, public_page
from paidan.web.replies import safe_next

from .changes import address_of, record_change
from .forms import FirstPasswordForm, PasswordForm, SignInForm
from .invitations import invited
from .models import User


@sensitive_post_parameters("password")
@never_cache
@public_page(methods=("GET", "POST"))
def sign_in(request: HttpRequest) -> HttpResponse:
    """One form; afterwards to where one wanted to go."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        login(request, user)
        record_change("session.opened", by=cast(Any, user), now=timezone.now(), address=address_of(request))
        return redirect(safe_next(request))
    context = {
        "form": form,
        "heading": _("Sign in"),
        "next": safe_next(request, ""),
        # The first thing somebody sees after installing: say how to get in.
        "nobody_yet": request.method == "GET" and not User.objects.exclude(password__startswith="!").exists(),
    }
    return render(request, "accounts/sign_in.html", context, status=422 if request.method == "POST" else 200)


@page(None, methods=("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("accounts:sign-in")


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What django-axes answers after too many wrong passwords."""
    return render(request, "accounts/locked.html", {"heading": _("Sign in")}, status=429)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django passes it
    """What a form gets that was not made for this browser, or that is older than the sign-in."""
    return render(request, "accounts/stale.html", {"heading": _("This form is out of date")}, status=403)


@sensitive_post_parameters()
@page(None, methods=("GET", "POST"))
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; other browsers are signed out, this one stays."""
    user = cast(Any, request.user)

    def form_of(*arguments: Any, **_instance: Any) -> PasswordForm:
        return PasswordForm(user, arguments[0])

    def save(form: PasswordForm) -> str:
        form.save()
        update_session_auth_hash(request, user)
        record_change("password.changed", by=user, now=timezone.now(), of=user, address=address_of(request))
        return _("Password changed; other browsers are signed out.")

    return handle_form(
        request,
        form_of,
        save=save,
        to=reverse("web:home"),
        heading=gettext_lazy("Change password"),
        button=gettext_lazy("Change password"),
    )


@sensitive_post_parameters()
@never_cache
@public_page(methods=("GET", "POST"))
def welcome(request: HttpRequest, user_id: int, key: str) -> HttpResponse:
    """Where an invitation leads: choose a password, once."""
    user = invited(user_id, key)
    if user is None:
        return render(request, "accounts/no_invitation.html", {"heading": _("This invitation is used up")}, status=410)

    def save(form: FirstPasswordForm) -> str:
        form.save()
        record_change("password.chosen", by=user, now=timezone.now(), of=user, address=address_of(request))
        return _("Now sign in with your new password.")

    return handle_form(
        request,
        lambda *arguments, **_instance: FirstPasswordForm(user, arguments[0]),
        save=save,
        to=reverse("accounts:sign-in"),
        template="accounts/welcome.html",
        heading=_("Welcome, %(name)s") % {"name": user.display_name},
        invited=user,
    )

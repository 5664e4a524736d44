"""One's own account: how one likes to be shown things, what one may do and where, and where one is signed in."""

from django import forms
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.models import User
from paidan.accounts.services import change_user, end_sessions
from paidan.network.people import limits_of
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .frame import person
from .user_list import limits_words, teams_words


class AccountForm(PaidanForm):
    """What everybody may change about themselves."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("as my browser")), *settings.LANGUAGES],
        required=False,
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("Light or dark"),
        choices=[
            ("", gettext_lazy("as my device")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ],
        required=False,
    )
    density = forms.ChoiceField(
        label=gettext_lazy("Rows of tables"),
        choices=[("", gettext_lazy("Lower rows")), ("comfortable", gettext_lazy("Higher rows"))],
        required=False,
    )


@page(None, methods=("GET", "POST"))
def account(request: HttpRequest) -> HttpResponse:
    user = person(request)

    def save(form: AccountForm) -> str:
        change_user(user, now=timezone.now(), by=user, **form.cleaned_data)
        if form.cleaned_data["language"]:
            translation.activate(form.cleaned_data["language"])
        return _("Saved.")

    density = user.density if user.density == "comfortable" else ""
    user.limits = limits_of(user)  # type: ignore[attr-defined]
    return handle_form(
        request,
        AccountForm,
        save=save,
        to=reverse("desk:account"),
        template="desk/people/account.html",
        initial={"language": user.language, "theme": user.theme, "density": density},
        heading=_("Your account"),
        button=_("Save"),
        where=limits_words(user),
        teams=teams_words(user),
    )


@page(None, methods=("POST",))
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every session of one's own but this one."""
    user: User = end_sessions(person(request), now=timezone.now(), by=person(request))
    update_session_auth_hash(request, user)
    toast(request, _("Other browsers are signed out."))
    return go(request, "desk:account")

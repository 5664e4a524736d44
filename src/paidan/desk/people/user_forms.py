"""A user as a form: who they are, what they may do, where."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from paidan.accounts.capabilities import Role
from paidan.network.models import Shop, Team, Warehouse
from paidan.network.people import Limits
from paidan.web.forms import PaidanForm

ROLES = {
    Role.ADMINISTRATOR: _("everything, users and tokens included, everywhere"),
    Role.LEAD: _("orders, board, rules, reports and settings"),
    Role.CLERK: _("orders: allocate, assign, hold, resolve"),
    Role.TEAM: _("their own teams' parcels: accept, pick, pack, ship"),
    Role.VIEWER: _("looks at everything, changes nothing"),
    Role.INTEGRATOR: _("API tokens, files and webhooks"),
}


class UserForm(PaidanForm):
    """The same for adding and for changing."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    last_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    first_name = forms.CharField(label=_("Given name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("as their browser")), *settings.LANGUAGES], required=False
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, f"{role.label}") for role in Role], initial=Role.CLERK
    )
    warehouses = forms.ModelMultipleChoiceField(
        label=_("Only these warehouses"),
        queryset=Warehouse.objects.order_by("position", "id"),
        required=False,
        help_text=_("Nothing chosen: everywhere. What lies outside does not exist for this user."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Only these teams"), queryset=Team.objects.order_by("code"), required=False
    )
    shops = forms.ModelMultipleChoiceField(
        label=_("Only these shops"), queryset=Shop.objects.order_by("code"), required=False
    )
    member_of = forms.ModelMultipleChoiceField(
        label=_("Works in teams"),
        queryset=Team.objects.order_by("code"),
        required=False,
        help_text=_("A team member sees the work of these teams and no other."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Written here and not above: the labels are lazy, and a choice is put together in the reader's language.
        choices = [(role.value, _line(role)) for role in Role]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("role") == Role.TEAM and not cleaned.get("member_of"):
            self.add_error("member_of", _("A team member without a team would see nothing. Choose one."))
        return cleaned

    def limits(self) -> Limits:
        given = self.cleaned_data
        return Limits(list(given["warehouses"]), list(given["teams"]), list(given["shops"]), list(given["member_of"]))

    def person(self) -> dict[str, Any]:
        """The fields of the user itself, but for the name."""
        return {name: self.cleaned_data[name] for name in ("last_name", "first_name", "email", "language")}


def _line(role: Role) -> str:
    label = str(role.label)
    return f"{label[:1].upper()}{label[1:]} · {ROLES[role]}"

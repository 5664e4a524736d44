"""What a team is asked: what the problem is, why it hands back, how many it found, which waybill number is right."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from paidan.allocation.teamwork import REPORTED
from paidan.orders.states import ExceptionKind
from paidan.web.forms import PaidanForm

from .scanning import WAYBILL

KIND_WORDS = {
    ExceptionKind.NOT_FOUND: _("Not found on the shelf"),
    ExceptionKind.DAMAGED: _("Damaged"),
    ExceptionKind.ADDRESS: _("Something is wrong with the address"),
    ExceptionKind.OTHER: _("Something else"),
}
REASONS = {
    "missing": _("The goods are not here"),
    "people": _("Too few people"),
    "late": _("We cannot make it in time"),
    "other": _("Another reason"),
}


class ProblemForm(PaidanForm):
    """What is wrong with a parcel."""

    kind = forms.TypedChoiceField(
        label=_("What is wrong"),
        choices=[(int(kind), KIND_WORDS[kind]) for kind in REPORTED],
        coerce=lambda value: ExceptionKind(int(value)),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class HandBackForm(PaidanForm):
    """Why a team gives something back."""

    why = forms.ChoiceField(label=_("Why"), choices=list(REASONS.items()), widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("why") == "other" and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say what it is, for whoever reassigns it."))
        return cleaned

    def reason(self) -> str:
        """The reason as the one who reassigns reads it."""
        note = str(self.cleaned_data["note"]).strip()
        word = str(REASONS[self.cleaned_data["why"]])
        if self.cleaned_data["why"] == "other":
            return note
        return f"{word}: {note}" if note else word


class ShortForm(PaidanForm):
    """An article of a pick list of which there are too few."""

    there = forms.IntegerField(
        label=_("How many are there"),
        min_value=0,
        max_value=100_000,
        initial=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    hand_back = forms.BooleanField(
        label=_("Hand back the orders it does not suffice for, so that they go elsewhere"), required=False, initial=True
    )


class WaybillForm(PaidanForm):
    """The carrier and number a shipped parcel really has."""

    carrier = forms.CharField(label=_("Carrier"), max_length=40, required=False)
    tracking_number = forms.CharField(label=_("Waybill number"), max_length=64)

    def clean_tracking_number(self) -> str:
        number = str(self.cleaned_data["tracking_number"]).strip().upper()
        if not WAYBILL.match(number):
            raise forms.ValidationError(_("That is no waybill number"))
        return number

"""Where another system wants to hear of which events, of which shops."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.web.forms import PaidanModelForm

from ..models import Endpoint
from .addresses import read_url
from .events import WebhookEvent


class EndpointForm(PaidanModelForm):
    """Everything but the secret, which we make."""

    events = forms.MultipleChoiceField(
        label=_("Events"), choices=WebhookEvent.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Endpoint
        fields = ("name", "url", "events", "shops")
        widgets: ClassVar = {"url": forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"})}
        help_texts: ClassVar = {
            "name": _("Who listens there, for example “ERP”."),
            "url": _("Messages are posted here. https only."),
            "shops": _("Only events of orders of these shops. Empty: all."),
        }

    def clean_url(self) -> str:
        given: str = self.cleaned_data["url"].strip()
        try:
            read_url(given)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return given

    def save(self, commit: bool = True) -> Any:  # noqa: ARG002 - the service writes
        return super().save(commit=False)

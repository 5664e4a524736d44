"""What is watched, and the channels that tell people elsewhere."""

from typing import Any, ClassVar

import apprise
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from paidan.web.forms import PaidanModelForm

from .models import Channel, Kind, ReminderRule, ReportSubscription

EXAMPLES = {
    "dingtalk": "dingtalk://SECRET@TOKEN/",
    "wecom": "wecombot://KEY/",
    "feishu": "feishu://TOKEN/",
    "mail": "mailtos://USER:PASSWORD@smtp.example.com?from=paidan@example.com&to=ops@example.com",
    "slack": "slack://TOKEN_A/TOKEN_B/TOKEN_C/#ops",
    "webhook": "jsons://example.com/hook",
}
SCHEMES = {
    "dingtalk": ("dingtalk",),
    "wecom": ("wecombot",),
    "feishu": ("feishu", "lark"),
    "mail": ("mailto", "mailtos"),
    "slack": ("slack",),
    "webhook": ("json", "jsons", "form", "forms", "xml", "xmls"),
}


class WatchForm(PaidanModelForm):
    """What is watched, from which limit on, and who hears of it."""

    class Meta:
        model = ReminderRule
        fields = (
            "kind",
            "limit",
            "shop",
            "warehouse",
            "channels",
            "repeat_min",
            "escalate_min",
            "escalate_to",
            "active",
        )
        help_texts: ClassVar = {
            "limit": _("Minutes; hours for what is due; per cent for capacity."),
            "shop": _("Only this shop. Empty: all."),
            "warehouse": _("Only this warehouse. Empty: all."),
            "channels": _("None: only the bell in Paidan."),
            "repeat_min": _("Said again while nobody acknowledges it."),
            "escalate_min": _("Empty: it is not escalated."),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("kind") == Kind.CAPACITY and not 1 <= (given.get("limit") or 0) <= 500:
            self.add_error("limit", _("Per cent of the capacity, for example 90."))
        if given.get("escalate_min") is not None and not given.get("escalate_to"):
            self.add_error("escalate_to", _("Choose whom it is escalated to, or leave the time empty."))
        return given


class ChannelForm(PaidanModelForm):
    """A channel; the address is written once and never shown again."""

    class Meta:
        model = Channel
        fields = ("name", "service", "address", "language", "quiet_from", "quiet_to", "active")
        widgets: ClassVar = {
            "address": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "language": forms.Select(choices=settings.LANGUAGES),
        }
        help_texts: ClassVar = {
            "quiet_from": _("Nothing is sent in these hours; what is still open is said at their end.")
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.instance.pk:
            self.initial["address"] = ""
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Kept as it is while this stays empty.")

    def clean_address(self) -> str:
        given: str = self.cleaned_data["address"].strip()
        return given or self.initial_address()

    def initial_address(self) -> str:
        return Channel.objects.values_list("address", flat=True).get(pk=self.instance.pk) if self.instance.pk else ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        service, address = given.get("service"), given.get("address")
        if service and address:
            known = address.partition("://")[0].lower() in SCHEMES[service]
            if not known or apprise.Apprise.instantiate(address) is None:
                self.add_error(
                    "address",
                    _("Not an address of this service. It looks like: %(example)s") % {"example": EXAMPLES[service]},
                )
        if bool(given.get("quiet_from")) != bool(given.get("quiet_to")):
            self.add_error("quiet_to", _("Give both, from and to."))
        return given


class SubscriptionForm(PaidanModelForm):
    """When a report goes out, of which days, and where."""

    class Meta:
        model = ReportSubscription
        fields = ("name", "days", "every", "at", "channel", "active")
        widgets: ClassVar = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
        help_texts: ClassVar = {"channel": _("By mail the whole table comes along as a file.")}

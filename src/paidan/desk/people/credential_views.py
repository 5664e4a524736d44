"""Credentials of programs that speak another product's protocol: the list, letting one in, shutting it out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from paidan.accounts.capabilities import Capability
from paidan.accounts.credentials import SCOPES, Keys, revoke_credential
from paidan.accounts.models import ChangeLogEntry, Credential, Protocol, User
from paidan.accounts.token_scopes import TokenScope
from paidan.network.models import Shop, Warehouse
from paidan.network.people import add_limited_credential
from paidan.network.scopes import visible_shops, visible_warehouses
from paidan.web import components
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.lists import Column, ListPage, Tab
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .change_words import shown_changes
from .frame import person, settings_crumb
from .token_views import SHOWN_CHANGES, add_limits, owners, where_words

EITHER, ONLY = gettext_lazy("{own}, or {gateway} behind Qimen"), gettext_lazy("Only behind Qimen: {gateway}")
OF_KEYS = ("account", "app_key", "secret", "gateway_key", "gateway_secret", "target_key")


def crumbs() -> list[tuple[str, str]]:
    return [*settings_crumb(), (_("Other protocols"), reverse("desk:credentials"))]


def credentials_of(user: User) -> QuerySet[Credential]:
    """An administrator's are all; others see and end their own."""
    everybody = user.can(Capability.MANAGE_USERS)
    return Credential.objects.all() if everybody else Credential.objects.filter(token__owner=user)


def in_reach(user: User, credential_id: int) -> bool:
    return credentials_of(user).filter(pk=credential_id).exists()


def _coded(sentence: object, **codes: str) -> SafeString:
    return format_html(str(sentence), **{name: format_html("<code>{}</code>", code) for name, code in codes.items()})


coded = lazy(_coded, SafeString)
"""A help text with the other system's names of things, set apart from the words."""


def secret_field(label: object, text: object = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget, help_text=text)  # type: ignore[arg-type]


class CredentialForm(PaidanForm):
    """The keys both sides know, for whom the program acts, and where."""

    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), choices=Protocol.choices)
    account = forms.CharField(
        label=gettext_lazy("Account (sid)"),
        max_length=64,
        help_text=coded(EITHER, own="sid", gateway="wdt3_customer_id"),
    )
    app_key = forms.CharField(
        label=gettext_lazy("App key"),
        max_length=64,
        help_text=coded(EITHER, own="appkey", gateway="wdt_appkey"),
    )
    secret = secret_field(
        gettext_lazy("Secret"),
        coded(EITHER, own="appsecret", gateway="secret:salt"),
    )
    gateway_key = forms.CharField(
        label=gettext_lazy("Gateway's app key"),
        max_length=64,
        required=False,
        help_text=coded(ONLY, gateway="app_key"),
    )
    gateway_secret = secret_field(gettext_lazy("Gateway's secret"), coded(ONLY, gateway="app_secret"))
    target_key = forms.CharField(
        label=gettext_lazy("Target app key"),
        max_length=64,
        required=False,
        help_text=coded(ONLY, gateway="target_app_key"),
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Acts as"),
        required=False,
        help_text=gettext_lazy("Nobody: a user of its own, who cannot sign in"),
    )
    buyers = forms.BooleanField(
        label=gettext_lazy("May read buyers in clear"),
        required=False,
        help_text=gettext_lazy("If its owner may; every reading is logged"),
    )
    warehouses = forms.ModelMultipleChoiceField(
        Warehouse.objects.none(), label=gettext_lazy("Only these warehouses"), required=False
    )
    shops = forms.ModelMultipleChoiceField(Shop.objects.none(), label=gettext_lazy("Only these shops"), required=False)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["owner"].queryset = owners(user)
        fields["owner"].label_from_instance = lambda row: f"{row.display_name} · {row.get_role_display()}"
        if not user.can(Capability.MANAGE_USERS):
            # Whoever may not make users has it act for themselves.
            fields["owner"].required, fields["owner"].initial = True, user.pk
        fields["warehouses"].queryset = visible_warehouses(user)
        fields["shops"].queryset = visible_shops(user)

    def keys(self) -> Keys:
        return Keys(**{name: self.cleaned_data[name].strip() for name in OF_KEYS})


@never_cache
@page(Capability.MANAGE_TOKENS, methods=("GET", "POST"))
def add_credential(request: HttpRequest) -> HttpResponse:
    """Let a program in; what it signs with is shown this once."""

    def save(form: CredentialForm) -> HttpResponse:
        given = form.cleaned_data
        made = add_limited_credential(
            Protocol(given["protocol"]),
            form.keys(),
            owner=given["owner"],
            scopes=[*SCOPES, *([TokenScope.BUYERS_READ] if given["buyers"] else [])],
            warehouses=list(given["warehouses"]),
            shops=list(given["shops"]),
            now=timezone.now(),
            by=person(request),
        )
        context = {"heading": str(made), "crumbs": crumbs(), "row": made, "keys": form.keys()}
        return render(request, "desk/people/credential_made.html", context)

    return handle_form(
        request,
        lambda *arguments, **named_ones: CredentialForm(person(request), *arguments, **named_ones),
        save=save,
        to=reverse("desk:credentials"),
        heading=_("Let a program in"),
        crumbs=crumbs(),
        button=_("Let it in"),
        intro=_("For programs written for Wangdiantong: they keep their own settings and only get a new address."),
    )


@page(Capability.MANAGE_TOKENS, scope=in_reach)
def credential(request: HttpRequest, credential_id: int) -> HttpResponse:
    row = get_object_or_404(Credential.objects.select_related("token__owner"), pk=credential_id)
    add_limits([row.token])
    entries = ChangeLogEntry.objects.filter(subject="credential", subject_id=str(row.pk)).select_related("by")
    now = timezone.now()
    context = {
        "heading": str(row),
        "crumbs": crumbs(),
        "row": row,
        "token": row.token,
        "scopes": [TokenScope(one).label for one in row.token.scopes if one in TokenScope.values],
        "where": where_words(row.token),
        "state": state_words(row),
        "changes": shown_changes(list(entries.order_by("-id")[:SHOWN_CHANGES]), now),
    }
    return render(request, "desk/people/credential.html", context)


@page(Capability.MANAGE_TOKENS, methods=("POST",), scope=in_reach)
def revoke(request: HttpRequest, credential_id: int) -> HttpResponse:
    row = get_object_or_404(Credential.objects.select_related("token"), pk=credential_id)
    revoke_credential(row, now=timezone.now(), by=person(request))
    toast(request, _("%(name)s is shut out.") % {"name": str(row)})
    return go(request, "desk:credentials")


def state_words(row: Credential) -> str:
    return _("Good") if row.active else _("Revoked")


def state_cell(row: Credential, _now: datetime) -> object:
    return components.state_dot("shipped" if row.active else "cancelled", state_words(row))


COLUMNS = (
    Column(
        "account",
        gettext_lazy("Account (sid)"),
        lambda row, _now: format_html('<b>{}</b> <span class="mut mono">{}</span>', row.account, row.app_key),
        export=str,
        title=str,
        width="280px",
    ),
    Column(
        "protocol",
        gettext_lazy("Protocol"),
        lambda row, _now: row.get_protocol_display(),
        export=lambda row: row.protocol,
    ),
    Column(
        "owner",
        gettext_lazy("Acts as"),
        lambda row, _now: row.token.owner.display_name,
        export=lambda row: row.token.owner.username,
        width="150px",
    ),
    Column(
        "where",
        gettext_lazy("Where to"),
        lambda row, _now: where_words(row.token),
        export=lambda row: where_words(row.token),
        width="170px",
    ),
    Column(
        "used",
        gettext_lazy("Last used"),
        lambda row, now: components.time(row.token.last_used_at, now=now),
        sort="token__last_used_at",
        export=lambda row: row.token.last_used_at,
        width="110px",
    ),
    Column("state", gettext_lazy("State"), state_cell, export=state_words, width="100px"),
)


class CredentialList(ListPage[Credential]):
    """Programs this user let in, or everybody's."""

    key, namespace, heading = "credentials", "desk", gettext_lazy("Other protocols")
    capability = Capability.MANAGE_TOKENS
    columns, default_sort = COLUMNS, "-id"
    tabs = (Tab("good", gettext_lazy("Good")), Tab("ended", gettext_lazy("Ended")))

    def rows(self, user: User) -> QuerySet[Credential]:
        return credentials_of(user)

    def of_tab(self, rows: QuerySet[Credential], tab: str, now: datetime) -> QuerySet[Credential]:  # noqa: ARG002
        return rows.filter(active=tab == "good")

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:
        return {"good": self.of_tab(self.rows(user), "good", now).count()}

    def shown(self, rows: QuerySet[Credential]) -> QuerySet[Credential]:
        return rows.select_related("token__owner")

    def decorate(self, rows: Sequence[Credential], user: User) -> None:  # noqa: ARG002
        add_limits([row.token for row in rows])

    def row_url(self, row: Credential) -> str:
        return reverse("desk:credential", args=[row.pk])

    def row_label(self, row: Credential) -> str:
        return str(row)

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "crumbs": settings_crumb(),
            "extra_bar": "desk/people/add_button.html",
            "add_url": reverse("desk:credential-add"),
            "add_words": _("Let a program in"),
        }

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "title": _("No program here"),
            "sentence": _("Programs written for Wangdiantong can send orders here and ask what became of them."),
            "mark": "plug",
            "url": reverse("desk:credential-add"),
            "button": _("Let a program in"),
        }

"""API tokens: the list, making one (its secret shown once), and revoking it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from paidan.accounts.capabilities import CAPABILITIES, Capability
from paidan.accounts.models import ApiToken, ChangeLogEntry, User
from paidan.accounts.token_scopes import TokenScope, scopes_for
from paidan.accounts.tokens import revoke_token
from paidan.network.models import Shop, TokenLimit, Warehouse
from paidan.network.people import add_limited_token
from paidan.network.scopes import visible_shops, visible_warehouses
from paidan.web import components
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.lists import Column, ListPage, Tab
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .change_words import shown_changes
from .frame import named, person, settings_crumb

SHOWN_CHANGES = 6


def crumbs() -> list[tuple[str, str]]:
    return [*settings_crumb(), (_("API tokens"), reverse("desk:tokens"))]


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """An administrator's are all; others see and end their own."""
    everybody = user.can(Capability.MANAGE_USERS)
    # A credential's token is nobody's to present; it is shown with the credential.
    made_as_such = ApiToken.objects.filter(credential=None)
    return made_as_such if everybody else made_as_such.filter(owner=user)


def in_reach(user: User, token_id: int) -> bool:
    return tokens_of(user).filter(pk=token_id).exists()


def owners(user: User) -> QuerySet[User]:
    """For whom this user may make a token."""
    if not user.can(Capability.MANAGE_USERS):
        return User.objects.filter(pk=user.pk)
    roles = [str(role) for role, may in CAPABILITIES.items() if Capability.USE_API in may]
    return User.objects.filter(Q(role__in=roles) | Q(is_superuser=True), is_active=True).order_by("username")


class TokenForm(PaidanForm):
    """What a token is called, for whom it acts, what it may and where."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("What uses it, for example “ERP, orders in”")
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Acts as"), help_text=gettext_lazy("Never more than this user may do")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"), choices=TokenScope.choices, widget=forms.CheckboxSelectMultiple
    )
    warehouses = forms.ModelMultipleChoiceField(
        Warehouse.objects.none(), label=gettext_lazy("Only these warehouses"), required=False
    )
    shops = forms.ModelMultipleChoiceField(Shop.objects.none(), label=gettext_lazy("Only these shops"), required=False)
    expires_on = forms.DateField(
        label=gettext_lazy("Works until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: until it is revoked"),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["owner"].queryset, fields["owner"].initial = owners(user), user.pk
        fields["owner"].label_from_instance = lambda row: f"{row.display_name} · {row.get_role_display()}"
        fields["warehouses"].queryset = visible_warehouses(user)
        fields["shops"].queryset = visible_shops(user)
        if not user.can(Capability.MANAGE_USERS):
            fields["scopes"].choices = [(one.value, one.label) for one in scopes_for(user.capabilities)]

    def expires_at(self) -> datetime | None:
        day = self.cleaned_data["expires_on"]
        return day and timezone.make_aware(datetime.combine(day, time.max))


@never_cache
@page(Capability.MANAGE_TOKENS, methods=("GET", "POST"))
def add(request: HttpRequest) -> HttpResponse:
    """Make a token and show its secret, this once."""

    def save(form: TokenForm) -> HttpResponse:
        given = form.cleaned_data
        made, secret = add_limited_token(
            given["name"],
            owner=given["owner"],
            scopes=given["scopes"],
            warehouses=list(given["warehouses"]),
            shops=list(given["shops"]),
            expires_at=form.expires_at(),
            now=timezone.now(),
            by=person(request),
        )
        context = {"heading": made.name, "crumbs": crumbs(), "secret": secret, "row": made}
        return render(request, "desk/people/token_made.html", context)

    return handle_form(
        request,
        lambda *arguments, **named_ones: TokenForm(person(request), *arguments, **named_ones),
        save=save,
        to=reverse("desk:tokens"),
        heading=_("New API token"),
        crumbs=crumbs(),
        button=_("Make token"),
        intro=_("Its secret is shown once, when it is made; Paidan keeps only a digest."),
    )


@page(Capability.MANAGE_TOKENS, scope=in_reach)
def token(request: HttpRequest, token_id: int) -> HttpResponse:
    row = get_object_or_404(ApiToken.objects.select_related("owner"), pk=token_id)
    add_limits([row])
    entries = ChangeLogEntry.objects.filter(subject="apitoken", subject_id=str(row.pk)).select_related("by")
    now = timezone.now()
    context = {
        "heading": row.name,
        "crumbs": crumbs(),
        "row": row,
        "scopes": [TokenScope(one).label for one in row.scopes if one in TokenScope.values],
        "where": where_words(row),
        "state": state_words(row, now),
        "good": row.is_good(now),
        "changes": shown_changes(list(entries.order_by("-id")[:SHOWN_CHANGES]), now),
    }
    return render(request, "desk/people/token.html", context)


@page(Capability.MANAGE_TOKENS, methods=("POST",), scope=in_reach)
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    row = get_object_or_404(ApiToken, pk=token_id)
    revoke_token(row, now=timezone.now(), by=person(request))
    toast(request, _("%(name)s no longer opens anything.") % {"name": row.name})
    return go(request, "desk:tokens")


def add_limits(rows: Sequence[Any]) -> None:
    """Read the limits of all these tokens at once."""
    found: dict[int, list[Any]] = {row.pk: [] for row in rows}
    for limit in TokenLimit.objects.filter(token__in=list(found)).select_related("warehouse", "shop").order_by("id"):
        found[limit.token_id].append(limit.warehouse or limit.shop)
    for row in rows:
        row.reaches = found[row.pk]


def where_words(row: Any) -> str:
    return named(row.reaches) or _("wherever its owner may")


def state_words(row: ApiToken, now: datetime) -> str:
    if row.revoked_at is not None:
        return _("Revoked")
    return _("Good") if row.is_good(now) else _("Expired")


def state_cell(row: ApiToken, now: datetime) -> object:
    return components.state_dot("shipped" if row.is_good(now) else "cancelled", state_words(row, now))


def allowed(row: ApiToken) -> str:
    """What a token may do, in words."""
    return " · ".join(str(TokenScope(one).label) for one in row.scopes if one in TokenScope.values)


COLUMNS = (
    Column(
        "name",
        gettext_lazy("Token"),
        lambda row, _now: format_html('<b>{}</b> <span class="mut mono">pd_{}…</span>', row.name, row.prefix),
        export=lambda row: row.name,
        title=lambda row: row.name,
        width="280px",
    ),
    Column(
        "owner",
        gettext_lazy("Acts as"),
        lambda row, _now: row.owner.display_name,
        export=lambda row: row.owner.username,
        width="120px",
    ),
    Column(
        "scopes",
        gettext_lazy("May"),
        lambda row, _now: allowed(row),
        export=lambda row: " ".join(row.scopes),
        title=allowed,
    ),
    Column("where", gettext_lazy("Where to"), lambda row, _now: where_words(row), export=where_words, width="170px"),
    Column(
        "used",
        gettext_lazy("Last used"),
        lambda row, now: components.time(row.last_used_at, now=now),
        sort="last_used_at",
        export=lambda row: row.last_used_at,
        width="110px",
    ),
    Column("state", gettext_lazy("State"), state_cell, width="100px"),
)


class TokenList(ListPage[ApiToken]):
    """Tokens of this user, or of everybody."""

    key, namespace, heading, capability = "tokens", "desk", gettext_lazy("API tokens"), Capability.MANAGE_TOKENS
    columns, default_sort = COLUMNS, "-id"
    tabs = (Tab("good", gettext_lazy("Good")), Tab("ended", gettext_lazy("Ended")))

    def rows(self, user: User) -> QuerySet[ApiToken]:
        return tokens_of(user)

    def of_tab(self, rows: QuerySet[ApiToken], tab: str, now: datetime) -> QuerySet[ApiToken]:
        good = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))
        return rows.filter(good) if tab == "good" else rows.exclude(good)

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:
        return {"good": self.of_tab(self.rows(user), "good", now).count()}

    def shown(self, rows: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        return rows.select_related("owner")

    def decorate(self, rows: Sequence[ApiToken], user: User) -> None:  # noqa: ARG002
        add_limits(rows)

    def row_url(self, row: ApiToken) -> str:
        return reverse("desk:token", args=[row.pk])

    def row_label(self, row: ApiToken) -> str:
        return row.name

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "crumbs": settings_crumb(),
            "extra_bar": "desk/people/add_button.html",
            "add_url": reverse("desk:token-add"),
            "add_words": _("New API token"),
        }

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "title": _("No token here"),
            "sentence": _("A token lets another system use the API for a user, and no further."),
            "mark": "key",
            "url": reverse("desk:token-add"),
            "button": _("New API token"),
        }

"""The list of users: who they are, what they may do and where, and when they last came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from paidan.accounts.capabilities import Capability, Role
from paidan.accounts.models import User
from paidan.network.models import Team, UserScope, Warehouse
from paidan.network.people import Limits
from paidan.web import components
from paidan.web.lists import ChoiceFilter, Column, ListPage, Tab, TextFilter

from .frame import named, settings_crumb

INVITED = Q(password__startswith="!")


def name_cell(row: User, _now: datetime) -> object:
    if row.display_name == row.username:
        return format_html("<b>{}</b>", row.username)
    return format_html('<b>{}</b> <span class="mut">{}</span>', row.display_name, row.username)


def limits_words(row: Any) -> str:
    """Where somebody may act, in one line."""
    limits: Limits = row.limits
    if row.role == Role.ADMINISTRATOR or row.is_superuser:
        return _("no limits")
    kinds = [named(rows) for rows in (limits.warehouses, limits.teams, limits.shops) if rows]
    if row.role == Role.TEAM and not limits.teams:
        kinds.append(_("their own teams"))
    return " · ".join(kinds) or _("no limits")


def teams_words(row: Any) -> str:
    return named(row.limits.member_of)


def state_words(row: User) -> str:
    if not row.is_active:
        return _("Closed")
    return _("Active") if row.has_usable_password() else _("Invited")


def state_cell(row: User, _now: datetime) -> object:
    style = "cancelled" if not row.is_active else "shipped" if row.has_usable_password() else "pending"
    return components.state_dot(style, state_words(row))


def add_limits(rows: Sequence[Any]) -> None:
    """Read limits and teams of all these users at once."""
    ids = [row.pk for row in rows]
    scopes: dict[int, list[UserScope]] = {}
    for scope in UserScope.objects.filter(user_id__in=ids).select_related("warehouse", "team", "shop").order_by("id"):
        scopes.setdefault(scope.user_id, []).append(scope)
    teams: dict[int, list[Team]] = {}
    for member in Team.members.through.objects.filter(user_id__in=ids).select_related("team").order_by("team__code"):
        teams.setdefault(member.user_id, []).append(member.team)
    for row in rows:
        own = scopes.get(row.pk, [])
        row.limits = Limits(
            [one.warehouse for one in own if one.warehouse],
            [one.team for one in own if one.team],
            [one.shop for one in own if one.shop],
            teams.get(row.pk, []),
        )


def warehouses() -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in Warehouse.objects.order_by("position", "id")]


def by_name(rows: QuerySet[User], words: str) -> QuerySet[User]:
    """By any part of the sign-in name or of the name, however it is written."""
    found = Q()
    for field in ("username", "last_name", "first_name", "email"):
        found |= Q(**{f"{field}__icontains": words})
    if len(words) > 1:
        found |= Q(last_name=words[0], first_name=words[1:])
    return rows.filter(found)


COLUMNS = (
    Column("name", gettext_lazy("User"), name_cell, sort="username", export=lambda row: row.username, width="230px"),
    Column(
        "role",
        gettext_lazy("Role"),
        lambda row, _now: components.begun(row.get_role_display()),
        sort="role",
        export=lambda row: row.get_role_display(),
        width="124px",
    ),
    Column(
        "where",
        pgettext_lazy("of a user: where they may act", "Where"),
        lambda row, _now: limits_words(row),
        export=limits_words,
        title=limits_words,
    ),
    Column(
        "teams",
        gettext_lazy("Works in"),
        lambda row, _now: teams_words(row) or components.dash(),
        export=teams_words,
        title=teams_words,
        width="170px",
    ),
    Column(
        "seen",
        gettext_lazy("Last sign-in"),
        lambda row, now: components.time(row.last_login, now=now),
        sort="last_login",
        export=lambda row: row.last_login,
        width="110px",
    ),
    Column("state", gettext_lazy("State"), state_cell, export=state_words, width="100px"),
)


class UserList(ListPage[User]):
    """Everybody who has or had an account."""

    key, namespace, heading, capability = "users", "desk", gettext_lazy("Users"), Capability.MANAGE_USERS
    columns = COLUMNS
    filters = (
        TextFilter(key="name", label=gettext_lazy("Name"), narrow=by_name, common=True),
        ChoiceFilter(key="role", label=gettext_lazy("Role"), choices=lambda: Role.choices, integers=False, common=True),
        ChoiceFilter(
            key="warehouse",
            label=gettext_lazy("Limited to warehouse"),
            field="scopes__warehouse_id",
            choices=warehouses,
        ),
    )
    tabs = (
        Tab("open", gettext_lazy("Active")),
        Tab("invited", gettext_lazy("Invited")),
        Tab("closed", gettext_lazy("Closed")),
        Tab("all", gettext_lazy("All")),
    )
    default_sort = "username"

    def rows(self, user: User) -> QuerySet[User]:  # noqa: ARG002 - users are everybody's, for who may see them
        return User.objects.all()

    def of_tab(self, rows: QuerySet[User], tab: str, now: datetime) -> QuerySet[User]:  # noqa: ARG002
        which = {"open": Q(is_active=True), "invited": INVITED & Q(is_active=True), "closed": Q(is_active=False)}
        return rows.filter(which.get(tab, Q()))

    def tab_counts(self, user: User, now: datetime) -> Mapping[str, int]:  # noqa: ARG002
        return self.rows(user).aggregate(
            open=Count("id", filter=Q(is_active=True)),
            invited=Count("id", filter=INVITED & Q(is_active=True)),
            closed=Count("id", filter=Q(is_active=False)),
            all=Count("id"),
        )

    def decorate(self, rows: Sequence[User], user: User) -> None:  # noqa: ARG002
        add_limits(rows)

    def row_url(self, row: User) -> str:
        return reverse("desk:user", args=[row.pk])

    def row_label(self, row: User) -> str:
        return row.display_name

    def context(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {
            "crumbs": settings_crumb(),
            "extra_bar": "desk/people/add_button.html",
            "add_url": reverse("desk:user-add"),
            "add_words": _("Add user"),
        }

    def empty(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002
        return {"title": _("Nobody here"), "sentence": "", "mark": "users"}

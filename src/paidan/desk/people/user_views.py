"""One user: added, changed, closed, reopened, given a new invitation, signed out."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.invitations import invitation_for
from paidan.accounts.models import ChangeLogEntry, User
from paidan.accounts.services import change_user, end_sessions, take_password
from paidan.kit.errors import Refusal
from paidan.network.people import add_person, change_person, limits_of
from paidan.web.forms import handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .change_words import shown_changes
from .frame import person, settings_crumb
from .user_forms import UserForm

SHOWN_CHANGES = 6


def crumbs() -> list[tuple[str, str]]:
    return [*settings_crumb(), (_("Users"), reverse("desk:users"))]


@never_cache
@page(Capability.MANAGE_USERS, methods=("GET", "POST"))
def add_user(request: HttpRequest) -> HttpResponse:
    """Add somebody and show, this once, the link by which they choose their password."""

    def save(form: UserForm) -> HttpResponse:
        given = form.cleaned_data
        found = add_person(
            given["username"],
            role=given["role"],
            limits=form.limits(),
            now=timezone.now(),
            by=person(request),
            **form.person(),
        )
        return invitation_page(request, found, _("%(name)s was added.") % {"name": found.display_name})

    return handle_form(
        request,
        UserForm,
        save=save,
        to=reverse("desk:users"),
        heading=_("Add user"),
        crumbs=crumbs(),
        button=_("Add and invite"),
        intro=_("You get a link to pass on; whoever opens it chooses their own password."),
    )


@page(Capability.MANAGE_USERS, methods=("GET", "POST"))
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    row = get_object_or_404(User, pk=user_id)
    limits = limits_of(row)

    def save(form: UserForm) -> str:
        given = form.cleaned_data
        fields = {"username": given["username"], "role": given["role"], **form.person()}
        changed = change_person(row, limits=form.limits(), fields=fields, now=timezone.now(), by=person(request))
        return _("%(name)s saved.") % {"name": changed.display_name}

    now = timezone.now()
    names = ("username", "last_name", "first_name", "email", "language", "role")
    entries = ChangeLogEntry.objects.filter(subject="user", subject_id=str(row.pk)).select_related("by")
    return handle_form(
        request,
        UserForm,
        save=save,
        to=reverse("desk:users"),
        template="desk/people/user.html",
        initial={
            **{name: getattr(row, name) for name in names},
            "warehouses": limits.warehouses,
            "teams": limits.teams,
            "shops": limits.shops,
            "member_of": limits.member_of,
        },
        heading=row.display_name,
        crumbs=crumbs(),
        button=_("Save user"),
        row=row,
        changes=shown_changes(list(entries.order_by("-id")[:SHOWN_CHANGES]), now),
        is_me=row.pk == person(request).pk,
    )


def invitation_page(request: HttpRequest, row: User, said: str) -> HttpResponse:
    """The link, shown once: it is signed and not stored, so nobody can look it up again."""
    link = request.build_absolute_uri(reverse("accounts:welcome", args=[row.pk, invitation_for(row)]))
    context = {"heading": row.display_name, "crumbs": crumbs(), "said": said, "link": link, "row": row}
    return render(request, "desk/people/invitation.html", context)


def act_on(request: HttpRequest, user_id: int, act: Callable[[User], Any], said: Callable[[User], str]) -> HttpResponse:
    """Do one thing to one user and come back to them, or say why not."""
    row = get_object_or_404(User, pk=user_id)
    try:
        act(row)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
    else:
        toast(request, said(row))
    return go(request, "desk:user", row.pk)


@page(Capability.MANAGE_USERS, methods=("POST",))
def close(request: HttpRequest, user_id: int) -> HttpResponse:
    """Nobody is deleted: the log names them. A closed account cannot sign in."""
    now, by = timezone.now(), person(request)
    return act_on(
        request,
        user_id,
        lambda row: change_user(row, now=now, by=by, is_active=False),
        lambda row: _("%(name)s can no longer sign in.") % {"name": row.display_name},
    )


@page(Capability.MANAGE_USERS, methods=("POST",))
def reopen(request: HttpRequest, user_id: int) -> HttpResponse:
    now, by = timezone.now(), person(request)
    return act_on(
        request,
        user_id,
        lambda row: change_user(row, now=now, by=by, is_active=True),
        lambda row: _("%(name)s may sign in again.") % {"name": row.display_name},
    )


@page(Capability.MANAGE_USERS, methods=("POST",))
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    now, by = timezone.now(), person(request)
    return act_on(
        request,
        user_id,
        lambda row: end_sessions(row, now=now, by=by),
        lambda row: _("%(name)s is signed out everywhere.") % {"name": row.display_name},
    )


@never_cache
@page(Capability.MANAGE_USERS, methods=("POST",))
def reset(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take the password and show a new invitation. One's own is changed on one's account page."""
    row, now, by = get_object_or_404(User, pk=user_id), timezone.now(), person(request)
    refused = ""
    if row.pk == by.pk:
        refused = _("Change your own password on your account page.")
    elif not row.is_active:
        refused = _("%(name)s is closed; reopen the account first.") % {"name": row.display_name}
    if refused:
        toast(request, refused, bad=True)
        return go(request, "desk:user", row.pk)
    try:
        row = take_password(row, now=now, by=by)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
        return go(request, "desk:user", row.pk)
    record_change("user.invited", by=by, now=now, of=row)
    return invitation_page(request, row, _("The old password no longer works."))

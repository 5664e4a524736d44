"""The pages of one shop, warehouse, team or promotion: look at it, change it, add one; all four work alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.network.scopes import scope_of
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .consequences import Consequence
from .forms import SettingsForm
from .saving import save_settings, saved

Words = str | Promise


def limited_to_nothing(user: User) -> bool:
    """New places can only be added by those who will see them."""
    return scope_of(user).is_everything


@dataclass(frozen=True)
class RowPages:
    """What differs between the four."""

    key: str
    heading: Words
    new: Words
    form: type[SettingsForm]
    visible: Callable[[User], Any]
    consequences: Callable[[Any, dict[str, Any]], list[Consequence]] = lambda _row, _values: []
    context: Callable[[HttpRequest, Any, Any], dict[str, Any]] = lambda _request, _row, _form: {}
    template: str = "desk/settings/row.html"

    def urls(self) -> list[URLPattern]:
        """`settings-warehouse` to look, `…-edit` to change, `…-new` to add."""

        def in_scope(user: User, row_id: int) -> bool:
            return bool(self.visible(user).filter(pk=row_id).exists())

        see = page(Capability.SEE_NETWORK, scope=in_scope)(self.see)
        edit = page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=in_scope)(self.edit)
        add = page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=limited_to_nothing)(self.add)
        return [
            path("new/", add, name=f"settings-{self.key}-new"),
            path("<int:row_id>/", see, name=f"settings-{self.key}"),
            path("<int:row_id>/edit/", edit, name=f"settings-{self.key}-edit"),
        ]

    def see(self, request: HttpRequest, row_id: int) -> HttpResponse:
        row = self.row(row_id)
        return self.show(request, row, self.form(user=cast(User, request.user), instance=row))

    def edit(self, request: HttpRequest, row_id: int) -> HttpResponse:
        return self.save(request, self.row(row_id))

    def add(self, request: HttpRequest) -> HttpResponse:
        return self.save(request, self.form.Meta.model())  # type: ignore[attr-defined]

    def row(self, row_id: int) -> Model:
        return get_object_or_404(self.form.Meta.model, pk=row_id)  # type: ignore[attr-defined, no-any-return]

    def save(self, request: HttpRequest, row: Model) -> HttpResponse:
        """Say first what it would bring with it, if anything; save when that was read."""
        form = self.form(request.POST or None, user=cast(User, request.user), instance=row)
        if request.method != "POST":
            return self.show(request, row, form)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        values, related = form.changed_row(), form.changed_rows()
        said = self.consequences(self.row(row.pk), values) if row.pk else []
        if said and request.POST.get("confirmed") != "1":
            return self.show(request, row, form, consequences=said, status=422)
        try:
            queued = save_settings(row, values, related, by=cast(User, request.user), now=timezone.now())
        except Refusal as refusal:
            form.add_error(refusal.pointer if refusal.pointer in form.fields else None, str(refusal))
            return self.show(request, row, form, status=422)
        toast(request, saved(row, queued))
        return go(request, f"desk:settings-{self.key}s")

    def show(
        self,
        request: HttpRequest,
        row: Model,
        form: Any,
        *,
        consequences: Sequence[Consequence] = (),
        status: int = 200,
    ) -> HttpResponse:
        user, is_new = cast(User, request.user), row.pk is None
        name = f"settings-{self.key}"
        kept = None if is_new else self.row(row.pk)  # the form has written what was typed onto the other
        context = {
            "heading": self.new if is_new else str(kept),
            "crumbs": [
                (_("Settings"), reverse("desk:settings")),
                (self.heading, reverse(f"desk:{name}s")),
            ],
            "form": form,
            "row": row,
            "may_change": user.can(Capability.CHANGE_NETWORK),
            "save_url": reverse(f"desk:{name}-new") if is_new else reverse(f"desk:{name}-edit", args=[row.pk]),
            "back": reverse(f"desk:{name}s"),
            "consequences": consequences,
            **self.context(request, row, form),
        }
        return render(request, self.template, context, status=status)

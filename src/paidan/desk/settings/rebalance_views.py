"""Whether what no team has accepted is decided again every night, within which limits, and what it last came to."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import changed_values, record_change
from paidan.accounts.models import User
from paidan.allocation.models import NightlyRebalance
from paidan.allocation.rebalance.asked import MOST
from paidan.allocation.rebalance.nightly import nightly, set_nightly
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.pages import page

from .check_views import unlimited


class NightlyForm(PaidanForm):
    """When, and what moves."""

    active = forms.BooleanField(
        label=gettext_lazy("Every night"),
        required=False,
        help_text=gettext_lazy("The worker decides again what no team has accepted, and moves it without asking."),
    )
    at = forms.TimeField(
        label=gettext_lazy("At"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("A time at which no team accepts orders. If the worker is down, up to two hours later."),
    )
    saving = forms.DecimalField(
        label=gettext_lazy("Each move saves at least (¥)"),
        min_value=Decimal(0),
        max_value=Decimal(100_000),
        decimal_places=2,
        help_text=gettext_lazy("So that teams do not lose what they have seen for a few cents."),
    )
    most = forms.IntegerField(
        label=gettext_lazy("At most so many moves"),
        min_value=1,
        max_value=MOST,
        required=False,
        help_text=gettext_lazy("Empty: no limit."),
    )


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=unlimited)
def nightly_rebalance(request: HttpRequest) -> HttpResponse:
    kept = nightly()

    def save(form: NightlyForm) -> str:
        return keep(kept, form, cast(User, request.user))

    return handle_form(
        request,
        NightlyForm,
        save=save,
        to=reverse("desk:settings-rebalance"),
        template="desk/settings/rebalance.html",
        initial={
            "active": kept.active,
            "at": kept.at,
            "saving": Decimal(kept.saving_minor) / 100,
            "most": kept.most,
        },
        heading=_("Nightly rebalance"),
        crumbs=[(_("Settings"), reverse("desk:settings"))],
        back=reverse("desk:settings"),
        kept=kept,
    )


@transaction.atomic
def keep(kept: NightlyRebalance, form: NightlyForm, by: User) -> str:
    """Store it and log what changed."""
    given, now = form.cleaned_data, timezone.now()
    before = _values(kept)
    row = set_nightly(
        active=given["active"], at=given["at"], saving_minor=int(given["saving"] * 100), most=given["most"], now=now
    )
    old, new = changed_values(before, _values(row))
    if new:
        record_change("rebalance.nightly_set", by=by, now=now, of=row, before=old, after=new)
    if not row.active:
        return _("Nothing is decided again by itself at night.")
    return _("Every night at %(time)s what no team has accepted is decided again.") % {"time": f"{row.at:%H:%M}"}


def _values(row: NightlyRebalance) -> dict[str, object]:
    return {"active": row.active, "at": f"{row.at:%H:%M}", "saving_minor": row.saving_minor, "most": row.most}

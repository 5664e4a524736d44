"""Looking ahead: whether prices of scarce stock are used, what the test of the past days found, and the prices."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.exceptions import AlreadyEnqueued

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.ahead.force import last_solved, settings
from paidan.allocation.models import LookAhead
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.queries import published_version
from paidan.web.forms import PaidanForm
from paidan.web.live import note_change
from paidan.web.pages import page
from paidan.web.replies import go, toast
from paidan.whatif.jobs import TOPIC, test_look_ahead

from .ahead_telling import chart, day_rows, figures, pieces, slots, state
from .frame import editing, may_publish, who_of


class LookAheadForm(PaidanForm):
    """The switch and the horizon."""

    on = forms.BooleanField(
        label=gettext_lazy("Look ahead"),
        required=False,
        help_text=gettext_lazy("Off: no rule looks ahead, whatever it says. On: those that ask for it do."),
    )
    horizon_days = forms.IntegerField(
        label=gettext_lazy("Days until stock comes in"),
        min_value=1,
        max_value=60,
        help_text=gettext_lazy(
            "So many days ahead orders are foreseen; the stock has to last for them. Where goods come in weekly: 7."
        ),
    )


@page(Capability.SEE_RULES)
def looking_ahead(request: HttpRequest) -> HttpResponse:
    """What it is, whether it is in use, what it would have saved, and what one more piece is worth where."""
    row = settings()
    return _shown(request, LookAheadForm(initial={"on": row.on, "horizon_days": row.horizon_days}))


def _shown(request: HttpRequest, form: LookAheadForm, status: int = 200) -> HttpResponse:
    now, row, solved, in_force = timezone.now(), settings(), last_solved(), published_version()
    rules = [rule for rule in rules_of_version(in_force) if rule.active] if in_force else []
    asking = [rule for rule in rules if rule.then.get("look_ahead")]
    context: dict[str, Any] = {
        "heading": _("Rules"),
        "live_topics": ["rules", TOPIC],
        "at": "ahead",
        "draft": draft(),
        "in_force": in_force,
        "form": form,
        "may_set": may_publish(cast(User, request.user)),
        "row": row,
        "asking": asking,
        "state": state(row, solved, bool(asking), now),
        "solved": solved,
        "figures": figures(row.test),
        "day_rows": day_rows(row.test),
        "chart": chart(row.test),
        "pieces": pieces(solved),
        "slots": slots(solved),
    }
    return render(request, "desk/rules/ahead.html", context, status=status)


@editing("POST", capability=Capability.PUBLISH_RULES)
def save(request: HttpRequest) -> HttpResponse:
    """Switch it on or off, and set how far it looks; no more is needed for the next wave to go by it."""
    form, who, row = LookAheadForm(request.POST), who_of(request), settings()
    if not form.is_valid():
        return _shown(request, form, status=422)
    on, days = form.cleaned_data["on"], form.cleaned_data["horizon_days"]
    if (on, days) != (row.on, row.horizon_days):
        with transaction.atomic():
            LookAhead.objects.update_or_create(pk=1, defaults={"on": on, "horizon_days": days})
            record_change("look_ahead.on" if on else "look_ahead.off", by=who.by, now=who.now, days=days)
        note_change(TOPIC)
        toast(request, _("Saved. Waves from now on go by it."))
    return go(request, "rules:ahead")


@editing("POST", capability=Capability.PUBLISH_RULES)
def test(request: HttpRequest) -> HttpResponse:
    """Have a worker solve the prices and decide the past days again."""
    try:
        with transaction.atomic():
            test_look_ahead.defer()
        toast(request, _("A worker is at it; what comes of it appears here."))
    except AlreadyEnqueued:
        toast(request, _("It waits for a worker already."))
    return go(request, "rules:ahead")

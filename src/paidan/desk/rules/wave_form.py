"""The form of what a rule set says beside its rules: when waves decide, how long they may, and the weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.desk.waves.views import next_of
from paidan.engine.problem import Objective
from paidan.kit.errors import Refusal
from paidan.rules.drafts import draft, said_by_set, save_set
from paidan.rules.models import RuleSetVersion
from paidan.rules.queries import published_version
from paidan.rules.waves import DAY_MIN, GAP, LONGEST_S, SECONDS
from paidan.web.forms import PaidanForm
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .fields import AmountField
from .frame import crumbs, editing, may_edit, who_of
from .set_sentences import objective_words, waves_words

TIMES = re.compile(r"[\s,;，；、]+")
WAVES = ("mode", "every_minutes", "at", "more_than", "seconds", "gap")
"""Fields of the first part of the form; the others are the weights."""


class WavesForm(PaidanForm):
    """Reads a version's `waves` and `objective` into fields and writes them back; their readers have the last word."""

    mode = forms.ChoiceField(
        label=gettext_lazy("Orders are decided"),
        choices=(
            ("stream", gettext_lazy("one by one, as they come")),
            ("joint", gettext_lazy("jointly, in waves at set times")),
        ),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "One by one, an order has its warehouse within seconds. Jointly, orders wait for the next wave and get the "
            "cheapest plan that is found for all of them: worth it where stock or capacity is short, as on a promotion."
        ),
    )
    every_minutes = forms.IntegerField(
        label=gettext_lazy("Every so many minutes"),
        required=False,
        min_value=1,
        max_value=DAY_MIN,
        help_text=gettext_lazy("Counted from midnight. For example 30: at 0:00, 0:30, 1:00 and so on."),
    )
    at = forms.CharField(
        label=gettext_lazy("And at these times of day"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("For example 10:00, 14:30, 20:00: before the lorries leave."),
    )
    more_than = forms.IntegerField(
        label=gettext_lazy("And as soon as more orders wait than"),
        required=False,
        min_value=1,
        max_value=2**31 - 1,
        help_text=gettext_lazy(
            "For example 2000: a rush is decided before its time. Orders already tried do not count."
        ),
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds at most"),
        min_value=1,
        max_value=LONGEST_S,
        help_text=gettext_lazy("Then the best plan so far is taken. 20 do for 100,000 orders; small waves end sooner."),
    )
    gap = forms.FloatField(
        label=gettext_lazy("End when this near the best possible, %"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("For example 0.1: a plan that is proven to cost at most 0.1 % too much is good enough."),
    )
    unserved_minor = AmountField(
        unit=100,
        label=pgettext_lazy("weight", "An order that is not served, ¥"),
        help_text=gettext_lazy(
            "Far above any freight, so that an order is left open only where nothing can serve it. Times 1 + priority: "
            "an order of priority 3 counts four times."
        ),
    )
    parcel_minor = AmountField(
        unit=100,
        label=pgettext_lazy("weight", "Each parcel beyond an order's first, ¥"),
        help_text=gettext_lazy("Above its freight. For example 3: splitting must save more than ¥3."),
    )
    late_minor_per_h = AmountField(
        unit=100,
        label=pgettext_lazy("weight", "Each whole hour late, ¥"),
        help_text=gettext_lazy("For example 0.50. 0: late counts for nothing beyond what rules say."),
    )
    ratio_minor = AmountField(
        unit=100,
        label=pgettext_lazy("weight", "Each order above or below a warehouse's ratio, ¥"),
        help_text=gettext_lazy("For example 1: ratios give way where keeping them costs more. 0: they do not count."),
    )
    km_minor = AmountField(
        unit=100,
        label=pgettext_lazy("weight", "A kilometre where there is no freight price, ¥"),
        help_text=gettext_lazy("For example 0.01. Used only between places that have no price."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in Objective.__dataclass_fields__:
            self.fields[name].required = True

    def clean_at(self) -> list[str]:
        """Times as HH:MM; “9:30” is meant as 09:30."""
        found = [one for one in TIMES.split(self.cleaned_data["at"].replace("：", ":")) if one]
        wrong = [one for one in found if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", one)]
        if wrong:
            raise forms.ValidationError(_("%(what)s is no time of day. Write times as 14:30.") % {"what": wrong[0]})
        return sorted({f"{int(one.split(':')[0]):02d}:{one.split(':')[1]}" for one in found})

    def waves(self, clock: str | None) -> dict[str, Any]:
        """The version's `waves`; `clock` is the time zone it had, where it had one of its own."""
        given = self.cleaned_data
        if given["mode"] == "stream":
            return {}
        found = {key: given[key] for key in WAVES if given[key] not in (None, "", [])}
        return found | {"gap": round(given["gap"] / 100, 6)} | ({"timezone": clock} if clock else {})

    def objective(self) -> dict[str, int]:
        """The version's weights."""
        return {key: _amount(self, key).small(self.cleaned_data[key]) or 0 for key in Objective.__dataclass_fields__}


def _amount(form: forms.Form, name: str) -> AmountField:
    field = form.fields[name]
    assert isinstance(field, AmountField)
    return field


def initial_of(version: RuleSetVersion | None) -> dict[str, Any]:
    """What a version says, as the form shows it."""
    waves: Mapping[str, Any] = version.waves if version else {}
    weights, plain = Objective(**(version.objective if version else {})), WavesForm()
    return {
        "mode": waves.get("mode", "stream"),
        "every_minutes": waves.get("every_minutes"),
        "at": ", ".join(waves.get("at", ())),
        "more_than": waves.get("more_than"),
        "seconds": waves.get("seconds", SECONDS),
        "gap": round(100 * waves.get("gap", GAP), 4),
        **{name: _amount(plain, name).large(getattr(weights, name)) for name in Objective.__dataclass_fields__},
    }


@editing("GET", "POST")
def edit_waves(request: HttpRequest) -> HttpResponse:
    """How the draft decides, and what it weighs; there is a draft from the first change on."""
    version = draft() or published_version()
    if request.method != "POST":
        return shown(request, WavesForm(initial=initial_of(version)), version)
    form = WavesForm(request.POST)
    if not form.is_valid():
        return shown(request, form, version, status=422)
    who, clock = who_of(request), version.waves.get("timezone") if version else None
    try:
        save_set(form.objective(), form.waves(clock), seen=request.POST.get("seen", ""), who=who)
    except Refusal as refusal:
        key = refusal.pointer.rpartition("/")[2]
        form.add_error(key if key in form.fields else None, str(refusal))
        return shown(request, form, draft() or version, status=409 if refusal.code == "changed_meanwhile" else 422)
    record_change("rules.waves", by=who.by, now=who.now)
    toast(request, _("Kept in the draft. It takes no order before it is published."))
    return go(request, "rules:list")


@page(Capability.SEE_RULES)
def see_waves(request: HttpRequest) -> HttpResponse:
    """The same to read, for those who may not change rules."""
    version = draft() or published_version()
    return shown(request, WavesForm(initial=initial_of(version)), version, readonly=True)


def shown(
    request: HttpRequest, form: WavesForm, version: RuleSetVersion | None, *, readonly: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "heading": _("How waves decide"),
        "crumbs": crumbs(),
        "form": form,
        "waves": [form[name] for name in WAVES[1:]],
        "weights": [form[name] for name in form.fields if name not in WAVES],
        "seen": request.POST.get("seen") or said_by_set(version),
        "readonly": readonly or not may_edit(request.user),  # type: ignore[arg-type]
        "back": reverse("rules:list"),
        "says": [waves_words(version.waves if version else {}), objective_words(version.objective if version else {})],
        "clock": (version.waves.get("timezone") if version else "") or settings.DISPLAY_TIME_ZONE,
        **next_of(timezone.now()),
    }
    return render(request, "desk/rules/waves.html", context, status=status)

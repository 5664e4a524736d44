"""Changes to the draft one button makes: move, switch, copy, remove; files in and out; throw it away."""

import json
from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.kit.errors import Refusal
from paidan.rules.drafts import (
    copy_rule,
    discard_draft,
    draft,
    entry_of,
    move_rule,
    remove_rule,
    replace_draft,
    rules_of_version,
    switch_rule,
)
from paidan.rules.models import RuleSetVersion
from paidan.rules.queries import published_version
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.pages import page
from paidan.web.replies import go, toast, toasts_only

from .frame import crumbs, editing, who_of

LARGEST_FILE = 5_000_000


def done(request: HttpRequest, act: Callable[[], str], action: str, code: str) -> HttpResponse:
    """Do it, log it, and show the list again; a refusal is said."""
    begins = draft() is None
    try:
        said = act()
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
    else:
        who = who_of(request)
        record_change(action, by=who.by, now=who.now, rule=code)
        toast(request, said)
    if request.headers.get("HX-Request") and begins:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # the draft's bar stands above the list now
    if request.headers.get("HX-Request"):
        return toasts_only(request, changed="paidan:refresh")
    return go(request, "rules:list")


@editing("POST")
def move(request: HttpRequest, code: str) -> HttpResponse:
    """To a place, 1 = first."""
    place = request.POST.get("to", "")
    to = int(place) if place.isascii() and place.isdecimal() and len(place) < 6 else 10**6

    def act() -> str:
        move_rule(code, to=to, who=who_of(request))
        return _("Moved; the draft keeps it.")

    return done(request, act, "rule.moved", code)


@editing("POST")
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """On or off."""
    active = request.POST.get("active") == "1"

    def act() -> str:
        switch_rule(code, active=active, who=who_of(request))
        return _("Switched on in the draft.") if active else _("Switched off in the draft.")

    return done(request, act, "rule.switched", code)


@editing("POST")
def copy(request: HttpRequest, code: str) -> HttpResponse:
    """A copy below it, off until it is changed."""

    def act() -> str:
        begun = draft() or published_version()
        row = next((rule for rule in rules_of_version(begun) if rule.code == code), None) if begun else None
        copy_rule(code, name=_("%(name)s (copy)") % {"name": row or code}, who=who_of(request))
        return _("Copied; the copy is off until you switch it on.")

    return done(request, act, "rule.copied", code)


@editing("POST")
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Out of the draft."""

    def act() -> str:
        remove_rule(code, who=who_of(request))
        return _("Removed from the draft.")

    return done(request, act, "rule.removed", code)


@editing("POST")
def discard(request: HttpRequest) -> HttpResponse:
    """The draft is gone; what is in force stays."""
    who = who_of(request)
    discard_draft()
    record_change("rules.discarded", by=who.by, now=who.now)
    toast(request, _("The draft is thrown away; the rules in force stay as they are."))
    return go(request, "rules:list")


@page(Capability.SEE_RULES)
def export(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001
    """A version as a file that can be kept in a repository and brought in again."""
    found = get_object_or_404(RuleSetVersion, number=number)
    document = {"version": found.number, "objective": found.objective, "waves": found.waves}
    document["rules"] = [entry_of(rule) for rule in rules_of_version(found)]
    answer = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="rules-v{found.number}.json"'
    return answer


class FileForm(PaidanForm):
    """A rule set as a file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("JSON as exported here or by the command line. It takes the place of the draft."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> object:
        given = self.cleaned_data["file"]
        if given.size > LARGEST_FILE:
            raise forms.ValidationError(_("At most 5 MB. A rule set is some kilobytes."))
        try:
            return json.loads(given.read().decode("utf-8-sig"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise forms.ValidationError(_("This is no JSON file: %(why)s") % {"why": error}) from error


@editing("GET", "POST")
def bring_in(request: HttpRequest) -> HttpResponse:
    """A file in place of the draft; nothing goes into force."""

    def save(form: FileForm) -> str:
        who = who_of(request)
        try:
            version = replace_draft(form.cleaned_data["file"], who=who)
        except Refusal as refusal:
            where, what = refusal.pointer or "/", str(refusal)
            sentence = gettext_lazy("%(where)s: %(what)s")
            raise Refusal(refusal.code, sentence, pointer="file", where=where, what=what) from refusal
        record_change("rules.imported", by=who.by, now=who.now, version=version.number)
        return _("The file is the draft now. Look at the difference, then publish.")

    heading = _("Bring in rules from a file")
    return handle_form(
        request,
        FileForm,
        save=save,
        to=reverse("rules:list"),
        heading=heading,
        crumbs=crumbs(),
        button=_("Bring in"),
    )

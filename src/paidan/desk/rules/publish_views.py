"""From draft to force: what differs, publishing with a note, and going back to a version of the past."""

from functools import partial
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.publishing import put_in_force
from paidan.kit.errors import Refusal
from paidan.rules.differences import Difference, differences, set_differences
from paidan.rules.drafts import draft, publish_draft, rules_of_version
from paidan.rules.models import RuleSetVersion, VersionState
from paidan.rules.queries import published_version
from paidan.rules.services import restore_version
from paidan.web.forms import PaidanForm
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .frame import crumbs, editing, may_publish, who_of
from .lines import change_word, lines_of
from .names import Names, names_for
from .sentences import sentence
from .set_sentences import set_rows


class NoteForm(PaidanForm):
    """Why, for whoever reads the history."""

    note = forms.CharField(
        label=gettext_lazy("What changed, and why"),
        max_length=500,
        required=False,
        widget=forms.TextInput(
            attrs={"placeholder": gettext_lazy("For example: Guangzhou is full, half goes to Wuhan")}
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


@page(Capability.SEE_RULES)
def difference(request: HttpRequest) -> HttpResponse:
    """The draft against what is in force, rule by rule; the form to publish stands below it."""
    return shown(request, NoteForm(initial={"revision": getattr(draft(), "revision", 0)}))


def shown(request: HttpRequest, form: NoteForm, status: int = 200) -> HttpResponse:
    begun, in_force = draft(), published_version()
    if begun is None:
        toast(request, _("There is no draft: nothing differs from what is in force."))
        return go(request, "rules:list")
    after = rules_of_version(begun)
    before = rules_of_version(in_force) if in_force else []
    names = names_for([*before, *after])
    context = {
        "heading": _("What the draft changes"),
        "crumbs": crumbs(),
        "draft": begun,
        "in_force": in_force,
        "overtaken": bool(in_force and begun.based_on_id != in_force.pk),
        "differences": [written(one, names) for one in differences(before, after)],
        "beside": set_rows(set_differences(in_force, begun)),
        "warned": [line for line in lines_of(after, who_of(request).now) if line.warnings],
        "form": form,
        "may_publish": may_publish(cast(User, request.user)),
    }
    return render(request, "desk/rules/difference.html", context, status=status)


def written(one: Difference, names: Names) -> dict[str, Any]:
    """One difference as the page shows it."""
    return {
        "kind": one.kind.value,
        "word": change_word(one),
        "name": str(one.after or one.before),
        "before": sentence(one.before, names) if one.before else "",
        "after": sentence(one.after, names) if one.after else "",
        "switched": bool(one.before and one.after and one.before.active != one.after.active),
        "active": bool(one.after and one.after.active),
        "places": (one.before.priority if one.before else None, one.after.priority if one.after else None),
    }


@editing("POST", capability=Capability.PUBLISH_RULES)
def publish(request: HttpRequest) -> HttpResponse:
    """Put the draft in force as it was seen."""
    form, who = NoteForm(request.POST), who_of(request)
    if not form.is_valid():
        return shown(request, form, status=422)
    given = form.cleaned_data
    try:
        done, tried = put_in_force(partial(publish_draft, **given, who=who), now=who.now)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
        return go(request, "rules:difference")
    record_change("rules.published", by=who.by, now=who.now, version=done.version.number, reason=given["note"])
    toast(request, in_force_words(done.version.number, tried))
    return go(request, "rules:live")


def in_force_words(number: int, tried: int) -> str:
    said = _("Version %(number)d is in force.") % {"number": number}
    if tried:
        again = ngettext("%(count)d order is tried again.", "%(count)d orders are tried again.", tried)
        said = f"{said} {again % {'count': tried}}"
    return said


@editing("GET", "POST", capability=Capability.PUBLISH_RULES)
def roll_back(request: HttpRequest, number: int) -> HttpResponse:
    """A version of the past in force again, as a new version; first what that changes."""
    found = get_object_or_404(RuleSetVersion, number=number, state=VersionState.PAST)
    who = who_of(request)
    if request.method == "POST":
        try:
            done, tried = put_in_force(lambda: restore_version(number, now=who.now, by=who.by), now=who.now)
        except Refusal as refusal:
            toast(request, str(refusal), bad=True)
            return go(request, "rules:version", number)
        record_change("rules.rolled_back", by=who.by, now=who.now, version=done.version.number, to=number)
        toast(request, in_force_words(done.version.number, tried))
        return go(request, "rules:live")
    in_force = published_version()
    before = rules_of_version(in_force) if in_force else []
    after = rules_of_version(found)
    names = names_for([*before, *after])
    context = {
        "heading": _("Back to version %(number)d") % {"number": number},
        "crumbs": [*crumbs(), (pgettext("of versions", "History"), reverse("rules:history"))],
        "version": found,
        "in_force": in_force,
        "differences": [written(one, names) for one in differences(before, after)],
        "beside": set_rows(set_differences(in_force, found)),
    }
    return render(request, "desk/rules/roll_back.html", context)

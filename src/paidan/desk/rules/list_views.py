"""The rule list: the draft if there is one, else what is in force; what is in force; the history; one past version."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.rules.differences import Kind, SetDifference, differences, set_differences
from paidan.rules.drafts import draft, rules_of_version
from paidan.rules.models import Rule, RuleSetVersion, VersionState
from paidan.rules.queries import published_version
from paidan.web.pages import page

from .frame import crumbs, may_edit, may_publish
from .lines import Line, lines_of
from .set_sentences import objective_words, waves_words


@page(Capability.SEE_RULES)
def rule_list(request: HttpRequest) -> HttpResponse:
    """The draft where somebody has begun one; every change is made in it."""
    return show(request, draft() or published_version(), "list")


@page(Capability.SEE_RULES)
def live(request: HttpRequest) -> HttpResponse:
    """What orders are allocated by now."""
    return show(request, published_version(), "live")


@page(Capability.SEE_RULES)
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version of the history."""
    return show(request, get_object_or_404(RuleSetVersion, number=number), "version")


def show(request: HttpRequest, shown: RuleSetVersion | None, at: str) -> HttpResponse:
    user, now = cast(User, request.user), timezone.now()
    begun, in_force = draft(), published_version()
    before = rules_of_version(in_force) if in_force and shown and shown.pk == (begun and begun.pk) else []
    rules = rules_of_version(shown) if shown else []
    lines = lines_of(rules, now, before)
    editable = may_edit(user) and at == "list"
    context = {
        "heading": _("Rules")
        if at != "version"
        else _("Version %(number)d") % {"number": shown.number if shown else 0},
        "crumbs": []
        if at != "version"
        else [*crumbs(), (pgettext("of versions", "History"), reverse("rules:history"))],
        "live_topics": ["rules"],
        "at": at,
        "version": shown,
        "draft": begun,
        "in_force": in_force,
        "changes": changed_counts(before, rules, set_differences(in_force, shown) if before else []),
        "set_words": [waves_words(shown.waves if shown else {}), objective_words(shown.objective if shown else {})],
        "lines": chosen(lines, request),
        "counts": {
            "on": sum(line.rule.active for line in lines),
            "off": sum(not line.rule.active for line in lines),
            "warned": sum(bool(line.warnings) for line in lines),
            "all": len(lines),
            "week": sum(line.hits.week for line in lines),
        },
        "query": request.GET.get("q", ""),
        "show": request.GET.get("show", ""),
        "may_edit": editable,
        "may_drag": editable and not request.GET.get("q") and not request.GET.get("show"),
        "may_publish": may_publish(user),
        "is_past": bool(shown and shown.state == VersionState.PAST),
    }
    return render(request, "desk/rules/list.html", context)


def chosen(lines: list[Line], request: HttpRequest) -> list[Line]:
    """Those the search and the chips leave."""
    words = request.GET.get("q", "").casefold().split()
    shown = request.GET.get("show", "")
    return [
        line
        for line in lines
        if all(word in f"{line.rule.name} {line.rule.code} {line.plain}".casefold() for word in words)
        and (shown != "on" or line.rule.active)
        and (shown != "off" or not line.rule.active)
        and (shown != "warned" or line.warnings)
    ]


def changed_counts(before: list[Rule], after: list[Rule], beside: list[SetDifference]) -> dict[str, Any]:
    """How many rules the draft changes, by kind; in all, what it says beside the rules counts too."""
    found = differences(before, after) if before else []
    return {"all": len(found) + len(beside), **{kind.value: sum(one.kind == kind for one in found) for kind in Kind}}


@page(Capability.SEE_RULES)
def history(request: HttpRequest) -> HttpResponse:
    """Every version that was ever in force, newest first: who, when, why."""
    rows = RuleSetVersion.objects.exclude(state=VersionState.DRAFT).select_related("published_by")
    context = {
        "heading": _("Rules"),
        "live_topics": ["rules"],
        "at": "history",
        "draft": draft(),
        "in_force": published_version(),
        "versions": list(rows.order_by("-published_at", "-number")[:200]),
        "may_publish": may_publish(cast(User, request.user)),
    }
    return render(request, "desk/rules/history.html", context)

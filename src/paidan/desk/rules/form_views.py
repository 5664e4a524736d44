"""The rule form: a new rule from a template, a rule of the draft; what it would match, said while one types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.allocation.past_orders import MOST, Matches, PastOrders
from paidan.catalog.models import Sku
from paidan.desk.settings.coverage_views import name_of
from paidan.engine.rule_format import RuleError, read_rule
from paidan.geo import region, search
from paidan.kit.errors import Refusal
from paidan.network.models import Warehouse
from paidan.orders.models import Order
from paidan.rules.drafts import (
    ConflictError,
    draft,
    entry_of,
    fingerprint,
    free_code,
    move_rule,
    rules_of_version,
    save_rule,
)
from paidan.rules.models import Rule
from paidan.rules.queries import published_version
from paidan.rules.shadowing import placed
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .forms import LIMITS, OPTIONAL, RuleForm
from .frame import crumbs, editing, who_of
from .names import names_for
from .sentences import sentence
from .templates import TEMPLATES, template_of

FOUND = 30
KINDS = ("region", "sku", "category", "tag")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition of the form: its controls, whether it is asked, and whether it may be turned round."""

    name: str
    label: Any
    controls: Sequence[Any]
    help: Any
    is_used: bool
    negated: bool
    may_negate: bool


def current_rules() -> list[Rule]:
    """The rules a change would be made to: the draft's, else those in force."""
    begun = draft() or published_version()
    return rules_of_version(begun) if begun else []


def rule_named(code: str) -> Rule:
    found = next((rule for rule in current_rules() if rule.code == code), None)
    if found is None:
        raise Http404
    return found


@editing("GET", "POST")
def new_rule(request: HttpRequest) -> HttpResponse:
    """A rule that is not there yet, from a template or empty."""
    template = template_of(request.GET.get("from", ""))
    entry = dict(template.rule()) if template else rule_for_region(request.GET)
    if template and request.method != "POST":
        entry["name"] = str(template.name)
    return form_page(request, None, entry, template=template)


def rule_for_region(query: QueryDict) -> dict[str, Any]:
    """What an advice begins: orders to `region` from `warehouse`, the rules below for what it cannot serve; else {}."""
    try:
        place = region(query.get("region", ""))
    except LookupError:
        return {}
    found = Warehouse.objects.filter(code=query.get("warehouse", "")).first()
    if found is None:
        return {}
    name = _("%(region)s from %(warehouse)s") % {"region": place.name, "warehouse": found}
    then = {"warehouses": [found.code], "strategies": ["ranked"], "otherwise": "next"}
    return {"name": name, "when": {"region": [place.code]}, "then": then}


@editing("GET", "POST")
def edit_rule(request: HttpRequest, code: str) -> HttpResponse:
    """A rule of the draft; there is a draft from the first change on."""
    rule = rule_named(code)
    return form_page(request, rule, entry_of(rule))


@page(Capability.SEE_RULES)
def see_rule(request: HttpRequest, code: str) -> HttpResponse:
    """The same form to read, for those who may not change rules."""
    rule = rule_named(code)
    return show(request, RuleForm(entry=entry_of(rule), names=names_for([rule])), rule, readonly=True)


def form_page(request: HttpRequest, rule: Rule | None, entry: Mapping[str, Any], template: Any = None) -> HttpResponse:
    names = names_for([rule or Rule(when=entry.get("when", {}))])
    if request.method != "POST":
        return show(request, RuleForm(entry=entry, names=names), rule, template=template)
    form = RuleForm(request.POST, entry=entry, names=names)
    if not form.is_valid():
        return show(request, form, rule, template=template, status=422)
    given = form.to_entry()
    if rule is None:
        given["id"] = free_code(slugify(given["name"])[:30] or "rule", current_rules())
    who = who_of(request)
    try:
        saved = save_rule(given, seen=request.POST.get("seen", ""), who=who)
    except ConflictError as conflict:
        return show(request, form, rule, conflict=conflict, status=409)
    except Refusal as refusal:
        form.point_out(refusal)
        return show(request, form, rule, template=template, status=422)
    if rule is None and request.GET.get("first") == "1":
        move_rule(saved.code, to=1, who=who)  # below the others it might never have its turn
    record_change("rule.saved", by=who.by, now=who.now, rule=saved.code)
    toast(request, _("Kept in the draft. It takes no order before it is published."))
    return go(request, "rules:list")


def show(
    request: HttpRequest,
    form: RuleForm,
    rule: Rule | None,
    *,
    template: Any = None,
    conflict: ConflictError | None = None,
    readonly: bool = False,
    status: int = 200,
) -> HttpResponse:
    theirs = conflict.theirs if conflict else None
    names = names_for([one for one in (theirs, rule) if one])
    context = {
        "heading": str(rule) if rule else _("New rule"),
        "crumbs": crumbs(),
        "form": form,
        "rows": condition_rows(form),
        "rule": rule,
        "seen": fingerprint(theirs) if conflict else request.POST.get("seen", fingerprint(rule)),
        "templates": TEMPLATES if rule is None else (),
        "template": template,
        "conflict": conflict,
        "theirs": sentence(theirs, names) if theirs else "",
        "mine": said(form, rule)["sentence"] if conflict else "",
        "readonly": readonly,
        **said(form, rule),
    }
    return render(request, "desk/rules/rule.html", context, status=status)


def condition_rows(form: RuleForm) -> list[Row]:
    """The conditions, those that are asked first in the order of the form."""
    rows = []
    for name in OPTIONAL:
        keys = [name] if name in form.fields else [f"{name}_from", f"{name}_to"]
        first = form[keys[0]]
        label = RuleForm.LABELS.get(name, first.label)
        text = RuleForm.HELP.get(name, first.help_text)
        controls = [form[key] for key in keys]
        rows.append(Row(name, label, controls, text, form.is_used(name), form.negated(name), name not in LIMITS))
    return rows


@editing("POST")
def says(request: HttpRequest) -> HttpResponse:
    """The form's right side: the sentence, and what of the last days it would have matched."""
    code = request.POST.get("code", "")
    rule = next((one for one in current_rules() if one.code == code), None)
    form = RuleForm(request.POST, entry=entry_of(rule) if rule else {})
    form.is_valid()
    return render(request, "desk/rules/says.html", said(form, rule))


def said(form: RuleForm, rule: Rule | None) -> dict[str, Any]:
    """The rule as a sentence, its share of recent orders, and the rules that take some of them first."""
    entry = form.to_entry() if form.is_bound and not form.errors else dict(form.entry) if not form.is_bound else None
    if entry is None:
        return {"sentence": "", "problem": _("Mend the marked fields: then it says here what the rule does.")}
    wanted = Rule(
        code="this rule", when=entry.get("when", {}), then=entry.get("then", {}), limits=entry.get("limits", {})
    )
    answer: dict[str, Any] = {"sentence": sentence(wanted, names_for([wanted])), "problem": ""}
    try:
        known = read_rule({"id": "this rule", "when": wanted.when, "then": wanted.then})
    except RuleError as error:
        return {**answer, "problem": error.message}
    above = [one for one in current_rules() if one.active]
    place = next((at for at, one in enumerate(above) if rule and one.code == rule.code), max(0, len(above) - 1))
    before = above[:place]
    engine_rules = [one.rule for one in placed(before)]
    found = PastOrders(timezone.now()).matches([*engine_rules, known], len(engine_rules))
    return answer | matches_words(found, before)


def matches_words(found: Matches, before: Sequence[Rule]) -> dict[str, Any]:
    taken = [(before[at], number) for at, number in found.taken_first[:3] if 0 <= at < len(before)]
    return {
        "orders": found.orders,
        "matching": found.matching,
        "share": found.matching / found.orders if found.orders else None,
        "taken": taken,
        "left": found.matching - sum(number for _at, number in found.taken_first),
        "sampled": found.orders >= MOST,
        "most": MOST,
    }


@page(Capability.SEE_RULES)
def options(request: HttpRequest, kind: str) -> HttpResponse:
    """What a field suggests while one types: pairs of value and text."""
    words = request.GET.get("q", "").strip()[:100]
    if kind not in KINDS:
        raise Http404
    found = {"region": _regions, "sku": _skus, "category": _categories, "tag": _tags}[kind](words)
    return JsonResponse({"options": [{"value": value, "text": text} for value, text in found]})


def _regions(words: str) -> list[tuple[str, str]]:
    return [(one.code, name_of(one.code)) for one in search(words, FOUND)] if words else []


def _skus(words: str) -> list[tuple[str, str]]:
    rows = Sku.objects.filter(Q(code__icontains=words) | Q(name__icontains=words)).order_by("code")[:FOUND]
    return [(one.code, f"{one.name} {one.code}".strip()) for one in rows]


def _categories(words: str) -> list[tuple[str, str]]:
    found = Sku.objects.filter(category__icontains=words).exclude(category="").order_by("category")
    return [(one, one) for one in found.values_list("category", flat=True).distinct()[:FOUND]]


def _tags(words: str) -> list[tuple[str, str]]:
    recent = Order.objects.order_by("-id").values_list("tags", flat=True)[:2_000]
    found = sorted({tag for tags in recent for tag in tags if words.casefold() in tag.casefold()})
    return [(one, one) for one in found[:FOUND]]

"""One order, existing or made up, through the draft: where it would go and why. Nothing is written."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.allocation.explanation import Explanation
from paidan.allocation.trying_rules import TypedOrder, try_order, try_typed
from paidan.catalog.models import Sku
from paidan.desk.orders.page import as_this_order, candidates, sentences
from paidan.desk.orders.queries import visible_orders
from paidan.kit.errors import Refusal
from paidan.network.models import Shop
from paidan.rules.drafts import draft
from paidan.rules.models import Rule, RuleSetVersion
from paidan.rules.queries import published_version
from paidan.web.forms import PaidanForm
from paidan.web.pages import page

from .frame import crumbs
from .names import names_for
from .sentences import sentence

MOST_LINES = 20


class TryForm(PaidanForm):
    """An order by its number, or one made up."""

    number = forms.CharField(
        label=gettext_lazy("Order number"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("An order that is there. Leave it empty to make one up below."),
    )
    shop = forms.ModelChoiceField(Shop.objects.order_by("code"), label=gettext_lazy("Shop"), required=False)
    address = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For example 上海市浦东新区."),
    )
    goods = forms.CharField(
        label=gettext_lazy("Goods"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A SKU code per line, and behind it how many: 22423 × 2."),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount ¥"), required=False, min_value=0, max_value=10**9, decimal_places=2
    )
    tags = forms.CharField(label=gettext_lazy("Tags"), required=False, max_length=200)
    remark = forms.CharField(label=gettext_lazy("Remark"), required=False, max_length=200)

    def clean_goods(self) -> dict[Sku, int]:
        pieces: dict[Sku, int] = {}
        for line in [one for one in self.cleaned_data["goods"].splitlines() if one.strip()][:MOST_LINES]:
            code, _x, number = line.replace("x", "×").replace("*", "×").partition("×")
            sku = Sku.objects.filter(code=code.strip()).first()
            if sku is None:
                raise forms.ValidationError(_("There is no SKU %(code)s.") % {"code": code.strip()})
            text = number.strip() or "1"
            if not text.isdecimal() or not 0 < int(text) < 10**6:
                raise forms.ValidationError(_("“%(line)s”: how many is a whole number.") % {"line": line.strip()})
            pieces[sku] = pieces.get(sku, 0) + int(text)
        return pieces

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("number") and not self.errors and not (given.get("shop") and given.get("goods")):
            self.add_error("number", _("Give an order's number, or a shop and goods."))
        return given

    def typed(self) -> TypedOrder:
        given = self.cleaned_data
        return TypedOrder(
            given["shop"],
            given["address"],
            given["goods"],
            int((given["amount"] or 0) * 100),
            tuple(word for word in given["tags"].replace("，", ",").replace(" ", ",").split(",") if word),
            given["remark"],
        )


@page(Capability.SEE_RULES, methods=("GET", "POST"))
def try_rules(request: HttpRequest) -> HttpResponse:
    """The form, and below it what would happen."""
    version = draft() or published_version()
    number = request.GET.get("order", "")
    form = TryForm(request.POST or ({"number": number} if number else None))
    context: dict[str, Any] = {
        "heading": _("Try the draft on one order"),
        "crumbs": crumbs(),
        "form": form,
        "version": version,
        "is_draft": draft() is not None,
    }
    status = 200
    if form.is_bound and version:
        if form.is_valid():
            try:
                context |= shown(request.user, form, version)
            except Refusal as refusal:
                form.add_error("number", str(refusal))
        status = 422 if form.errors else 200
    return render(request, "desk/rules/try.html", context, status=status)


def shown(user: Any, form: TryForm, version: RuleSetVersion) -> dict[str, Any]:
    """What the draft makes of it."""
    number, now = form.cleaned_data["number"].strip(), timezone.now()
    if not number:
        return explained(try_typed(form.typed(), version, now=now))
    order = visible_orders(user).filter(number=number).order_by("-id").first()
    if order is None:
        raise Refusal("no_order", gettext_lazy("There is no order %(number)s."), number=number)
    return {"order": order, **explained(try_order(order.pk, version, now=now))}


def explained(found: Explanation) -> dict[str, Any]:
    of = as_this_order(found)
    rule = Rule.objects.filter(code=of.rule.code, version__number=of.rule.version).first() if of.rule else None
    return {
        "of": of,
        "sentences": sentences(of),
        "rule": rule,
        "rule_sentence": sentence(rule, names_for([rule])) if rule else "",
        **candidates(of),
    }

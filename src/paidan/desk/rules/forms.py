"""The rule form: three questions (which orders, which warehouse, what if not) over one rule of the problem format."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal
from paidan.network.models import Promotion, Shop, Team, Warehouse
from paidan.orders.models import Order
from paidan.web.forms import PaidanForm

from .fields import AmountField, Choices, ValuesField
from .names import Names
from .sentences import RANKED_BY, WEEKDAYS

VALUES = ("shop", "platform", "region", "sku", "category", "tag", "remark", "payment", "delivery")
RANGES = {"amount": "amount_minor", "weight": "weight_g", "lines": "lines", "pieces": "pieces"}
FIELD_OF = {word: field for field, word in RANGES.items()}
LIMITS = ("promotion", "weekdays", "hours", "period")
OPTIONAL = (*VALUES, *RANGES, *LIMITS)
"""Conditions in the order in which they are offered."""


def shops() -> Choices:
    return [(one.code, str(one)) for one in Shop.objects.order_by("code")]


def platforms() -> Choices:
    found = Shop.objects.exclude(platform="").order_by("platform").values_list("platform", flat=True).distinct()
    return [(one, one) for one in found]


def warehouses() -> Choices:
    return [(one.code, str(one)) for one in Warehouse.objects.order_by("position", "id")]


def teams() -> Choices:
    return [("", "—"), *((one.code, str(one)) for one in Team.objects.filter(active=True).order_by("code"))]


def promotions() -> Choices:
    return [("", "—"), *((one.code, str(one)) for one in Promotion.objects.order_by("-starts_at"))]


def recent(field: str) -> Choices:
    """Words recent orders have in a field."""
    last = Order.objects.order_by("-id").values_list(field, flat=True)[:2_000]
    return [(one, one) for one in sorted({one for one in last if one})]


def payments() -> Choices:
    return recent("payment")


def deliveries() -> Choices:
    return recent("delivery")


SKILL, NAMED = "skill", "named"


class RuleForm(PaidanForm):
    """Reads a rule's entry into fields and writes the fields as an entry; the format's own reader has the last word."""

    LABELS: ClassVar[dict[str, str | Promise]] = {
        "period": _("Period"),
        "hours": _("Time of day"),
        "amount": _("Amount ¥"),
        "weight": _("Weight kg"),
        "lines": _("Lines"),
        "pieces": _("Pieces"),
    }
    HELP: ClassVar[dict[str, str | Promise]] = {
        "amount": _("For example from 30: orders of ¥30 and more."),
        "weight": _("Of all goods together. For example from 20: what two people carry."),
        "lines": _("For example up to 1: orders of a single item."),
        "pieces": _("All pieces of all lines."),
        "hours": _("For example 20:00 to 02:00, when the night team works."),
        "period": _("From the first moment until the last; empty means no limit."),
    }

    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    shop = ValuesField(label=_("Shop"), choices=shops, help_text=_("The shop the order came from."))
    platform = ValuesField(
        label=_("Platform"), choices=platforms, help_text=_("For example taobao, for all its shops.")
    )
    region = ValuesField(
        label=_("Goes to"), kind="region", help_text=_("Province, city or district; whatever lies within counts.")
    )
    sku = ValuesField(label=_("SKU"), kind="sku", help_text=_("Orders with any of these goods in them."))
    category = ValuesField(label=_("Category"), kind="category", help_text=_("Orders with goods of it in them."))
    tag = ValuesField(label=_("Tag"), kind="tag", free=True, help_text=_("Of the order, its buyer or its goods: VIP."))
    remark = ValuesField(
        label=_("Remark"), free=True, help_text=_("Words in the buyer's or seller's remark, for example “urgent”.")
    )
    payment = ValuesField(label=_("Payment"), choices=payments, free=True, help_text=_("As the platform says it."))
    delivery = ValuesField(label=_("Delivery"), choices=deliveries, free=True, help_text=_("As the platform says it."))
    amount_from = AmountField(unit=100)
    amount_to = AmountField(unit=100)
    weight_from = AmountField(unit=1000)
    weight_to = AmountField(unit=1000)
    lines_from = forms.IntegerField(required=False, min_value=0, max_value=10**6)
    lines_to = forms.IntegerField(required=False, min_value=0, max_value=10**6)
    pieces_from = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    pieces_to = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    promotion = forms.ChoiceField(
        label=_("Promotion"), required=False, choices=promotions, help_text=_("Only while it lasts.")
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"), required=False, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    hours_from = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    hours_to = forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    period_from = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    period_to = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    which = forms.ChoiceField(
        label=_("Warehouses"),
        choices=[
            ("all", _("All")),
            ("only", _("Only these, in this order")),
            ("but", _("All but these")),
            ("none", _("None: hold it")),
        ],
        widget=forms.RadioSelect,
    )
    warehouses = ValuesField(label=_("Which"), choices=warehouses)
    strategies = ValuesField(
        label=_("Choose by"),
        choices=lambda: [(key, str(word)) for key, word in RANKED_BY.items()],
        help_text=_("Up to three; the second decides where the first finds several alike. Drag to reorder."),
    )
    look_ahead = forms.BooleanField(
        label=_("Look ahead"),
        required=False,
        help_text=_(
            "Keeps scarce stock for orders to come that need it more: freight and what the stock is worth to them are "
            "compared, wherever it would otherwise be distance or freight alone."
        ),
    )
    max_km = forms.IntegerField(
        label=_("Distance limit"),
        required=False,
        min_value=0,
        max_value=50_000,
        help_text=_("Empty: none. Fresh food: 400."),
    )
    split = forms.ChoiceField(
        label=_("If none has everything"),
        choices=[
            ("never", _("Do not split")),
            ("by_line", _("Split, lines kept whole")),
            ("by_piece", _("Split piece by piece")),
        ],
        widget=forms.RadioSelect,
    )
    max_parcels = forms.IntegerField(label=_("At most parcels"), required=False, min_value=1, max_value=20)
    shortage = forms.ChoiceField(
        label=_("If stock is short"),
        choices=[("reject", _("All or nothing")), ("partial", _("Ship what is there"))],
        widget=forms.RadioSelect,
    )
    otherwise = forms.ChoiceField(
        label=_("If none can"),
        choices=[
            ("next", _("Try the next rule")),
            ("hold", _("Hold for somebody")),
            ("unallocated", _("Unallocated, with an alarm")),
        ],
        widget=forms.RadioSelect,
    )
    team_by = forms.ChoiceField(
        label=_("Team"),
        choices=[
            ("warehouse", _("The warehouse's, by ratio")),
            ("shop", _("The shop's")),
            (NAMED, _("This one")),
            (SKILL, _("By skill")),
        ],
        widget=forms.RadioSelect,
    )
    team = forms.ChoiceField(label=_("Which team"), required=False, choices=teams)
    skill = forms.CharField(label=_("Skill"), required=False, max_length=40)
    raise_priority = forms.IntegerField(
        label=_("Raise priority by"),
        required=False,
        min_value=-1000,
        max_value=1000,
        help_text=_("Served before others; VIP: 50."),
    )

    def __init__(self, data: Any = None, *, entry: Mapping[str, Any] | None = None, names: Names | None = None) -> None:
        self.entry = dict(entry or {})
        super().__init__(data, initial=_initial(self.entry))
        names = names or Names()
        for name in (*RANGES, "hours", "period"):
            label = self.LABELS[name]
            self.fields[f"{name}_to"].widget.attrs["aria-label"] = _("%(label)s, until") % {"label": label}
        for name, field in self.fields.items():
            if isinstance(field, ValuesField):
                chosen = self.data.getlist(name) if self.is_bound else self.initial.get(name, [])  # type: ignore[attr-defined]
                field.offer(chosen, lambda value, name=name: _called(name, value, names))  # type: ignore[misc]

    def negated(self, name: str) -> bool:
        """Whether the condition is turned round."""
        if self.is_bound:
            return self.data.get(f"{name}_is") == "not"
        return name in self.initial.get("negated", ())

    def is_used(self, name: str) -> bool:
        """Whether a condition is asked, so that its row stands open."""
        keys = [name] if name in self.fields else [f"{name}_from", f"{name}_to"]
        return any(self[key].value() not in (None, "", []) for key in keys) or any(self[key].errors for key in keys)

    def to_entry(self) -> dict[str, Any]:
        """The rule as a document has it."""
        given = self.cleaned_data
        when: dict[str, Any] = {}
        refused: dict[str, Any] = {}
        for name in VALUES:
            if given[name]:
                (refused if self.negated(name) else when)[name] = given[name]
        for name, word in RANGES.items():
            bounds = [self._bound(name, end) for end in ("from", "to")]
            if bounds != [None, None]:
                (refused if self.negated(name) else when)[word] = bounds
        refused = {**{word: value for word, value in self.also_refused().items() if word in when}, **refused}
        if refused:
            when["not"] = refused
        kept: dict[str, Any] = {key: self.entry[key] for key in ("id", "active") if key in self.entry}
        return {**kept, "name": given["name"], "when": when, "then": self._then(), "limits": self._limits()}

    def also_refused(self) -> dict[str, Any]:
        """What a rule from a file both asks and refuses of one field: a row can show one of them, both are kept."""
        when = self.entry.get("when", {})
        return {word: value for word, value in when.get("not", {}).items() if word in when}

    def _bound(self, name: str, end: str) -> int | None:
        field, value = self.fields[f"{name}_{end}"], self.cleaned_data[f"{name}_{end}"]
        return field.small(value) if isinstance(field, AmountField) else value

    def _limits(self) -> dict[str, Any]:
        given, limits = self.cleaned_data, {}
        if given["promotion"]:
            limits["promotion"] = given["promotion"]
        if given["weekdays"] and len(given["weekdays"]) < len(WEEKDAYS):
            limits["weekdays"] = given["weekdays"]
        if given["hours_from"] and given["hours_to"]:
            limits["hours"] = [given["hours_from"].strftime("%H:%M"), given["hours_to"].strftime("%H:%M")]
        for end, key in (("from", "from"), ("to", "until")):
            if given[f"period_{end}"]:
                limits[key] = given[f"period_{end}"].isoformat()
        if "timezone" in self.entry.get("limits", {}):
            limits["timezone"] = self.entry["limits"]["timezone"]
        return limits

    def _then(self) -> dict[str, Any]:
        given = self.cleaned_data
        then: dict[str, Any] = {"strategies": given["strategies"] or ["nearest"]}
        if given["which"] == "only":
            then["warehouses"] = given["warehouses"]
        elif given["which"] == "but":
            then["except"] = given["warehouses"]
        elif given["which"] == "none":
            then["warehouses"] = []
        for name in ("max_km", "max_parcels", "raise_priority"):
            idle = (name == "raise_priority" and not given[name]) or (
                name == "max_parcels" and given["split"] == "never"
            )
            if given[name] is not None and not idle:
                then[name] = given[name]
        if given["look_ahead"]:
            then["look_ahead"] = True
        usual = {"split": "never", "shortage": "reject", "otherwise": "unallocated"}
        then |= {name: given[name] for name, word in usual.items() if given[name] != word}
        if given["which"] == "none":
            then["otherwise"] = "hold"  # what no warehouse may serve is for somebody to decide
        team = {NAMED: given["team"], SKILL: f"skill:{given['skill'].strip()}"}.get(given["team_by"], given["team_by"])
        return then if team == "warehouse" else {**then, "team": team}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("which") in ("only", "but") and not given.get("warehouses"):
            self.add_error("warehouses", _("Choose at least one warehouse, or take all."))
        if len(given.get("strategies") or []) > 3:
            self.add_error("strategies", _("At most three; the fourth would never decide."))
        if given.get("look_ahead") and not {"nearest", "cheapest"} & {*(given.get("strategies") or ["nearest"])}:
            sentence = _("Looking ahead compares money: choose by the nearest or the cheapest too, or leave it out.")
            self.add_error("look_ahead", sentence)
        if given.get("team_by") == NAMED and not given.get("team"):
            self.add_error("team", _("Choose the team."))
        if given.get("team_by") == SKILL and not (given.get("skill") or "").strip():
            self.add_error("skill", _("Name the skill as the teams have it, for example VIP."))
        if bool(given.get("hours_from")) != bool(given.get("hours_to")):
            self.add_error("hours_to", _("Give both, from and to."))
        self._refuse_empty_ranges(given)
        return given

    def _refuse_empty_ranges(self, given: Mapping[str, Any]) -> None:
        for name in (*RANGES, "period"):
            low, high = given.get(f"{name}_from"), given.get(f"{name}_to")
            if low is not None and high is not None and low > high:
                self.add_error(f"{name}_to", _("It ends before it begins: swap the two."))

    def point_out(self, refusal: Refusal) -> None:
        """Put a service's refusal at the field its pointer names."""
        words = [word for word in refusal.pointer.split("/") if word and not word.isdecimal() and word != "not"]
        name = words[1] if len(words) > 1 else (words[0] if words else "")
        name = {
            "except": "warehouses",
            "team": "team",
            **{word: f"{field}_to" for word, field in FIELD_OF.items()},
        }.get(name, name)
        self.add_error(name if name in self.fields else None, str(refusal))


def _called(name: str, value: str, names: Names) -> str:
    if name == "warehouses":
        return names.warehouses.get(value, value)
    return names.of(name, value)


def _initial(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry."""
    when, then, limits = entry.get("when", {}), entry.get("then", {}), entry.get("limits", {})
    refused = when.get("not", {})
    refused = {key: value for key, value in refused.items() if key not in when}
    both = {**{key: value for key, value in when.items() if key != "not"}, **refused}
    found: dict[str, Any] = {"name": entry.get("name", ""), "negated": {FIELD_OF.get(key, key) for key in refused}}
    found |= {name: both[name] for name in VALUES if name in both}
    for name, word in RANGES.items():
        for end, bound in zip(("from", "to"), both.get(word, (None, None)), strict=True):
            field = RuleForm.base_fields[f"{name}_{end}"]
            found[f"{name}_{end}"] = field.large(bound) if isinstance(field, AmountField) else bound
    found |= {"promotion": limits.get("promotion", ""), "weekdays": limits.get("weekdays", [])}
    found |= dict(zip(("hours_from", "hours_to"), limits.get("hours", ("", "")), strict=True))
    for end, key in (("from", "from"), ("to", "until")):
        found[f"period_{end}"] = timezone.localtime(datetime.fromisoformat(limits[key])) if limits.get(key) else None
    return found | _then_initial(then)


def _then_initial(then: Mapping[str, Any]) -> dict[str, Any]:
    listed, left_out, team = then.get("warehouses", "*"), then.get("except", []), then.get("team", "warehouse")
    which = "none" if listed == [] else "only" if listed != "*" else "but" if left_out else "all"
    by = team if team in ("warehouse", "shop") else SKILL if team.startswith("skill:") else NAMED
    return {
        "which": which,
        "warehouses": [code for code in listed if code not in left_out] if which == "only" else left_out,
        "strategies": then.get("strategies", ["nearest"]),
        "max_km": None if then.get("max_km") is None else round(then["max_km"]),
        "split": then.get("split", "never"),
        "max_parcels": then.get("max_parcels"),
        "shortage": then.get("shortage", "reject"),
        "otherwise": then.get("otherwise", "unallocated"),
        "team_by": by,
        "team": team if by == NAMED else "",
        "skill": team.removeprefix("skill:") if by == SKILL else "",
        "raise_priority": then.get("raise_priority"),
        "look_ahead": then.get("look_ahead", False),
    }

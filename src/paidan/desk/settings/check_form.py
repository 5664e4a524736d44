"""The form of the order check: a row per check with its switch and parameters, and the two lists all shops share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.orders.checking.book import CheckBook
from paidan.orders.checking.kinds import SPECS, Check, Kind, Parameter
from paidan.orders.models import Blacklisted, RemarkWord
from paidan.web.forms import PaidanForm

BY_DEFAULT = [("on", gettext_lazy("on")), ("off", gettext_lazy("off"))]
IN_A_SHOP = [("", gettext_lazy("as by default")), *BY_DEFAULT]
MOST_WORDS = 2_000
_MINOR = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page."""

    label: str | Promise
    words: str | Promise
    switch: forms.BoundField
    fields: list[forms.BoundField]


class CheckForm(PaidanForm):
    """What is set by default, or in one shop; there “as by default” says nothing of its own."""

    def __init__(self, *args: Any, book: CheckBook, shop_id: int | None = None, **named: Any) -> None:
        initial = {**_initial(book, shop_id), **(named.pop("initial", None) or {})}
        super().__init__(*args, initial=initial, **named)
        for check, spec in SPECS.items():
            label: Any = spec.label
            choices = BY_DEFAULT if shop_id is None else IN_A_SHOP
            self.fields[check.value] = forms.ChoiceField(label=label, choices=choices, required=shop_id is None)
            for one in spec.parameters:
                self.fields[f"{check.value}-{one.name}"] = _field(one)
        self.dress()

    def dress(self) -> None:
        """Classes of the fields that were added after our look was put on."""
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                style = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
                field.widget.attrs.setdefault("class", style)

    def rows(self) -> Iterator[Row]:
        for check, spec in SPECS.items():
            fields = [self[f"{check.value}-{one.name}"] for one in spec.parameters]
            yield Row(spec.label, spec.words, self[check.value], fields)

    def checks(self) -> dict[str, dict[str, Any]]:
        """What is set, as the service takes it."""
        found = {}
        for check, spec in SPECS.items():
            if said := self.cleaned_data[check.value]:
                values = {one.name: self._value(check, one) for one in spec.parameters}
                found[check.value] = {"on": said == "on", **values}
        return found

    def _value(self, check: Check, one: Parameter) -> Any:
        value = self.cleaned_data[f"{check.value}-{one.name}"]
        match one.kind:
            case Kind.MONEY:
                return None if value is None else int(value * _MINOR)
            case Kind.WORDS:
                return tuple(words_of(value))
        return value


class ListsForm(PaidanForm):
    """The words of remarks and the blacklist, one entry per line."""

    words = forms.CharField(
        label=gettext_lazy("Words of remarks and their tags"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("One per line: word = tag. For example: quickly = urgent"),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        listed: dict[str, list[str]] = {}
        for what, text in Blacklisted.objects.order_by("id").values_list("what", "text"):
            listed.setdefault(what, []).append(text)
        words = RemarkWord.objects.order_by("id").values_list("word", "tag")
        initial = {what: "\n".join(texts) for what, texts in listed.items()}
        initial["words"] = "\n".join(f"{word} = {tag}" for word, tag in words)
        super().__init__(*args, initial=initial, **named)
        for what in Blacklisted.What:
            area = forms.Textarea(attrs={"rows": 5, "class": "form-control", "spellcheck": "false"})
            self.fields[what.value] = forms.CharField(label=what.label, required=False, max_length=100_000, widget=area)

    def blacklist_fields(self) -> list[forms.BoundField]:
        return [self[what.value] for what in Blacklisted.What]

    def clean_words(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for at, line in enumerate(self.cleaned_data["words"].splitlines(), 1):
            word, equals, tag = (part.strip() for part in line.replace("＝", "=").partition("="))
            if not line.strip():
                continue
            if not (word and equals and tag) or len(word) > 40 or len(tag) > 40:
                problem = _("Line %(line)d: write word = tag, each of at most 40 characters.")
                raise forms.ValidationError(problem % {"line": at})
            found[word] = tag
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for what in Blacklisted.What:
            texts = [text.strip() for text in given.get(what.value, "").splitlines()]
            if what is Blacklisted.What.PHONE:
                texts = [re.sub(r"\D", "", text) for text in texts]
            given[what.value] = list(dict.fromkeys(text for text in texts if text))
            if any(len(text) > 100 for text in given[what.value]):
                self.add_error(what.value, _("An entry has more than 100 characters; shorten it."))
        return given


def words_of(text: str) -> list[str]:
    """Words between commas, semicolons, spaces or line ends, Chinese or not."""
    return list(dict.fromkeys(word for word in re.split(r"[,，;；、\s]+", text) if word))


def _initial(book: CheckBook, shop_id: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for check, spec in SPECS.items():
        settings = book.settings(check, shop_id)
        said = "on" if settings["on"] else "off"
        found[check.value] = said if shop_id is None or check in book.of_shop.get(shop_id, {}) else ""
        for one in spec.parameters:
            found[f"{check.value}-{one.name}"] = _shown(one, settings[one.name])
    return found


def _shown(one: Parameter, value: Any) -> Any:
    match one.kind:
        case Kind.MONEY:
            return None if value is None else value / _MINOR
        case Kind.WORDS:
            return ", ".join(value)
    return value


def _field(one: Parameter) -> forms.Field:
    label: Any = one.label
    match one.kind:
        case Kind.FLAG:
            return forms.BooleanField(label=label, required=False)
        case Kind.NUMBER:
            return forms.IntegerField(label=label, required=False, min_value=0, max_value=10_000)
        case Kind.MONEY:
            step = forms.NumberInput(attrs={"step": "0.01"})
            return forms.DecimalField(
                label=label, required=False, min_value=0, max_digits=12, decimal_places=2, widget=step
            )
        case Kind.INSTANT:
            box = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return forms.DateTimeField(label=label, required=False, widget=box)
    return forms.CharField(label=label, required=False, max_length=MOST_WORDS)

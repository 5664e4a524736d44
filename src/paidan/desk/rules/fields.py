"""Fields of the rule form: values chosen from long lists one searches in, and ranges."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

MOST_VALUES = 500
Choices = Sequence[tuple[str, str]]


class ValuesField(forms.Field):
    """Any number of codes or words. `choices` are offered at once; `kind` names what is searched for while typing.

    The order in which they were chosen is kept: for warehouses it means something.
    """

    widget = forms.SelectMultiple

    def __init__(
        self, *, choices: Callable[[], Choices] | None = None, kind: str = "", free: bool = False, **more: Any
    ) -> None:
        super().__init__(required=False, **more)
        self.offered, self.kind, self.free = choices, kind, free

    def offer(self, chosen: Iterable[str], name_of: Callable[[str], str]) -> None:
        """Give the control its options: those offered, and whatever is chosen already."""
        options = dict(self.offered()) if self.offered else {}
        first = {value: options.pop(value, "") or name_of(value) for value in chosen}
        self.widget.choices = [*first.items(), *options.items()]
        self.widget.attrs["data-choose"] = ""
        if self.kind:
            self.widget.attrs["data-from"] = reverse("rules:options", args=[self.kind])
        if self.free:
            self.widget.attrs["data-free"] = ""

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(text for one in value or [] if (text := str(one).strip())))

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(_("At most %(most)d values.") % {"most": MOST_VALUES})
        if any(len(one) > 100 for one in value):
            raise forms.ValidationError(_("A value has at most 100 characters."))


class AmountField(forms.DecimalField):
    """A bound in yuan or kilograms that the format keeps in cents or grams."""

    def __init__(self, *, unit: int, **more: Any) -> None:
        places = len(str(unit)) - 1
        super().__init__(required=False, min_value=0, max_value=10**9, decimal_places=places, **more)
        self.unit = unit

    def small(self, value: Decimal | None) -> int | None:
        """In cents or grams."""
        return None if value is None else int(value * self.unit)

    def large(self, value: int | None) -> Decimal | None:
        """In yuan or kilograms, without needless zeros."""
        if value is None:
            return None
        exact = Decimal(value) / self.unit
        return exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact.normalize()

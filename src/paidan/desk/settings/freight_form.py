"""The grid of a freight table: a line per region, in kilograms, yuan and hours as people write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from paidan.network.intake import region_of
from paidan.network.models import FreightRate, Warehouse
from paidan.network.scopes import visible_warehouses
from paidan.web.forms import PaidanForm

from .warehouse_form import region_words

BLANK = 3
"""Empty lines below the table, for new regions."""
MOST = 20_000_000


def _decimal(label: object, *, places: int = 2, least: str = "0", **named: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, decimal_places=places, min_value=Decimal(least), max_value=MOST, widget=widget, **named  # type: ignore[arg-type]
    )  # fmt: skip


class RateForm(PaidanForm):
    """One line. An empty region is everywhere the others do not name."""

    region = forms.CharField(label=_("Region"), required=False, max_length=60)
    first_kg = _decimal(_("First weight (kg)"), places=3, least="0.001", initial=1)
    first_price = _decimal(_("First weight (¥)"))
    next_kg = _decimal(_("Further weight (kg)"), places=3, least="0.001", initial=1)
    next_price = _decimal(_("Further weight (¥)"), initial=0)
    transit_h = _decimal(_("In transit (h)"), initial=48)
    volumetric = forms.IntegerField(
        label=_("cm³ per kg"), min_value=0, max_value=MOST, initial=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def clean_region(self) -> int:
        text = self.cleaned_data["region"].strip()
        number = region_of(text) if text else 0
        if number is None:
            raise ValidationError(_("No such region, or several. Write the province before the name."))
        return number

    def row(self) -> dict[str, int]:
        """In grams, minor units and seconds."""
        given = self.cleaned_data
        return {
            "first_g": round(given["first_kg"] * 1000),
            "first_minor": round(given["first_price"] * 100),
            "next_g": round(given["next_kg"] * 1000),
            "next_minor": round(given["next_price"] * 100),
            "transit_s": round(given["transit_h"] * 3600),
            "volumetric_cm3_per_kg": given["volumetric"],
        }


class RateGrid(forms.BaseFormSet):  # type: ignore[type-arg]
    """All lines of a table."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    def rows(self) -> dict[int, dict[str, int]]:
        kept = [form for form in self.forms if form.has_changed() or form.initial.get("kept")]
        return {form.cleaned_data["region"]: form.row() for form in kept if not form.cleaned_data.get("DELETE")}

    def clean(self) -> None:
        if any(self.errors):
            return
        seen = set[int]()
        for form in self.forms:
            if "region" not in form.cleaned_data or form.cleaned_data.get("DELETE"):
                continue
            number = form.cleaned_data["region"]
            if number in seen and (form.has_changed() or form.initial.get("kept")):
                form.add_error("region", _("This region stands in two lines. Remove one."))
            seen.add(number)


Grid = forms.formset_factory(RateForm, formset=RateGrid, extra=BLANK, can_delete=True, max_num=4000, absolute_max=5000)


def grid(data: Any, rates: list[FreightRate]) -> Any:
    """The grid of these rates, and of what was typed into it."""
    return Grid(data, initial=[_as_typed(rate) for rate in rates], prefix="rate", form_kwargs={"label_suffix": ""})


def _as_typed(rate: FreightRate) -> dict[str, Any]:
    return {
        "kept": True,
        "region": region_words(rate.region),
        "first_kg": _plain(rate.first_g, 1000),
        "first_price": _plain(rate.first_minor, 100),
        "next_kg": _plain(rate.next_g, 1000),
        "next_price": _plain(rate.next_minor, 100),
        "transit_h": _plain(rate.transit_s, 3600),
        "volumetric": rate.volumetric_cm3_per_kg,
    }


def _plain(value: int, scale: int) -> Decimal:
    """Without zeros behind that nobody typed."""
    places = Decimal("0.001") if scale == 1000 else Decimal("0.01")
    return Decimal(f"{(Decimal(value) / scale).quantize(places).normalize():f}")


class NewTableForm(PaidanForm):
    """Which carrier, from which warehouse."""

    warehouse = forms.ModelChoiceField(Warehouse.objects.none(), label=_("Warehouse"))
    carrier = forms.CharField(
        label=_("Carrier"), max_length=40, help_text=_("The short name that files and the teams use, for example sf.")
    )

    def __init__(self, *args: Any, user: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        field: Any = self.fields["warehouse"]
        field.queryset = visible_warehouses(user)

    def clean_carrier(self) -> str:
        carrier: str = self.cleaned_data["carrier"].strip()
        if "/" in carrier:
            raise ValidationError(_("Without a slash. It is part of the page's address."))
        return carrier


class CheckForm(PaidanForm):
    """A parcel whose price is asked."""

    kg = _decimal(_("Weight (kg)"), places=3, least="0.001", initial=2)
    to = forms.CharField(label=_("to"), max_length=60, initial="广东省")

    def clean_to(self) -> int:
        number = region_of(self.cleaned_data["to"].strip())
        if not number:
            raise ValidationError(_("No such region, or several. Write the province before the name."))
        return number

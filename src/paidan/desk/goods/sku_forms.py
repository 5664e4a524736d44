"""The forms of one SKU and of a bundle's parts."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.catalog.intake import MOST_GRAMS
from paidan.catalog.models import Sku
from paidan.web.forms import PaidanForm

MOST_PARTS = 40
MOST_PIECES = 1_000_000
LONGEST_TAG = 40


class SkuField(forms.CharField):
    """A SKU by its code, chosen from what the server suggests while one types."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 64)
        options.setdefault("label", gettext_lazy("SKU"))
        super().__init__(**options)
        self.widget.attrs |= {
            "list": "sku-options",
            "autocomplete": "off",
            "hx-get": reverse_lazy("desk:sku-options"),
            "hx-trigger": "input changed delay:150ms",
            "hx-target": "#sku-options",
        }

    def clean(self, value: Any) -> Any:
        code = super().clean(value).strip()
        if not code:
            return None
        sku = Sku.objects.filter(code=code).first() or Sku.objects.filter(code__iexact=code).first()
        if sku is None:
            raise forms.ValidationError(_("There is no SKU with the code %(code)s.") % {"code": code})
        return sku


class SkuForm(PaidanForm):
    """What one SKU is."""

    code = forms.CharField(label=gettext_lazy("SKU code"), max_length=64)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    category = forms.CharField(label=gettext_lazy("Category"), max_length=100, required=False)
    tags = forms.CharField(
        label=gettext_lazy("Tags"), max_length=400, required=False, help_text=gettext_lazy("Separated by commas")
    )
    weight_g = forms.IntegerField(label=gettext_lazy("Weight (g)"), min_value=0, max_value=MOST_GRAMS, required=False)
    volume_cm3 = forms.IntegerField(
        label=gettext_lazy("Volume (cm³)"), min_value=0, max_value=MOST_GRAMS, required=False
    )

    def clean_tags(self) -> list[str]:
        words = self.cleaned_data["tags"].replace("，", ",").replace("、", ",").split(",")
        tags = list(dict.fromkeys(word.strip() for word in words if word.strip()))
        if any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(_("A tag has at most %(most)d characters.") % {"most": LONGEST_TAG})
        return tags

    def clean_weight_g(self) -> int:
        return self.cleaned_data["weight_g"] or 0

    def clean_volume_cm3(self) -> int:
        return self.cleaned_data["volume_cm3"] or 0


class BundleForm(PaidanForm):
    """Which SKU is the bundle."""

    bundle = SkuField(label=gettext_lazy("The SKU that is sold as a bundle"))


class PartForm(PaidanForm):
    """One part of a bundle."""

    sku = SkuField(required=False)
    qty = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, max_value=MOST_PIECES, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("sku") and not values.get("qty") and "qty" not in self.errors:
            self.add_error("qty", _("How many pieces?"))
        return values


class Parts(BaseFormSet):  # type: ignore[type-arg]
    """All parts; an emptied one is taken out."""

    def clean(self) -> None:
        chosen = [form.cleaned_data.get("sku") for form in self.forms if form.is_valid()]
        named = [sku for sku in chosen if sku]
        if len(named) != len(set(named)):
            raise forms.ValidationError(_("A SKU stands here twice."))

    def parts(self) -> dict[Sku, int]:
        rows = [form.cleaned_data for form in self.forms]
        return {row["sku"]: row["qty"] for row in rows if row.get("sku")}


PartsFormSet = formset_factory(PartForm, formset=Parts, extra=5, max_num=MOST_PARTS, validate_max=True)

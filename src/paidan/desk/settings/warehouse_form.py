"""The form of a warehouse: place, coverage, hours and room."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from paidan.engine.regions import CHINA
from paidan.geo import full_name
from paidan.geo.codes import code_of
from paidan.network.coverage import Coverage, read_coverage, written
from paidan.network.intake import region_of
from paidan.network.models import Warehouse

from .forms import Section, SettingsForm

HOUR_S = 3600
WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class WarehouseForm(SettingsForm):
    """Derived fields: `region` by name, `handling_h` for `handling_s`, coverage in two hidden lists."""

    sections: ClassVar[list[Section]] = [
        (_("Warehouse"), ["code", "name", "position", "is_open"]),
        (_("Room"), ["capacity", "ratio"]),
        (_("Hours"), ["cutoff", "handling_h", "timezone", "holidays", "weekdays_off"]),
    ]
    region = forms.CharField(
        label=_("Region"), required=False, max_length=60, help_text=_("A name or code: 广州市白云区, 440111")
    )
    handling_h = forms.DecimalField(
        label=_("Handling (hours)"),
        min_value=0,
        max_value=8784,
        decimal_places=2,
        initial=0,
        help_text=_("From accepting to leaving the door."),
    )
    weekdays_off = forms.TypedMultipleChoiceField(
        label=_("Weekly days off"),
        coerce=int,
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    holidays = forms.ChoiceField(
        label=_("Public holidays"), required=False, choices=[("", _("works on them")), ("CN", _("China"))]
    )
    covers = forms.CharField(required=False, widget=forms.HiddenInput)
    excludes = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Warehouse
        fields = (
            *("code", "name", "position", "is_open", "region", "address", "lat", "lng", "capacity", "ratio"),
            *("cutoff", "timezone", "holidays", "weekdays_off", "covers", "excludes"),
        )
        labels: ClassVar = {"is_open": pgettext_lazy("a warehouse", "Open")}
        widgets: ClassVar = {"cutoff": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
        help_texts: ClassVar = {
            "is_open": _("A paused warehouse gets nothing new and keeps what it has."),
            "position": _("Breaks ties: 1 comes first."),
            "capacity": _("Allocations a day. Empty: no limit."),
            "ratio": _("Its share of the orders; the board's ratio sliders set all together."),
            "cutoff": _("Later orders count for the next working day."),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        row: Warehouse = self.instance
        chosen = Coverage.of(row.covers, row.excludes)
        self.initial.update(
            region=region_words(row.region),
            handling_h=Decimal(f"{(Decimal(row.handling_s) / HOUR_S).quantize(Decimal('0.01')).normalize():f}"),
            covers=written(chosen.covers),
            excludes=written(chosen.excludes),
        )
        # Reading the form writes what was typed onto the instance: what was there before is kept aside.
        self.before = {name: getattr(row, name) for name in self.fields if name != "handling_h"}
        self.before["handling_h"] = self.initial["handling_h"]
        for name in ("lat", "lng"):
            self.fields[name].widget.attrs["step"] = "any"
        self.fields["timezone"].widget.attrs["list"] = "time-zones"

    def row_fields(self) -> set[str]:
        return super().row_fields() | {"handling_h"}

    def has_changed_field(self, name: str) -> bool:
        """By value: days and hours are typed otherwise than they are kept."""
        return bool(self.cleaned_data[name] != self.before[name])

    def changed_row(self) -> dict[str, Any]:
        found = super().changed_row()
        if "handling_h" in found:
            found["handling_s"] = round(found.pop("handling_h") * HOUR_S)
        return found

    def clean_region(self) -> int:
        text = self.cleaned_data["region"].strip()
        number = region_of(text) if text else 0
        if number is None:
            raise forms.ValidationError(
                _("There is no such region, or there are several. Write the province before the name.")
            )
        return number

    def clean_cutoff(self) -> time | None:
        cutoff: time | None = self.cleaned_data["cutoff"]
        return cutoff

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"]
        if name not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Write for example Asia/Shanghai."))
        return name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors.keys() & {"lat", "lng"} and (given.get("lat") is None) != (given.get("lng") is None):
            missing = "lat" if given.get("lat") is None else "lng"
            self.add_error(missing, _("Give latitude and longitude both, or neither. A click on the map gives both."))
        self._clean_coverage(given)
        return given

    def _clean_coverage(self, given: dict[str, Any]) -> None:
        try:
            chosen = read_coverage(given.get("covers", ""), given.get("excludes", ""))
        except (LookupError, ValueError):
            self.add_error(None, _("The regions could not be read. Open the page again and tick them once more."))
            return
        if chosen.covers is not None and not chosen.covers:
            self.add_error(None, _("It covers no region. Tick those it ships to, or “Everywhere”."))
            return
        given["covers"] = _as_kept(self.instance.covers, chosen.covers)
        given["excludes"] = _as_kept(self.instance.excludes, chosen.excludes)


def _as_kept(before: list[str] | None, codes: frozenset[str] | None) -> list[str] | None:
    """The list as it was written, where it says the same."""
    if codes is None:
        return None
    return before if before is not None and set(before) == codes else sorted(codes)


def region_words(number: int) -> str:
    """A region as its field shows it."""
    code = code_of(number)
    if not code or code == CHINA:
        return code or ""
    try:
        return full_name(code)
    except LookupError:
        return code

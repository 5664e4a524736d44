"""Asking for a what-if: which days, which rules, and what else shall be otherwise per warehouse and team."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.rules.drafts import draft
from paidan.rules.models import RuleSetVersion, VersionState
from paidan.web.forms import PaidanForm, dress
from paidan.whatif.otherwise import LEAST_PERCENT, MOST_PERCENT, Added, place_of

DRAFT = "draft"
AS_IT_WAS, OPEN, CLOSED = "", "open", "closed"
VERSIONS = 20
LONGEST_DAYS = 400
DAY = {"type": "date"}


class WhatIfForm(PaidanForm):
    """Empty fields leave everything as it was."""

    since = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(DAY, format="%Y-%m-%d"))
    rules = forms.ChoiceField(label=gettext_lazy("Rules"), required=False)
    new_code = forms.SlugField(label=gettext_lazy("Code"), max_length=40, required=False, allow_unicode=True)
    new_place = forms.CharField(
        label=gettext_lazy("Place"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A city and district, or latitude,longitude"),
    )
    new_stock = forms.IntegerField(
        label=gettext_lazy("Share of everybody's stock, %"), min_value=0, max_value=100, required=False
    )
    new_like = forms.ChoiceField(label=gettext_lazy("Freight and calendar like"), required=False)
    new_ratio = forms.IntegerField(label=gettext_lazy("Ratio"), min_value=0, max_value=1_000_000, required=False)
    new_capacity = forms.IntegerField(
        label=gettext_lazy("Capacity a day"), min_value=0, max_value=1_000_000, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.warehouses = list(Warehouse.objects.order_by("position", "id"))
        teams = Team.objects.filter(active=True).select_related("warehouse")
        self.teams = list(teams.order_by("warehouse__position", "id"))
        cast(forms.ChoiceField, self.fields["rules"]).choices = self._rule_choices()
        opened = ((AS_IT_WAS, _("unchanged")), (OPEN, _("open all the time")), (CLOSED, _("closed all the time")))
        for one in self.warehouses:
            label = {"place": one}
            self.fields[f"open_{one.pk}"] = forms.ChoiceField(
                label=_("%(place)s: open or closed") % label, choices=opened, required=False
            )
            self._numbers("warehouse", one.pk, label)
            self.fields[f"freight_{one.pk}"] = _percent(_("%(place)s: freight, percent more or less") % label)
        for team in self.teams:
            self._numbers("team", team.pk, {"place": team})
        like = [("", _("by distance alone")), *((str(one.pk), str(one)) for one in self.warehouses)]
        cast(forms.ChoiceField, self.fields["new_like"]).choices = like
        dress(self)

    def _numbers(self, kind: str, key: int, label: dict[str, Any]) -> None:
        words = (("ratio", _("%(place)s: ratio") % label), ("capacity", _("%(place)s: capacity a day") % label))
        for name, word in words:
            self.fields[f"{kind}_{name}_{key}"] = forms.IntegerField(
                label=word, min_value=0, max_value=1_000_000, required=False,
                widget=forms.NumberInput(attrs={"placeholder": _("unchanged"), "aria-label": word}),
            )  # fmt: skip

    def _rule_choices(self) -> list[tuple[str, str]]:
        found = [("", _("those that were in force then"))]
        if (begun := draft()) is not None:
            found.append((DRAFT, _("the draft, v%(number)d") % {"number": begun.number}))
        numbers = RuleSetVersion.objects.exclude(state=VersionState.DRAFT).order_by("-number")
        return found + [(str(n), f"v{n}") for n in numbers.values_list("number", flat=True)[:VERSIONS]]

    def warehouse_rows(self) -> list[tuple[Any, ...]]:
        return [
            (one, *(self[f"{name}_{one.pk}"] for name in ("open", "warehouse_ratio", "warehouse_capacity", "freight")))
            for one in self.warehouses
        ]

    def team_rows(self) -> list[tuple[Team, Any, Any]]:
        return [(one, self[f"team_ratio_{one.pk}"], self[f"team_capacity_{one.pk}"]) for one in self.teams]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("since"), given.get("until")
        if first and last and last < first:
            self.add_error("until", _("This is before the first day."))
        elif first and last and (last - first).days >= LONGEST_DAYS:
            self.add_error("since", _("At most %(days)d days at a time.") % {"days": LONGEST_DAYS})
        elif first and first > timezone.localdate():
            self.add_error("since", _("This day is still to come."))
        self._check_added(given)
        if not self.errors and not given.get("rules") and not self.assumed():
            self.add_error("rules", _("Choose other rules, or change something below: else nothing can differ."))
        return given

    def _check_added(self, given: dict[str, Any]) -> None:
        """The new warehouse needs a code nobody has, and a place."""
        if not given.get("new_code") and not given.get("new_place"):
            return
        if not given.get("new_code"):
            self.add_error("new_code", _("Give the new warehouse a code."))
        elif any(one.code == given["new_code"] for one in self.warehouses):
            self.add_error("new_code", _("There is a warehouse with this code."))
        if not given.get("new_place"):
            self.add_error("new_place", _("Say where the new warehouse is."))
            return
        try:
            self.place = place_of(given["new_place"])
        except Refusal as refusal:
            self.add_error("new_place", str(refusal))

    def period(self) -> tuple[datetime, datetime]:
        """From the first day's midnight to the last day's, the reader's time."""
        first, last = cast(date, self.cleaned_data["since"]), cast(date, self.cleaned_data["until"])
        zone = timezone.get_current_timezone()
        midnight = datetime.min.time()
        return datetime.combine(first, midnight, zone), datetime.combine(last + timedelta(days=1), midnight, zone)

    def version(self) -> RuleSetVersion | None:
        chosen = self.cleaned_data.get("rules", "")
        if chosen == DRAFT:
            return draft()
        return RuleSetVersion.objects.filter(number=int(chosen)).first() if chosen else None

    def rules_name(self) -> str:
        version = self.version()
        return f"v{version.number}" if version else ""

    def _added(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        if not given.get("new_code") or not given.get("new_place") or not hasattr(self, "place"):
            return []
        one = Added(
            given["new_code"], *self.place, stock_percent=given.get("new_stock") or 0,
            like=int(given.get("new_like") or 0), ratio=given.get("new_ratio") or 0,
            capacity=given.get("new_capacity"),
        )  # fmt: skip
        return [asdict(one)]

    def assumed(self) -> dict[str, Any]:
        """As `running.assumptions_of` reads it; only what is otherwise."""
        given = self.cleaned_data

        def numbers(kind: str, name: str, rows: list[Any]) -> dict[str, int]:
            values = {str(row.pk): given.get(f"{kind}_{name}_{row.pk}") for row in rows}
            return {key: value for key, value in values.items() if value is not None}

        found: dict[str, Any] = {
            "ratio_w": numbers("warehouse", "ratio", self.warehouses),
            "capacity_w": numbers("warehouse", "capacity", self.warehouses),
            "ratio_t": numbers("team", "ratio", self.teams),
            "capacity_t": numbers("team", "capacity", self.teams),
            "paused": [one.pk for one in self.warehouses if given.get(f"open_{one.pk}") == CLOSED],
            "opened": [one.pk for one in self.warehouses if given.get(f"open_{one.pk}") == OPEN],
            "freight_percent": {
                str(one.pk): given[f"freight_{one.pk}"] for one in self.warehouses if given.get(f"freight_{one.pk}")
            },
            "added": self._added(given),
        }
        return {name: value for name, value in found.items() if value}


def _percent(label: str) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"placeholder": "±0", "aria-label": label})
    return forms.IntegerField(
        label=label, min_value=LEAST_PERCENT, max_value=MOST_PERCENT, required=False, widget=widget
    )

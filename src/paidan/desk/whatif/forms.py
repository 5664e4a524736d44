"""Asking for a what-if: which days, which rules, and what else shall be otherwise per warehouse and team."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.network.models import Team, Warehouse
from paidan.rules.drafts import draft
from paidan.rules.models import RuleSetVersion, VersionState
from paidan.web.forms import PaidanForm, dress

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
        for team in self.teams:
            self._numbers("team", team.pk, {"place": team})
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

    def warehouse_rows(self) -> list[tuple[Warehouse, Any, Any, Any]]:
        return [
            (one, self[f"open_{one.pk}"], self[f"warehouse_ratio_{one.pk}"], self[f"warehouse_capacity_{one.pk}"])
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
        if not self.errors and not given.get("rules") and not self.assumed():
            self.add_error("rules", _("Choose other rules, or change something below: else nothing can differ."))
        return given

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
        }
        return {name: value for name, value in found.items() if value}

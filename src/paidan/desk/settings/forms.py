"""The forms of shops, teams and promotions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.network.models import Promotion, Shop, Team
from paidan.network.scopes import visible_shops, visible_teams, visible_warehouses
from paidan.web.forms import PaidanModelForm

Section = tuple[object, list[str]]


class SettingsForm(PaidanModelForm):
    """A form of one row: its code is given once, only what was changed is written."""

    sections: ClassVar[list[Section]] = []
    many: ClassVar[tuple[str, ...]] = ()
    """Fields that are rows related to this one."""

    def __init__(self, *args: Any, user: User, **named: Any) -> None:
        super().__init__(*args, **named)
        self.user = user
        if self.instance.pk is not None:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = _("Rules, files and the API know it by this code: it stays.")

    @property
    def cards(self) -> list[tuple[object, list[forms.BoundField]]]:
        """The fields as the page groups them."""
        return [(title, [self[name] for name in names]) for title, names in self.sections]

    def changed_row(self) -> dict[str, Any]:
        """The row's fields that differ from what was shown; all of a new one."""
        names = [name for name in self.cleaned_data if name not in self.many and name in self.row_fields()]
        if self.instance.pk is None:
            return {name: self.cleaned_data[name] for name in names}
        return {name: self.cleaned_data[name] for name in names if self.has_changed_field(name)}

    def has_changed_field(self, name: str) -> bool:
        return name in self.changed_data

    def row_fields(self) -> set[str]:
        return {field.name for field in self._meta.model._meta.get_fields()}

    def changed_rows(self) -> dict[str, list[Model]]:
        """The related rows chosen, together with those outside the reader's scope, which are not theirs to drop."""
        found: dict[str, list[Model]] = {}
        for name in self.many:
            if name not in self.changed_data:
                continue
            offered: Any = self.fields[name].queryset  # type: ignore[attr-defined]
            hidden: list[Model] = []
            if self.instance.pk is not None:
                ids = offered.order_by().values("pk")
                hidden = list(getattr(self.instance, name).exclude(pk__in=ids))
            found[name] = [*self.cleaned_data[name], *hidden]
        return found


class ShopForm(SettingsForm):
    """A shop, its promise, and the teams its orders go to."""

    many = ("teams",)
    sections: ClassVar[list[Section]] = [
        (_("Shop"), ["code", "name", "platform", "active"]),
        (_("Orders"), ["ship_within_h", "teams"]),
    ]
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Default team"),
        required=False,
        help_text=_("Orders of this shop go to it, unless their rule names another. None: a team of the warehouse."),
    )

    class Meta:
        model = Shop
        fields = ("code", "name", "platform", "active", "ship_within_h")
        help_texts: ClassVar = {"platform": _("For example taobao, jd, pdd, douyin. Rules can ask for it.")}

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        field: Any = self.fields["teams"]
        kept = self.instance.teams.all() if self.instance.pk else Team.objects.none()
        field.queryset = visible_teams(self.user).filter(Q(active=True) | Q(pk__in=kept.values("pk")))
        self.initial["teams"] = [one.pk for one in kept]

    def clean_ship_within_h(self) -> int:
        hours: int = self.cleaned_data["ship_within_h"]
        if not 0 < hours <= 8784:
            raise forms.ValidationError(_("Between 1 hour and a year. Most platforms ask for 48 hours."))
        return hours


class TeamForm(SettingsForm):
    """A team: where it works, for whom, what it can do, and who belongs to it."""

    many = ("shops", "members")
    sections: ClassVar[list[Section]] = [
        (_("Team"), ["code", "name", "warehouse", "active"]),
        (_("Work"), ["shops", "skills", "capacity", "ratio"]),
        (_("People"), ["members"]),
    ]
    skills = forms.CharField(
        label=_("Skills"),
        required=False,
        help_text=_("With commas between, for example VIP, gift wrap. Rules can ask for them."),
    )

    class Meta:
        model = Team
        fields = ("code", "name", "warehouse", "active", "shops", "skills", "capacity", "ratio", "members")
        help_texts: ClassVar = {
            "warehouse": _("It serves only this warehouse. None: every warehouse, for its shops."),
            "shops": _("Their orders go to this team. None: whatever the warehouse gets."),
            "capacity": _("Allocations it can take a day. Empty: no limit."),
            "ratio": _("Its share of the warehouse's orders, against the ratios of the other teams."),
            "members": _("Who may accept, pick, pack and ship for it."),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        fields: Any = self.fields
        fields["warehouse"].queryset = visible_warehouses(self.user)
        fields["warehouse"].empty_label = _("every warehouse")
        fields["shops"].queryset = visible_shops(self.user)
        fields["members"].queryset = User.objects.filter(is_active=True).order_by("username")
        fields["members"].label_from_instance = lambda user: f"{user.display_name} ({user.username})"
        self.initial["skills"] = ", ".join(self.instance.skills)

    def clean_skills(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["skills"].replace("，", ",").replace("、", ",").split(",")]
        if any(len(word) > 40 for word in words):
            raise forms.ValidationError(_("A skill has at most 40 characters. Put a comma between two."))
        return list(dict.fromkeys(word for word in words if word))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and given["warehouse"] is None and not given["shops"]:
            self.add_error("warehouse", _("Choose a warehouse, or the shops it serves: else nothing reaches it."))
        return given


class PromotionForm(SettingsForm):
    """A named period."""

    sections: ClassVar[list[Section]] = [(_("Promotion"), ["code", "name", "starts_at", "ends_at"])]

    class Meta:
        model = Promotion
        fields = ("code", "name", "starts_at", "ends_at")
        widgets: ClassVar = {
            name: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            for name in ("starts_at", "ends_at")
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        starts: datetime | None = given.get("starts_at")
        ends: datetime | None = given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("It ends before it starts. Correct the start or the end."))
        return given

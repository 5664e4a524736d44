"""What the relieve drawer asks for, cleaned into a `Relief` within the reader's scope."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.relieve import Relief
from paidan.geo import children
from paidan.network.models import Warehouse
from paidan.network.scopes import scope_of, visible_shops, visible_warehouses


class ReliefForm(forms.Form):
    """How many, which, and where to."""

    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=50_000, required=False)
    down_to = forms.IntegerField(label=_("or down to a load of"), min_value=0, max_value=999, required=False)
    new_only = forms.BooleanField(label=_("Only what waits to be accepted"), required=False, initial=True)
    without_vip = forms.BooleanField(label=_("Without VIP"), required=False, initial=True)
    shop = forms.TypedChoiceField(label=_("Shop"), required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label=_("Region"), required=False, coerce=int, empty_value=None)
    where = forms.ChoiceField(
        label=_("Where to"), choices=[("best", _("Best for each order")), ("chosen", _("Chosen warehouses"))]
    )
    to = forms.TypedMultipleChoiceField(label=_("Warehouses"), required=False, coerce=int)

    def __init__(self, data: Any, *, user: User, source: Warehouse, **named: Any) -> None:
        super().__init__(data, **named)
        self.user, self.source = user, source
        self.others = [one for one in visible_warehouses(user) if one.id != source.id]
        shops = [(one.id, str(one)) for one in visible_shops(user)]
        provinces = [(int(one.code), one.name) for one in children("CN")]
        choices: dict[str, list[tuple[Any, Any]]] = {
            "shop": [("", _("all shops")), *shops],
            "region": [("", _("everywhere")), *provinces],
            "to": [(one.id, str(one)) for one in self.others],
        }
        for name, listed in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = listed

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("number") and given.get("down_to") is None and not self.errors:
            self.add_error("number", _("Say how many, or down to which load."))
        return given

    def relief(self) -> Relief:
        """The question to ask; what somebody may not force is left alone, and scopes bind both ends."""
        given, scope = self.cleaned_data, scope_of(self.user)
        within = [one.id for one in self.others]
        asked = given["to"] if given["where"] == "chosen" else within
        shops = None if scope.shops is None else tuple(scope.shops)
        if given["shop"]:
            shops = (given["shop"],)
        down_to = given.get("down_to")
        return Relief(
            self.source,
            number=given["number"] if down_to is None else None,
            down_to=None if down_to is None else down_to / 100,
            accepted_too=not given["new_only"] and self.user.can(Capability.FORCE_REASSIGN),
            vip_too=not given["without_vip"],
            shop_ids=shops,
            team_ids=None if scope.teams is None else tuple(scope.teams),
            region=given["region"] or 0,
            to=tuple(key for key in asked if key in within),
        )

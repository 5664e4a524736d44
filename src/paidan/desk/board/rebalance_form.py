"""What the rebalance drawer asks for, cleaned into a `Rebalance` within the reader's scope."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.allocation.rebalance import Rebalance
from paidan.allocation.rebalance.asked import MOST, within_reach
from paidan.geo import children
from paidan.network.scopes import visible_shops, visible_warehouses

SECONDS = 6.0
"""How long somebody who looks at the drawer waits for a plan at most."""


class RebalanceForm(forms.Form):
    """Which allocations, how many may move, and what each must save."""

    warehouse = forms.TypedChoiceField(label=_("Warehouse"), required=False, coerce=int, empty_value=None)
    shop = forms.TypedChoiceField(label=_("Shop"), required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label=_("Region"), required=False, coerce=int, empty_value=None)
    most = forms.IntegerField(label=_("At most so many moves"), min_value=1, max_value=MOST, required=False)
    saving = forms.DecimalField(
        label=_("Each saves at least (¥)"), min_value=Decimal(0), max_value=Decimal(100_000), decimal_places=2,
        required=False,
    )  # fmt: skip

    def __init__(self, data: Any, *, user: User, **named: Any) -> None:
        super().__init__(data, **named)
        self.user = user
        choices: dict[str, list[tuple[Any, Any]]] = {
            "warehouse": [("", _("all warehouses")), *((one.id, str(one)) for one in visible_warehouses(user))],
            "shop": [("", _("all shops")), *((one.id, str(one)) for one in visible_shops(user))],
            "region": [("", _("everywhere")), *((int(one.code), one.name) for one in children("CN"))],
        }
        for name, listed in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = listed

    def asked(self) -> Rebalance:
        """The question to ask; scopes bind both ends of a move."""
        given = self.cleaned_data
        saving = given.get("saving")
        asked = Rebalance(
            most=given.get("most"),
            saving_minor=None if saving is None else int(saving * 100),
            warehouse_ids=(given["warehouse"],) if given["warehouse"] else None,
            shop_ids=(given["shop"],) if given["shop"] else None,
            region=given["region"] or 0,
            seconds=SECONDS,
        )
        return within_reach(asked, self.user)

"""What rules name by code, as people call it: read once for a page of rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from paidan.catalog.models import Sku
from paidan.desk.settings.coverage_views import name_of
from paidan.network.models import Promotion, Shop, Team, Warehouse
from paidan.rules.models import Rule


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code; what is not known any more is called by its code."""

    shops: Mapping[str, str] = field(default_factory=dict)
    warehouses: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)
    skus: Mapping[str, str] = field(default_factory=dict)
    promotions: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, value: str) -> str:
        """What a value of a condition is called."""
        if name == "region":
            return region_name(value)
        table: Mapping[str, str] = {"shop": self.shops, "sku": self.skus}.get(name, {})
        return table.get(value, value)


def region_name(code: str) -> str:
    """In full, or the code itself where it names no region."""
    padded = code + "0" * (6 - len(code)) if code.isdecimal() else code
    try:
        return name_of(padded)
    except LookupError:
        return code


def names_for(rules: Iterable[Rule]) -> Names:
    """The names these rules need: five queries, however many rules."""
    codes = {code for rule in rules for code in _skus_of(rule.when)}
    return Names(
        shops={one.code: str(one) for one in Shop.objects.all()},
        warehouses={one.code: str(one) for one in Warehouse.objects.all()},
        teams={one.code: str(one) for one in Team.objects.all()},
        skus={one.code: one.name or one.code for one in Sku.objects.filter(code__in=codes)},
        promotions={one.code: str(one) for one in Promotion.objects.all()},
    )


def _skus_of(when: Mapping[str, Any]) -> list[str]:
    return [*when.get("sku", []), *when.get("not", {}).get("sku", [])]

"""The rules people begin with: a newcomer takes one, fills in a name or two, and saves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.network.models import Promotion, Team, Warehouse
from paidan.orders.models import Order


@dataclass(frozen=True, slots=True)
class Template:
    """A beginning: what it is called, its icon, one sentence of help, and the rule it makes of what is there."""

    key: str
    name: str | Promise
    icon: str
    help: str | Promise
    rule: Callable[[], Mapping[str, Any]]


def _warehouses(number: int) -> list[str]:
    """The first open warehouses, in their order."""
    return list(
        Warehouse.objects.filter(is_open=True).order_by("position", "id").values_list("code", flat=True)[:number]
    )


def _experienced() -> str:
    """A team with the skill VIP where there is one, however it is written."""
    skills = {skill for row in Team.objects.filter(active=True).values_list("skills", flat=True) for skill in row}
    return next((f"skill:{skill}" for skill in sorted(skills) if skill.casefold() == "vip"), "warehouse")


def _vip() -> str:
    """The tag as the latest orders have it."""
    latest = Order.objects.exclude(tags=[]).order_by("-id").values_list("tags", flat=True)[:2_000]
    return next((tag for tags in latest for tag in tags if tag.casefold() == "vip"), "VIP")


def _promotion() -> dict[str, Any]:
    found = Promotion.objects.order_by("-starts_at").values_list("code", flat=True).first()
    return {"promotion": found} if found else {}


TEMPLATES = (
    Template(
        "nearest",
        _("Nearest warehouse"),
        "map-pin",
        _("Every order to the nearest warehouse that has everything."),
        lambda: {"then": {"strategies": ["nearest"]}},
    ),
    Template(
        "cheapest",
        _("Cheapest freight"),
        "coin",
        _("The warehouse from which the parcel costs least; of equal prices the nearest."),
        lambda: {"then": {"strategies": ["cheapest", "nearest"]}},
    ),
    Template(
        "shop-team",
        _("Each shop to its own team"),
        "building-store",
        _("Orders of a shop go to the team that lists it. Choose the shops; give them their team in the settings."),
        lambda: {"then": {"strategies": ["nearest"], "team": "shop", "otherwise": "next"}},
    ),
    Template(
        "vip",
        _("VIP to an experienced team"),
        "crown",
        _("Orders tagged VIP are taken first, ship from the fastest warehouse, and go to a team with that skill."),
        lambda: {
            "when": {"tag": [_vip()]},
            "then": {"strategies": ["fastest", "nearest"], "team": _experienced(), "raise_priority": 50},
        },
    ),
    Template(
        "fixed",
        _("Goods from one warehouse"),
        "package",
        _("Some goods lie in one warehouse only. Choose the goods and the warehouse."),
        lambda: {"then": {"warehouses": _warehouses(1), "otherwise": "hold"}},
    ),
    Template(
        "promotion",
        _("Promotion 60 : 40"),
        "flame",
        _("During a promotion two warehouses share the orders by their ratios. Set those on the dispatch board."),
        lambda: {
            "limits": _promotion(),
            "then": {"warehouses": _warehouses(2), "strategies": ["ratio", "nearest"], "otherwise": "next"},
        },
    ),
    Template(
        "backup",
        _("One warehouse as backup"),
        "lifebuoy",
        _("The first warehouse takes them; the second only what the first cannot serve."),
        lambda: {"then": {"warehouses": _warehouses(2), "strategies": ["ranked"]}},
    ),
)


def template_of(key: str) -> Template | None:
    """The template with this key."""
    return next((one for one in TEMPLATES if one.key == key), None)

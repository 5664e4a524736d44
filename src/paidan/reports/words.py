"""The names of what reports are cut by and of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.engine.codes import Reason
from paidan.geo import region
from paidan.geo.codes import code_of
from paidan.network.models import Shop, Team, Warehouse
from paidan.rules.models import Rule, VersionState

from .dimensions import Dimension
from .models import ReportedRule

D = Dimension
REASONS: Mapping[int, str | Promise] = {
    Reason.NONE: gettext_lazy("no warehouse left"),
    Reason.STOCK_SHORT: gettext_lazy("stock short"),
    Reason.PAUSED: gettext_lazy("warehouse paused"),
    Reason.NOT_COVERED: gettext_lazy("region not covered"),
    Reason.TOO_FAR: gettext_lazy("too far"),
    Reason.TOO_LATE: gettext_lazy("too late"),
    Reason.WAREHOUSE_FULL: gettext_lazy("warehouse full"),
    Reason.TEAM_FULL: gettext_lazy("team full"),
    Reason.EXCLUDED: gettext_lazy("excluded by the rule"),
    Reason.NO_TEAM: gettext_lazy("no team for it"),
    Reason.NO_RULE: gettext_lazy("no rule matches"),
    Reason.ADDRESS_UNRESOLVED: gettext_lazy("address unresolved"),
    Reason.UNKNOWN_SKU: gettext_lazy("unknown SKU"),
    Reason.HELD: gettext_lazy("held"),
}
SUFFIXES = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


def names_of(dimension: Dimension, keys: Iterable[int]) -> dict[int, str]:
    """What the reader calls these values."""
    wanted = list(keys)
    if dimension == D.WAREHOUSE:
        return {one.pk: str(one) for one in Warehouse.objects.filter(pk__in=wanted)}
    if dimension == D.TEAM:
        found = {one.pk: str(one) for one in Team.objects.filter(pk__in=wanted)}
        return found | {0: _("no team")}
    if dimension == D.SHOP:
        return {one.pk: str(one) for one in Shop.objects.filter(pk__in=wanted)}
    if dimension == D.RULE:
        codes, names = rule_codes(), rule_names()
        return {key: names.get(codes.get(key, ""), codes.get(key, "")) for key in wanted} | {0: _("by hand")}
    if dimension == D.REGION:
        return {key: place_of(key) or _("no address") for key in wanted}
    if dimension == D.REASON:
        return {key: str(REASONS.get(key, key)) for key in wanted}
    return {key: f"{key}:00" for key in wanted}


def rule_codes() -> dict[int, str]:
    return dict(ReportedRule.objects.values_list("id", "code"))


def rule_names() -> dict[str, str]:
    """By code: the name in the version in force, else the latest a rule had."""
    past = Rule.objects.exclude(version__state=VersionState.DRAFT).order_by("code", "-id").distinct("code")
    return {one.code: str(one) for one in past}


@cache
def place_of(number: int) -> str:
    """A province or country by its short name; "" for none."""
    code = code_of(number)
    if code is None:
        return ""
    try:
        name = region(code).name
    except LookupError:
        return code
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name


def hours_and_minutes(seconds: float | None) -> str:
    """5.1 h; under an hour in minutes."""
    if seconds is None:
        return "—"
    if seconds < 3600:
        return _("%(number)s min") % {"number": f"{seconds / 60:.0f}"}
    if seconds < 72 * 3600:
        return _("%(number)s h") % {"number": f"{seconds / 3600:.1f}"}
    return _("%(number)s d") % {"number": f"{seconds / 86400:.1f}"}

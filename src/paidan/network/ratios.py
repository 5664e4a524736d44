"""Setting what share of the orders each warehouse, or team of one, should get: together, so that they sum to 100."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

from .models import Team, Warehouse

WHOLE = 100


@transaction.atomic
def set_ratios(ratio_of: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Set the ratios of these warehouses; answers those that changed, before and after.

    Credits earned under other ratios do not count any more (they are kept under a key of the ratios in force).
    """
    if any(ratio < 0 for ratio in ratio_of.values()) or sum(ratio_of.values()) != WHOLE:
        sentence = _("The ratios sum to %(sum)s %%, not to 100 %%.")
        raise Refusal("ratios_not_whole", sentence, sum=sum(ratio_of.values()))
    changed: dict[int, tuple[int, int]] = {}
    for warehouse in Warehouse.objects.select_for_update().filter(id__in=list(ratio_of)).order_by("id"):
        if warehouse.ratio != ratio_of[warehouse.id]:
            changed[warehouse.id] = (warehouse.ratio, ratio_of[warehouse.id])
            warehouse.ratio = ratio_of[warehouse.id]
            warehouse.save(update_fields=["ratio"])
    return changed


@transaction.atomic
def set_team_ratios(ratio_of: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Set how the teams of one warehouse share its orders; answers those that changed, before and after."""
    if any(ratio < 0 for ratio in ratio_of.values()) or sum(ratio_of.values()) != WHOLE:
        sentence = _("The ratios sum to %(sum)s %%, not to 100 %%.")
        raise Refusal("ratios_not_whole", sentence, sum=sum(ratio_of.values()))
    teams = list(Team.objects.select_for_update().filter(id__in=list(ratio_of)).order_by("id"))
    if len({team.warehouse_id for team in teams}) > 1:
        raise Refusal("teams_apart", _("Only teams of one warehouse share its orders."))
    changed: dict[int, tuple[int, int]] = {}
    for team in teams:
        if team.ratio != ratio_of[team.id]:
            changed[team.id] = (team.ratio, ratio_of[team.id])
            team.ratio = ratio_of[team.id]
            team.save(update_fields=["ratio"])
    return changed


def as_percent(ratio_of: Mapping[int, int]) -> dict[int, int]:
    """Ratios of any sum as whole percents that sum to a hundred (largest remainders first; none set = shared alike)."""
    if not ratio_of:
        return {}
    total = sum(ratio_of.values())
    exact = {key: (ratio * WHOLE / total if total else WHOLE / len(ratio_of)) for key, ratio in ratio_of.items()}
    found = {key: int(share) for key, share in exact.items()}
    by_rest = sorted(exact, key=lambda key: (found[key] - exact[key], key))
    for key in by_rest[: WHOLE - sum(found.values())]:
        found[key] += 1
    return found

"""Normal ratios and capacities that follow the advice: those that somebody said may, once a night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from paidan.network.models import Team, Warehouse
from paidan.network.plans import NORMAL, Applied, Kind, Name, automatic, set_planned

from .speeds import Speed, hours_of_work, speeds_of_teams, speeds_of_warehouses


@transaction.atomic
def follow_advice(*, now: datetime) -> list[Applied]:
    """Plan what is advised as normal, for the warehouses and teams that follow; answers what changed at once.

    Where too little is known to advise anything, the value stays.
    """
    wanted: dict[tuple[Kind, Name], set[int]] = {
        (kind, name): automatic(kind, name) for kind in ("warehouse", "team") for name in ("ratio", "capacity")
    }
    if not any(wanted.values()):
        return []
    hours = hours_of_work(now)
    teams: dict[int, list[Team]] = {}
    for team in Team.objects.filter(active=True).select_related("warehouse").order_by("id"):
        teams.setdefault(team.warehouse_id or 0, []).append(team)
    speeds: dict[Kind, list[Speed]] = {
        "warehouse": speeds_of_warehouses(list(Warehouse.objects.order_by("position", "id")), hours),
        "team": [speed for group in teams.values() for speed in speeds_of_teams(group, hours)],
    }
    applied: list[Applied] = []
    for (kind, name), members in wanted.items():
        if cells := advised(speeds[kind], name, members):
            applied += set_planned(kind, name, cells, by=None, now=now)
    return applied


def advised(speeds: Sequence[Speed], name: Name, members: set[int]) -> dict[tuple[int, str], int | None]:
    """The normal values advised for these members."""
    found: dict[tuple[int, str], int | None] = {}
    for one in speeds:
        value = one.ratio_then if name == "ratio" else one.capacity_then
        if one.place.pk in members and value is not None:
            found[one.place.pk, NORMAL] = value
    return found

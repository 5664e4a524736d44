"""Which teams and allocations of theirs somebody may see: the scope every view and query here begins with."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.network.models import Team
from paidan.network.scopes import scope_of, visible_teams


def team_in_scope(user: User, team_id: int, **_captured: Any) -> bool:
    return bool(visible_teams(user).filter(pk=team_id).exists())


def allocation_in_scope(user: User, team_id: int, allocation_id: int, **_captured: Any) -> bool:
    """An allocation that has left for another team is that team's and nobody else's."""
    if not team_in_scope(user, team_id):
        return False
    return _of(user, team_id).filter(pk=allocation_id).exists()


def team_of(team_id: int) -> Team:
    """The team of an address whose scope was checked."""
    return Team.objects.select_related("warehouse").get(pk=team_id)


def team_allocations(user: User, team: Team) -> QuerySet[Allocation]:
    """What this team has or had, as far as this user may see it."""
    return _of(user, team.pk)


def _of(user: User, team_id: int) -> QuerySet[Allocation]:
    limits = scope_of(user).condition(warehouse="warehouse_id", shop="order__shop_id")
    return Allocation.objects.filter(limits, team_id=team_id)

"""Which reminders somebody sees: those of the shops, warehouses and teams within their scope."""

from django.db.models import Q, QuerySet

from paidan.accounts.models import User
from paidan.network.scopes import scope_of

from .models import Reminder


def visible_reminders(user: User) -> QuerySet[Reminder]:
    """What belongs to no place is everybody's who is not limited."""
    scope = scope_of(user)
    found = Q()
    for field, ids in (("shop", scope.shops), ("warehouse", scope.warehouses), ("team", scope.teams)):
        if ids is not None:
            found &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}_id__in": sorted(ids)})
    if not scope.is_everything:
        found &= Q(shop__isnull=False) | Q(warehouse__isnull=False) | Q(team__isnull=False)
    return Reminder.objects.filter(found).select_related("rule", "shop", "warehouse", "team", "acknowledged_by")

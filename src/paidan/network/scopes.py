"""Where somebody may act: which warehouses, teams and shops a user's scope reaches.

No row = everywhere (for a team member: their own teams). Several rows of one kind are OR-ed, kinds are AND-ed. The
apps above turn a scope into filters of their own rows (`visible_orders`, `visible_allocations`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from paidan.accounts.capabilities import Role
from paidan.accounts.models import ApiToken, User
from paidan.web.kept import Kept

from .models import Shop, Team, TokenLimit, UserScope, Warehouse

Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Ids a user is limited to; None = not limited in this respect."""

    warehouses: Ids | None = None
    teams: Ids | None = None
    shops: Ids | None = None

    @property
    def is_everything(self) -> bool:
        return self.warehouses is None and self.teams is None and self.shops is None

    def has_warehouse(self, warehouse_id: int | None) -> bool:
        return self.warehouses is None or warehouse_id in self.warehouses

    def has_team(self, team_id: int | None) -> bool:
        return self.teams is None or team_id in self.teams

    def has_shop(self, shop_id: int | None) -> bool:
        return self.shops is None or shop_id in self.shops

    def within(self, other: "Scope") -> "Scope":
        """What both reach."""
        return Scope(
            _both(self.warehouses, other.warehouses), _both(self.teams, other.teams), _both(self.shops, other.shops)
        )

    def condition(self, *, warehouse: str = "", team: str = "", shop: str = "") -> Q:
        """The scope as a filter, by the fields rows have: `scope.condition(warehouse="warehouse_id")`."""
        found = Q()
        for field, ids in ((warehouse, self.warehouses), (team, self.teams), (shop, self.shops)):
            if field and ids is not None:
                found &= Q(**{f"{field}__in": sorted(ids)})
        return found


def _both(one: Ids | None, other: Ids | None) -> Ids | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


EVERYTHING = Scope()


def scope_of(user: User) -> Scope:
    """This user's scope; read once per request (kept on the user object)."""
    kept: Scope | None = getattr(user, "_scope", None)
    if kept is None:
        kept = _read(user) if user.token is None else _scope_of_token(user, user.token)
        user._scope = kept  # type: ignore[attr-defined]
    return kept


def _scope_of_token(user: User, token: ApiToken) -> Scope:
    """What both reach, kept in memory as the token is."""
    known = {} if token.seen_under is None else _SCOPES.at(token.seen_under)
    if token.pk not in known:
        known[token.pk] = _read(user).within(limits_of_token(token))
    return known[token.pk]


_SCOPES: Kept[dict[int, Scope]] = Kept(dict)


def _read(user: User) -> Scope:
    if not user.is_active:
        return Scope(frozenset(), frozenset(), frozenset())
    if user.is_superuser or user.role == Role.ADMINISTRATOR:
        return EVERYTHING
    rows = list(UserScope.objects.filter(user=user).values_list("warehouse_id", "team_id", "shop_id"))
    teams = _ids(row[1] for row in rows)
    if user.role == Role.TEAM:
        # Who works in a team sees that team's work, whatever else was forgotten to be set.
        mine = frozenset(user.teams.values_list("id", flat=True))
        teams = mine if teams is None else mine & teams
    return Scope(_ids(row[0] for row in rows), teams, _ids(row[2] for row in rows))


def limits_of_token(token: ApiToken) -> Scope:
    """What a token is limited to, whoever it acts for."""
    rows = list(TokenLimit.objects.filter(token=token).values_list("warehouse_id", "shop_id"))
    return Scope(warehouses=_ids(row[0] for row in rows), shops=_ids(row[1] for row in rows))


def _ids(found: Any) -> Ids | None:
    ids = frozenset(one for one in found if one is not None)
    return ids or None


def limit_user(
    user: User,
    *,
    warehouses: Collection[Warehouse] = (),
    teams: Collection[Team] = (),
    shops: Collection[Shop] = (),
) -> None:
    """Replace a user's limits by these; none = everywhere."""
    UserScope.objects.filter(user=user).delete()
    UserScope.objects.bulk_create(
        [
            *(UserScope(user=user, warehouse=warehouse) for warehouse in warehouses),
            *(UserScope(user=user, team=team) for team in teams),
            *(UserScope(user=user, shop=shop) for shop in shops),
        ]
    )
    if hasattr(user, "_scope"):
        del user._scope


def visible_warehouses(user: User) -> Any:
    """The warehouses within a user's scope, in order."""
    scope = scope_of(user)
    found = Warehouse.objects.filter(scope.condition(warehouse="id"))
    if scope.teams is not None:
        found = found.filter(Q(teams__id__in=sorted(scope.teams))).distinct()
    return found.order_by("position", "id")


def visible_teams(user: User) -> Any:
    """The teams within a user's scope."""
    scope = scope_of(user)
    found = Team.objects.filter(scope.condition(team="id"))
    if scope.warehouses is not None:
        found = found.filter(Q(warehouse__isnull=True) | Q(warehouse_id__in=sorted(scope.warehouses)))
    return found.order_by("code")


def visible_shops(user: User) -> Any:
    """The shops within a user's scope."""
    return Shop.objects.filter(scope_of(user).condition(shop="id")).order_by("code")

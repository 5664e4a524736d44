"""Which stock somebody sees, and what the pages of goods have in common."""

from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.network.scopes import scope_of, visible_warehouses
from paidan.stock.models import StockMovement, StockRow

MOST_SKUS = 500
"""So many SKUs a few words may name; whoever wants more filters by category."""


def limited_to(user: User) -> list[int] | None:
    """The warehouses this user's stock is limited to; None = all of them."""
    scope = scope_of(user)
    if scope.warehouses is None and scope.teams is None:
        return None
    return list(visible_warehouses(user).values_list("id", flat=True))


def visible_stock(user: User) -> QuerySet[StockRow]:
    """The stock within a user's scope."""
    ids = limited_to(user)
    return StockRow.objects.all() if ids is None else StockRow.objects.filter(warehouse_id__in=ids)


def visible_movements(user: User) -> QuerySet[StockMovement]:
    """The movements within a user's scope."""
    ids = limited_to(user)
    return StockMovement.objects.all() if ids is None else StockMovement.objects.filter(warehouse_id__in=ids)


def place_in_scope(user: User, warehouse_id: int, **_captured: object) -> bool:
    """Whether this warehouse's stock is the user's to touch."""
    ids = limited_to(user)
    return ids is None or warehouse_id in ids


def skus_named(words: str) -> list[int]:
    """The SKU of this code, else those with the words in their code or name."""
    exact = list(Sku.objects.filter(code__iexact=words).values_list("id", flat=True))
    if exact:
        return exact
    rows = Sku.objects.filter(name__icontains=words) | Sku.objects.filter(code__icontains=words)
    return list(rows.values_list("id", flat=True)[:MOST_SKUS])


def of_skus(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Rows whose SKU the words name."""
    return rows.filter(sku_id__in=skus_named(words))


def settings_crumbs() -> list[tuple[str, str]]:
    """The way back to the settings."""
    try:
        return [(_("Settings"), reverse("desk:settings"))]
    except NoReverseMatch:  # an installation without that page
        return []

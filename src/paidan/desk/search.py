"""Finding an order by any number people have of it; only within what the user may see."""

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.network.scopes import Scope, scope_of
from paidan.orders.models import Order, OrderLine
from paidan.web.search import Hit

MOST = 20


def find_orders(words: str, user: User) -> list[Hit]:
    """Orders with this number, with a platform line, an allocation or a tracking number of this number."""
    number = words.strip().lstrip("#")
    if not number or not user.can("see_orders"):
        return []
    scope = scope_of(user)
    hits = [_hit(order, _("Order")) for order in _orders(scope, Q(number__in=[number, words.strip(), f"#{number}"]))]
    seen = {hit.url for hit in hits}
    for kind, ids in ((_("Tracking number"), _by_allocation(number)), (_("Platform line"), _by_line(number))):
        hits += [hit for order in _orders(scope, Q(id__in=ids)) if (hit := _hit(order, kind)).url not in seen]
        seen = {hit.url for hit in hits}
    return hits[:MOST]


def order_url(order_id: int) -> str:
    """An order's page."""
    try:
        return reverse("desk:order", args=[order_id])
    except NoReverseMatch:
        return "/"


def _orders(scope: Scope, which: Q) -> list[Order]:
    return list(Order.objects.filter(which & _reach(scope)).select_related("shop").order_by("-id")[:MOST])


def _reach(scope: Scope) -> Q:
    found = scope.condition(shop="shop_id")
    if scope.warehouses is not None or scope.teams is not None:
        mine = scope.condition(warehouse="warehouse_id", team="team_id")
        found &= Q(id__in=Allocation.objects.filter(mine).values("order_id"))
    return found


def _by_allocation(number: str) -> list[int]:
    which = Q(tracking_number=number)
    if number.isdecimal() and len(number) < 19:
        which |= Q(id=int(number))
    return list(Allocation.objects.filter(which).values_list("order_id", flat=True)[:MOST])


def _by_line(number: str) -> list[int]:
    return list(OrderLine.objects.filter(number=number).values_list("order_id", flat=True)[:MOST])


def _hit(order: Order, kind: str) -> Hit:
    return Hit(kind, order.number, order_url(order.id), str(order.shop))

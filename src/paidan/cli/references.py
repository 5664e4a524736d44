"""From what people type (an order's number, a warehouse's code) to the row that is meant."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db.models import Manager, Model

from paidan.allocation.models import Allocation
from paidan.allocation.states import LIVE
from paidan.catalog.models import Sku
from paidan.cli.faults import Fault
from paidan.cli.language import gettext as _
from paidan.network.models import Shop, Team, Warehouse
from paidan.orders.models import Order

Row = TypeVar("Row", bound=Model)


def shop_named(code: str) -> Shop:
    """The shop with this code, or this name."""
    shop = _one(Shop.objects, code)
    if shop is None:
        raise Fault(_("There is no shop %(code)s.") % {"code": code}, code="unknown_shop")
    return shop


def warehouse_named(code: str) -> Warehouse:
    """The warehouse with this code, or this name."""
    warehouse = _one(Warehouse.objects, code)
    if warehouse is None:
        raise Fault(_("There is no warehouse %(code)s.") % {"code": code}, code="unknown_warehouse")
    return warehouse


def team_named(code: str) -> Team:
    """The team with this code, or this name."""
    team = _one(Team.objects, code)
    if team is None:
        raise Fault(_("There is no team %(code)s.") % {"code": code}, code="unknown_team")
    return team


def sku_named(code: str) -> Sku:
    """The SKU with this code."""
    sku = Sku.objects.filter(code=code).first()
    if sku is None:
        raise Fault(_("There is no SKU %(code)s.") % {"code": code}, code="unknown_sku_code")
    return sku


def _one(rows: "Manager[Row]", word: str) -> "Row | None":
    """By code, else by name if only one is called so."""
    by_code = rows.filter(code=word).first()
    if by_code is not None:
        return by_code
    named = list(rows.filter(name=word)[:2])
    return named[0] if len(named) == 1 else None


def order_named(name: str) -> Order:
    """The order with this number, or `SHOP/NUMBER` where several shops use the same numbers."""
    found = list(Order.objects.select_related("shop").filter(number=name)[:10])
    if not found and "/" in name:
        shop, number = name.split("/", 1)
        found = list(Order.objects.select_related("shop").filter(shop__code=shop, number=number))
    if not found:
        raise Fault(_("There is no order %(name)s.") % {"name": name}, code="unknown_order")
    if len(found) > 1:
        choices = ", ".join(sorted(f"{order.shop.code}/{order.number}" for order in found))
        sentence = _("Several shops have an order %(name)s; name the shop too: %(choices)s.")
        raise Fault(sentence % {"name": name, "choices": choices}, code="ambiguous_order")
    return found[0]


def orders_named(names: Sequence[str]) -> list[Order]:
    """The orders with these numbers; `-` reads them from standard input, one per line."""
    return [order_named(name) for name in expanded(names)]


def allocations_named(names: Sequence[str], *, warehouse: str = "", states: Iterable[int] = LIVE) -> list[Allocation]:
    """The allocations meant by orders' numbers, or by their own number as in `#17`; at least one for each name."""
    found: dict[int, Allocation] = {}
    for name in expanded(names):
        own = name.removeprefix("#")
        if name.startswith("#") and own.isdigit():
            rows = Allocation.objects.filter(id=int(own))
        else:
            rows = Allocation.objects.filter(order=order_named(name), state__in=list(states))
        if warehouse:
            rows = rows.filter(warehouse=warehouse_named(warehouse))
        listed = list(rows.select_related("order", "warehouse", "team").order_by("id"))
        if not listed:
            sentence = _("%(name)s has no allocation that this could be done to.") % {"name": name}
            raise Fault(sentence, code="no_allocation", exit_code=1)
        found.update((row.id, row) for row in listed)
    return list(found.values())


def expanded(names: Sequence[str]) -> list[str]:
    """The names typed, or those on standard input for `-`."""
    if list(names) != ["-"]:
        return list(names)
    return [line.strip() for line in sys.stdin if line.strip()]

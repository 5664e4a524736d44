"""Two warehouses with teams and stock, and orders already assigned: what most tests of services start from."""

from types import SimpleNamespace

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_stock, make_team, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.transitions import accept_allocations, pack_allocations, pick_allocations
from paidan.orders.models import Order, OrderLine, QueuedOrder
from paidan.stock.models import Stock


@pytest.fixture
def desk(db):  # noqa: ARG001 - it needs the database
    """Guangzhou (team t1, 100 A) and Beijing (team t2, 100 A), and the few things tests ask of them.

    Afterwards every invariant must hold.
    """
    gz, bj = make_warehouse("gz", **GUANGZHOU), make_warehouse("bj", **BEIJING)
    t1, t2 = make_team("t1", gz), make_team("t2", bj)
    make_stock(gz, "A", 100)
    make_stock(bj, "A", 100)

    def assigned(qty=2, warehouse=gz, **fields):
        order = make_order({"A": qty}, **fields)
        return order, assign_by_hand(order.id, warehouse=warehouse, now=NOW)

    def accepted(qty=2, **fields):
        order, allocation = assigned(qty, **fields)
        accept_allocations([allocation], now=NOW)
        return order, allocation

    def packed(qty=2, **fields):
        order, allocation = accepted(qty, **fields)
        pick_allocations([allocation], now=NOW)
        pack_allocations([allocation], now=NOW)
        return order, allocation

    yield SimpleNamespace(
        gz=gz,
        bj=bj,
        t1=t1,
        t2=t2,
        assigned=assigned,
        accepted=accepted,
        packed=packed,
        stock=lambda warehouse: Stock.objects.get(warehouse=warehouse, sku__code="A"),
        order=lambda order: Order.objects.get(id=order.id),
        line=lambda order: OrderLine.objects.get(order=order),
        allocation=lambda key: Allocation.objects.get(id=key),
        queued=lambda order: QueuedOrder.objects.filter(order=order).exists(),
    )
    assert list(all_violations()) == []

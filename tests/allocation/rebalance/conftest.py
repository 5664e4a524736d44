"""A house in which moving pays: three warehouses, freight by distance, and allocations put where they are dear."""

from types import SimpleNamespace

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, SHANGHAI, make_order, make_stock, make_team, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.allocation.rebalance import Rebalance, plan_rebalance
from paidan.allocation.rebalance.applying import apply_rebalance
from paidan.allocation.states import AllocationState
from paidan.rules.services import publish_rules

SOUTH, NORTH, EAST = "440106", "110105", "310115"


@pytest.fixture
def house(db):  # noqa: ARG001 - it needs the database
    """Guangzhou, Beijing and Shanghai with a team and ten of A and B each. Afterwards every invariant must hold."""
    gz, bj, sh = (
        make_warehouse(code, **place) for code, place in (("gz", GUANGZHOU), ("bj", BEIJING), ("sh", SHANGHAI))
    )
    for warehouse in (gz, bj, sh):
        make_team(f"t-{warehouse.code}", warehouse)
        for sku in "AB":
            make_stock(warehouse, sku, 10)
    publish_rules({"rules": []}, now=NOW)

    def at(warehouse, region, lines=None, **fields):
        order = make_order(lines or {"A": 1}, region=region, **fields)
        return assign_by_hand(order.id, warehouse=warehouse, now=NOW)

    def limit(warehouse, capacity):
        warehouse.capacity = capacity
        warehouse.save()

    def plan(**asked):
        return plan_rebalance(Rebalance(**{"seconds": 2.0, **asked}), now=NOW)

    def apply(**asked):
        return apply_rebalance(plan(**asked), now=NOW)

    def where(key):
        """The warehouse an allocation, or what replaced it, is at."""
        while (found := Allocation.objects.filter(replaces_id=key).first()) is not None:
            key = found.id
        return Allocation.objects.get(id=key).warehouse.code

    yield SimpleNamespace(
        gz=gz,
        bj=bj,
        sh=sh,
        at=at,
        limit=limit,
        plan=plan,
        apply=apply,
        where=where,
        waiting=lambda: Allocation.objects.filter(state=AllocationState.ASSIGNED).count(),
    )
    assert list(all_violations()) == []

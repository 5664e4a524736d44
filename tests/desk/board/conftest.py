"""A board to look at: two warehouses with a team each, stock, and allocations that wait in Guangzhou."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone
from tests.builders import BEIJING, GUANGZHOU, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation
from paidan.rules.services import publish_rules


@pytest.fixture
def board(db):  # noqa: ARG001 - it needs the database
    """Whatever a test does to it, every invariant holds afterwards."""
    cache.clear()
    now = timezone.now()
    gz = make_warehouse("gz", name="Guangzhou", capacity=4, **GUANGZHOU)
    bj = make_warehouse("bj", name="Beijing", capacity=100, **BEIJING)
    t1, t2 = make_team("t1", gz, name="South"), make_team("t2", bj, name="North")
    make_stock(gz, "A", 1_000)
    make_stock(bj, "A", 1_000)
    shop = make_shop("jd", name="JD")
    publish_rules({"rules": []}, now=now)

    def assigned(count=1, warehouse=gz, **fields):
        orders = [
            make_order({"A": 1}, **{"shop": shop, "region": "440106", "now": now, **fields}) for _n in range(count)
        ]
        return [assign_by_hand(order.id, warehouse=warehouse, now=now) for order in orders]

    yield SimpleNamespace(
        gz=gz,
        bj=bj,
        t1=t1,
        t2=t2,
        shop=shop,
        now=now,
        assigned=assigned,
        at=lambda warehouse: Allocation.objects.filter(warehouse=warehouse, state=1).count(),
    )
    assert list(all_violations()) == []

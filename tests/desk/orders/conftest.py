"""A small desk: two warehouses with teams, stock and freight, two shops, and the rule that the nearest ships."""

from types import SimpleNamespace

import pytest
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_freight,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_warehouse,
)
from tests.web.clients import sign_in_as

from paidan.accounts.capabilities import Role
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.orders.models import Order
from paidan.rules.services import publish_rules


@pytest.fixture
def desk(db):  # noqa: ARG001 - it needs the database
    """Guangzhou and Beijing with 100 A each; afterwards every invariant must hold."""
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing", **BEIJING)
    t1, t2 = make_team("t1", gz), make_team("t2", bj)
    for place in (gz, bj):
        make_stock(place, "A", 100)
        make_freight(place)
    publish_rules({"rules": []}, now=NOW)
    tmall, jd = make_shop("tmall"), make_shop("jd")

    def assigned(qty=1, warehouse=gz, **fields):
        order = make_order({"A": qty}, shop=tmall, **fields)
        return order, assign_by_hand(order.id, warehouse=warehouse, now=NOW)

    def people():
        return {
            "lead": sign_in_as(Role.LEAD),
            "team": sign_in_as(Role.TEAM, member_of=[t1]),
            "viewer": sign_in_as(Role.VIEWER),
            "elsewhere": sign_in_as(Role.CLERK, shops=[jd]),
        }

    yield SimpleNamespace(
        gz=gz,
        bj=bj,
        t1=t1,
        t2=t2,
        tmall=tmall,
        jd=jd,
        assigned=assigned,
        people=people,
        waiting=lambda **fields: make_order({"A": 1}, shop=tmall, **fields),
        state=lambda order: Order.objects.get(id=order.id).state,
    )
    assert list(all_violations()) == []

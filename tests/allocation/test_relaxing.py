"""One condition let go once: what stays binding, what is remembered, and that the next wave knows nothing of it."""

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_stock, make_warehouse

from paidan.allocation.doctor import all_violations
from paidan.allocation.models import Allocation, Wave
from paidan.allocation.relaxing import Relax
from paidan.allocation.trying import foresee, try_now
from paidan.allocation.wave import run_waves
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


def published(**then):
    publish_rules({"rules": [{"id": "all", "then": {"strategies": ["nearest"], **then}}]}, now=NOW)


def stuck(lines):
    order = make_order(lines, region="310115")
    run_waves(now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.UNALLOCATED
    return order


def test_a_split_allowed_once_serves_from_two_and_is_remembered():
    published()
    make_stock(make_warehouse("bj", **BEIJING), "A", 1)
    make_stock(make_warehouse("gz", **GUANGZHOU), "B", 1)
    order = stuck({"A": 1, "B": 1})
    assert foresee([order.pk], now=NOW, relax=Relax.SPLIT).served == (order.pk,)
    assert not Allocation.objects.exists()
    assert try_now([order.pk], now=NOW, relax=Relax.SPLIT).served == (order.pk,)
    assert Allocation.objects.count() == 2
    parameters = Wave.objects.latest("pk").parameters
    assert (parameters["relax"], parameters["by"]) == ("split", None)
    assert list(all_violations()) == []


def test_what_is_there_is_shipped_from_the_warehouse_that_has_most():
    published()
    make_stock(make_warehouse("bj", **BEIJING), "A", 1)
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz, "A", 1)
    make_stock(gz, "B", 1)
    order = stuck({"A": 1, "B": 1, "C": 1})
    try_now([order.pk], now=NOW, relax=Relax.PARTIAL)
    assert [one.warehouse for one in Allocation.objects.all()] == [gz]
    assert Order.objects.get(pk=order.pk).state == OrderState.PARTIAL


def test_what_is_there_may_be_part_of_a_line():
    published()
    make_stock(make_warehouse("bj", **BEIJING), "A", 2)
    order = stuck({"A": 3})
    assert try_now([order.pk], now=NOW, relax=Relax.PARTIAL).served == (order.pk,)
    assert Order.objects.get(pk=order.pk).state == OrderState.PARTIAL
    assert list(all_violations()) == []


@pytest.mark.parametrize(
    ("relax", "then", "fields"),
    [
        (Relax.DISTANCE, {"max_km": 100}, {}),
        (Relax.COVERAGE, {}, {"covers": ["440000"]}),
        (Relax.CAPACITY, {}, {"capacity": 0}),
        (Relax.TEAM, {"team": "skill:vip"}, {}),
    ],
)
def test_only_the_named_condition_is_let_go(relax, then, fields):
    published(**then)
    make_stock(make_warehouse("bj", **BEIJING, **fields), "A", 5)
    order = stuck({"A": 1})
    for other in set(Relax) - {relax}:
        assert foresee([order.pk], now=NOW, relax=other).served == ()
    assert try_now([order.pk], now=NOW, relax=relax).served == (order.pk,)
    assert list(all_violations()) == []

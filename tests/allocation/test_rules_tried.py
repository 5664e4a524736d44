"""Rules that are not in force: what they would match and do, with nothing written."""

from datetime import timedelta

import pytest
from tests.builders import BEIJING, GUANGZHOU, NOW, make_order, make_shop, make_stock, make_user, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.doctor import all_violations
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation, Wave
from paidan.allocation.past_orders import PastOrders
from paidan.allocation.rule_hits import rule_hits
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.trying_rules import TypedOrder, try_order, try_typed
from paidan.allocation.wave import run_wave
from paidan.catalog.models import Sku
from paidan.engine.codes import Reason
from paidan.engine.rule_format import read_rule
from paidan.kit.errors import Refusal
from paidan.orders.models import Order
from paidan.orders.states import OrderState
from paidan.rules.drafts import Who, draft, save_rule
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    gz, bj = make_warehouse("gz", name="Guangzhou", **GUANGZHOU), make_warehouse("bj", name="Beijing", **BEIJING)
    for place in (gz, bj):
        make_stock(place, "A", 10)
    publish_rules([], now=NOW)
    yield gz, bj
    assert list(all_violations()) == []


@pytest.fixture
def to_beijing(places):  # noqa: ARG001 - the rule names them
    """A draft that sends everything of the shop to Beijing."""
    who = Who(make_user("lin"), NOW)
    save_rule({"id": "b", "when": {"shop": ["jd"]}, "then": {"warehouses": ["bj"]}}, seen="", who=who)
    return draft()


def test_an_order_that_exists_goes_through_the_draft_and_stays_where_it_is(places, to_beijing):
    gz, _bj = places
    order = make_order({"A": 1}, shop=make_shop("jd"), region="440106")
    allocation = assign_by_hand(order.id, warehouse=gz, now=NOW)
    found = try_order(order.id, to_beijing, now=NOW)
    assert [one.code for one in found.candidates if one.chosen] == ["bj"]
    assert found.rule.code == "b"
    assert found.placements[-1].warehouse == "bj"
    assert list(Allocation.objects.values_list("id", "warehouse__code", "state")) == [(allocation, "gz", 1)]
    assert not Wave.objects.exists()


def test_an_order_competes_for_its_own_stock(places, to_beijing):
    _gz, bj = places
    order = make_order({"A": 10}, shop=make_shop("jd"), region="440106")
    assign_by_hand(order.id, warehouse=bj, now=NOW)
    assert not try_order(order.id, to_beijing, now=NOW).open_qty
    other = make_order({"A": 1}, shop=make_shop("jd"), region="440106")
    assert try_order(other.id, to_beijing, now=NOW).reason == Reason.STOCK_SHORT


def test_what_cannot_be_tried_says_why(places, to_beijing):
    gz, _bj = places
    order = make_order({"A": 1})
    accept_allocations([assign_by_hand(order.id, warehouse=gz, now=NOW)], now=NOW)
    with pytest.raises(Refusal, match="Nothing of it is left"):
        try_order(order.id, to_beijing, now=NOW)
    held = make_order({"A": 1})
    hold_orders([held.id], reason="", until_at=None, give_back=False, now=NOW)
    with pytest.raises(Refusal, match="on hold"):
        try_order(held.id, to_beijing, now=NOW)


def test_a_made_up_order_is_tried_and_forgotten(places, to_beijing):  # noqa: ARG001
    typed = TypedOrder(make_shop("tmall"), "广东省广州市天河区", {Sku.objects.get(code="A"): 2}, tags=("VIP",))
    found = try_typed(typed, to_beijing, now=NOW)
    assert [one.code for one in found.candidates if one.chosen] == ["gz"]
    unclear = TypedOrder(make_shop("tmall"), "朝阳区", {Sku.objects.get(code="A"): 2})
    assert try_typed(unclear, to_beijing, now=NOW).reason == Reason.ADDRESS_UNRESOLVED
    assert not Order.objects.exists()


def test_the_share_of_recent_orders_a_rule_matches_and_who_takes_some_first():
    jd, tmall = make_shop("jd"), make_shop("tmall")
    for at in range(6):
        make_order({"A": 1}, shop=jd if at % 2 else tmall, region="440106", tags=["VIP"] if at < 2 else [])
    make_order({"A": 1}, shop=jd, now=NOW - timedelta(days=8))
    past = PastOrders(NOW)
    rules = [read_rule({"id": "v", "when": {"tag": ["VIP"]}}), read_rule({"id": "j", "when": {"shop": ["jd"]}})]
    found = past.matches(rules, 1)
    assert (found.orders, found.matching, found.taken_first) == (6, 3, ((0, 1),))
    assert past.first_rules(rules).tolist() == [0, 0, -1, 1, -1, 1]


def test_hits_are_counted_by_rule_and_day_through_versions(places):  # noqa: ARG001
    make_order({"A": 1}, region="440106")
    run_wave(now=NOW)
    publish_rules([], now=NOW)
    for _number in range(2):
        make_order({"A": 1}, region="440106")
    run_wave(now=NOW + timedelta(days=1))
    hits = rule_hits(NOW + timedelta(days=1, hours=1))["catch-all"]
    assert (hits.today, hits.week, hits.days) == (2, 3, (0, 0, 0, 0, 0, 1, 2))
    assert set(Order.objects.values_list("state", flat=True)) == {OrderState.ALLOCATED}

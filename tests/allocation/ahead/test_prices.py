"""Prices are solved from the orders of the past weeks and the stock of now, and used only where they may be."""

from datetime import timedelta

import numpy as np
import pytest
from tests.allocation.ahead.north_and_south import (
    LOOKING,
    MORNING,
    NORTH,
    SOUTH,
    come,
    make_network,
    publish,
    weeks_before,
)
from tests.builders import make_order, make_promotion

from paidan.allocation.ahead import demand as demand_module
from paidan.allocation.ahead.demand import read_demand
from paidan.allocation.ahead.force import FRESH, forget_old, in_force, last_solved, pieces_of
from paidan.allocation.ahead.solving import solve_prices, solving_due
from paidan.allocation.explain import explain_order
from paidan.allocation.models import Allocation, LookAhead, ScarcityPrices, Wave
from paidan.allocation.on_arrival import store_and_decide
from paidan.allocation.sentences import headline
from paidan.allocation.wave import run_wave
from paidan.api.schemas import OrderIn
from paidan.catalog.models import Sku
from paidan.network.columns import network_at
from paidan.network.models import Warehouse
from paidan.orders.models import Order, OrderLine
from paidan.orders.states import OrderState
from paidan.rules.queries import published_rules
from paidan.stock.models import MovementKind, Stock, StockMovement

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    """Two orders to the north and two to the south on each of 28 days; Beijing has ten pieces for the coming week."""
    make_network(10)
    publish()
    weeks_before(MORNING, 2, 2)


def trust(trusted=True, on=True):
    LookAhead.objects.update_or_create(pk=1, defaults={"trusted": trusted, "on": on})


def served_from(region):
    """Where a new order to a place goes now."""
    order = make_order(region=region)
    run_wave(now=MORNING)
    return order, Allocation.objects.get(order=order).warehouse.code


def read(days=28):
    return read_demand(MORNING, network_at(MORNING), published_rules(MORNING).rules, days)


@pytest.mark.usefixtures("story")
def test_the_orders_of_the_past_weeks_are_kinds_with_a_count_per_day():
    found = read()
    assert len(found.group_k) == 2
    assert sorted(found.group_k.tolist()) == [110100, 440100]
    assert found.past.count_d.tolist() == [4] * 28
    assert found.came(0, 27).tolist() == [56, 56]
    assert found.expected(np.full(28, 0.5)).tolist() == [28, 28]
    assert found.every == 1


@pytest.mark.usefixtures("story")
def test_what_was_cancelled_or_merged_or_has_no_lines_left_is_no_demand():
    north = Order.objects.filter(region=110105)
    gone = list(north.values_list("id", flat=True)[:3])
    Order.objects.filter(id=gone[0]).update(state=OrderState.CANCELLED)
    Order.objects.filter(id=gone[1]).update(state=OrderState.MERGED)
    OrderLine.objects.filter(order_id=gone[2]).update(cancelled_qty=1)
    found = read()
    assert sorted(found.came(0, 27).tolist()) == [53, 56]
    assert found.past.count_d.sum() == 110  # the third still counts as an order of its day


@pytest.mark.usefixtures("story")
def test_of_very_many_orders_a_part_is_read_and_counts_for_all(monkeypatch):
    monkeypatch.setattr(demand_module, "MOST_ORDERS", 60)
    found = read()
    assert found.every == 2
    assert found.came(0, 27).sum() == pytest.approx(112, abs=8)


@pytest.mark.usefixtures("story")
def test_the_last_pieces_in_beijing_are_worth_what_the_south_would_pay_elsewhere():
    solved = solve_prices(now=MORNING)
    sku, bj = Sku.objects.get(), Warehouse.objects.get(code="bj")
    price = pieces_of(solved.pk, [sku.pk])[sku.pk, bj.pk]
    assert (solved.sku_ids, solved.warehouse_ids) == ([sku.pk], [bj.pk])
    assert price.minor == pytest.approx(0.8 * 1_200, abs=30)
    assert (price.free_qty, price.region) == (10, 440100)
    assert solved.statistics["expected"] == 28
    assert not solved.slot_warehouse_ids


def test_where_stock_lasts_nothing_has_a_price_and_without_history_nothing_is_solved():
    make_network(200)
    publish()
    assert solve_prices(now=MORNING) is None
    weeks_before(MORNING, 2, 2)
    assert solve_prices(now=MORNING).minor == []


def test_what_was_hardly_ever_ordered_has_no_price_however_little_there_is():
    make_network(0)
    publish()
    weeks_before(MORNING, 1, 0, days=19)
    Stock.objects.filter(warehouse__code="bj").update(on_hand_qty=1)
    assert solve_prices(now=MORNING).minor == []
    weeks_before(MORNING, 1, 0, days=21, until=19)
    assert len(solve_prices(now=MORNING).minor) == 1


def test_slots_are_priced_where_a_warehouse_cannot_take_all_it_should():
    bj, _gz = make_network(1_000)
    publish()
    weeks_before(MORNING, 2, 2)
    Warehouse.objects.filter(pk=bj.pk).update(capacity=1)
    solved = solve_prices(now=MORNING)
    assert solved.minor == []
    assert solved.slot_warehouse_ids == [bj.pk]
    assert solved.slot_minor == [pytest.approx(0.8 * 1_200, abs=30)]


@pytest.mark.usefixtures("story")
def test_a_coming_promotion_makes_stock_scarce_that_lasts_otherwise():
    Stock.objects.filter(warehouse__code="bj").update(on_hand_qty=40)
    assert solve_prices(now=MORNING).minor == []
    make_promotion("d11-2025", MORNING - timedelta(days=13), hours=24)
    come(MORNING - timedelta(days=12, hours=20), [SOUTH] * 12)
    make_promotion("d11-2026", MORNING + timedelta(days=2), hours=72)
    assert solve_prices(now=MORNING).minor != []


@pytest.mark.usefixtures("story")
def test_an_order_from_the_north_leaves_beijings_pieces_to_the_south_only_where_the_rule_looks_ahead():
    solve_prices(now=MORNING)
    trust()
    assert served_from(NORTH)[1] == "gz"
    assert served_from(SOUTH)[1] == "bj"
    assert Wave.objects.latest("id").parameters["prices"] == last_solved().pk
    publish({"strategies": ["nearest"]})
    assert served_from(NORTH)[1] == "bj"
    assert "prices" not in Wave.objects.latest("id").parameters


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(("trusted", "on", "age"), [(False, True, 0), (True, False, 0), (True, True, 6)])
def test_prices_that_failed_the_test_are_switched_off_or_old_are_not_used(trusted, on, age):
    solve_prices(now=MORNING - timedelta(hours=age))
    trust(trusted, on)
    assert in_force(MORNING) is None
    assert served_from(NORTH)[1] == "bj"


@pytest.mark.usefixtures("story")
def test_the_order_says_what_its_own_detour_costs_and_what_it_saves_others():
    solve_prices(now=MORNING)
    trust()
    order, _warehouse = served_from(NORTH)
    explained = explain_order(order.pk, now=MORNING)
    assert headline(explained)[0] == (
        "Goes to Guangzhou (1,891 km). Beijing is nearer, but its last 10 are worth more for "
        "广东省广州市: +¥2.00 now, −¥{:.2f} expected.".format(worth(explained, "bj") / 100)
    )
    assert worth(explained, "bj") == pytest.approx(0.8 * 1_200, abs=30)
    assert worth(explained, "gz") == 0


def worth(explained, code):
    candidate = next(one for one in explained.candidates if one.code == code)
    return candidate.worth.minor if candidate.worth else 0


@pytest.mark.usefixtures("story")
def test_where_nothing_was_priced_the_sentence_is_the_usual_one():
    trust()
    order, warehouse = served_from(NORTH)
    explained = explain_order(order.pk, now=MORNING)
    assert warehouse == "bj"
    assert "takes the nearest warehouse" in headline(explained)[0]
    assert all(candidate.worth is None for candidate in explained.candidates)


@pytest.mark.usefixtures("story")
def test_where_both_have_a_price_the_sums_are_said():
    trust()
    sku, bj, gz = Sku.objects.get(), *Warehouse.objects.order_by("position")
    ScarcityPrices.objects.create(
        solved_at=MORNING, sku_ids=[sku.pk] * 2, warehouse_ids=[bj.pk, gz.pk], minor=[900, 100], free_qty=[0, 3],
        region=[0, 0],
    )  # fmt: skip
    order, _warehouse = served_from(NORTH)
    said = headline(explain_order(order.pk, now=MORNING))[0]
    assert said.endswith("¥8.00 with what its stock is worth to orders to come, against ¥14.00 for Beijing.")


@pytest.mark.usefixtures("story")
def test_solving_is_due_after_two_hours_or_when_much_stock_came_or_went():
    assert solving_due(MORNING)
    solve_prices(now=MORNING)
    soon, later = MORNING + timedelta(minutes=10), MORNING + timedelta(hours=2)
    assert not solving_due(soon)
    assert solving_due(later)
    row = Stock.objects.get(warehouse__code="gz")
    moved = {"sku_id": row.sku_id, "warehouse_id": row.warehouse_id, "on_hand_qty": 1_000, "at": soon}
    StockMovement.objects.create(kind=MovementKind.COUNT, delta_qty=20, **moved)
    StockMovement.objects.create(kind=MovementKind.SHIPMENT, delta_qty=-900, **moved)
    assert not solving_due(soon)
    StockMovement.objects.create(kind=MovementKind.COUNT, delta_qty=500, **moved)
    assert solving_due(soon)


@pytest.mark.usefixtures("story")
def test_solving_is_due_when_half_of_what_had_a_price_is_taken():
    solve_prices(now=MORNING)
    soon = MORNING + timedelta(minutes=10)
    Stock.objects.filter(warehouse__code="bj").update(reserved_qty=4)
    assert not solving_due(soon)
    Stock.objects.filter(warehouse__code="bj").update(reserved_qty=6)
    assert solving_due(soon)


def test_old_prices_are_forgotten_and_the_newest_fresh_ones_are_in_force():
    trust()
    ages = (timedelta(days=50), FRESH, timedelta(hours=1), timedelta(hours=2))
    kept = [ScarcityPrices.objects.create(solved_at=MORNING - age) for age in ages]
    assert in_force(MORNING) == kept[2].pk
    forget_old(MORNING)
    assert set(ScarcityPrices.objects.values_list("pk", flat=True)) == {row.pk for row in kept[1:]}
    assert last_solved() == kept[2]


def test_a_rule_ranks_by_the_cheapest_the_same_way():
    make_network(10)
    publish({**LOOKING, "strategies": ["cheapest"]})
    weeks_before(MORNING, 2, 2)
    solve_prices(now=MORNING)
    trust()
    order, warehouse = served_from(NORTH)
    assert warehouse == "gz"
    assert "Beijing is cheaper, but its last 10" in headline(explain_order(order.pk, now=MORNING))[0]


@pytest.mark.usefixtures("story")
def test_an_order_that_is_pushed_and_decided_at_once_says_the_same():
    solve_prices(now=MORNING)
    trust()
    said = OrderIn.model_validate(
        {"shop": "shop", "number": "pushed", "region": NORTH, "lines": [{"sku": "A", "qty": 1}]}
    )
    [told] = store_and_decide([said], now=MORNING, by=None)
    stored = explain_order(told.order_id, now=MORNING)
    assert headline(told)[0] == headline(stored)[0]
    assert "Beijing is nearer, but its last 10 are worth more" in headline(told)[0]

"""Storing and deciding in one transaction: the same rows as in two, the same words, and races lost one by one."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    SHANGHAI,
    make_freight,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_user,
    make_warehouse,
)

from paidan.allocation import on_arrival
from paidan.allocation.doctor import all_violations
from paidan.allocation.explain import explain_order
from paidan.allocation.models import Allocation, AllocationLine, Decision, TeamDay, WarehouseDay, Wave
from paidan.allocation.on_arrival import store_and_decide
from paidan.allocation.sentences import headline
from paidan.allocation.states import WaveState
from paidan.allocation.trying import try_now
from paidan.api.intake import push_orders
from paidan.api.schemas import OrderIn
from paidan.engine.codes import Reason
from paidan.orders.arrivals import FEW, OutOfTheOrdinary
from paidan.orders.checking.kinds import Check
from paidan.orders.models import CheckProfile, Event, Hold, Order, OrderLine, QueuedOrder
from paidan.orders.states import OrderState
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock

pytestmark = pytest.mark.django_db


def an_order(number="1", lines=(("A", 1),), **more):
    said = [{"sku": sku, "qty": qty} for sku, qty in lines]
    return OrderIn.model_validate(
        {"shop": "jd", "number": number, "paid_at": NOW, "region": "440106", "lines": said} | more
    )


@pytest.fixture
def places(db):  # noqa: ARG001 - it needs the database
    """Three warehouses with teams, freight and stock; afterwards every invariant must hold."""
    jd = make_shop("jd", name="JD", ship_within_h=48)
    make_shop("tmall", name="Tmall")
    gz = make_warehouse("gz", name="Guangzhou", ratio=2, **GUANGZHOU)
    sh = make_warehouse("sh", name="Shanghai", ratio=1, capacity=6, **SHANGHAI)
    bj = make_warehouse("bj", name="Beijing", ratio=1, handling_s=7200, **BEIJING)
    make_team("gz-1", gz, ratio=1, capacity=3), make_team("gz-2", gz, ratio=2)
    make_team("sh-jd", sh, [jd]), make_team("bj-glass", bj, skills=["glass"])
    for sku, weight in (("A", 500), ("B", 3000), ("C", 100)):
        make_sku(sku, weight_g=weight)
    for place, stock in ((gz, {"A": 5, "B": 1}), (sh, {"A": 9, "C": 4}), (bj, {"A": 50, "B": 20, "C": 30})):
        for sku, pieces in stock.items():
            make_stock(place, sku, pieces, safety=1 if sku == "A" else 0)
    make_freight(gz, first_minor=1500), make_freight(gz, "yto", region="440000", first_minor=900, transit_s=120_000)
    make_freight(sh, first_minor=800), make_freight(bj, first_minor=1100, transit_s=86_400)
    yield {"gz": gz, "sh": sh, "bj": bj}
    assert list(all_violations()) == []


def rule(**then):
    return [{"id": "r", "name": "the rule", "when": {}, "then": {"strategies": ["nearest"], **then}}]


RULES = {
    "nothing but the catch-all": [],
    "nearest": rule(),
    "cheapest": rule(strategies=["cheapest"]),
    "fastest": rule(strategies=["fastest"]),
    "ranked": rule(strategies=["ranked"], warehouses=["bj", "sh", "gz"]),
    "most stock": rule(strategies=["most_stock"]),
    "least loaded": rule(strategies=["least_loaded", "nearest"]),
    "ratio": rule(strategies=["ratio"]),
    "split by line": rule(strategies=["fewest_parcels", "nearest"], split="by_line"),
    "split by piece": rule(split="by_piece"),
    "part of it": rule(split="by_piece", shortage="partial"),
    "the shop's team": rule(team="shop"),
    "a skilled team": rule(team="skill:glass"),
    "a team of the warehouse": rule(team="warehouse"),
    "a team by name": rule(team="sh-jd"),
    "else hold": rule(warehouses=["gz"], otherwise="hold"),
    "tags": [
        {"id": "vip", "when": {"tag": ["vip"]}, "then": {"strategies": ["fastest"]}},
        {"id": "remark", "when": {"remark": ["急"]}, "then": {"strategies": ["ranked"], "warehouses": ["sh"]}},
    ],
}
ORDERS = [
    an_order("near", tags=["vip"]),
    an_order("far", region="110105", buyer_remark="急", priority=5),
    an_order("two lines", [("A", 2), ("B", 1)], shop="tmall"),
    an_order("three lines", [("A", 1), ("B", 1), ("C", 2)]),
    an_order("many", [("A", 40)]),
    an_order("too many", [("A", 500)]),
    an_order("rare", [("C", 33)], region="310115"),
    an_order("unknown", [("?", 1), ("A", 1)]),
    an_order("late", paid_at=NOW - timedelta(days=9)),
    an_order("nowhere", region="", address="没有这个地方"),
    an_order("abroad", region="", country="US"),
    an_order("located", region="", lat=31.0, lng=121.0),
]
LEFT = (Order, OrderLine, QueuedOrder, Event, Hold, Allocation, AllocationLine, Decision, WarehouseDay, TeamDay, Stock)
NUMBERED = {"id", "wave_id", "line_id", "allocation_id", "order_id"}
"""What a sequence gave; what it stands for is put in its place below."""


def rows_left():
    numbers = dict(Order.objects.values_list("id", "number"))
    orders_of = dict(Allocation.objects.values_list("id", "order__number"))
    waves = list(Wave.objects.values("state", "version_id", "warehouse_ids", "parameters"))
    return [
        waves,
        *(sorted((plainly(row, numbers, orders_of) for row in model.objects.values()), key=repr) for model in LEFT),
    ]


def plainly(row, numbers, orders_of):
    named = {"order": numbers.get(row.get("order_id")), "of": orders_of.get(row.get("allocation_id"))}
    values = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}
    return named | {name: value for name, value in values.items() if name not in NUMBERED}


def in_two_steps(orders, by):
    found = push_orders(orders, by=by, now=NOW)
    try_now([one.id for one in found.orders], now=NOW, by=by)


def after(way):
    with transaction.atomic():
        way()
        rows = rows_left()
        transaction.set_rollback(True)
    return rows


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
def test_everything_left_behind_is_what_two_steps_leave(rules):
    publish_rules(rules, now=NOW)
    by = make_user()
    in_two = after(lambda: in_two_steps(ORDERS, by))
    assert after(lambda: store_and_decide(ORDERS, now=NOW, by=by)) == in_two
    assert any(row["state"] == OrderState.ALLOCATED for row in in_two[1 + LEFT.index(Order)])


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
def test_it_says_at_once_what_reading_it_back_says(rules):
    publish_rules(rules, now=NOW)
    told = store_and_decide(ORDERS, now=NOW, by=None)
    assert [one.number for one in told] == [one.number for one in ORDERS]
    for one in told:
        stored = explain_order(one.order_id, now=NOW)
        assert headline(one) == headline(stored)
        assert (one.state, one.reason, one.number, one.shop) == (
            stored.state,
            stored.reason,
            stored.number,
            stored.shop,
        )
        assert [(p.warehouse, p.team, p.state, p.late_s) for p in one.placements] == [
            (p.warehouse, p.team, p.state, p.late_s) for p in stored.placements
        ]
        assert [(c.code, c.rank, c.reason, c.chosen, c.freight_minor, c.distance_m) for c in one.candidates] == [
            (c.code, c.rank, c.reason, c.chosen, c.freight_minor, c.distance_m) for c in stored.candidates
        ]


@pytest.mark.usefixtures("places")
def test_decided_means_reserved_counted_and_out_of_the_queue():
    publish_rules([], now=NOW)
    by = make_user()
    [one] = store_and_decide([an_order(lines=[("A", 2)], region="440106")], now=NOW, by=by)
    allocation, wave = Allocation.objects.get(), Wave.objects.get()
    assert (one.state, [placed.warehouse for placed in one.placements]) == (OrderState.ALLOCATED, ["gz"])
    assert (allocation.order_id, allocation.wave_id, wave.state) == (one.order_id, wave.id, WaveState.DONE)
    assert Stock.objects.get(warehouse__code="gz", sku__code="A").reserved_qty == 2
    assert WarehouseDay.objects.get(warehouse__code="gz").load_n == 1
    assert TeamDay.objects.get(team=allocation.team).load_n == 1
    assert not QueuedOrder.objects.exists()
    assert (wave.statistics["allocated"], wave.statistics["freight_minor"]) == (1, allocation.freight_minor)


@pytest.mark.usefixtures("places")
def test_what_no_warehouse_has_is_unallocated_and_says_what_is_missing():
    publish_rules([], now=NOW)
    [fits, short] = store_and_decide([an_order(), an_order("2", [("A", 500)])], now=NOW, by=None)
    assert (fits.state, short.state, short.reason) == (
        OrderState.ALLOCATED,
        OrderState.UNALLOCATED,
        Reason.STOCK_SHORT,
    )
    assert not short.placements
    assert headline(short) == ["No warehouse has all of jd/2. Beijing comes closest: 451 of 500 pieces are missing."]
    assert not QueuedOrder.objects.filter(order_id=short.order_id).exists()
    assert {row.code for row in short.candidates} == {"gz", "sh", "bj"}


@pytest.mark.usefixtures("places")
def test_what_the_order_check_holds_stays_held_and_the_others_are_decided():
    publish_rules([], now=NOW)
    CheckProfile.objects.create(shop=make_shop("jd"), checks={Check.REMARK.value: {"on": True}}, changed_at=NOW)
    plain, held = store_and_decide([an_order(), an_order("2", buyer_remark="等我回来再发")], now=NOW, by=None)
    assert (plain.state, held.state, len(held.holds)) == (OrderState.ALLOCATED, OrderState.PENDING, 1)
    assert headline(held) == headline(explain_order(held.order_id, now=NOW))
    assert Hold.objects.get().order_id == held.order_id
    assert not QueuedOrder.objects.exists()
    [also] = store_and_decide([an_order("3", buyer_remark="改地址")], now=NOW, by=None)
    assert (also.state, len(also.holds), Allocation.objects.count()) == (OrderState.PENDING, 1, 1)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen after the orders are decided and before that is written."""

    def arrange(happen):
        decide = on_arrival.allocate

        def decide_late(problem):
            plan = decide(problem)
            happen()
            return plan

        monkeypatch.setattr(on_arrival, "allocate", decide_late)

    return arrange


@pytest.mark.parametrize("what", ["stock", "capacity", "team"])
def test_what_loses_a_race_stays_queued_and_the_others_keep_theirs(meanwhile, what):
    gz = make_warehouse("gz", capacity=3, **GUANGZHOU)
    team = make_team("t", gz, capacity=3)
    stock = make_stock(gz, on_hand=3)
    make_shop("jd")
    publish_rules([], now=NOW)
    races = {
        "stock": lambda: Stock.objects.filter(pk=stock.pk).update(on_hand_qty=2),
        "capacity": lambda: WarehouseDay.objects.create(warehouse=gz, day=NOW.date(), load_n=1),
        "team": lambda: TeamDay.objects.create(team=team, day=NOW.date(), load_n=1),
    }
    meanwhile(races[what])
    orders = [an_order("1", priority=1), an_order("2", priority=9), an_order("3", priority=5)]
    lost, *kept = store_and_decide(orders, now=NOW, by=None)
    assert [one.state for one in (lost, *kept)] == [OrderState.PENDING, OrderState.ALLOCATED, OrderState.ALLOCATED]
    queued = QueuedOrder.objects.get()
    assert (queued.order_id, queued.wave_id, queued.leased_until) == (lost.order_id, None, None)
    assert set(Allocation.objects.values_list("order__number", flat=True)) == {"2", "3"}
    assert Stock.objects.get().reserved_qty == 2
    assert not Decision.objects.filter(order_id=lost.order_id).exists()
    assert headline(lost) == headline(explain_order(lost.order_id, now=NOW))
    assert Wave.objects.get().statistics["lost"] == 1


def test_when_all_lose_all_stay_queued(meanwhile):
    gz = make_warehouse("gz", **GUANGZHOU)
    make_stock(gz)
    make_shop("jd")
    publish_rules([], now=NOW)
    meanwhile(lambda: Stock.objects.update(on_hand_qty=0))
    told = store_and_decide([an_order("1"), an_order("2")], now=NOW, by=None)
    assert {one.state for one in told} == {OrderState.PENDING}
    assert QueuedOrder.objects.filter(wave_id=None, leased_until=None).count() == 2
    assert not Allocation.objects.exists()


@pytest.mark.usefixtures("places")
def test_nothing_is_stored_of_what_the_general_way_has_to_see():
    publish_rules([], now=NOW)
    for orders in (
        [an_order(), an_order("2", shop="nowhere")],
        [an_order(), an_order()],
        [an_order(str(number)) for number in range(FEW + 1)],
    ):
        with pytest.raises(OutOfTheOrdinary):
            store_and_decide(orders, now=NOW, by=None)
    assert not Order.objects.exists()
    assert not Wave.objects.exists()


@pytest.mark.usefixtures("places")
def test_before_any_rules_are_published_the_general_way_begins():
    with pytest.raises(OutOfTheOrdinary):
        store_and_decide([an_order()], now=NOW, by=None)
    assert not Order.objects.exists()


@pytest.mark.usefixtures("places")
def test_what_fails_on_the_way_leaves_nothing(meanwhile):
    publish_rules([], now=NOW)

    def fail():
        raise RuntimeError("no answer")

    meanwhile(fail)
    with pytest.raises(RuntimeError, match="no answer"):
        store_and_decide([an_order()], now=NOW, by=None)
    assert not Order.objects.exists()
    assert not Stock.objects.filter(reserved_qty__gt=0).exists()


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("shop", ["jd", "nowhere"])
def test_statements_are_prepared_only_meanwhile(meanwhile, shop):
    publish_rules([], now=NOW)
    raw, seen = connection.connection, []
    before = raw.prepare_threshold
    meanwhile(lambda: seen.append(raw.prepare_threshold))
    try:
        store_and_decide([an_order(shop=shop)], now=NOW, by=None)
    except OutOfTheOrdinary:
        assert shop == "nowhere"
    else:
        assert seen == [2]
        assert before != 2
    assert raw.prepare_threshold == before


@pytest.mark.django_db(transaction=True)
def test_of_two_connections_that_want_the_last_piece_one_gets_it_and_the_other_waits(meanwhile):
    make_stock(make_warehouse("gz", **GUANGZHOU), on_hand=1)
    make_shop("jd")
    publish_rules([], now=NOW)
    both_decided, told = threading.Barrier(2), {}
    meanwhile(lambda: both_decided.wait(60))

    def push(number):
        try:
            [told[number]] = store_and_decide([an_order(number)], now=NOW, by=None)
        finally:
            connection.close()

    threads = [threading.Thread(target=push, args=(number,)) for number in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.state for one in told.values()} == {OrderState.ALLOCATED, OrderState.PENDING}
    [lost] = [one for one in told.values() if one.state == OrderState.PENDING]
    assert QueuedOrder.objects.get(wave_id=None, leased_until=None).order_id == lost.order_id
    assert (Allocation.objects.count(), Stock.objects.get().reserved_qty) == (1, 1)
    assert list(all_violations()) == []

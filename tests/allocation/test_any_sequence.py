"""Whatever people, teams, waves and imports do in whatever sequence: no invariant breaks, after any step."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_bundle,
    make_freight,
    make_order,
    make_shop,
    make_sku,
    make_stock,
    make_team,
    make_warehouse,
)

from paidan.allocation.assigning import assign_orders
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.cancelling import cancel_orders, cancel_pieces, record_refund_requests
from paidan.allocation.changes import Destination, OrderChange, change_order
from paidan.allocation.counts import adjust_stock, count_stock, set_safety
from paidan.allocation.doctor import all_violations
from paidan.allocation.holds import hold_orders, release_due, release_orders
from paidan.allocation.intercepts import confirm_intercepts, refuse_intercepts
from paidan.allocation.line_changes import WantedLine
from paidan.allocation.mending import map_shop_code, mend_address
from paidan.allocation.merging import merge_orders, unmerge_orders
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.rebalance import Rebalance, plan_rebalance
from paidan.allocation.rebalance.applying import apply_rebalance
from paidan.allocation.retry import queue_retries
from paidan.allocation.returning import give_back_of_held
from paidan.allocation.splitting import split_once
from paidan.allocation.tagging import tag_orders, untag_orders
from paidan.allocation.teamwork import report_problems
from paidan.allocation.transitions import (
    Shipment,
    accept_allocations,
    cancel_allocations,
    hand_back_allocations,
    pack_allocations,
    pick_allocations,
    ship_allocations,
)
from paidan.allocation.warehouses import pause_warehouse, resume_warehouse
from paidan.allocation.wave import run_wave
from paidan.kit.errors import Refusal
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order, OrderException, OrderLine
from paidan.orders.states import AddressState, ExceptionKind
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db

CODES = ("A", "B", "C", "SET", "X9")
"""Three SKUs, a bundle sold by its own code, and a code nobody knows."""


class World:
    """A small shop and everything that can happen to it; `act` does one thing at random."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now = NOW
        self.done = Counter()
        self.build()

    def seen_by_another(self, seed):
        """The same shop in the hands of somebody else, with dice of their own."""
        twin = copy(self)
        twin.random, twin.done = random.Random(seed), Counter()
        return twin

    def build(self):
        self.shop = make_shop()
        self.warehouses = [
            make_warehouse("gz", **GUANGZHOU),
            make_warehouse("bj", **BEIJING, capacity=6),
            make_warehouse("cd", covers=["310000", "510000"]),
        ]
        self.teams = [make_team(f"t{n}", self.warehouses[n // 2], capacity=9) for n in range(4)]
        self.teams.append(make_team("roaming", shops=[self.shop]))
        self.skus = [make_sku(code, weight_g=300 * n) for n, code in enumerate("ABC", 1)]
        self.bundle = make_bundle("SET", {"A": 2, "B": 1})
        for warehouse in self.warehouses:
            make_freight(warehouse)
            for sku in self.skus:
                make_stock(warehouse, sku, on_hand=self.random.randint(0, 30))
        publish_rules({"rules": self.rules()}, now=self.now)

    def rules(self):
        split = {"split": "by_piece", "shortage": "partial", "strategies": ["nearest", "ratio"]}
        hold = {"strategies": ["cheapest"], "otherwise": "hold"}
        return [
            {"id": "vip", "priority": 1, "when": {"tag": ["vip"]}, "then": split},
            {"id": "big", "priority": 2, "when": {"pieces": [9, None]}, "then": hold},
        ]

    def act(self):
        action = self.random.choice(self.ACTIONS)
        try:
            action(self)
            self.done[action.__name__] += 1
        except Refusal:
            self.done[f"{action.__name__} refused"] += 1
        self.now += timedelta(minutes=self.random.choice([1, 7, 600]))
        return action.__name__

    def some(self, rows, most=3):
        rows = list(rows)
        return self.random.sample(rows, min(len(rows), self.random.randint(1, most)))

    def allocations(self, *states):
        found = Allocation.objects.order_by("id").values_list("id", flat=True)
        return self.some(found.filter(state__in=states) if states else found)

    def orders(self):
        return self.some(Order.objects.order_by("id").values_list("id", flat=True))

    def an_order(self):
        orders = self.orders()
        if not orders:
            raise Refusal("none", "")
        return orders[0]

    def lines(self):
        return [(self.random.choice(CODES), self.random.randint(1, 5)) for _ in range(self.random.randint(1, 3))]

    def order_comes_in(self):
        region = self.random.choice([None, "310115", "510100", "110105"])
        tags = self.random.choice([[], ["vip"]])
        priority = self.random.randint(0, 2)
        with transaction.atomic():
            order = make_order(self.lines(), region=region, unmapped=("SET", "X9"), tags=tags, priority=priority)
            if self.random.random() < 0.1:
                Order.objects.filter(id=order.id).update(address_state=AddressState.AMBIGUOUS)

    def wave_runs(self):
        run_wave(now=self.now)

    def order_is_assigned_by_hand(self):
        place = self.random.choice(self.warehouses)
        team = self.random.choice([None, *self.teams])
        partial = self.random.random() < 0.5
        assign_by_hand(self.an_order(), warehouse=place, team=team, partial=partial, now=self.now)

    def orders_are_assigned_by_hand(self):
        assign_orders(self.orders(), warehouse=self.random.choice(self.warehouses), now=self.now)

    def order_is_split_by_hand(self):
        order_id = self.an_order()
        lines = OrderLine.objects.filter(order_id=order_id)
        shares = {place.id: {line.id: 1 for line in lines} for place in self.some(self.warehouses)}
        split_once(order_id, shares, now=self.now)

    def orders_merge(self):
        merge_orders(Order.objects.filter(state__lt=5).order_by("-id").values_list("id", flat=True)[:4], now=self.now)

    def orders_come_apart(self):
        merged = Order.objects.exclude(merged_into=None).order_by("id")
        unmerge_orders(self.some(merged.values_list("merged_into_id", flat=True)), now=self.now)

    def orders_are_tagged(self):
        self.random.choice([tag_orders, untag_orders])(self.orders(), tag="vip", now=self.now)

    def pieces_of_held_orders_are_given_back(self):
        give_back_of_held(self.allocations(1), now=self.now)

    def team_reports_a_problem(self):
        report_problems(self.allocations(), ExceptionKind.DAMAGED, now=self.now)

    def team_accepts(self):
        accept_allocations(self.allocations(1), now=self.now)

    def team_picks(self):
        pick_allocations(self.allocations(2), now=self.now)

    def team_packs(self):
        pack_allocations(self.allocations(3), now=self.now)

    def parcels_leave(self):
        ship_allocations([Shipment(key, "yto", f"YT{key}") for key in self.allocations(4)], now=self.now)

    def team_does_anything(self):
        step = self.random.choice([accept_allocations, pick_allocations, pack_allocations, hand_back_allocations])
        step(self.allocations(), now=self.now)

    def team_hands_back(self):
        hand_back_allocations(self.allocations(2, 3), now=self.now)

    def allocations_are_cancelled(self):
        cancel_allocations(self.allocations(), now=self.now, force=self.random.random() < 0.5)

    def allocations_move(self):
        place = self.random.choice(self.warehouses)
        team = self.random.choice([None, *self.teams])
        force = self.random.random() < 0.5
        ids = self.allocations(1, 2, 3) if self.random.random() < 0.8 else self.allocations()
        reassign_allocations(ids, warehouse=place, team=team, now=self.now, force=force)

    def orders_are_held(self):
        until = self.random.choice([None, self.now + timedelta(hours=1)])
        reason = self.random.choice(["vip_call", "fraud"])
        give_back = self.random.random() < 0.3
        hold_orders(self.orders(), reason=reason, until_at=until, give_back=give_back, now=self.now)

    def orders_are_released(self):
        release_orders(self.orders(), reason=self.random.choice([None, "fraud"]), now=self.now)

    def holds_end(self):
        release_due(now=self.now)

    def orders_are_cancelled(self):
        cancel_orders(self.some(self.orders(), 1), now=self.now)

    def pieces_are_cancelled(self):
        lines = OrderLine.objects.filter(order_id=self.an_order())
        lines = self.some(lines.order_by("id"))
        wanted = {line.id: self.random.randint(1, line.qty) for line in lines}
        cancel_pieces(lines[0].order_id, wanted, now=self.now)

    def refund_is_asked(self):
        record_refund_requests(self.some(self.orders(), 1), now=self.now)

    def address_changes(self):
        place = Destination(self.random.choice([310115, 510100]), AddressState.RESOLVED, recipient={"name": "李"})
        change_order(OrderChange(self.an_order(), destination=place), now=self.now)

    def amount_or_remark_changes(self):
        amount, remark = {"amount_minor": self.random.randint(0, 9)}, {"buyer_remark": str(self.random.random())}
        change_order(OrderChange(self.an_order(), values=self.random.choice([amount, remark])), now=self.now)

    def lines_change(self):
        order_id = self.an_order()
        stored = OrderLine.objects.filter(order_id=order_id).order_by("position")
        wanted = [
            WantedLine(line.shop_code, self.random.randint(0, 6), line.number, line.sku_id, line.bundle_id)
            for line in stored
            if self.random.random() < 0.8
        ]
        if self.random.random() < 0.3:
            wanted.append(WantedLine("A", 2, "new", self.skus[0].id))
        change_order(OrderChange(order_id, lines=wanted), now=self.now)

    def teams_answer_intercepts(self):
        answer = self.random.choice([confirm_intercepts, confirm_intercepts, refuse_intercepts])
        asked = OrderException.objects.filter(kind=ExceptionKind.INTERCEPT, resolved_at=None)
        answer(self.some(asked.order_by("id").values_list("allocation_id", flat=True)), now=self.now)

    def stock_is_counted(self):
        pairs = self.some([(sku.id, place.id) for sku in self.skus for place in self.warehouses], 5)
        counted = [self.random.choice([0, 1, 3, 8, 20]) for _ in pairs]
        count_stock([sku for sku, _ in pairs], [place for _, place in pairs], counted, now=self.now)

    def stock_is_adjusted(self):
        sku, place = self.random.choice(self.skus), self.random.choice(self.warehouses)
        delta = self.random.randint(-4, 6)
        adjust_stock(sku_id=sku.id, warehouse_id=place.id, delta=delta, now=self.now)

    def safety_is_set(self):
        sku, place = self.random.choice(self.skus), self.random.choice(self.warehouses)
        set_safety([sku.id], [place.id], [self.random.randint(0, 4)], now=self.now)

    def code_is_mapped(self):
        code, sku = self.random.choice([("SET", self.bundle), ("X9", self.skus[2])])
        map_shop_code(shop=self.shop, code=code, sku=sku, now=self.now)

    def address_is_mended(self):
        mend_address(self.an_order(), province="四川省", city="成都市", address="天府大道1号", now=self.now)

    def exception_is_reported(self):
        order_id = self.an_order()
        report_exception(ExceptionKind.DAMAGED, order_id=order_id, note="wet", now=self.now)

    def retries_are_queued(self):
        queue_retries(now=self.now)

    def waiting_is_decided_again(self):
        asked = Rebalance(most=self.random.choice([None, 3]), seconds=0.2)
        apply_rebalance(plan_rebalance(asked, now=self.now), now=self.now)

    def warehouse_pauses_or_resumes(self):
        self.random.choice([pause_warehouse, resume_warehouse])(self.random.choice(self.warehouses))

    ACTIONS = (
        *[order_comes_in] * 6,
        *[wave_runs] * 4,
        *[team_accepts] * 3,
        *[team_picks] * 3,
        *[team_packs] * 3,
        *[parcels_leave] * 2,
        *[teams_answer_intercepts] * 2,
        order_is_assigned_by_hand,
        orders_are_assigned_by_hand,
        order_is_split_by_hand,
        orders_merge,
        orders_come_apart,
        orders_are_tagged,
        pieces_of_held_orders_are_given_back,
        team_reports_a_problem,
        team_does_anything,
        team_hands_back,
        allocations_are_cancelled,
        *[allocations_move] * 2,
        orders_are_held,
        *[orders_are_released] * 2,
        holds_end,
        orders_are_cancelled,
        pieces_are_cancelled,
        refund_is_asked,
        address_changes,
        amount_or_remark_changes,
        *[lines_change] * 2,
        *[stock_is_counted] * 2,
        stock_is_adjusted,
        safety_is_set,
        code_is_mapped,
        address_is_mended,
        exception_is_reported,
        *[retries_are_queued] * 2,
        *[waiting_is_decided_again] * 2,
        warehouse_pauses_or_resumes,
    )


def live(seed, steps):
    world = World(seed)
    story = []
    for _ in range(steps):
        story.append(world.act())
        found = list(all_violations())
        assert not found, (seed, len(story), story[-4:], found)
    return world


@pytest.mark.parametrize("seed", range(4))
def test_no_sequence_of_actions_breaks_an_invariant(seed):
    live(seed, steps=90)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 102))
def test_no_long_sequence_of_actions_breaks_an_invariant(seed):
    live(seed, steps=200)


def test_the_sequences_do_something():
    # A world that refuses everything would break nothing and prove nothing.
    world = live(77, steps=150)
    assert world.done["wave_runs"] > 3
    assert Allocation.objects.filter(state=5).exists()
    assert Allocation.objects.filter(state=6).exists()
    assert Allocation.objects.filter(state=7).exists()
    assert OrderException.objects.filter(kind=ExceptionKind.INTERCEPT, resolution="confirmed").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_many_people_at_once_break_nothing_and_never_lock_each_other_out(seed):
    world = World(seed)
    for _ in range(20):
        world.order_comes_in()
    world.wave_runs()

    def work(person):
        hands = world.seen_by_another(seed * 100 + person)
        try:
            for _ in range(40):
                hands.act()
        finally:
            connection.close()
        return hands.done

    # A deadlock would surface here as an error of one of them.
    with ThreadPoolExecutor(8) as people:
        done = sum(people.map(work, range(8)), Counter())
    assert done["wave_runs"] > 5
    assert list(all_violations()) == []

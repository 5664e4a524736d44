"""What deciding again proposes: who moves, why, what it saves, and that staying is always possible."""

from tests.allocation.rebalance.conftest import EAST, NORTH, SOUTH
from tests.builders import NOW, make_shop, make_stock

from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation
from paidan.allocation.rebalanced import Cause
from paidan.allocation.transitions import accept_allocations
from paidan.engine.codes import Reason
from paidan.orders.models import Event
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock


def moved(plan):
    return {move.allocation for move in plan.moves}


def test_what_is_dear_moves_to_where_it_is_cheap_and_nothing_is_written(house):
    far, near = house.at(house.gz, NORTH), house.at(house.gz, SOUTH)
    events = Event.objects.count()
    plan = house.plan()
    [move] = plan.moves
    assert (move.allocation, move.source, move.target, move.cause) == (far, house.gz.id, house.bj.id, Cause.SAVING)
    before = Allocation.objects.get(id=far).freight_minor
    assert move.saving_minor == plan.saving_minor == before - plan.after.freight_minor > 1_000
    assert plan.before.freight_minor == before
    assert plan.considered == 2
    assert near not in moved(plan)
    assert Event.objects.count() == events


def test_before_and_after_of_every_warehouse(house):
    house.at(house.gz, NORTH)
    house.at(house.gz, SOUTH)
    by_code = {row.warehouse.code: row for row in house.plan().places}
    assert set(by_code) == {"gz", "bj"}
    assert (by_code["gz"].number, by_code["gz"].number_after) == (2, 1)
    assert (by_code["gz"].load, by_code["gz"].load_after) == (2, 1)
    assert (by_code["bj"].load, by_code["bj"].load_after) == (0, 1)
    assert by_code["gz"].after.freight_minor < by_code["gz"].before.freight_minor


def test_what_a_team_has_accepted_or_a_hold_froze_is_not_considered(house):
    accepted, frozen = house.at(house.gz, NORTH), house.at(house.gz, NORTH)
    accept_allocations([accepted], now=NOW)
    hold_orders([Allocation.objects.get(id=frozen).order_id], reason="fraud", now=NOW)
    plan = house.plan()
    assert (plan.considered, plan.moves) == (0, [])


def test_no_more_moves_than_asked_for_and_those_that_save_most(house):
    ids = [house.at(house.gz, region) for region in (NORTH, EAST, NORTH)]
    plan = house.plan(most=2)
    assert moved(plan) == {ids[0], ids[2]}
    assert plan.beyond == 1
    assert house.plan(most=0).moves == []


def test_only_moves_that_save_enough(house):
    far, less_far = house.at(house.gz, NORTH), house.at(house.gz, EAST)
    savings = {move.allocation: move.saving_minor for move in house.plan().moves}
    assert savings[far] > savings[less_far]
    assert moved(house.plan(saving_minor=savings[far])) == {far}
    assert house.plan(saving_minor=savings[far] + 1).moves == []


def test_only_one_warehouse_shop_or_region(house):
    shop = make_shop("other")
    a, b = house.at(house.gz, NORTH, shop=shop), house.at(house.sh, NORTH)
    c = house.at(house.gz, EAST)
    assert moved(house.plan()) == {a, b, c}
    assert moved(house.plan(warehouse_ids=(house.gz.id,))) == {a, c}
    assert moved(house.plan(shop_ids=(shop.id,))) == {a}
    assert moved(house.plan(region=310000)) == {c}
    assert moved(house.plan(to=(house.sh.id,))) == {a, c}


def test_a_chain_is_planned_when_only_together_it_saves(house):
    house.limit(house.bj, 1)
    blocking = house.at(house.bj, EAST)
    far = house.at(house.gz, NORTH)
    plan = house.plan()
    assert [move.allocation for move in plan.moves] == [blocking, far]
    assert len(plan.steps) == 2


def test_one_makes_room_although_that_costs(house):
    # Shanghai is full, so the one in the way goes to Beijing, which is farther for it than where it is.
    house.limit(house.sh, 1)
    in_the_way = house.at(house.sh, "320102")
    far = house.at(house.bj, EAST)
    house.limit(house.gz, 0)
    plan = house.plan()
    causes = {move.allocation: (move.cause, move.saving_minor > 0) for move in plan.moves}
    assert causes == {in_the_way: (Cause.ROOM, False), far: (Cause.SAVING, True)}
    assert plan.saving_minor == sum(move.saving_minor for move in plan.moves) > 0
    # One of them alone is not worth it, or not possible.
    assert house.plan(most=1).moves == []


def test_two_full_warehouses_exchange_in_one_step(house):
    house.limit(house.gz, 1)
    house.limit(house.bj, 1)
    house.limit(house.sh, 0)
    a, b = house.at(house.gz, NORTH), house.at(house.bj, SOUTH)
    plan = house.plan()
    [step] = plan.steps
    assert step.together
    assert {move.allocation for move in step.moves} == {a, b}
    assert house.plan(most=1).moves == []


def test_what_is_in_a_paused_warehouse_leaves_it_whatever_it_costs(house):
    near = house.at(house.gz, SOUTH)
    house.gz.is_open = False
    house.gz.save()
    [move] = house.plan(saving_minor=100_000).moves
    assert (move.allocation, move.cause) == (near, Cause.PAUSED)
    assert move.saving_minor < 0


def test_what_finds_no_place_stays_in_the_paused_warehouse_with_the_reason(house):
    make_stock(house.gz, "C", 5)
    alone = house.at(house.gz, SOUTH, {"C": 1})
    house.gz.is_open = False
    house.gz.save()
    plan = house.plan()
    assert plan.stuck == ((alone, Reason.STOCK_SHORT),)
    assert plan.reasons == [(Reason.STOCK_SHORT, 1)]


def test_a_paused_warehouse_gets_nothing(house):
    far = house.at(house.gz, NORTH)
    house.bj.is_open = False
    house.bj.save()
    [move] = house.plan().moves
    assert (move.allocation, move.target) == (far, house.sh.id)


def test_staying_needs_no_leave_of_todays_rules(house):
    here = house.at(house.gz, SOUTH)
    publish_rules({"rules": [{"id": "north", "then": {"warehouses": ["bj"]}}]}, now=NOW)
    assert house.plan().moves == []
    assert house.where(here) == "gz"


def test_staying_is_possible_where_it_is_too_full_or_too_much_is_promised(house):
    for _n in range(4):
        house.at(house.gz, SOUTH)
    house.limit(house.gz, 2)
    Stock.objects.filter(warehouse=house.gz).update(safety_qty=10)
    assert house.plan().moves == []


def test_a_rule_that_lists_warehouses_brings_back_what_its_first_could_not_take(house):
    publish_rules(
        {"rules": [{"id": "listed", "then": {"warehouses": ["sh", "gz"], "strategies": ["ranked"]}}]}, now=NOW
    )
    second, first = house.at(house.gz, SOUTH), house.at(house.sh, SOUTH)
    [move] = house.plan().moves
    assert (move.allocation, move.target, move.cause) == (second, house.sh.id, Cause.RULE)
    assert move.saving_minor < 0
    assert first not in moved(house.plan())
    assert house.plan(saving_minor=1).moves == []


def test_new_ratios_move_as_many_as_bring_the_loads_closer(house):
    publish_rules({"rules": [{"id": "shares", "then": {"strategies": ["ratio"]}}]}, now=NOW)
    for warehouse, ratio in ((house.gz, 50), (house.bj, 50), (house.sh, 0)):
        warehouse.ratio = ratio
        warehouse.save()
    for _n in range(6):
        house.at(house.gz, SOUTH)
    plan = house.plan()
    assert {move.cause for move in plan.moves} == {Cause.RATIO}
    loads = {row.warehouse.code: row.load_after for row in plan.places}
    assert loads == {"gz": 3, "bj": 3}


def test_without_anything_to_decide(house):
    plan = house.plan()
    assert (plan.considered, plan.moves, plan.places, plan.saving_minor) == (0, [], (), 0)

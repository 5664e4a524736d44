"""Relieving a warehouse: the plan is feasible and writes nothing, and the moves keep every promise."""

import pytest
from tests.builders import NOW, make_freight, make_order, make_shop, make_stock, make_team, make_warehouse

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.models import Allocation, WarehouseDay
from paidan.allocation.relieve import Relief, move_chunk, plan_relief
from paidan.allocation.states import AllocationState
from paidan.engine.codes import Reason
from paidan.kit.errors import Refusal
from paidan.orders.models import Event
from paidan.rules.services import publish_rules
from paidan.stock.models import Stock


def publish():
    publish_rules({"rules": []}, now=NOW)


def test_a_plan_moves_as_many_as_asked_and_writes_nothing(desk):
    publish()
    ids = [desk.assigned(qty=1)[1] for _n in range(5)]
    events = Event.objects.count()
    plan = plan_relief(Relief(desk.gz, number=3), now=NOW)
    # What was promised last can best bear to move.
    assert sorted(plan.move_a.tolist()) == ids[2:]
    assert set(plan.target_a.tolist()) == {desk.bj.id}
    assert set(plan.team_a.tolist()) == {desk.t2.id}
    assert (plan.load, plan.load_after) == (5, 2)
    assert [(row.warehouse, row.number, row.load_after) for row in plan.destinations] == [(desk.bj, 3, 3)]
    assert Event.objects.count() == events
    assert Allocation.objects.filter(warehouse=desk.gz).count() == 5


def test_what_cannot_move_says_why(desk):
    publish()
    make_stock(desk.gz, "B", 10)
    order = make_order({"B": 1})
    stuck = assign_by_hand(order.id, warehouse=desk.gz, now=NOW)
    _order, free = desk.assigned()
    plan = plan_relief(Relief(desk.gz), now=NOW)
    assert (plan.move_a.tolist(), plan.stay_a.tolist()) == ([free], [stuck])
    assert plan.reasons == ((Reason.STOCK_SHORT, 1),)


def test_relief_respects_rules_and_targets_that_are_full_or_paused(desk):
    publish_rules({"rules": [{"id": "only-gz", "then": {"warehouses": ["gz"]}}]}, now=NOW)
    desk.assigned()
    assert plan_relief(Relief(desk.gz), now=NOW).reasons == ((Reason.EXCLUDED, 1),)
    publish()
    desk.bj.capacity = 0
    desk.bj.save()
    assert plan_relief(Relief(desk.gz), now=NOW).reasons == ((Reason.WAREHOUSE_FULL, 1),)
    desk.bj.is_open = False
    desk.bj.save()
    assert not len(plan_relief(Relief(desk.gz), now=NOW).move_a)


def test_only_what_was_asked_for_moves(desk):
    publish()
    other = make_shop("other")
    _order, of_shop = desk.assigned(shop=other, region="440100")
    _order, vip = desk.assigned(tags=["VIP"], region="310115")
    _order, accepted = desk.accepted(region="310115")

    def moved(**asked):
        return sorted(plan_relief(Relief(desk.gz, **asked), now=NOW).move_a.tolist())

    assert moved() == [of_shop]
    assert moved(vip_too=True) == [of_shop, vip]
    assert moved(vip_too=True, accepted_too=True) == [of_shop, vip, accepted]
    assert moved(vip_too=True, shop_ids=(other.id,)) == [of_shop]
    assert moved(vip_too=True, region=310000) == [vip]
    assert moved(vip_too=True, region=440000) == [of_shop]
    assert moved(to=()) == []


def test_down_to_a_share_of_capacity(desk):
    publish()
    for _n in range(6):
        desk.assigned(qty=1)
    with pytest.raises(Refusal) as refused:
        plan_relief(Relief(desk.gz, down_to=0.5), now=NOW)
    assert refused.value.code == "no_capacity"
    desk.gz.capacity = 4
    desk.gz.save()
    plan = plan_relief(Relief(desk.gz, down_to=1.0), now=NOW)
    assert (len(plan.move_a), plan.load_after) == (2, 4)


def test_the_plan_tells_cost_distance_and_lateness(desk):
    publish()
    make_freight(desk.gz, first_minor=500)
    make_freight(desk.bj, first_minor=900)
    order = make_order({"A": 1}, region="440106")
    assign_by_hand(order.id, warehouse=desk.gz, now=NOW)
    plan = plan_relief(Relief(desk.gz), now=NOW)
    assert (plan.before.freight_minor, plan.after.freight_minor) == (500, 900)
    assert plan.before.distance_m < 20_000
    assert plan.after.distance_m > 1_800_000


def test_a_chunk_moves_what_the_plan_says(desk):
    publish()
    ids = [desk.assigned(qty=1)[1] for _n in range(4)]
    batch = move_chunk(ids, warehouse=desk.bj, team=desk.t2, now=NOW, by=None)
    assert batch.done == tuple(ids)
    assert set(Allocation.objects.filter(id__in=batch.created).values_list("state", "warehouse__code")) == {
        (AllocationState.ASSIGNED, "bj")
    }
    assert Stock.objects.get(warehouse=desk.bj, sku__code="A").reserved_qty == 4


def test_a_chunk_never_goes_over_the_capacity(desk):
    publish()
    desk.bj.capacity = 3
    desk.bj.save()
    ids = [desk.assigned(qty=1)[1] for _n in range(5)]
    batch = move_chunk(ids, warehouse=desk.bj, team=None, now=NOW, by=None)
    assert batch.done == tuple(ids[:3])
    assert batch.refused == dict.fromkeys(ids[3:], "warehouse_full")
    assert WarehouseDay.objects.get(warehouse=desk.bj).load_n == 3
    assert move_chunk(ids[3:], warehouse=desk.bj, team=None, now=NOW, by=None).done == ()


def test_a_chunk_never_goes_over_the_capacity_of_the_team(desk):
    publish()
    desk.t2.capacity = 1
    desk.t2.save()
    ids = [desk.assigned(qty=1)[1] for _n in range(3)]
    batch = move_chunk(ids, warehouse=desk.bj, team=desk.t2, now=NOW, by=None)
    assert batch.done == tuple(ids[:1])
    assert batch.refused == dict.fromkeys(ids[1:], "team_full")


def test_best_spreads_over_several_warehouses(desk):
    publish()
    near = make_warehouse("fs", lat=23.02, lng=113.12, capacity=1)
    make_team("t3", near)
    make_stock(near, "A", 100)
    for _n in range(3):
        desk.assigned(qty=1, region="440106")
    plan = plan_relief(Relief(desk.gz), now=NOW)
    assert {row.warehouse.code: row.number for row in plan.destinations} == {"fs": 1, "bj": 2}

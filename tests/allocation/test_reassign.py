"""Reassigning: the reservation and the load move with the allocation, or nothing does."""

import pytest
from tests.builders import NOW, make_freight, make_order, make_stock, make_team

from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.holds import hold_orders
from paidan.allocation.models import Allocation, TeamDay, WarehouseDay
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.states import AllocationState, Origin
from paidan.allocation.transitions import hand_back_allocations, pick_allocations
from paidan.kit.errors import Refusal
from paidan.orders.models import Event
from paidan.orders.states import EventKind, OrderState
from paidan.stock.models import Stock


def test_reassigning_closes_one_allocation_and_opens_a_linked_one(desk):
    order, old = desk.assigned(qty=3)
    batch = reassign_allocations([old], warehouse=desk.bj, team=desk.t2, now=NOW)
    [new] = batch.created
    assert batch.done == (old,)
    assert desk.allocation(old).state == AllocationState.REASSIGNED
    moved = desk.allocation(new)
    assert (moved.state, moved.replaces_id, moved.warehouse, moved.team, moved.origin) == (
        AllocationState.ASSIGNED,
        old,
        desk.bj,
        desk.t2,
        Origin.BY_HAND,
    )
    assert list(moved.parts.values_list("qty", flat=True)) == [3]
    assert desk.order(order).state == OrderState.ALLOCATED


def test_reservation_and_load_move_together(desk):
    _order, old = desk.assigned(qty=3)
    reassign_allocations([old], warehouse=desk.bj, now=NOW)
    assert (desk.stock(desk.gz).reserved_qty, desk.stock(desk.bj).reserved_qty) == (0, 3)
    loads = dict(WarehouseDay.objects.values_list("warehouse__code", "load_n"))
    assert loads == {"gz": 0, "bj": 1}
    assert dict(TeamDay.objects.values_list("team__code", "load_n")) == {"t1": 0, "t2": 1}


def test_both_ends_tell_of_it(desk):
    _order, old = desk.assigned()
    [new] = reassign_allocations([old], warehouse=desk.bj, now=NOW).created
    assert Event.objects.get(kind=EventKind.REASSIGNED).detail == {"to": new}
    assert Event.objects.get(kind=EventKind.ASSIGNED, allocation_id=new).detail == {"replaces": old}


def test_distance_freight_and_carrier_are_those_of_the_new_place(desk):
    make_freight(desk.bj, "yto", first_minor=900)
    make_freight(desk.bj, "sf", first_minor=1200)
    order = make_order({"A": 1}, region="310115")
    old = assign_by_hand(order.id, warehouse=desk.gz, now=NOW)
    [new] = reassign_allocations([old], warehouse=desk.bj, now=NOW).created
    assert (desk.allocation(new).carrier, desk.allocation(new).freight_minor) == ("yto", 900)
    assert 1_050_000 < desk.allocation(new).distance_m < 1_090_000
    # Without a freight row a parcel costs a minor unit per kilometre.
    assert desk.allocation(old).carrier == ""
    assert desk.allocation(old).freight_minor == round(desk.allocation(old).distance_m / 1000)


def test_without_stock_there_nothing_moves(desk):
    Stock.objects.filter(warehouse=desk.bj).update(on_hand_qty=2)
    _order, old = desk.assigned(qty=3)
    assert reassign_allocations([old], warehouse=desk.bj, now=NOW).refused == {old: "stock_short"}
    assert desk.allocation(old).state == AllocationState.ASSIGNED
    assert desk.stock(desk.gz).reserved_qty == 3


def test_as_many_move_as_there_is_stock_for_the_earlier_first(desk):
    Stock.objects.filter(warehouse=desk.bj).update(on_hand_qty=5)
    ids = [desk.assigned(qty=2)[1] for _ in range(3)]
    batch = reassign_allocations(ids, warehouse=desk.bj, now=NOW)
    assert (batch.done, batch.refused) == (tuple(ids[:2]), {ids[2]: "stock_short"})


def test_what_a_team_accepted_moves_only_by_force_or_when_handed_back(desk):
    _order, forced = desk.accepted()
    _order, handed = desk.accepted()
    assert reassign_allocations([forced], warehouse=desk.bj, now=NOW).refused == {forced: "accepted"}
    assert reassign_allocations([forced], warehouse=desk.bj, now=NOW, force=True).done == (forced,)
    hand_back_allocations([handed], now=NOW)
    assert reassign_allocations([handed], warehouse=desk.bj, now=NOW).done == (handed,)


def test_what_is_picked_moves_by_force(desk):
    _order, allocation = desk.accepted()
    pick_allocations([allocation], now=NOW)
    assert reassign_allocations([allocation], warehouse=desk.bj, now=NOW, force=True).done == (allocation,)


def test_what_is_packed_never_moves(desk):
    _order, allocation = desk.packed()
    batch = reassign_allocations([allocation], warehouse=desk.bj, now=NOW, force=True)
    assert batch.refused == {allocation: "packed"}


def test_what_moved_away_or_is_held_does_not_move(desk):
    order, gone = desk.assigned()
    [there] = reassign_allocations([gone], warehouse=desk.bj, now=NOW).created
    hold_orders([order.id], reason="call", now=NOW)
    batch = reassign_allocations([gone, there], warehouse=desk.gz, now=NOW, force=True)
    assert batch.refused == {gone: "closed", there: "frozen"}


def test_the_same_place_is_refused_but_another_team_of_it_is_not(desk):
    t3 = make_team("t3", desk.gz)
    _order, allocation = desk.assigned()
    assert reassign_allocations([allocation], warehouse=desk.gz, now=NOW).refused == {allocation: "same_place"}
    batch = reassign_allocations([allocation], warehouse=desk.gz, team=t3, now=NOW)
    assert desk.allocation(batch.created[0]).team == t3
    assert desk.stock(desk.gz).reserved_qty == 2


def test_a_team_of_another_warehouse_is_refused(desk):
    _order, allocation = desk.assigned()
    with pytest.raises(Refusal) as refused:
        reassign_allocations([allocation], warehouse=desk.bj, team=desk.t1, now=NOW)
    assert refused.value.code == "team_elsewhere"


def test_a_team_of_no_warehouse_may_work_anywhere(desk):
    roaming = make_team("roaming")
    _order, allocation = desk.assigned()
    batch = reassign_allocations([allocation], warehouse=desk.bj, team=roaming, now=NOW)
    assert desk.allocation(batch.created[0]).team == roaming


def test_without_a_team_named_the_least_loaded_takes_it(desk):
    busy, idle = desk.t2, make_team("t3", desk.bj)
    desk.assigned(warehouse=desk.bj)
    assert Allocation.objects.get().team == busy
    _order, allocation = desk.assigned()
    batch = reassign_allocations([allocation], warehouse=desk.bj, now=NOW)
    assert desk.allocation(batch.created[0]).team == idle


def test_a_whole_allocation_moves_or_none_of_its_lines(desk):
    make_stock(desk.gz, "B", 10)
    order = make_order({"A": 1, "B": 1})
    allocation = assign_by_hand(order.id, warehouse=desk.gz, now=NOW)
    assert reassign_allocations([allocation], warehouse=desk.bj, now=NOW).refused == {allocation: "stock_short"}
    assert desk.stock(desk.bj).reserved_qty == 0
